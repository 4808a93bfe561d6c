//! Markdown in comments to HTML that cannot do anything.
//!
//! Comments come from whoever wrote a package. So HTML in them is shown as text, links lead to pages of the web or to
//! other documentation, and pictures, which a page would fetch from somewhere, are their description.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::code::code;
use crate::markup::escaped;

/// A comment as HTML; `link` says where a name in backquotes leads.
pub(super) fn html_of(text: &str, link: &dyn Fn(&str) -> Option<String>) -> String {
    let mut events = Vec::new();
    // The text of a block of code so far, if it is Myna.
    let mut block: Option<String> = None;
    // Links that lead nowhere good have no element.
    let mut links: Vec<bool> = Vec::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info)))
                if info.split(',').next() == Some("myna") =>
            {
                block = Some(String::new());
            }
            Event::End(TagEnd::CodeBlock) if block.is_some() => {
                let text = block.take().unwrap_or_default();
                let html = format!("<pre><code>{}</code></pre>\n", code(text.trim_end(), &|_| None));
                events.push(Event::Html(html.into()));
            }
            Event::Text(text) if block.is_some() => {
                block.get_or_insert_default().push_str(&text);
            }
            Event::Html(text) | Event::InlineHtml(text) => events.push(Event::Text(text)),
            Event::Code(text) => {
                let name = escaped(&text);
                events.push(match link(&text) {
                    Some(href) => {
                        let html = format!("<a href=\"{}\"><code>{name}</code></a>", escaped(&href));
                        Event::InlineHtml(html.into())
                    }
                    None => Event::Code(text),
                });
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let good = leads_to_the_web(&dest_url);
                links.push(good);
                if good {
                    events.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop() == Some(true) {
                    events.push(Event::End(TagEnd::Link));
                }
            }
            Event::Start(Tag::Image { .. }) => events.push(Event::Text(CowStr::Borrowed("["))),
            Event::End(TagEnd::Image) => events.push(Event::Text(CowStr::Borrowed("]"))),
            // The page has headings of its own.
            Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                let level = lower(level);
                events.push(Event::Start(Tag::Heading { level, id: None, classes, attrs }));
            }
            Event::End(TagEnd::Heading(level)) => events.push(Event::End(TagEnd::Heading(lower(level)))),
            event => events.push(event),
        }
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    out
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H4,
        HeadingLevel::H2 => HeadingLevel::H5,
        HeadingLevel::H3 | HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

/// Whether a link is one of those that only show something.
fn leads_to_the_web(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    ["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        html_of(text, &|name| (name == "Json").then(|| "std.json.html#Json".into()))
    }

    #[test]
    fn nothing_in_a_comment_can_run() {
        for hostile in [
            "<script>alert(1)</script>",
            "text <img src=x onerror=alert(1)> text",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](data:text/html,<script>alert(1)</script>)",
            "![a](https://example.org/tracker.png)",
            "[a][b]\n\n[b]: vbscript:x",
            "<javascript:alert(1)>",
            "```myna\n\"</code><script>alert(1)</script>\n```",
            "```\"><script>alert(1)</script>\nx\n```",
            "`<script>`",
            "<a href=\"https://example.org\" onclick=\"alert(1)\">a</a>",
            "[a](https://example.org/\"onclick=\"alert(1))",
            "# a {onclick=alert(1)}",
        ] {
            let html = html(hostile);
            let tags: Vec<&str> =
                html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
            for tag in &tags {
                let name: String =
                    tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                assert!(["p", "a", "code", "pre", "span", "h4"].contains(&&*name), "{hostile}: {html}");
                let plain = tag.split('"').step_by(2).collect::<String>();
                assert!(!plain.contains("on"), "an attribute of its own: {html}");
                assert!(!tag.contains("javascript") && !tag.contains("data:"), "{html}");
            }
        }
    }

    #[test]
    fn names_lead_to_their_documentation() {
        assert_eq!(html("a `Json`"), "<p>a <a href=\"std.json.html#Json\"><code>Json</code></a></p>\n");
        assert_eq!(html("`x < y`"), "<p><code>x &lt; y</code></p>\n");
        assert!(html("[a](https://example.org)").contains("<a href=\"https://example.org\">a</a>"));
    }

    #[test]
    fn blocks_of_the_language_have_colors() {
        let html = html("```myna\nlet a = \"<\" // b\n```\n");
        assert!(html.contains("<span class=\"k\">let</span> a = <span class=\"s\">"), "{html}");
        assert!(html.contains("&lt;") && html.contains("<span class=\"c\">// b</span>"), "{html}");
    }
}

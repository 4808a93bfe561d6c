//! Pages of documentation: one a module, and an index with a search.
//!
//! The pages need nothing from anywhere else. Their style and the few lines of script stand in files beside them, and the
//! pages forbid every other script.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use mvm_lang::docs::{Entry, EntryKind, ModuleDocs};

use super::code::code;
use super::markdown::html_of;
use super::{first_sentence, page_path, shown_entries};
use crate::markup::escaped;
use crate::output::{Failure, reason};
use crate::source::write_file;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("search.js");

/// Writes the pages of modules; gives their number. Modules of one name, from several folders, are told apart by a number.
pub(super) fn write(folder: &Path, modules: Vec<ModuleDocs>, private: bool) -> Result<usize, Failure> {
    let mut named: BTreeMap<String, ModuleDocs> = BTreeMap::new();
    for module in modules {
        let mut name = module.name.clone();
        let mut number = 1;
        while name == "index" || named.contains_key(&name) {
            number += 1;
            name = format!("{}-{number}", module.name);
        }
        named.insert(name.clone(), ModuleDocs { name, ..module });
    }
    let modules: Vec<ModuleDocs> = named.into_values().collect();
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::host(format!("cannot make the folder `{}`: {}", folder.display(), reason(&error)))
    })?;
    let pages = Pages { modules: &modules, private };
    for module in &modules {
        write_file(&page_path(folder, &module.name), pages.module(module).as_bytes())?;
    }
    write_file(&folder.join("index.html"), pages.index().as_bytes())?;
    write_file(&folder.join("style.css"), STYLE.as_bytes())?;
    let script = SCRIPT.replace("ENTRIES", &pages.entries());
    write_file(&folder.join("search.js"), script.as_bytes())?;
    Ok(modules.len() + 1)
}

/// All modules that have pages.
struct Pages<'a> {
    modules: &'a [ModuleDocs],
    private: bool,
}

impl Pages<'_> {
    fn page(&self, title: &str, here: &str, body: &str) -> String {
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self' file:; \
             script-src 'self' file:\">\n\
             <title>{0}</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n</head>\n<body>\n\
             <nav>\n<a class=\"home\" href=\"index.html\">Documentation</a>\n\
             <input id=\"search\" type=\"search\" placeholder=\"Search\" aria-label=\"Search\" autocomplete=\"off\">\n<ul>\n",
            escaped(title)
        );
        for module in self.modules {
            let current = if module.name == here { " aria-current=\"page\"" } else { "" };
            let (href, name) = (address(&module.name), escaped(&module.name));
            let _ = writeln!(out, "<li><a href=\"{href}\"{current}>{name}</a></li>");
        }
        let _ = write!(
            out,
            "</ul>\n</nav>\n<main>\n<ol id=\"found\" hidden></ol>\n<div id=\"page\">\n{body}</div>\n</main>\n\
             <script src=\"search.js\"></script>\n</body>\n</html>\n"
        );
        out
    }

    fn index(&self) -> String {
        let mut body = String::from("<h1>Documentation</h1>\n<table>\n");
        for module in self.modules {
            let said = html_of(&first_sentence(&module.text), &|_| None);
            let (href, name) = (address(&module.name), escaped(&module.name));
            let _ = writeln!(body, "<tr><td><a href=\"{href}\">{name}</a></td><td>{said}</td></tr>");
        }
        body.push_str("</table>\n");
        self.page("Documentation", "", &body)
    }

    fn module(&self, module: &ModuleDocs) -> String {
        let name = escaped(&module.name);
        let mut body = format!("<h1><small>module</small> {name}</h1>\n");
        body.push_str(&html_of(&module.text, &|path| self.link(module, None, path)));
        let entries = shown_entries(module, self.private);
        for (title, kinds) in GROUPS {
            let group: Vec<&Entry> =
                entries.iter().copied().filter(|entry| kinds.contains(&entry.kind)).collect();
            if group.is_empty() {
                continue;
            }
            let _ = writeln!(body, "<h2>{title}</h2>\n<table>");
            for entry in &group {
                let said = html_of(&first_sentence(&entry.text), &|path| self.link(module, None, path));
                let (anchor, name) = (anchor(&entry.name), escaped(&entry.name));
                let _ = writeln!(
                    body,
                    "<tr><td><a href=\"#{anchor}\"><code>{name}</code></a></td><td>{said}</td></tr>"
                );
            }
            body.push_str("</table>\n");
        }
        for (_, kinds) in GROUPS {
            for entry in entries.iter().filter(|entry| kinds.contains(&entry.kind)) {
                self.entry(&mut body, module, entry);
            }
        }
        self.page(&module.name, &module.name, &body)
    }

    fn entry(&self, body: &mut String, module: &ModuleDocs, entry: &Entry) {
        let (anchor, kind, name) = (anchor(&entry.name), entry.kind.name(), escaped(&entry.name));
        let _ = writeln!(
            body,
            "<section>\n<h3 id=\"{anchor}\"><a href=\"#{anchor}\"><small>{kind}</small> {name}</a></h3>"
        );
        self.said(body, module, Some(entry), entry);
        let mut members: Vec<&Entry> =
            entry.members.iter().filter(|member| self.private || member.public).collect();
        members.sort_by_key(|member| member.kind);
        for member in members {
            let anchor = self::anchor(&format!("{}.{}", entry.name, member.name));
            let _ = writeln!(body, "<div class=\"member\" id=\"{anchor}\">");
            self.said(body, module, Some(entry), member);
            body.push_str("</div>\n");
        }
        body.push_str("</section>\n");
    }

    /// Signature and text of an entry.
    fn said(&self, body: &mut String, module: &ModuleDocs, owner: Option<&Entry>, entry: &Entry) {
        let own = |name: &str| (name != entry.name).then(|| self.link(module, None, name)).flatten();
        let typed = |name: &str| name.starts_with(|c: char| c.is_uppercase()).then(|| own(name)).flatten();
        let _ =
            writeln!(body, "<pre class=\"signature\"><code>{}</code></pre>", code(&entry.signature, &typed));
        body.push_str(&html_of(&entry.text, &|path| self.link(module, owner, path)));
    }

    /// Where a name leads that stands in a module: to a member of the same declaration, to a declaration of the module or of
    /// the prelude, or, as `std.json.parse`, to one of another module.
    fn link(&self, module: &ModuleDocs, owner: Option<&Entry>, path: &str) -> Option<String> {
        let path = path.strip_suffix("()").unwrap_or(path);
        let to =
            |module: &ModuleDocs, path: &str| Some(format!("{}#{}", address(&module.name), anchor(path)));
        let has = |module: &ModuleDocs, path: &str| {
            let shown = shown_entries(module, self.private);
            let (owner, entry) = module.find(path)?;
            let outer = owner.unwrap_or(entry);
            let member = self.private || owner.is_none() || entry.public;
            (member && shown.iter().any(|entry| std::ptr::eq(*entry, outer))).then_some(())
        };
        if let Some(owner) = owner {
            let member = format!("{}.{path}", owner.name);
            if has(module, &member).is_some() {
                return to(module, &member);
            }
        }
        if has(module, path).is_some() {
            return to(module, path);
        }
        if let Some(other) = self.modules.iter().find(|other| other.name == path) {
            return Some(address(&other.name));
        }
        for (name, rest) in super::splits(path) {
            if let Some(other) = self.modules.iter().find(|other| other.name == name)
                && has(other, rest).is_some()
            {
                return to(other, rest);
            }
        }
        let prelude = self.modules.iter().find(|module| module.name == super::PRELUDE)?;
        let path = super::in_prelude(path);
        has(prelude, &path)?;
        to(prelude, &path)
    }

    /// Everything that can be found, as JSON: path, kind, address, first sentence.
    fn entries(&self) -> String {
        let mut found = Vec::new();
        for module in self.modules {
            let page = address(&module.name);
            found.push(serde_json::json!([module.name, "module", page, first_sentence(&module.text)]));
            for entry in shown_entries(module, self.private) {
                let mut add = |path: &str, entry: &Entry| {
                    let place = format!("{page}#{}", anchor(path));
                    let full = format!("{}.{path}", module.name);
                    found.push(serde_json::json!([
                        full,
                        entry.kind.name(),
                        place,
                        first_sentence(&entry.text)
                    ]));
                };
                add(&entry.name, entry);
                for member in entry.members.iter().filter(|member| self.private || member.public) {
                    add(&format!("{}.{}", entry.name, member.name), member);
                }
            }
        }
        serde_json::Value::Array(found).to_string()
    }
}

/// The order in which a page has its declarations.
const GROUPS: &[(&str, &[EntryKind])] = &[
    ("Classes", &[EntryKind::Class]),
    ("Interfaces", &[EntryKind::Interface]),
    ("Enums", &[EntryKind::Enum]),
    ("Types", &[EntryKind::Alias]),
    ("Functions", &[EntryKind::Function]),
    ("Constants", &[EntryKind::Const]),
];

/// The address of the page of a module.
fn address(module: &str) -> String {
    // Names of files may have anything in them.
    let mut out = String::new();
    for byte in module.bytes() {
        match byte {
            b'.' | b'_' | b'-' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => {
                let _ = write!(out, "%{byte:02x}");
            }
        }
    }
    out + ".html"
}

/// The anchor of a declaration. Symbols of operators become numbers.
fn anchor(path: &str) -> String {
    let mut out = String::new();
    for c in path.chars() {
        match c {
            '.' | '_' => out.push(c),
            c if c.is_ascii_alphanumeric() => out.push(c),
            c => {
                let _ = write!(out, "-{:x}", u32::from(c));
            }
        }
    }
    out
}

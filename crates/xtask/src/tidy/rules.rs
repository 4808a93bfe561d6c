//! Rules of the verifier that comments and documents name, such as rule T7: each has to exist.
//!
//! A name stands behind the word "rule" or "rules", alone or in a list; a range has its first and last rule. Whether the
//! rule says what the comment claims is for people to judge.

use mvm_module::Rule;

/// A word of a comment and its line.
struct Word<'t> {
    line: usize,
    text: &'t str,
}

/// Names of rules that do not exist, in the comments of a Rust file or in the text of a document.
pub(super) fn judge(path: &str, text: &str, findings: &mut Vec<String>) {
    let passages = if path.ends_with(".rs") { comments(text) } else { paragraphs(text) };
    for passage in passages {
        let mut rest = &passage[..];
        while let Some((word, behind)) = rest.split_first() {
            rest = behind;
            if matches!(word.text.trim_start_matches(['(', '[', '"']), "rule" | "rules" | "Rule" | "Rules") {
                judge_list(path, rest, findings);
            }
        }
    }
}

/// The list of names behind the word.
fn judge_list(path: &str, words: &[Word<'_>], findings: &mut Vec<String>) {
    let mut range_from = None;
    let mut last = None;
    for word in words {
        match word.text.trim_start_matches('(') {
            "and" | "or" => continue,
            "to" => {
                range_from = last;
                continue;
            }
            _ => {}
        }
        let name = word.text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if !is_name(name) {
            return;
        }
        let mut complain = |what: String| findings.push(format!("{path}:{}: {what}", word.line));
        let rule = Rule::from_number(name);
        if rule.is_none() {
            complain(format!("the verifier has no rule `{name}`"));
        }
        if let (Some(from), Some(to)) = (range_from.take(), rule)
            && (from >= to || family(from) != family(to))
        {
            complain(format!("`{from}` to `{to}` is no range of rules"));
        }
        last = rule;
        if word.text.ends_with(['.', ';', ':', ')']) {
            return;
        }
    }
}

/// A capital letter and a number.
fn is_name(word: &str) -> bool {
    let mut bytes = word.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_uppercase())
        && (2..=4).contains(&word.len())
        && bytes.all(|b| b.is_ascii_digit())
}

/// The letter, which says what a rule is about.
fn family(rule: Rule) -> &'static str {
    &rule.number()[..1]
}

/// The words of each comment of a Rust file; line comments below each other are one.
fn comments(text: &str) -> Vec<Vec<Word<'_>>> {
    let mut passages: Vec<Vec<Word<'_>>> = Vec::new();
    let (mut at, mut goes_on) = (0, false);
    while let Some(c) = text[at..].chars().next() {
        let skipped = super::literal_or_comment(&text[at..]);
        let piece = &text[at..at + skipped];
        if piece.starts_with("//") || piece.starts_with("/*") {
            let first = text[..at].matches('\n').count() + 1;
            if !std::mem::replace(&mut goes_on, true) {
                passages.push(Vec::new());
            }
            if let Some(passage) = passages.last_mut() {
                passage.extend(words(piece, first));
            }
        } else if !c.is_whitespace() {
            goes_on = false;
        }
        at += skipped.max(c.len_utf8());
    }
    passages
}

/// The words of each paragraph of a document.
fn paragraphs(text: &str) -> Vec<Vec<Word<'_>>> {
    let mut passages = vec![Vec::new()];
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            passages.push(Vec::new());
        } else if let Some(passage) = passages.last_mut() {
            passage.extend(words(line, index + 1));
        }
    }
    passages
}

/// The words between white space, without marks of comments.
fn words(text: &str, first_line: usize) -> impl Iterator<Item = Word<'_>> {
    text.lines().enumerate().flat_map(move |(index, line)| {
        let plain = line.trim_start().trim_start_matches(['/', '!', '*']);
        plain.split_whitespace().map(move |text| Word { line: first_line + index, text })
    })
}

#[cfg(test)]
mod tests {
    use super::judge;

    fn found(path: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        judge(path, text, &mut findings);
        findings
    }

    #[test]
    fn rules_that_exist_are_fine() {
        let text = "\
            // SAFETY: verifier rule I14 (and C10 for method tables): numbers are in range.\n\
            // (rules I2, T12); rules T1 to T16; Rules C8 and T13 or F6. F64 is no rule, \n\
            /// Below the rule\n    /// S5. V7 is not in the list.\n\
            let text = \"rule V7\"; /* rule\n * F1 */ let rule = V7;\n\
            // A rule: V7 is none.\n// The rule\nlet x = 1; // V7\n";
        assert_eq!(found("a.rs", text), [""; 0]);
    }

    #[test]
    fn rules_that_do_not_exist_are_listed() {
        let text = "\
            //! Rule V7, and rules I2, T99 and C12.\n\
            fn f() {} // rules T0 to T16; rules T1 to\n    // T17\n\
            /* one\n   rule\n   I15: x */\n\
            // SAFETY: verifier rule I14 (and C0 for method tables)\n";
        let names = ["1: V7", "1: T99", "1: C12", "2: T0", "3: T17", "6: I15", "7: C0"];
        let wanted = names.map(|name| {
            let (line, name) = name.split_once(' ').unwrap_or_default();
            format!("a.rs:{line} the verifier has no rule `{name}`")
        });
        assert_eq!(found("a.rs", text), wanted);
    }

    #[test]
    fn ranges_ascend_in_one_family() {
        assert_eq!(
            found("a.rs", "// rules T5 to T2; rules S1 to T3; rules F1 to F7."),
            ["a.rs:1: `T5` to `T2` is no range of rules", "a.rs:1: `S1` to `T3` is no range of rules"]
        );
    }

    #[test]
    fn documents_are_read_as_a_whole() {
        assert_eq!(
            found("a.md", "By rule\nT1 and V7.\n\nNo rule\n\nV8\n"),
            ["a.md:2: the verifier has no rule `V7`"]
        );
    }
}

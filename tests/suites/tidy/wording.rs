//! Wording: module heads, nothing left to do, no machine named.

use crate::source::SourceFile;
use crate::violation::Violation;

/// Marks of unfinished work, written so that this file does not carry them itself.
const UNFINISHED: [&str; 5] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:"), "todo!(", "unimplemented!("];
/// Paths of machines that the project was written on.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!("/wo", "rk\""),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
];
/// Where the marks themselves are spelt out.
const THIS_RULE: &str = "tests/suites/tidy/wording.rs";

/// Every Rust file opens with `//!`.
pub fn module_head(file: &SourceFile) -> Vec<Violation> {
    let missing = file.path.ends_with(".rs") && !file.text.starts_with("//! ");
    let message = "does not open with `//!`: what is it for?";
    missing.then(|| Violation::new(&file.path, 1, message)).into_iter().collect()
}

/// No mark of unfinished work anywhere.
pub fn unfinished(file: &SourceFile) -> Vec<Violation> {
    mentions(file, &UNFINISHED, "unfinished")
}

/// No path of a developer's machine anywhere.
pub fn machine_paths(file: &SourceFile) -> Vec<Violation> {
    mentions(file, &MACHINE_PATHS, "names a machine's path")
}

fn mentions(file: &SourceFile, words: &[&str], message: &str) -> Vec<Violation> {
    if file.path == THIS_RULE {
        return vec![];
    }
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let word = words.iter().find(|word| line.contains(**word))?;
            Some(Violation::new(&file.path, index + 1, format!("{message}: `{word}`")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile::new(path, text.to_owned())
    }

    #[test]
    fn a_missing_head_is_found() {
        assert_eq!(module_head(&file("a.rs", "//! For this.\n")).len(), 0);
        for text in ["", "fn a() {}\n", "\n//! Late.\n", "// x\n", "/// x\nfn a() {}\n"] {
            assert_eq!(module_head(&file("a.rs", text)).len(), 1, "{text:?}");
        }
        assert_eq!(module_head(&file("a.md", "text")).len(), 0);
    }

    #[test]
    fn every_mark_of_unfinished_work_is_found() {
        for mark in UNFINISHED {
            let text = format!("one\n# {mark} later\n");
            let found = unfinished(&file("docs/a.md", &text));
            assert_eq!(found.len(), 1, "{mark}");
            assert_eq!(found[0].line, 2);
        }
        assert_eq!(unfinished(&file("docs/a.md", "what to do: a method\n")).len(), 0);
    }

    #[test]
    fn every_machine_path_is_found() {
        for path in MACHINE_PATHS {
            let text = format!("see {path}x for more\n");
            assert_eq!(machine_paths(&file("docs/a.md", &text)).len(), 1, "{path}");
        }
        let fine = "../shared/data, /usr/bin/chromium and http://host/workspaces\n";
        assert_eq!(machine_paths(&file("docs/a.md", fine)).len(), 0);
    }
}

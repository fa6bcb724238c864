//! The verifier's promise: no network, no other programs, no async, no unsafe code.

use syn::visit::{self, Visit};

use crate::paths;
use crate::source::SourceFile;
use crate::violation::Violation;

const CRATE: &str = "verify/src/";
const ROOT: &str = "verify/src/lib.rs";
const ASKS: [&str; 4] = ["std::net", "std::os::unix::net", "std::process", "std::thread"];

/// Nothing in the verifier reaches out of its process.
pub fn check(file: &SourceFile) -> Vec<Violation> {
    let Some(syntax) = file.syntax.as_ref().filter(|_| file.path.starts_with(CRATE)) else {
        return vec![];
    };
    let named = paths::of(syntax, &file.text);
    let mut found: Vec<Violation> = named
        .iter()
        .filter(|named| ASKS.iter().any(|module| paths::is_within(&named.path, module)))
        .map(|named| {
            Violation::new(&file.path, named.line, format!("the verifier uses `{}`", named.path))
        })
        .collect();
    let mut waits = Waits(false);
    waits.visit_file(syntax);
    if waits.0 {
        found.push(Violation::new(&file.path, 1, "the verifier is not async"));
    }
    found
}

/// The crate's root forbids unsafe code, which no module can allow again.
pub fn forbids_unsafe(files: &[SourceFile]) -> Vec<Violation> {
    let is_sound = |file: &SourceFile| {
        file.path == ROOT && file.text.lines().any(|line| line == "#![forbid(unsafe_code)]")
    };
    match files.iter().any(is_sound) {
        true => vec![],
        false => vec![Violation::new(ROOT, 1, "does not forbid unsafe code")],
    }
}

/// Whether anything is async.
struct Waits(bool);

impl<'ast> Visit<'ast> for Waits {
    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.0 |= signature.asyncness.is_some();
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {
        self.0 = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(path: &str, text: &str) -> usize {
        check(&SourceFile::new(path, text.to_owned())).len()
    }

    #[test]
    fn whatever_reaches_out_is_found() {
        for text in [
            "use std::net::TcpStream;\n",
            "fn f() { std::process::Command::new(\"x\"); }\n",
            "async fn f() {}\n",
            "fn f() { let _ = async {}; }\n",
        ] {
            assert!(violations("verify/src/a.rs", text) > 0, "{text}");
            assert_eq!(violations("store/src/a.rs", text), 0, "{text}");
        }
        assert_eq!(violations("verify/src/a.rs", "use std::fs::File;\n"), 0);
    }

    #[test]
    fn a_root_that_allows_unsafe_code_is_found() {
        let root = |text: &str| vec![SourceFile::new(ROOT, text.to_owned())];
        assert_eq!(forbids_unsafe(&root("#![forbid(unsafe_code)]\n")).len(), 0);
        assert_eq!(forbids_unsafe(&root("#![deny(unsafe_code)]\n")).len(), 1);
        assert_eq!(forbids_unsafe(&[]).len(), 1);
    }
}

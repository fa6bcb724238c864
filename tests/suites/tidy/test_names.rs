//! The names of all tests: `suite::module::test` and `crate::module::test`.

use crate::source::SourceFile;
use std::collections::BTreeSet;
use syn::visit::{self, Visit};

/// Every test's full name. Crates go by their directory, with `_` for `-`.
pub fn of(files: &[SourceFile]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files {
        if let (Some(syntax), Some(module)) = (&file.syntax, module(&file.path)) {
            let mut tests = Tests { module, names: &mut names };
            tests.visit_file(syntax);
        }
    }
    names
}

/// The module path that a file is, by its place.
fn module(path: &str) -> Option<Vec<String>> {
    let (home, rest) = match path.strip_prefix("tests/suites/") {
        Some(rest) => rest.split_once('/')?,
        None => path.split_once("/src/").or_else(|| path.split_once("/tests/"))?,
    };
    let mut segments = vec![home.replace('-', "_")];
    for part in rest.strip_suffix(".rs")?.split('/') {
        match part.strip_suffix("_tests") {
            // `tokens_tests.rs` is `#[path]` of `mod tests` in `tokens.rs`.
            Some(tested) => segments.extend([tested.to_owned(), "tests".to_owned()]),
            None if ["lib", "main", "mod"].contains(&part) => {}
            None => segments.push(part.to_owned()),
        }
    }
    Some(segments)
}

struct Tests<'a> {
    module: Vec<String>,
    names: &'a mut BTreeSet<String>,
}

impl Tests<'_> {
    fn insert(&mut self, name: &syn::Ident) {
        self.names.insert(format!("{}::{name}", self.module.join("::")));
    }
}

impl<'ast> Visit<'ast> for Tests<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        // `#[test]` and `#[tokio::test]`, but not a test that never runs.
        let is_test = |attribute: &syn::Attribute| {
            attribute.path().segments.last().is_some_and(|last| last.ident == "test")
        };
        let is_ignored = |attribute: &syn::Attribute| attribute.path().is_ident("ignore");
        if function.attrs.iter().any(is_test) && !function.attrs.iter().any(is_ignored) {
            self.insert(&function.sig.ident);
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        // `proptest! { #[test] fn name(…) }` declares tests inside a macro.
        let tokens: Vec<String> =
            call.tokens.clone().into_iter().map(|token| token.to_string()).collect();
        let declared = tokens.windows(4).filter(|four| four[0] == "#" && four[2] == "fn");
        let names: Vec<String> = declared
            .filter(|four| four[1].replace(' ', "") == "[test]")
            .map(|four| format!("{}::{}", self.module.join("::"), four[3]))
            .collect();
        self.names.extend(names);
    }
}

#[test]
fn a_name_says_where_the_test_stands() {
    let file = |path: &str, text: &str| SourceFile::new(path, text.to_owned());
    let files = [
        file("tests/suites/api/main.rs", "#[test] fn top() {} fn no_test() {}"),
        file("tests/suites/api/users.rs", "#[tokio::test] async fn one() {}"),
        file("query-api/src/page/mod.rs", "#[cfg(test)] mod tests { #[test] fn two() {} }"),
        file("service/src/access/tokens_tests.rs", "#[test] fn three() {}"),
        file("schemas/src/a.rs", "proptest! { #[test] fn four(x in 0..9) {} }"),
        file("schemas/src/b.rs", "#[test] #[ignore] fn never_runs() {}"),
    ];
    let expected = [
        "api::top",
        "api::users::one",
        "query_api::page::tests::two",
        "schemas::a::four",
        "service::access::tokens::tests::three",
    ];
    assert_eq!(of(&files).into_iter().collect::<Vec<_>>(), expected);
}

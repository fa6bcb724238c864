//! A file with what the rules ask about it.

use std::ops::RangeInclusive;
use syn::spanned::Spanned as _;

/// A text file of the repository; a Rust file also with its syntax.
pub struct SourceFile {
    /// Relative to the repository, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// The syntax tree of a Rust file.
    pub syntax: Option<syn::File>,
}

impl SourceFile {
    /// A file of this path and text. A Rust file that does not parse is a bug of its own.
    pub fn new(path: &str, text: String) -> Self {
        let is_rust = path.ends_with(".rs");
        let parse = |text| syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let syntax = is_rust.then(|| parse(&text));
        Self { path: path.to_owned(), text, syntax }
    }

    /// Whether the whole file is test code.
    pub fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.contains("/benches/")
            || name == "tests.rs"
            || name.ends_with("_tests.rs")
    }

    /// The lines of items marked `#[cfg(test)]`.
    pub fn test_lines(&self) -> Vec<RangeInclusive<usize>> {
        let items = self.syntax.iter().flat_map(|file| &file.items);
        items.filter(|item| attributes(item).iter().any(is_cfg_test)).map(lines_of).collect()
    }

    /// The inline test modules, with their lines.
    pub fn test_modules(&self) -> Vec<(String, RangeInclusive<usize>)> {
        let items = self.syntax.iter().flat_map(|file| &file.items);
        let modules = items.filter_map(|item| match item {
            syn::Item::Mod(module) if module.content.is_some() => Some((module, lines_of(item))),
            _ => None,
        });
        modules
            .filter(|(module, _)| module.attrs.iter().any(is_cfg_test))
            .map(|(module, lines)| (module.ident.to_string(), lines))
            .collect()
    }
}

fn is_cfg_test(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args::<syn::Ident>().is_ok_and(|argument| argument == "test")
}

fn lines_of(item: &syn::Item) -> RangeInclusive<usize> {
    let span = item.span();
    span.start().line..=span.end().line
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[test]
fn tests_are_told_from_the_rest() {
    let text = "//! x\nfn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n";
    let file = SourceFile::new("store/src/a.rs", text.to_owned());
    assert!(!file.is_test());
    assert_eq!(file.test_lines(), [3..=6]);
    assert_eq!(file.test_modules(), [("tests".to_owned(), 3..=6)]);
    for path in ["store/src/a_tests.rs", "store/src/a/tests.rs", "tests/suites/e2e/main.rs"] {
        assert!(SourceFile::new(path, "//! x\n".to_owned()).is_test(), "{path}");
    }
}

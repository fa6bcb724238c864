//! Every path that a Rust file names, with imports resolved: `File::create` becomes
//! `std::fs::File::create`. Looks inside macros too. Follows `use`, not `type`.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::HashMap;
use syn::visit::{self, Visit};

/// A full path and the line where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    /// Segments joined by `::`.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
}

/// All paths of a file: those imported and those used.
pub fn of(syntax: &syn::File, text: &str) -> Vec<NamedPath> {
    let mut imports = Imports::default();
    imports.visit_file(syntax);
    let tokens: TokenStream = text.parse().expect("a file that parses has tokens");
    let mut found = imports.leaves;
    collect(tokens, &imports.aliases, &mut found);
    found
}

/// Whether a path is a module's or an item's, or lies within it.
pub fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[derive(Default)]
struct Imports {
    /// The name in this file and the full path behind it.
    aliases: HashMap<String, String>,
    leaves: Vec<NamedPath>,
}

impl Imports {
    fn tree(&mut self, prefix: &str, tree: &syn::UseTree) {
        let joined = |name: &syn::Ident| {
            if prefix.is_empty() { name.to_string() } else { format!("{prefix}::{name}") }
        };
        match tree {
            syn::UseTree::Path(path) => self.tree(&joined(&path.ident), &path.tree),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.tree(prefix, item));
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                let last = prefix.rsplit("::").next().unwrap_or_default();
                self.leaf(last.to_owned(), prefix.to_owned(), &name.ident);
            }
            syn::UseTree::Name(name) => {
                self.leaf(name.ident.to_string(), joined(&name.ident), &name.ident);
            }
            syn::UseTree::Rename(rename) => {
                let full =
                    if rename.ident == "self" { prefix.to_owned() } else { joined(&rename.ident) };
                self.leaf(rename.rename.to_string(), full, &rename.ident);
            }
            syn::UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.leaves.push(NamedPath { path: format!("{prefix}::*"), line });
            }
        }
    }

    fn leaf(&mut self, alias: String, full: String, at: &syn::Ident) {
        self.leaves.push(NamedPath { path: full.clone(), line: at.span().start().line });
        self.aliases.insert(alias, full);
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree("", &item.tree);
        visit::visit_item_use(self, item);
    }
}

/// Finds `a::b::c` in the tokens, whatever syntax surrounds it.
fn collect(tokens: TokenStream, aliases: &HashMap<String, String>, found: &mut Vec<NamedPath>) {
    let mut current: Vec<String> = Vec::new();
    let (mut line, mut colons) = (0, 0);
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                if colons != 2 {
                    finish(&mut current, line, aliases, found);
                    line = name.span().start().line;
                }
                current.push(name.to_string());
                colons = 0;
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                finish(&mut current, line, aliases, found);
                collect(group.stream(), aliases, found);
                colons = 0;
            }
            _ => {
                finish(&mut current, line, aliases, found);
                colons = 0;
            }
        }
    }
    finish(&mut current, line, aliases, found);
}

fn finish(
    current: &mut Vec<String>,
    line: usize,
    aliases: &HashMap<String, String>,
    found: &mut Vec<NamedPath>,
) {
    if let Some(first) = current.first() {
        let first = aliases.get(first).unwrap_or(first);
        let path = std::iter::once(first).chain(&current[1..]).cloned().collect::<Vec<_>>();
        found.push(NamedPath { path: path.join("::"), line });
    }
    current.clear();
}

#[test]
fn imports_renames_and_macros_do_not_hide_a_path() {
    let hidden = [
        "use std::fs; fn a() { fs::write(p, b); }",
        "use std::fs::write; fn a() { write(p, b); }",
        "use std::{fs::{self as files}}; fn a() { files::write(p, b); }",
        "use std as s; fn a() { s::fs::write(p, b); }",
        "fn a() { std::fs::write(p, b); }",
        "fn a() { ::std::fs::write(p, b); }",
        "fn a() { check!(x, std::fs::write(p, b)); }",
        "fn a() { let f = std::fs::write; }",
    ];
    for text in hidden {
        let found = of(&syn::parse_file(text).unwrap(), text);
        assert!(found.iter().any(|named| named.path == "std::fs::write"), "{text}: {found:?}");
    }
    let text = "fn a(b: fs::Write) { c.write(d) }";
    let found = of(&syn::parse_file(text).unwrap(), text);
    assert!(found.iter().all(|named| named.path != "std::fs::write"));
}

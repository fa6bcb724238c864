//! Reading members of JSON objects into fields; every fault is noted and reading goes on.

use crate::Instant;
use crate::json::{self, Node, Value};
use crate::pointer::Path;
use crate::text::{TextRule, cut};
use crate::violation::{Fault, Faults};

/// An object's members, all of them in `known`; otherwise the faults are noted.
pub(super) struct Object<'n, 'a> {
    node: &'n Node<'a>,
}

impl<'n, 'a> Object<'n, 'a> {
    /// The object at a place, or `None` (noted) if something else stands there.
    pub fn read(
        node: &'n Node<'a>,
        path: &Path<'_>,
        known: &[&str],
        faults: &mut Faults,
    ) -> Option<Self> {
        let Some(members) = node.members() else {
            faults.wrong(path, expected("an object", node));
            return None;
        };
        for (name, _) in members {
            if !known.contains(&&**name) {
                faults.wrong(&path.member(name), format!("unknown member `{}`", cut(name)));
            }
        }
        Some(Self { node })
    }

    /// The member of that name, unless absent or null.
    pub fn get(&self, name: &str) -> Option<&'n Node<'a>> {
        self.given(name).filter(|node| node.value != Value::Null)
    }

    /// The member of that name, null included.
    pub fn given(&self, name: &str) -> Option<&'n Node<'a>> {
        self.node.get(name)
    }

    /// An optional string.
    pub fn text(
        &self,
        name: &str,
        rule: TextRule,
        path: &Path<'_>,
        faults: &mut Faults,
    ) -> Option<String> {
        let node = self.get(name)?;
        read_text(node, rule, &path.member(name), faults)
    }

    /// A required string; empty (noted) if there is none.
    pub fn required_text(
        &self,
        name: &str,
        rule: TextRule,
        path: &Path<'_>,
        faults: &mut Faults,
    ) -> String {
        match self.get(name) {
            Some(node) => read_text(node, rule, &path.member(name), faults).unwrap_or_default(),
            None => {
                faults.wrong(&path.member(name), "is required");
                String::new()
            }
        }
    }

    /// An optional member of a closed set of names.
    pub fn one_of<T: Copy>(
        &self,
        name: &str,
        parse: fn(&str) -> Option<T>,
        names: &[&str],
        path: &Path<'_>,
        faults: &mut Faults,
    ) -> Option<T> {
        let node = self.get(name)?;
        let text = string(node, &path.member(name), faults)?;
        let member = parse(text);
        if member.is_none() {
            let detail = format!("`{}` is none of {}", cut(text), names.join(", "));
            faults.wrong(&path.member(name), detail);
        }
        member
    }

    /// An optional array's items.
    pub fn items(&self, name: &str, path: &Path<'_>, faults: &mut Faults) -> &'n [Node<'a>] {
        match self.get(name) {
            None => &[],
            Some(Node { value: Value::Array(items), .. }) => items,
            Some(node) => {
                faults.wrong(&path.member(name), expected("an array", node));
                &[]
            }
        }
    }
}

/// The string at a place, or `None` (noted) if something else stands there.
pub(super) fn string<'n>(
    node: &'n Node<'_>,
    path: &Path<'_>,
    faults: &mut Faults,
) -> Option<&'n str> {
    match &node.value {
        Value::String(text) => Some(text),
        _ => {
            faults.wrong(path, expected("a string", node));
            None
        }
    }
}

fn read_text(
    node: &Node<'_>,
    rule: TextRule,
    path: &Path<'_>,
    faults: &mut Faults,
) -> Option<String> {
    let text = string(node, path, faults)?;
    if let Err(fault) = rule.check(text) {
        faults.add(path, fault);
    }
    Some(text.to_owned())
}

/// Reads a moment, noting why it is none.
pub(super) fn instant(
    text: &str,
    path: &Path<'_>,
    prefix: &str,
    faults: &mut Faults,
) -> Option<Instant> {
    match Instant::parse(text) {
        Ok(instant) => Some(instant),
        Err(error) => {
            faults.wrong(path, format!("{prefix}{error}"));
            None
        }
    }
}

/// Checks JSON that stands as a string in another wire form; faults are named at its inner place.
pub(crate) fn checked_json_text<'t>(
    text: &'t str,
    max_depth: usize,
    path: &Path<'_>,
    faults: &mut Faults,
) -> Option<Node<'t>> {
    match json::parse(text, max_depth) {
        Ok(node) => Some(node),
        Err(error) => {
            let pointer = path.pointer() + &error.pointer;
            let fault = Fault { over_limit: error.too_deep, detail: error.detail };
            faults.add(&Path::root(&pointer), fault);
            None
        }
    }
}

/// The error text for a value of the wrong kind.
pub(super) fn expected(what: &str, found: &Node<'_>) -> String {
    format!("expected {what}, found {}", found.value.described())
}

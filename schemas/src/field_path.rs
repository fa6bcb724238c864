//! Where a field is: as the producer names it, and as a JSON pointer (RFC 6901).

use crate::push_step;

/// A path in its parts. Paths that begin with `/` are pointers; others are split at dots and
/// brackets, so `filter.countries[0]` is `/filter/countries/0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath {
    parts: Vec<String>,
}

impl FieldPath {
    /// Reads a path; every text is one.
    pub fn parse(text: &str) -> Self {
        let parts = match text.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(unescaped).collect(),
            None if text.is_empty() => Vec::new(),
            None => dotted(text),
        };
        Self { parts }
    }

    /// Its parts, the outermost first.
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// RFC 6901.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.parts.iter().for_each(|part| push_step(&mut pointer, part));
        pointer
    }

    /// Whether the other is this field or lies within it.
    pub fn holds(&self, other: &Self) -> bool {
        other.parts.starts_with(&self.parts)
    }

    /// Whether one of the two lies within the other, or both are one.
    pub fn meets(&self, other: &Self) -> bool {
        self.holds(other) || other.holds(self)
    }

    /// The parts that another's path has beyond this one's, where it lies within this field.
    pub fn below<'o>(&self, other: &'o Self) -> &'o [String] {
        &other.parts[self.parts.len().min(other.parts.len())..]
    }
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

fn dotted(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for part in text.split('.') {
        match part.split_once('[') {
            Some((name, rest)) if rest.ends_with(']') => {
                parts.extend((!name.is_empty()).then(|| name.to_owned()));
                let indexes = rest.trim_end_matches(']').split("][");
                parts.extend(indexes.map(|index| index.trim_matches(['"', '\'']).to_owned()));
            }
            _ => parts.push(part.to_owned()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn producers_names_become_pointers() {
        let cases = [
            ("name", "/name"),
            ("filter.country", "/filter/country"),
            ("rules[0].value", "/rules/0/value"),
            ("grid[1][2]", "/grid/1/2"),
            ("labels['a b']", "/labels/a b"),
            ("/a~1b/c~0d/0", "/a~1b/c~0d/0"),
            ("a/b", "/a~1b"),
            ("half[open", "/half[open"),
            ("", ""),
        ];
        for (text, pointer) in cases {
            assert_eq!(FieldPath::parse(text).pointer(), pointer, "{text}");
        }
    }

    #[test]
    fn a_field_meets_what_lies_within_it_and_what_it_lies_within() {
        let path = FieldPath::parse;
        assert!(path("filter").holds(&path("filter.country")));
        assert!(!path("filter.country").holds(&path("filter")));
        assert!(path("filter.country").meets(&path("filter")));
        assert!(!path("filter").meets(&path("filters")));
        assert!(path("").holds(&path("anything")));
    }
}

//! What a person typed, ready to be looked for in folded names.

use memchr::memmem::Finder;

use super::fold_name;

/// How a name has to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NameMatch {
    /// Every white-space separated part occurs somewhere in the name.
    #[default]
    Contains,
    /// The whole name equals the whole text.
    Exact,
    /// The name starts with the whole text.
    Prefix,
}

/// A folded search text. An empty one is in every name.
pub(crate) struct Needle {
    mode: NameMatch,
    folded: String,
    parts: Vec<Finder<'static>>,
}

impl Needle {
    pub(crate) fn new(text: &str, mode: NameMatch) -> Self {
        let folded = fold_name(text);
        let parts = folded.split(' ').map(|part| Finder::new(part).into_owned()).collect();
        Self { mode, folded, parts }
    }

    /// Mode and folded text: needles that have the same are in the same names.
    pub(crate) fn asked(&self) -> (NameMatch, &str) {
        (self.mode, &self.folded)
    }

    /// Whether a folded name matches.
    pub(crate) fn is_in(&self, folded_name: impl AsRef<[u8]>) -> bool {
        let folded_name = folded_name.as_ref();
        match self.mode {
            NameMatch::Contains => self.parts.iter().all(|part| part.find(folded_name).is_some()),
            NameMatch::Exact => folded_name == self.folded.as_bytes(),
            NameMatch::Prefix => folded_name.starts_with(self.folded.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_refuses_its_near_misses() {
        let cases = [
            (NameMatch::Exact, "VIP EU", vec![("vip  eu", true), ("vip eu 2", false)]),
            (NameMatch::Prefix, "vip e", vec![("vip eu", true), ("a vip eu", false)]),
            (NameMatch::Contains, "eu vip", vec![("vip eu", true), ("vip", false)]),
        ];
        for (mode, text, names) in cases {
            for (name, expected) in names {
                let found = Needle::new(text, mode).is_in(fold_name(name));
                assert_eq!(found, expected, "{text:?} {mode:?} {name:?}");
            }
        }
    }
}

//! What an action does, read from its name: the table frozen with fold version 1 (API.md).

use crate::words::packed_word;
use crate::{Event, Kind};

impl Event {
    /// The explicit kind, or the one its action's name says.
    pub fn kind(&self) -> Kind {
        self.explicit_kind.unwrap_or_else(|| kind_of_action(&self.action))
    }
}

/// The kind that an action's name says: its last `.` part is split into words, and the first word
/// found in the table decides; `other` if none is.
pub fn kind_of_action(action: &str) -> Kind {
    kind_of_action_bytes(action.as_bytes())
}

/// The same of a text's bytes.
pub(crate) fn kind_of_action_bytes(action: &[u8]) -> Kind {
    let start = memchr::memrchr(b'.', action).map_or(0, |at| at + 1);
    let last_part = &action[start..];
    // Most are one word of the table in small letters.
    let of_whole = packed_word(last_part).and_then(kind_of_packed);
    of_whole.unwrap_or_else(|| {
        let mut words = str::from_utf8(last_part).ok().into_iter().flat_map(words);
        words.find_map(kind_of_word).unwrap_or(Kind::Other)
    })
}

/// Words are compared in ASCII lower case.
fn kind_of_word(word: &str) -> Option<Kind> {
    let mut letters = packed_word(word.as_bytes())?.to_le_bytes();
    letters.make_ascii_lowercase();
    kind_of_packed(u64::from_le_bytes(letters))
}

/// Frozen.
fn kind_of_packed(word: u64) -> Option<Kind> {
    const CREATE: [u64; 6] = packed(["create", "created", "add", "added", "insert", "import"]);
    const DELETE: [u64; 5] = packed(["delete", "deleted", "remove", "removed", "destroy"]);
    const READ: [u64; 7] = packed(["get", "list", "describe", "read", "view", "viewed", "search"]);
    const UPDATE: [u64; 12] = packed([
        "update", "updated", "rename", "renamed", "set", "put", "enable", "enabled", "disable",
        "disabled", "modify", "modified",
    ]);
    // All of them: a search that ends with the word that is found ends where the processor did not
    // expect it.
    let is_in = |words: &[u64]| words.iter().fold(false, |found, known| found | (*known == word));
    let kinds = [
        (Kind::Create, is_in(&CREATE)),
        (Kind::Delete, is_in(&DELETE)),
        (Kind::Read, is_in(&READ)),
        (Kind::Update, is_in(&UPDATE)),
    ];
    kinds.into_iter().find(|(_, is_kind)| *is_kind).map(|(kind, _)| kind)
}

const fn packed<const COUNT: usize>(words: [&str; COUNT]) -> [u64; COUNT] {
    let mut all = [0; COUNT];
    let mut at = 0;
    while at < COUNT {
        all[at] = match packed_word(words[at].as_bytes()) {
            Some(word) => word,
            None => panic!("a known word has at most eight letters"),
        };
        at += 1;
    }
    all
}

/// Splits at `_`, `:`, `-`, white space and CamelCase.
///
/// CamelCase splits before an ASCII capital that follows an ASCII small letter or digit
/// (`get|Object`), and before the last capital of a run that a small letter follows (`DB|Create`).
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let separators = |c: char| matches!(c, '_' | ':' | '-') || c.is_whitespace();
    text.split(separators).flat_map(split_camel_case).filter(|word| !word.is_empty())
}

fn split_camel_case(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let starts_word = |&at: &usize| {
            let small = |byte: u8| byte.is_ascii_lowercase();
            let before = bytes[at - 1];
            bytes[at].is_ascii_uppercase()
                && (small(before)
                    || before.is_ascii_digit()
                    || before.is_ascii_uppercase() && bytes.get(at + 1).copied().is_some_and(small))
        };
        let end = (1..bytes.len()).find(starts_word).unwrap_or(bytes.len());
        let (word, others) = rest.split_at(end);
        rest = others;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TABLE: [(Kind, &str); 4] = [
        (Kind::Create, "create created add added insert import"),
        (Kind::Delete, "delete deleted remove removed destroy"),
        (Kind::Read, "get list describe read view viewed search"),
        (
            Kind::Update,
            "update updated rename renamed set put enable enabled disable disabled modify modified",
        ),
    ];

    #[test]
    fn the_frozen_table_of_kinds() {
        let other = (Kind::Other, "login sync run creates adding deletes gets export imported");
        for (kind, verbs) in TABLE.into_iter().chain([other]) {
            for verb in verbs.split_whitespace() {
                assert_eq!(kind_of_action(&format!("segment.{verb}")), kind, "{verb}");
                assert_eq!(kind_of_action(&verb.to_uppercase()), kind, "{verb}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_action_has_the_kind_of_its_first_known_word(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "get", "Created", "DISABLED", "set", "renamed", "import", "x", "DB", "é", "2",
                    "_", " ", "  ", ".", ":", "\u{a0}",
                ]),
                0..6,
            ),
        ) {
            let action = pieces.concat();
            let known = |word: &str| {
                let is_in = |(_, verbs): &&(Kind, &str)| {
                    verbs.split(' ').any(|verb| verb.eq_ignore_ascii_case(word))
                };
                TABLE.iter().find(is_in).map(|(kind, _)| *kind)
            };
            let of_words = words(action.rsplit('.').next().unwrap()).find_map(known);
            prop_assert_eq!(kind_of_action(&action), of_words.unwrap_or(Kind::Other));
        }
    }

    #[test]
    fn the_first_known_word_of_the_last_part_decides() {
        let cases = [
            ("iam.CreateUser", Kind::Create),
            ("rds.DeleteDBInstance", Kind::Delete),
            ("s3.DBCreate", Kind::Create),
            ("s3:ListBuckets", Kind::Read),
            ("user_role-added", Kind::Create),
            ("an update then delete", Kind::Update),
            ("create.thing", Kind::Other),
            ("segment.", Kind::Other),
            ("", Kind::Other),
            ("v2Get", Kind::Read),
            ("user.add  ", Kind::Create),
            ("undeleted", Kind::Other),
            ("ÉcoleUpdated", Kind::Update),
            ("segment\u{a0}removed", Kind::Delete),
        ];
        for (action, kind) in cases {
            assert_eq!(kind_of_action(action), kind, "{action}");
        }
    }

    #[test]
    fn camel_case_splits_runs_of_capitals() {
        let split = |text| words(text).collect::<Vec<_>>();
        assert_eq!(split("DeleteDBInstance2Get_x"), ["Delete", "DB", "Instance2", "Get", "x"]);
        assert_eq!(split("--"), [""; 0]);
    }
}

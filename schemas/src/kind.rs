//! What an action does, read from its name: the table frozen with fold version 1 (API.md).

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
    let last_part = action.rsplit('.').next().unwrap_or_default();
    words(last_part).find_map(kind_of_word).unwrap_or(Kind::Other)
}

/// Frozen. Words are compared in ASCII lower case.
fn kind_of_word(word: &str) -> Option<Kind> {
    const TABLE: [(Kind, &[&str]); 4] = [
        (Kind::Create, &["create", "created", "add", "added", "insert", "import"]),
        (Kind::Delete, &["delete", "deleted", "remove", "removed", "destroy"]),
        (Kind::Read, &["get", "list", "describe", "read", "view", "viewed", "search"]),
        (
            Kind::Update,
            &[
                "update", "updated", "rename", "renamed", "set", "put", "enable", "enabled",
                "disable", "disabled", "modify", "modified",
            ],
        ),
    ];
    let known = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    TABLE.iter().find(|(_, words)| known(words)).map(|&(kind, _)| kind)
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
    use super::*;

    #[test]
    fn the_frozen_table_of_kinds() {
        let table = [
            (Kind::Create, "create created add added insert import"),
            (Kind::Delete, "delete deleted remove removed destroy"),
            (Kind::Read, "get list describe read view viewed search"),
            (
                Kind::Update,
                "update updated rename renamed set put enable enabled disable disabled modify \
                 modified",
            ),
            (Kind::Other, "login sync run creates adding deletes gets moved export imported"),
        ];
        for (kind, verbs) in table {
            for verb in verbs.split_whitespace() {
                assert_eq!(kind_of_action(&format!("segment.{verb}")), kind, "{verb}");
                assert_eq!(kind_of_action(&verb.to_uppercase()), kind, "{verb}");
            }
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

//! The rules for an event's strings: how long, and what may stand in them.
//!
//! The maxima are part of fold version 1. A text sealed under a person's key (`enc:v1:…`) is
//! longer than what it hides, so where personal data may stand a sealed text may be
//! [`SEALED_MAX_CHARACTERS`] long.

use crate::Limits;
use crate::violation::Fault;
use crate::words::is_printable_ascii;

/// How a text sealed under a person's key begins.
const SEALED_PREFIX: &str = "enc:v1:";
/// Longest sealed text, in characters.
const SEALED_MAX_CHARACTERS: usize = 8_000;
/// Longest id, type, path, e-mail, address and other short text, in characters.
const SHORT_MAX_CHARACTERS: usize = 1_000;
/// Longest user agent, in characters.
const USER_AGENT_MAX_CHARACTERS: usize = 2_000;
/// Longest description, in characters.
const DESCRIPTION_MAX_CHARACTERS: usize = 10_000;
/// How much of an offending text an error repeats, in characters.
const CUT_CHARACTERS: usize = 64;

/// What a string of an event must satisfy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextRule {
    max_characters: usize,
    may_be_empty: bool,
    /// Refuses every control character, not only NUL.
    printable: bool,
    /// May hold personal data, and therefore be sealed.
    personal: bool,
}

impl TextRule {
    const FREE: Self = Self {
        max_characters: SHORT_MAX_CHARACTERS,
        may_be_empty: true,
        printable: false,
        personal: false,
    };
    /// Paths of changes, members of the context.
    pub const SHORT: Self = Self::FREE;
    /// Resource types, resource ids, producer ids.
    pub const IDENTIFIER: Self = Self { may_be_empty: false, ..Self::FREE };
    /// E-mails, addresses.
    pub const PERSONAL: Self = Self { personal: true, ..Self::FREE };
    /// User agents.
    pub const USER_AGENT: Self =
        Self { max_characters: USER_AGENT_MAX_CHARACTERS, ..Self::PERSONAL };
    /// Descriptions.
    pub const DESCRIPTION: Self =
        Self { max_characters: DESCRIPTION_MAX_CHARACTERS, ..Self::PERSONAL };

    /// Names of actors and resources.
    pub fn name(limits: &Limits) -> Self {
        Self { max_characters: limits.name_characters, ..Self::PERSONAL }
    }

    /// Actions.
    pub fn action(limits: &Limits) -> Self {
        let max_characters = limits.action_characters;
        Self { max_characters, may_be_empty: false, printable: true, personal: false }
    }

    /// Whether bytes are a text with which nothing is wrong.
    pub fn accepts(self, bytes: &[u8]) -> bool {
        is_plain(bytes, self.max_characters)
            || std::str::from_utf8(bytes).is_ok_and(|text| self.check(text).is_ok())
    }

    /// What is wrong with a text, if anything.
    pub fn check(self, text: &str) -> Result<(), Fault> {
        if text.is_empty() && !self.may_be_empty {
            return Err(Fault::wrong("must not be empty"));
        }
        if self.printable && text.chars().any(char::is_control) {
            return Err(Fault::wrong("must not contain control characters"));
        }
        if text.as_bytes().contains(&0) {
            return Err(Fault::wrong("must not contain NUL characters"));
        }
        let sealed = self.personal && text.starts_with(SEALED_PREFIX);
        let max = if sealed { SEALED_MAX_CHARACTERS } else { self.max_characters };
        // A text of no more bytes than that has no more characters either.
        if text.len() <= max {
            return Ok(());
        }
        match text.chars().count() {
            count if count > max => {
                Err(Fault::over(format!("has {count} characters, the limit is {max}")))
            }
            _ => Ok(()),
        }
    }
}

/// What is wrong with a workspace id, if anything.
pub(crate) fn check_workspace(text: &str, limits: &Limits) -> Result<(), Fault> {
    let max = limits.workspace_bytes;
    match text.len() {
        0 => Err(Fault::wrong("must not be empty")),
        bytes if bytes > max => Err(Fault::over(format!("has {bytes} bytes, the limit is {max}"))),
        _ if text.contains('\0') => Err(Fault::wrong("must not contain NUL characters")),
        _ => Ok(()),
    }
}

/// Whether bytes are a workspace id with which nothing is wrong.
pub(crate) fn accepts_workspace(bytes: &[u8], limits: &Limits) -> bool {
    is_plain(bytes, limits.workspace_bytes)
        || std::str::from_utf8(bytes).is_ok_and(|text| check_workspace(text, limits).is_ok())
}

/// Whether bytes are some printable ASCII, no more than so many: then nothing can be wrong.
fn is_plain(bytes: &[u8], max: usize) -> bool {
    bytes.len() <= max && !bytes.is_empty() && is_printable_ascii(bytes)
}

/// The beginning of a text, for error messages; control characters are escaped.
pub(crate) fn cut(text: &str) -> String {
    let shown: String = text.chars().take(CUT_CHARACTERS).flat_map(|c| c.escape_debug()).collect();
    if text.chars().nth(CUT_CHARACTERS).is_some() { format!("{shown}…") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(rule: TextRule, text: &str) -> Option<(bool, String)> {
        assert_eq!(rule.accepts(text.as_bytes()), rule.check(text).is_ok(), "{text}");
        rule.check(text).err().map(|fault| (fault.over_limit, fault.detail))
    }

    #[test]
    fn lengths_count_characters_not_bytes() {
        let name = TextRule::name(&Limits::HARD);
        assert_eq!(detail(name, &"é".repeat(1_000)), None);
        let over = (true, "has 1001 characters, the limit is 1000".to_owned());
        assert_eq!(detail(name, &"é".repeat(1_001)), Some(over));
        assert_eq!(detail(name, ""), None);
    }

    #[test]
    fn a_workspace_is_accepted_if_nothing_is_wrong_with_it() {
        let max = Limits::HARD.workspace_bytes;
        for (text, is_sound) in [
            (String::new(), false),
            ("a b".to_owned(), true),
            ("a\nb".to_owned(), true),
            ("a\0b".to_owned(), false),
            ("a".repeat(max), true),
            ("a".repeat(max + 1), false),
            ("é".repeat(max / 2), true),
            ("é".repeat(max / 2 + 1), false),
        ] {
            assert_eq!(accepts_workspace(text.as_bytes(), &Limits::HARD), is_sound, "{text}");
            assert_eq!(check_workspace(&text, &Limits::HARD).is_ok(), is_sound, "{text}");
        }
        assert!(!accepts_workspace(b"a\xff", &Limits::HARD));
    }

    #[test]
    fn a_sealed_personal_text_may_be_longer() {
        let sealed = format!("enc:v1:k1:{}", "A".repeat(5_500));
        assert_eq!(detail(TextRule::PERSONAL, &sealed), None);
        assert!(detail(TextRule::IDENTIFIER, &sealed).is_some());
    }

    #[test]
    fn control_characters_are_refused_where_documented() {
        let action = TextRule::action(&Limits::HARD);
        let control = Some((false, "must not contain control characters".to_owned()));
        assert_eq!(detail(action, "a\nb"), control);
        assert_eq!(detail(TextRule::name(&Limits::HARD), "a\nb"), None);
        let nul = Some((false, "must not contain NUL characters".to_owned()));
        assert_eq!(detail(TextRule::name(&Limits::HARD), "a\0b"), nul);
        assert_eq!(detail(TextRule::IDENTIFIER, ""), Some((false, "must not be empty".to_owned())));
    }
}

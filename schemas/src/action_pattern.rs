//! Patterns of actions, as filters, keys and replays take them.

/// An action key, or a beginning followed by `*`: any action that begins so. A `*` alone is all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionPattern<'t> {
    /// This action.
    Key(&'t str),
    /// Actions that begin so; the `*` is left off.
    Prefix(&'t str),
}

/// A text that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no action key and no prefix ending in `*`")]
pub struct InvalidActionPattern(pub String);

impl<'t> ActionPattern<'t> {
    /// Reads what was given: not empty, and no `*` but at the end.
    pub fn parse(text: &'t str) -> Result<Self, InvalidActionPattern> {
        let pattern = Self::of(text);
        let (Self::Key(body) | Self::Prefix(body)) = pattern;
        match text.is_empty() || body.contains('*') {
            true => Err(InvalidActionPattern(text.to_owned())),
            false => Ok(pattern),
        }
    }

    /// The pattern of a text that was read before.
    pub fn of(text: &'t str) -> Self {
        text.strip_suffix('*').map_or(Self::Key(text), Self::Prefix)
    }

    /// Whether an action is one of those meant.
    pub fn covers(self, action: &str) -> bool {
        match self {
            Self::Key(key) => action == key,
            Self::Prefix(prefix) => action.starts_with(prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_its_key_or_what_begins_so() {
        let covers = |pattern, action| ActionPattern::parse(pattern).unwrap().covers(action);
        assert!(covers("segment.updated", "segment.updated"));
        assert!(!covers("segment.updated", "segment.updated_twice"));
        assert!(covers("segment.*", "segment.updated") && covers("segment.*", "segment."));
        assert!(!covers("segment.*", "segment") && !covers("segment.*", "Segment.updated"));
        assert!(covers("*", "") && covers("*", "anything"));
    }

    #[test]
    fn a_star_stands_at_the_end_or_nowhere() {
        for text in ["", "**", "a*b", "*.updated", "a**"] {
            let error = ActionPattern::parse(text).unwrap_err().to_string();
            assert_eq!(error, format!("`{text}` is no action key and no prefix ending in `*`"));
        }
    }
}

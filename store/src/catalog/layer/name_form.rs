//! Where the text of a name is.

/// What [`super::Section::NameForms`] says of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameForm {
    /// Seen without a name.
    Absent,
    /// The folded text is the name.
    Folded,
    /// The name is another text, stored apart.
    Other,
}

impl NameForm {
    pub(crate) fn of(text: Option<&str>, folded: &str) -> Self {
        match text {
            None => Self::Absent,
            Some(text) if text == folded => Self::Folded,
            Some(_) => Self::Other,
        }
    }

    pub(crate) fn value(self) -> i64 {
        match self {
            Self::Absent => 0,
            Self::Folded => 1,
            Self::Other => 2,
        }
    }

    pub(super) fn from_value(value: i64) -> Option<Self> {
        [Self::Absent, Self::Folded, Self::Other].into_iter().find(|form| form.value() == value)
    }
}

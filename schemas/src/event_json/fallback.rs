//! Where members absent from an event's JSON may come from: `CloudEvents` attributes.

/// One attribute's text, and how to name it in an error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute<'a> {
    /// The attribute's value.
    pub text: &'a str,
    /// JSON pointer to it; empty if it stands in a header.
    pub pointer: &'a str,
    /// What an error starts with, such as `header ce_type: `.
    pub prefix: &'a str,
}

/// What stands in for absent members. Empty for plain event JSON.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fallback<'a> {
    /// For `action`.
    pub action: Option<Attribute<'a>>,
    /// For `occurred_at`.
    pub occurred_at: Option<Attribute<'a>>,
    /// For `workspace_id`.
    pub workspace_id: Option<Attribute<'a>>,
}

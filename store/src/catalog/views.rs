//! What a catalog says about a code: borrowed from a delta or from a layer's bytes.

use annals_schemas::ActorKind;

use super::OrderKey;

/// An actor as of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ActorView<'a> {
    pub(crate) kind: ActorKind,
    pub(crate) id: Option<&'a str>,
    /// Latest seen, in page order.
    pub(crate) name: Option<&'a str>,
    pub(crate) email: Option<&'a str>,
    /// A person with a delete event on the resource of type `user` with this id.
    pub(crate) former: bool,
}

/// What identifies a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResourceView<'a> {
    pub(crate) resource_type: u32,
    pub(crate) id: &'a str,
}

/// A name a resource bore; `text` is `None` for a resource seen without a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameView<'a> {
    pub(crate) resource: u32,
    pub(crate) text: Option<&'a str>,
    pub(crate) folded: &'a str,
    /// Key of the event (in log order the first) that brought it.
    pub(crate) first: OrderKey,
    /// The name added for the same resource before this one; always a smaller code.
    pub(crate) previous: Option<u32>,
}

/// What a search looks at in a name: less to read than [`NameView`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SearchedName<'a> {
    pub(crate) resource: u32,
    /// As bytes: texts are compared byte by byte.
    pub(crate) folded: &'a [u8],
    /// Not one of a resource seen without a name.
    pub(crate) is_named: bool,
    /// `seq` of `NameView::first`.
    pub(crate) first_seq: u64,
}

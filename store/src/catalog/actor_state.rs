//! What is true of an actor as of reading, folded from the events it is named in.

use annals_schemas::Principal;

use super::OrderKey;

/// The folded state of an actor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ActorState {
    pub(crate) name: Option<Box<str>>,
    pub(crate) email: Option<Box<str>>,
    /// Key of the event that name and e-mail are from.
    pub(crate) seen: OrderKey,
    /// The resource of type `user` with its id has been deleted; persons only.
    pub(crate) former: bool,
}

impl ActorState {
    /// Keeps the name and e-mail of the latest event in page order.
    pub(super) fn seen_as(&mut self, principal: &Principal, key: OrderKey) {
        let first = self.name.is_none() && self.email.is_none();
        if !first && key < self.seen {
            return;
        }
        self.seen = key;
        keep(&mut self.name, principal.name.as_deref());
        keep(&mut self.email, principal.email.as_deref());
    }
}

/// Allocates only if the text is another.
fn keep(slot: &mut Option<Box<str>>, text: Option<&str>) {
    if slot.as_deref() != text {
        *slot = text.map(Into::into);
    }
}

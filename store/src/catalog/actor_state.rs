//! What is true of an actor as of reading, folded from the events it is named in.

use std::sync::Arc;

use annals_schemas::HeadPrincipal;

use super::OrderKey;
use super::delta::text_of;

/// The folded state of an actor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ActorState {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) email: Option<Arc<str>>,
    /// Key of the event that name and e-mail are from.
    pub(crate) seen: OrderKey,
    /// The resource of type `user` with its id has been deleted; persons only.
    pub(crate) former: bool,
}

impl ActorState {
    /// Keeps the name and e-mail of the latest event in page order.
    pub(super) fn seen_as(&mut self, principal: &HeadPrincipal<'_>, key: OrderKey) {
        let first = self.name.is_none() && self.email.is_none();
        if !first && key < self.seen {
            return;
        }
        self.seen = key;
        keep(&mut self.name, principal.name);
        keep(&mut self.email, principal.email);
    }
}

/// Allocates only if the text is another.
fn keep(slot: &mut Option<Arc<str>>, text: Option<&[u8]>) {
    if slot.as_deref().map(str::as_bytes) != text {
        *slot = text.map(|text| text_of(text).into());
    }
}

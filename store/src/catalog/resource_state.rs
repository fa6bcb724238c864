//! What is true of a resource as of reading, folded from the events on it.
//!
//! Order is page order (effective_at, seq), so a late event never displaces a newer one. Creation,
//! edits, deletion and renames concern an event's first resource only.

use annals_schemas::Kind;

use super::OrderKey;

/// A value with the place it was seen at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Latest<T> {
    pub(crate) at: OrderKey,
    pub(crate) value: T,
}

/// What every row that names a resource shows of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Present {
    /// Code of the current name.
    pub(crate) name: Option<u32>,
    /// Whether it is deleted.
    pub(crate) deleted: bool,
}

/// The folded state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ResourceState {
    /// Name code from an event with this as its first resource.
    pub(crate) name: Option<Latest<u32>>,
    /// Name code from an event with this as a further resource: used while there is no other.
    pub(crate) aside_name: Option<Latest<u32>>,
    /// Whether the greatest create or delete was a delete.
    pub(crate) deleted: Option<Latest<bool>>,
    /// Whether there ever was a delete: makes a person *former*.
    pub(crate) ever_deleted: bool,
    /// Code of the actor of the earliest create; the event is the row with this key.
    pub(crate) creator: Option<Latest<u32>>,
    /// Code of the actor of the latest create, update or delete.
    pub(crate) last_editor: Option<Latest<u32>>,
    /// Creates, updates and deletes.
    pub(crate) changes: u32,
    /// Smallest and greatest key of any event naming it, in any place.
    pub(crate) first: OrderKey,
    pub(crate) last: OrderKey,
    /// The name code most recently added for it: head of the chain through `NameView::previous`.
    pub(crate) newest_name: Option<u32>,
}

impl ResourceState {
    /// Of a resource that an event with this key is the first to name.
    pub(super) fn new(at: OrderKey) -> Self {
        Self { first: at, last: at, ..Self::default() }
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.deleted.is_some_and(|latest| latest.value)
    }

    /// Code of the current name.
    pub(crate) fn current_name(&self) -> Option<u32> {
        self.name.or(self.aside_name).map(|latest| latest.value)
    }

    /// The part of it that a row shows.
    pub(crate) fn present(&self) -> Present {
        Present { name: self.current_name(), deleted: self.is_deleted() }
    }

    /// An event names it, in any place.
    pub(super) fn seen(&mut self, at: OrderKey) {
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }

    /// An event gives it a name; `first` says whether as its first resource.
    pub(super) fn bears(&mut self, name: u32, at: OrderKey, first: bool) {
        keep_greatest(if first { &mut self.name } else { &mut self.aside_name }, at, name);
    }

    /// An event of this kind has it as its first resource.
    pub(super) fn acted_on(&mut self, kind: Kind, by: u32, at: OrderKey) {
        if matches!(kind, Kind::Create | Kind::Delete) {
            keep_greatest(&mut self.deleted, at, kind == Kind::Delete);
        }
        self.ever_deleted |= kind == Kind::Delete;
        if kind == Kind::Create && self.creator.is_none_or(|creator| at < creator.at) {
            self.creator = Some(Latest { at, value: by });
        }
        if matches!(kind, Kind::Create | Kind::Update | Kind::Delete) {
            keep_greatest(&mut self.last_editor, at, by);
            self.changes = self.changes.saturating_add(1);
        }
    }
}

fn keep_greatest<T>(slot: &mut Option<Latest<T>>, at: OrderKey, value: T) {
    if slot.as_ref().is_none_or(|latest| latest.at < at) {
        *slot = Some(Latest { at, value });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(effective_at: i64, seq: u64) -> OrderKey {
        OrderKey { effective_at, seq }
    }

    #[test]
    fn a_late_edit_does_not_replace_a_newer_one() {
        let mut state = ResourceState::default();
        state.acted_on(Kind::Create, 1, at(10, 1));
        state.acted_on(Kind::Update, 2, at(30, 2));
        state.acted_on(Kind::Update, 3, at(20, 3));
        state.acted_on(Kind::Read, 4, at(90, 4));
        assert_eq!(state.last_editor.map(|latest| latest.value), Some(2));
        assert_eq!(state.creator.map(|latest| latest.value), Some(1));
        assert_eq!(state.changes, 3);
    }

    #[test]
    fn deleted_follows_the_greatest_create_or_delete() {
        let mut state = ResourceState::default();
        state.acted_on(Kind::Delete, 1, at(20, 1));
        state.acted_on(Kind::Create, 1, at(10, 2));
        assert!(state.is_deleted());
        state.acted_on(Kind::Create, 1, at(30, 3));
        assert!(!state.is_deleted());
        assert!(state.ever_deleted);
    }

    #[test]
    fn the_current_name_comes_from_first_place_events_when_there_are_any() {
        let mut state = ResourceState::default();
        state.bears(7, at(50, 1), false);
        assert_eq!(state.current_name(), Some(7));
        state.bears(3, at(10, 2), true);
        assert_eq!(state.current_name(), Some(3));
    }

    #[test]
    fn first_and_last_are_the_extremes_in_page_order() {
        let mut state = ResourceState::new(at(20, 1));
        state.seen(at(30, 2));
        state.seen(at(10, 3));
        state.seen(at(30, 1));
        assert_eq!((state.first, state.last), (at(10, 3), at(30, 2)));
    }
}

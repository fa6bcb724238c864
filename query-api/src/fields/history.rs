//! The events whose first resource is a given one, oldest first, within bounds.

use annals_schemas::Instant;
use annals_store::{
    CountMode, Direction, Filter, OrderKey, PageRequest, Row, StoreError, WorkspaceReader,
};

use crate::parameters::NamedResource;
use crate::query_limits::QueryLimits;

/// Events of one resource looked at for one answer.
const MAX_EVENTS: usize = 20_000;
const PAGE_ROWS: usize = 500;

/// A resource's events in one snapshot.
pub(crate) struct History {
    workspace: WorkspaceReader,
    resource: NamedResource,
    snapshot: u64,
    limits: QueryLimits,
    left: usize,
}

/// Which of them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Part {
    /// At or after.
    pub(crate) from: Option<Instant>,
    /// Before.
    pub(crate) to: Option<Instant>,
    /// After this key.
    pub(crate) after: Option<OrderKey>,
}

impl History {
    pub(crate) fn new(
        workspace: WorkspaceReader,
        resource: NamedResource,
        limits: QueryLimits,
    ) -> Self {
        let snapshot = workspace.last_seq();
        Self { workspace, resource, snapshot, limits, left: MAX_EVENTS }
    }

    /// Last seq of the snapshot.
    pub(crate) fn snapshot(&self) -> u64 {
        self.snapshot
    }

    /// Calls `each` for the events of a part; also tells whether there was any event that names the
    /// resource, in whatever place. A part has a budget of its own; `OverBudget` if there are too
    /// many events.
    pub(crate) fn each(
        &mut self,
        part: Part,
        mut each: impl FnMut(&Row),
    ) -> Result<bool, StoreError> {
        let NamedResource { resource_type, id } = &self.resource;
        // A part of the changes would be told as if it were all of them.
        self.workspace.check_sees_all_of(resource_type, id)?;
        let filter = Filter {
            resource_types: vec![resource_type.clone()],
            resource_ids: vec![id.clone()],
            from: part.from,
            to: part.to,
            ..Filter::default()
        };
        let budget = self.limits.begin();
        let (mut after, mut found) = (part.after, false);
        loop {
            let page = self.workspace.page(&PageRequest {
                filter: &filter,
                direction: Direction::Newer,
                after,
                limit: PAGE_ROWS,
                snapshot: Some(self.snapshot),
                count: CountMode::None,
                budget,
                explain: false,
            })?;
            let too_many =
                StoreError::OverBudget { rows: MAX_EVENTS as u64 + 1, limit: MAX_EVENTS as u64 };
            self.left = self.left.checked_sub(page.rows.len()).ok_or(too_many)?;
            found |= !page.rows.is_empty();
            let is_first = |row: &&Row| {
                let first = row.event.resources.first();
                first.is_some_and(|first| first.resource_type == *resource_type && first.id == *id)
            };
            page.rows.iter().rev().filter(is_first).for_each(&mut each);
            match page.rows.first().filter(|_| page.more) {
                Some(newest) => after = Some(newest.key()),
                None => return Ok(found),
            }
        }
    }
}

//! A question to the store: a workspace, a filter, and where the page begins.

use annals_schemas::{Instant, WorkspaceId};
use annals_store::{Filter, NameFilter, NameMatch, NameScope, OrderKey};

use crate::generator::{TYPES, Timeline, Workspace};

/// A week as a share of the two years.
const WEEK: f64 = 7.0 / 731.0;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    pub(super) workspace: WorkspaceId,
    pub(super) filter: Filter,
    pub(super) after: Option<OrderKey>,
}

impl Question {
    /// Everything in a workspace, from the newest row.
    pub(super) fn of(workspace: &Workspace) -> Self {
        Self { workspace: workspace.id.clone(), filter: Filter::default(), after: None }
    }

    /// Done by one of these.
    pub(super) fn users(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.filter.actors = ids.into_iter().collect();
        self
    }

    /// On a resource of one of these types, given by their ranks.
    pub(super) fn types(mut self, ranks: impl IntoIterator<Item = usize>) -> Self {
        let names = ranks.into_iter().map(|rank| TYPES[rank % TYPES.len()].0.to_owned());
        self.filter.resource_types = names.collect();
        self
    }

    /// On a resource that bears a name with this in it.
    pub(super) fn named(mut self, text: &str, scope: NameScope) -> Self {
        let (text, mode) = (text.to_owned(), NameMatch::Contains);
        self.filter.name = Some(NameFilter { text, scope, mode });
        self
    }

    /// Within a part of the two years, given as shares of them.
    pub(super) fn within(mut self, from: f64, to: f64) -> Self {
        self.filter.from = Some(Timeline::at(from));
        self.filter.to = Some(Timeline::at(to));
        self
    }

    /// Within a week that begins when this share has passed.
    pub(super) fn week(self, from: f64) -> Self {
        self.within(from, from + WEEK)
    }

    /// Rows older than a moment: what a cursor deep down says.
    pub(super) fn older_than(mut self, moment: Instant) -> Self {
        self.after = Some(OrderKey { effective_at: moment.micros(), seq: 0 });
        self
    }

    /// The same with another filter of the store's own fields.
    pub(super) fn filtered(mut self, change: impl FnOnce(&mut Filter)) -> Self {
        change(&mut self.filter);
        self
    }
}

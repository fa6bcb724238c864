//! A filter in one workspace's codes: translated once, good for every segment and the tail.
//!
//! It is read from a catalog in two steps, first from its sealed part without a lock and then,
//! under the lock, from what has come since; the second step costs what is new, not what there is.

use std::sync::Arc;

use annals_schemas::{ActionPattern, ActorKind};

use super::filter::Filter;
use super::lookups::for_each_actor_kind;
use super::span::Span;
use super::work::Work;
use crate::StoreError;
use crate::catalog::{CatalogView, Lengths};
use crate::packed::CodeSet;
use crate::rows::{Column, Dimension};

/// A condition on one column, which lists are kept by as well.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) dimension: Dimension,
    pub(super) column: Column,
    /// What lists are kept by.
    pub(super) codes: Arc<CodeSet>,
    /// The same as the column has them.
    pub(super) values: CodeSet,
}

impl Condition {
    fn new(dimension: Dimension, column: Column, codes: impl Iterator<Item = u32>) -> Self {
        let codes: CodeSet = codes.collect();
        let shift = u32::from(matches!(column, Column::OnBehalfOf | Column::Type | Column::Name));
        let values = codes.iter().map(|code| code.saturating_add(shift)).collect();
        Self { dimension, column, codes: Arc::new(codes), values }
    }
}

/// The translated filter, without its name condition.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Smallest and largest key that the range of time admits.
    pub(crate) span: Span,
    /// Rows with a greater seq are not seen.
    pub(crate) snapshot: u64,
    /// Conditions of which a row has exactly one value each.
    pub(super) columns: Vec<Condition>,
    /// Types of resources: any of a row's may be the one.
    pub(super) types: Option<Condition>,
    /// Whether resources are asked for by id or name: then [`NameSearch`](super::names::NameSearch)
    /// says which.
    pub(super) by_name: bool,
    /// Rows that are left out.
    pub(super) hidden: Option<Hidden>,
}

/// Actions whose rows are left out.
#[derive(Debug)]
pub(super) struct Hidden {
    /// All other actions: tested on each row, and never what drives a walk.
    pub(super) others: Condition,
    /// The rest of the filter for the rows of these actions alone, to take them off a number that
    /// was found without looking at rows.
    pub(super) only: Box<Compiled>,
}

impl Compiled {
    /// Whether no row can match.
    pub(super) fn is_empty(&self) -> bool {
        self.span.is_empty()
            || self.columns.iter().chain(&self.types).any(|condition| condition.codes.is_empty())
    }

    /// Whether all rows of the span match, but for those left out.
    pub(super) fn asks_nothing(&self) -> bool {
        self.columns.is_empty() && self.types.is_none() && !self.by_name
    }
}

/// A filter being translated.
#[derive(Debug)]
pub(super) struct Draft<'f> {
    filter: &'f Filter,
    known: Lengths,
    actors: Vec<u32>,
    on_behalf_of: Vec<u32>,
    actions: Vec<u32>,
    hidden_actions: Vec<u32>,
    pub(super) types: Vec<u32>,
    /// Resources asked for by id, of the types asked for.
    pub(super) resources: Vec<u32>,
}

impl<'f> Draft<'f> {
    pub(super) fn new(filter: &'f Filter) -> Self {
        Self {
            filter,
            known: Lengths::default(),
            actors: Vec::new(),
            on_behalf_of: Vec::new(),
            actions: Vec::new(),
            hidden_actions: Vec::new(),
            types: Vec::new(),
            resources: Vec::new(),
        }
    }

    /// Takes in what a catalog knows beyond what was read before; the catalog has only grown.
    pub(super) fn read(
        &mut self,
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        let lengths = view.lengths();
        if lengths.actors > self.known.actors {
            self.read_actors(view, lengths.actors, work)?;
        }
        if lengths.actions > self.known.actions {
            self.read_actions(view, lengths.actions, work)?;
        }
        if lengths.types > self.known.types {
            self.types.clear();
            for text in &self.filter.resource_types {
                self.types.extend(view.type_code(text)?);
            }
        }
        if lengths.resources > self.known.resources {
            self.read_resources(view, lengths.types, work)?;
        }
        self.known = lengths;
        Ok(())
    }

    /// Codes of the actors with one of the ids and one of the kinds.
    fn read_actors(
        &mut self,
        view: &CatalogView<'_>,
        end: u32,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        let Filter { actors, actor_kinds, on_behalf_of, .. } = self.filter;
        let wanted = |kind: &ActorKind| actor_kinds.is_empty() || actor_kinds.contains(kind);
        if actors.is_empty() && !actor_kinds.is_empty() {
            let range = self.known.actors..end;
            work.step(u64::from(end - range.start))?;
            for_each_actor_kind(view, range, |code, kind| {
                if wanted(&kind) {
                    self.actors.push(code);
                }
            })?;
        } else {
            look_up_actors(view, actors, wanted, &mut self.actors)?;
        }
        look_up_actors(view, on_behalf_of, |_| true, &mut self.on_behalf_of)
    }

    /// Codes of the actions that equal one of the keys or match a `prefix*` pattern.
    fn read_actions(
        &mut self,
        view: &CatalogView<'_>,
        end: u32,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        let mut prefixes = Vec::new();
        for pattern in &self.filter.actions {
            match ActionPattern::of(pattern) {
                ActionPattern::Key(key) => self.actions.extend(view.action_code(key)?),
                prefix @ ActionPattern::Prefix(_) => prefixes.push(prefix),
            }
        }
        for key in &self.filter.hidden_actions {
            self.hidden_actions.extend(view.action_code(key)?);
        }
        if !prefixes.is_empty() {
            work.step(u64::from(end - self.known.actions))?;
            for code in self.known.actions..end {
                let action = view.action(code)?;
                if prefixes.iter().any(|prefix| prefix.covers(action)) {
                    self.actions.push(code);
                }
            }
        }
        Ok(())
    }

    fn read_resources(
        &mut self,
        view: &CatalogView<'_>,
        types: u32,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        if self.filter.resource_ids.is_empty() {
            return Ok(());
        }
        self.resources.clear();
        let all: Vec<u32> = (0..types).collect();
        let types = if self.filter.resource_types.is_empty() { &all } else { &self.types };
        for id in &self.filter.resource_ids {
            work.step(types.len() as u64)?;
            for resource_type in types {
                self.resources.extend(view.resource_code(*resource_type, id)?);
            }
        }
        Ok(())
    }

    pub(super) fn asks_types(&self) -> bool {
        !self.filter.resource_types.is_empty()
    }

    pub(super) fn asks_ids(&self) -> bool {
        !self.filter.resource_ids.is_empty()
    }

    /// The translation, as far as it was read.
    pub(super) fn finish(&self, snapshot: u64) -> Compiled {
        let filter = self.filter;
        let by_id = !filter.resource_ids.is_empty();
        let asked = |asks: bool, dimension, column, codes: &[u32]| {
            asks.then(|| Condition::new(dimension, column, codes.iter().copied()))
        };
        let kinds: Vec<u32> = filter.kinds.iter().map(|kind| kind.code()).collect();
        let outcomes: Vec<u32> = filter.outcomes.iter().map(|outcome| outcome.code()).collect();
        let by_actor = !filter.actors.is_empty() || !filter.actor_kinds.is_empty();
        let columns = [
            asked(by_actor, Dimension::Actor, Column::Actor, &self.actors),
            asked(
                !filter.on_behalf_of.is_empty(),
                Dimension::OnBehalfOf,
                Column::OnBehalfOf,
                &self.on_behalf_of,
            ),
            asked(!filter.actions.is_empty(), Dimension::Action, Column::Action, &self.actions),
            asked(!filter.kinds.is_empty(), Dimension::Kind, Column::Kind, &kinds),
            asked(!filter.outcomes.is_empty(), Dimension::Outcome, Column::Outcome, &outcomes),
        ];
        let by_type = !filter.resource_types.is_empty();
        let compiled = |columns: Vec<Condition>, hidden| Compiled {
            span: Span::of(filter),
            snapshot,
            columns,
            types: asked(by_type, Dimension::Type, Column::Type, &self.types),
            by_name: by_id || filter.name.is_some(),
            hidden,
        };
        let columns: Vec<Condition> = columns.into_iter().flatten().collect();
        let hidden = self.hidden(&columns).map(|(others, of_hidden)| Hidden {
            others,
            only: Box::new(compiled(of_hidden, None)),
        });
        compiled(columns, hidden)
    }

    /// The condition that leaves hidden rows out, and all conditions on them: `None` if the
    /// workspace has none of them.
    fn hidden(&self, columns: &[Condition]) -> Option<(Condition, Vec<Condition>)> {
        let mut codes = self.hidden_actions.clone();
        if codes.is_empty() {
            return None;
        }
        let condition = |codes: &mut dyn Iterator<Item = u32>| {
            Condition::new(Dimension::Action, Column::Action, codes)
        };
        let others = condition(&mut (0..self.known.actions).filter(|code| !codes.contains(code)));
        // One dimension is asked for once: what is asked for and hidden.
        if let Some(asked) = columns.iter().find(|it| it.dimension == Dimension::Action) {
            codes.retain(|code| asked.codes.contains(*code));
        }
        let rest = columns.iter().filter(|it| it.dimension != Dimension::Action);
        let only = rest.cloned().chain([condition(&mut codes.into_iter())]).collect();
        Some((others, only))
    }
}

fn look_up_actors(
    view: &CatalogView<'_>,
    ids: &[String],
    wanted: impl Fn(&ActorKind) -> bool,
    codes: &mut Vec<u32>,
) -> Result<(), StoreError> {
    for id in ids {
        for kind in ActorKind::ALL.iter().filter(|kind| wanted(kind)) {
            codes.extend(view.actor_code(*kind, Some(id))?);
        }
    }
    Ok(())
}

//! The index as of one commit: its open segments and what they cover of each workspace.

use std::collections::HashMap;
use std::sync::Arc;

use roaring::RoaringBitmap;
use tantivy::Index;

use crate::IndexError;
use crate::ordinal::Ordinal;
use crate::schema::Fields;
use crate::segment::NameSegment;

/// What the index knows of one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coverage {
    pub(crate) ordinal: Ordinal,
    /// Codes below this are indexed.
    pub(crate) covered: u32,
}

/// An immutable state of the index. Its files may be deleted meanwhile: they stay mapped.
pub(crate) struct Snapshot {
    pub(crate) segments: Vec<Arc<NameSegment>>,
    workspaces: HashMap<Box<str>, Coverage>,
    last_ordinal: Option<Ordinal>,
}

impl Snapshot {
    pub(crate) fn empty() -> Self {
        Self { segments: Vec::new(), workspaces: HashMap::new(), last_ordinal: None }
    }

    /// Opens what is committed; segments that `previous` has open are taken from it.
    pub(crate) fn load(
        index: &Index,
        fields: &Fields,
        previous: &Snapshot,
    ) -> Result<Self, IndexError> {
        let mut snapshot = Self::empty();
        let segments = index.searchable_segments().map_err(IndexError::engine("list segments"))?;
        for segment in segments {
            let open = previous.segments.iter().find(|open| open.id() == segment.id());
            let opened = match open {
                Some(open) => Arc::clone(open),
                None => Arc::new(
                    NameSegment::open(&segment, fields)
                        .map_err(IndexError::engine("open a segment"))?,
                ),
            };
            snapshot.count_names(&opened)?;
            snapshot.segments.push(opened);
        }
        Ok(snapshot)
    }

    fn count_names(&mut self, segment: &NameSegment) -> Result<(), IndexError> {
        segment.visit_workspaces(&mut |ordinal, workspace, term| {
            let known = self.workspaces.entry(workspace.into());
            known.or_insert(Coverage { ordinal, covered: 0 }).covered += term.doc_freq;
            self.last_ordinal = self.last_ordinal.max(Some(ordinal));
        })
    }

    pub(crate) fn coverage(&self, workspace: &str) -> Option<Coverage> {
        self.workspaces.get(workspace).copied()
    }

    /// The greatest number a workspace has; `None` when there is no workspace.
    pub(crate) fn last_ordinal(&self) -> Option<Ordinal> {
        self.last_ordinal
    }

    /// Names covered, of all workspaces.
    pub(crate) fn names(&self) -> u64 {
        self.workspaces.values().map(|known| u64::from(known.covered)).sum()
    }

    /// Proves that the codes of every workspace are `0..covered`, each once, under one ordinal.
    /// Returns what contradicts it: a segment lost, doubled or of another index.
    pub(crate) fn contradiction(&self) -> Result<Option<String>, IndexError> {
        let mut contradiction = None;
        let mut owners: HashMap<Ordinal, (Box<str>, RoaringBitmap)> = HashMap::new();
        for segment in &self.segments {
            let mut terms = Vec::new();
            segment.visit_workspaces(&mut |ordinal, workspace, term| {
                terms.push((ordinal, Box::<str>::from(workspace), term.clone()));
            })?;
            for (ordinal, workspace, term) in terms {
                let own = owners.entry(ordinal);
                let (owner, seen) = own.or_insert((workspace.clone(), RoaringBitmap::new()));
                for code in segment.codes_of_workspace(&term)? {
                    if *owner != workspace || !seen.insert(code) {
                        contradiction =
                            Some(format!("code {code} of {workspace:?} is there twice"));
                    }
                }
            }
        }
        for (workspace, coverage) in &self.workspaces {
            let seen = owners.get(&coverage.ordinal).map(|(_, seen)| seen);
            let codes = seen.map_or(0, RoaringBitmap::len);
            let end = seen.and_then(RoaringBitmap::max).map_or(0, |max| u64::from(max) + 1);
            if codes != u64::from(coverage.covered) || end != codes {
                contradiction = Some(format!("{codes} names of {workspace:?} reach to code {end}"));
            }
        }
        Ok(contradiction)
    }
}

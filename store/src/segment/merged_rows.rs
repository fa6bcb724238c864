//! The visible rows of one workspace in several segments, in page order, with their codes.
//!
//! Deliberately not here: the stored rows, and where the merged ones go.

use annals_schemas::{Kind, Outcome};
use smallvec::SmallVec;

use super::reader::SegmentReader;
use super::segment_rows::SegmentRows;
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::codes::{EventCodes, ResourceCodes};
use crate::rows::{Column, Rows};

/// Gives the resource of a name code of a workspace.
pub(super) type ResourceOf<'a> = dyn FnMut(&str, u32) -> Result<u32, StoreError> + 'a;

/// One input's part of a workspace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// Which input it is.
    pub(super) input: usize,
    pub(super) segment: &'a SegmentReader,
    pub(super) group: u32,
}

/// A source with the row it has come to.
struct Head<'a> {
    source: Source<'a>,
    rows: SegmentRows<'a>,
    row: u32,
    key: OrderKey,
}

/// A row of one source.
pub(super) struct MergedRow<'a> {
    pub(super) source: Source<'a>,
    pub(super) row: u32,
    pub(super) key: OrderKey,
    rows: SegmentRows<'a>,
}

/// Merges the rows of sources by key.
pub(super) struct MergedRows<'a> {
    heads: Vec<Head<'a>>,
}

impl<'a> MergedRows<'a> {
    pub(super) fn new(sources: &[Source<'a>]) -> Result<Self, StoreError> {
        let mut heads = Vec::with_capacity(sources.len());
        for source in sources {
            let rows = source.segment.rows(source.group)?;
            if rows.len() > 0 {
                heads.push(Head { source: *source, rows, row: 0, key: rows.key(0) });
            }
        }
        Ok(Self { heads })
    }
}

impl<'a> Iterator for MergedRows<'a> {
    type Item = MergedRow<'a>;

    fn next(&mut self) -> Option<MergedRow<'a>> {
        // At most eight are merged at a time: comparing all is as fast as a heap.
        let (least, head) = self.heads.iter_mut().enumerate().min_by_key(|(_, head)| head.key)?;
        let Head { source, rows, row, key } = *head;
        head.row += 1;
        if head.row < rows.len() {
            head.key = rows.key(head.row);
        } else {
            self.heads.swap_remove(least);
        }
        Some(MergedRow { source, row, key, rows })
    }
}

const REMEMBERED: usize = 4096;

/// Makes events' codes from columns, which hold everything but resources: a name knows its own.
pub(super) struct CodesReader<'a, 'f> {
    workspace: &'a str,
    resource_of: &'a mut ResourceOf<'f>,
    /// Resources of names asked for lately: `(name + 1, resource)` at the name's last bits.
    remembered: Vec<(u32, u32)>,
    codes: EventCodes,
}

impl<'a, 'f> CodesReader<'a, 'f> {
    pub(super) fn new(workspace: &'a str, resource_of: &'a mut ResourceOf<'f>) -> Self {
        let codes = EventCodes {
            actor: 0,
            on_behalf_of: None,
            action: 0,
            kind: Kind::Other,
            outcome: Outcome::Success,
            resources: SmallVec::new(),
        };
        Self { workspace, resource_of, remembered: Vec::new(), codes }
    }

    /// The codes of a row, good until the next one's are read.
    pub(super) fn read(&mut self, merged: &MergedRow<'_>) -> Result<&EventCodes, StoreError> {
        let MergedRow { rows, row, source, .. } = merged;
        let code = |column| rows.code(column, *row);
        let damaged = |what: &str| {
            StoreError::corrupt(source.segment.path(), 0, format!("row {row} has no known {what}"))
        };
        self.codes.actor = code(Column::Actor);
        self.codes.on_behalf_of = code(Column::OnBehalfOf).checked_sub(1);
        self.codes.action = code(Column::Action);
        let kind = Kind::from_code(code(Column::Kind));
        self.codes.kind = kind.ok_or_else(|| damaged("kind"))?;
        let outcome = Outcome::from_code(code(Column::Outcome));
        self.codes.outcome = outcome.ok_or_else(|| damaged("outcome"))?;
        self.codes.resources.clear();
        let first = code(Column::Type).checked_sub(1).zip(code(Column::Name).checked_sub(1));
        let further = rows.further(*row);
        for (resource_type, name) in first.into_iter().chain(further.iter()) {
            let resource = self.resource(name)?;
            self.codes.resources.push(ResourceCodes { resource_type, resource, name });
        }
        Ok(&self.codes)
    }

    fn resource(&mut self, name: u32) -> Result<u32, StoreError> {
        if self.remembered.is_empty() {
            self.remembered.resize(REMEMBERED, (0, 0));
        }
        let place = &mut self.remembered[name as usize % REMEMBERED];
        if place.0 != name.wrapping_add(1) {
            *place = (name.wrapping_add(1), (self.resource_of)(self.workspace, name)?);
        }
        Ok(place.1)
    }
}

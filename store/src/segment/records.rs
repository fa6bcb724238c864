//! Records of rows as they came from the log, from row, columns, layer and catalog together.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use annals_schemas::{
    Event, EventView, HeadPrincipal, Kind, LogId, Offset, Outcome, Position, Record, decode,
};
use hashbrown::HashMap;
use smallvec::SmallVec;
use uuid::Uuid;

use super::block_table::BlockTable;
use super::blocks::BlockCache;
use super::compact_row::CompactRow;
use super::layer::BorrowedLayer;
use super::reader::{Part, SegmentReader};
use super::row_facts::{FactCodes, RowFacts, RowTexts};
use super::segment_rows::SegmentRows;
use super::stored_row::StoredRow;
use crate::StoreError;
use crate::catalog::{CatalogView, LayerProfiles, OrderKey, TextsView};
use crate::rows::{Column, Rows};
use crate::touch::touch;

/// The event of a visible row's record, which decoded once.
pub(crate) fn visible_event(
    record: &Record,
    log_id: &LogId,
    path: &str,
) -> Result<Event, StoreError> {
    decode(record, log_id).map_err(|refusal| {
        let offset = record.position.offset;
        let detail = format!("visible row at offset {offset} no longer decodes: {refusal}");
        StoreError::corrupt(path, 0, detail)
    })
}

/// A row's record with its place in the chains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowRecord {
    pub(crate) record: Record,
    /// Offset of the record before it in the partition.
    pub(crate) previous: Option<Offset>,
    /// Offset of the record before it with its key.
    pub(crate) previous_of_key: Option<Offset>,
}

/// A visible row's event as it is kept, and what a page shows of its record beside that.
pub(crate) struct RowEvent<'a, 'c> {
    kept: KeptEvent<'a, 'c>,
    segment: &'a SegmentReader,
    /// Group and number of the row.
    row: (u32, u32),
    pub(crate) position: Position,
    /// The log's clock.
    pub(crate) timestamp_ms: i64,
    /// Bytes of the row in its block.
    pub(crate) stored_bytes: usize,
}

#[expect(clippy::large_enum_variant, reason = "the large one is the usual one, and is lent soon")]
enum KeptEvent<'a, 'c> {
    Compact(CompactRow<'c>, RowFacts<'a>),
    Whole(Box<Event>),
}

impl RowEvent<'_, '_> {
    /// The event: equal to what the record decodes to.
    pub(crate) fn view(&self) -> Result<EventView<'_>, StoreError> {
        let (group, row) = self.row;
        match &self.kept {
            KeptEvent::Whole(event) => Ok(EventView::from(&**event)),
            KeptEvent::Compact(compact, facts) => compact
                .event(facts)
                .ok_or_else(|| self.segment.damaged_row(group, row, "does not decode")),
        }
    }
}

impl SegmentReader {
    /// A group, for its records: as many as are wanted of [`BorrowedLayer::records`].
    pub(crate) fn layer_of(&self, group: u32) -> BorrowedLayer<'_> {
        BorrowedLayer { segment: self, group }
    }

    /// One row's record; see [`GroupRecords::record`].
    pub(crate) fn record(
        &self,
        group: u32,
        row: u32,
        catalog: &CatalogView<'_>,
        cache: &mut BlockCache,
    ) -> Result<RowRecord, StoreError> {
        self.layer_of(group).records(*catalog).record(row, cache)
    }

    /// Identity of the event of a visible row.
    pub(crate) fn event_id(
        &self,
        group: u32,
        row: u32,
        log_id: &LogId,
        cache: &mut BlockCache,
    ) -> Result<Uuid, StoreError> {
        let stored = self.row(group, row, cache)?;
        if let Some(compact) = stored.compact() {
            return Ok(compact.event_id(self.rows(group)?.key(row).effective_at));
        }
        let record = stored.whole_record(self.identity().partition);
        let record = record.ok_or_else(|| self.damaged_row(group, row, "does not decode"))?;
        Ok(visible_event(&record, log_id, self.path())?.event_id)
    }
}

impl BorrowedLayer<'_> {
    /// The group's records. `catalog` is the workspace's, at least as new as the segment; records
    /// that were kept whole do not need it.
    pub(crate) fn records<'a>(&'a self, catalog: CatalogView<'a>) -> GroupRecords<'a> {
        let (opened, texts, principals) = Default::default();
        GroupRecords { of: self, catalog, opened, texts, principals }
    }
}

/// Actors of a group that are known at once.
const PRINCIPALS: usize = 4096;

/// Records of one group. Its columns and layers are opened once, when they are first needed.
pub(crate) struct GroupRecords<'a> {
    of: &'a BorrowedLayer<'a>,
    catalog: CatalogView<'a>,
    opened: OnceCell<Opened<'a>>,
    texts: OnceCell<TextsView<'a>>,
    /// By code: a few people do most. No more than [`PRINCIPALS`].
    principals: RefCell<HashMap<u32, HeadPrincipal<'a>>>,
}

/// A block whose checksum nobody looked at.
pub(super) struct UnverifiedBlock<'a> {
    /// Its rows.
    pub(super) rows: Range<u32>,
    pub(super) packed: &'a [u8],
}

struct Opened<'a> {
    rows: SegmentRows<'a>,
    profiles: LayerProfiles<'a>,
    blocks: BlockTable<'a>,
}

impl<'a> GroupRecords<'a> {
    /// A visible row's event, without its record being put together first. `facts` are the row's.
    pub(super) fn event<'c>(
        &self,
        row: u32,
        facts: RowFacts<'a>,
        log_id: &LogId,
        cache: &'c mut BlockCache,
    ) -> Result<RowEvent<'a, 'c>, StoreError> {
        let BorrowedLayer { segment, group } = *self.of;
        let stored = segment.find_row_in(&self.opened()?.blocks, group, row, cache)?;
        let (stored_bytes, place) = (stored.len(), (group, row));
        if let Some(compact) = CompactRow::read(stored) {
            let partition = segment.identity().partition;
            return Ok(RowEvent {
                position: Position { partition, offset: compact.start.offset },
                timestamp_ms: compact.timestamp_ms(&facts),
                kept: KeptEvent::Compact(compact, facts),
                segment,
                row: place,
                stored_bytes,
            });
        }
        let whole = StoredRow::read(stored);
        let whole = whole.ok_or_else(|| segment.damaged_row(group, row, "does not decode"))?;
        let record = self.record_of(row, &whole)?.record;
        let event = Box::new(visible_event(&record, log_id, segment.path())?);
        let (position, timestamp_ms) = (record.position, record.timestamp_ms);
        let kept = KeptEvent::Whole(event);
        Ok(RowEvent { kept, segment, row: place, position, timestamp_ms, stored_bytes })
    }

    /// The block that holds a row, to fetch it from memory. `None` if there is no such block, as
    /// reading the row will say.
    pub(super) fn unverified_block(
        &self,
        row: u32,
    ) -> Result<Option<UnverifiedBlock<'a>>, StoreError> {
        let BorrowedLayer { segment, group } = *self.of;
        let Some(block) = self.opened()?.blocks.find(row) else { return Ok(None) };
        let packed = segment.unverified(group, &block).ok();
        Ok(packed.map(|packed| UnverifiedBlock { rows: block.rows, packed }))
    }

    /// Fetches the block of a row from memory, if there is one.
    pub(crate) fn touch_block(&self, row: u32) -> Result<(), StoreError> {
        if let Some(UnverifiedBlock { packed, .. }) = self.unverified_block(row)? {
            touch(packed);
        }
        Ok(())
    }

    /// Identity of the event of a visible row with this key.
    pub(crate) fn event_id(
        &self,
        row: u32,
        key: OrderKey,
        log_id: &LogId,
        cache: &mut BlockCache,
    ) -> Result<Uuid, StoreError> {
        let BorrowedLayer { segment, group } = *self.of;
        let stored = segment.find_row_in(&self.opened()?.blocks, group, row, cache)?;
        match CompactRow::read(stored) {
            Some(compact) => Ok(compact.event_id(key.effective_at)),
            None => segment.event_id(group, row, log_id, cache),
        }
    }

    /// Who did what in a row with these codes. `texts` must be those of the group's catalog.
    pub(super) fn texts_of(
        &self,
        row: u32,
        codes: &FactCodes,
        texts: &TextsView<'a>,
    ) -> Result<RowTexts<'a>, StoreError> {
        Ok(RowTexts {
            actor: self.principal(row, codes.actor, texts)?,
            on_behalf_of: match codes.on_behalf_of {
                Some(other) => Some(self.principal(row, other, texts)?),
                None => None,
            },
            action: texts.action(codes.action)?,
        })
    }

    /// An actor of a row, with the name and e-mail that the group's layer has.
    fn principal(
        &self,
        row: u32,
        actor: u32,
        texts: &TextsView<'a>,
    ) -> Result<HeadPrincipal<'a>, StoreError> {
        let mut principals = self.principals.borrow_mut();
        if let Some(principal) = principals.get(&actor) {
            return Ok(*principal);
        }
        let BorrowedLayer { segment, group } = *self.of;
        let (kind, id) = texts.actor(actor)?;
        let profile = self.opened()?.profiles.get(actor)?;
        let (name, email) = profile
            .ok_or_else(|| segment.damaged_row(group, row, "has an actor its layer lacks"))?;
        let [name, email] = [name, email].map(|text| text.map(str::as_bytes));
        let principal = HeadPrincipal { kind, id, name, email };
        if principals.len() >= PRINCIPALS {
            principals.clear();
        }
        principals.insert(actor, principal);
        Ok(principal)
    }

    /// Codes of a row with this key.
    #[inline]
    pub(super) fn fact_codes(&self, row: u32, key: OrderKey) -> Result<FactCodes, StoreError> {
        let rows = &self.opened()?.rows;
        let damaged = |what| self.of.segment.damaged(Part::Columns(self.of.group), what);
        let kind = Kind::from_code(rows.code(Column::Kind, row));
        let outcome = Outcome::from_code(rows.code(Column::Outcome, row));
        Ok(FactCodes {
            key,
            actor: rows.code(Column::Actor, row),
            on_behalf_of: rows.code(Column::OnBehalfOf, row).checked_sub(1),
            action: rows.code(Column::Action, row),
            kind: kind.ok_or_else(|| damaged("a row has no known kind"))?,
            outcome: outcome.ok_or_else(|| damaged("a row has no known outcome"))?,
        })
    }

    /// A row's record. Texts that are no UTF-8, where no checksum told, are in it as they are.
    pub(crate) fn record(&self, row: u32, cache: &mut BlockCache) -> Result<RowRecord, StoreError> {
        let stored = self.of.segment.row(self.of.group, row, cache)?;
        self.record_of(row, &stored)
    }

    /// The record of a row that has been read.
    pub(crate) fn record_of(
        &self,
        row: u32,
        stored: &StoredRow<'_>,
    ) -> Result<RowRecord, StoreError> {
        let BorrowedLayer { segment, group } = *self.of;
        let (previous, previous_of_key) = (stored.previous, stored.previous_of_key);
        let partition = segment.identity().partition;
        let record = match stored.compact() {
            Some(compact) => Some(compact.record(&self.facts(row)?, partition)),
            None => stored.whole_record(partition),
        };
        let record = record.ok_or_else(|| segment.damaged_row(group, row, "does not decode"))?;
        Ok(RowRecord { record, previous, previous_of_key })
    }

    /// The columns of the visible rows.
    pub(crate) fn rows(&self) -> Result<&SegmentRows<'a>, StoreError> {
        self.opened().map(|opened| &opened.rows)
    }

    #[inline]
    fn opened(&self) -> Result<&Opened<'a>, StoreError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let BorrowedLayer { segment, group } = *self.of;
        let (rows, profiles) = (segment.rows(group)?, LayerProfiles::open(self.of)?);
        let opened = Opened { rows, profiles, blocks: segment.block_table(group)? };
        Ok(self.opened.get_or_init(|| opened))
    }

    fn facts(&self, row: u32) -> Result<RowFacts<'a>, StoreError> {
        let rows = self.rows()?;
        let BorrowedLayer { segment, group } = *self.of;
        let codes = self.fact_codes(row, rows.key(row))?;
        let texts = self.texts.get_or_init(|| TextsView::new(self.catalog));
        let mut names: SmallVec<[u32; 4]> = SmallVec::new();
        rows.add_names(row, &mut names);
        let resources = names.iter().map(|name| texts.resource_of_name(*name));
        let resources: SmallVec<[_; 1]> = resources.collect::<Result<_, _>>()?;
        let workspace = segment.group_at(group).workspace.as_str();
        let of = self.texts_of(row, &codes, texts)?;
        Ok(RowFacts::of_texts(codes.plain(), workspace, &of, resources.into_iter()))
    }
}

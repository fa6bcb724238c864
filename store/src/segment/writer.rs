//! Writes a segment in one pass.
//!
//! Guarantees that the same calls give the same bytes. Memory is bounded by the largest group's
//! columns. Deliberately not here: where the bytes go and what makes them durable.

use std::io::Write;

use annals_schemas::WorkspaceId;

use super::MAGIC;
use super::blocks::BlockWriter;
use super::columns::ColumnsWriter;
use super::dictionary::train;
use super::footer::{Footer, SegmentIdentity};
use super::group::{Group, GroupEnd, counts_of, directory_bytes};
use super::layer::NewLayer;
use super::output::Output;
use super::stored_row::Refused;
use crate::StoreError;
use crate::catalog::{OrderKey, layer_lengths};
use crate::codes::EventCodes;
use crate::evidence::hex;
use crate::fold::Counts;

/// Writes a segment in one pass: groups sorted by workspace id, records of nobody (`None`) first.
pub(crate) struct SegmentWriter<W> {
    output: Output<W>,
    footer: Footer,
    blocks: BlockWriter,
    columns: ColumnsWriter,
    groups: Vec<Group>,
    /// Between `begin` and `end`.
    group: Option<Group>,
    next_row: u32,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrittenSegment {
    pub(crate) length: u64,
    /// Of the whole file, hex.
    pub(crate) sha256: String,
    /// Of footer and trailer, hex: compared at every open.
    pub(crate) footer_sha256: String,
    pub(crate) counts: Counts,
}

impl<W: Write> SegmentWriter<W> {
    /// `samples`: stored rows spread over the whole segment, to train the dictionary on; up to
    /// `SAMPLE_ROWS` are useful. `level`: zstd.
    pub(crate) fn new(
        out: W,
        identity: SegmentIdentity,
        samples: &[Vec<u8>],
        level: i32,
    ) -> Result<Self, StoreError> {
        let dictionary = train(samples);
        let mut output = Output::new(out, format!("the segment of {identity}"));
        let mut footer = Footer::new(identity);
        output.append(MAGIC)?;
        footer.dictionary = output.section(&dictionary)?;
        Ok(Self {
            output,
            footer,
            blocks: BlockWriter::new(&dictionary, level),
            columns: ColumnsWriter::default(),
            groups: Vec::new(),
            group: None,
            next_row: 0,
        })
    }

    /// Starts a group.
    ///
    /// # Panics
    /// If a group is open, or if one of this id or a later one was written.
    pub(crate) fn begin(&mut self, workspace: Option<&WorkspaceId>) -> Result<(), StoreError> {
        let workspace = workspace.map(WorkspaceId::to_string).unwrap_or_default();
        assert!(self.group.is_none(), "a group is begun while another is open");
        let is_later = self.groups.last().is_none_or(|last| last.workspace < workspace);
        assert!(is_later, "groups are written in the order of their workspaces");
        self.group = Some(Group {
            workspace,
            first_row: self.next_row,
            blocks_at: self.output.position(),
            ..Group::default()
        });
        Ok(())
    }

    /// The next visible row of the group, in page order. `stored` is `StoredRow::to_bytes`.
    /// Rows get numbers from 0 in the group and from 0 in the segment: the latter is returned, and
    /// is what the table of event ids maps to.
    ///
    /// # Panics
    /// If no group is open, the key is not greater than the one before, or a refused row was
    /// written.
    pub(crate) fn visible(
        &mut self,
        key: OrderKey,
        codes: &EventCodes,
        stored: &[u8],
    ) -> Result<u32, StoreError> {
        let group = self.group.as_mut().expect("rows are written between begin and end");
        let in_order = group.visible == 0 || group.newest < key;
        assert!(in_order && group.refused() == 0, "visible rows come first, in page order");
        if group.visible == 0 {
            group.oldest = key;
        }
        group.newest = key;
        group.visible += 1;
        let row = self.next_row;
        self.next_row = row.checked_add(1).expect("a segment has fewer than 2^32 rows");
        self.columns.push(key, codes);
        self.blocks.push(stored, &mut self.output)?;
        Ok(row)
    }

    /// The next refused record of the group, after its visible rows, in offset order.
    ///
    /// # Panics
    /// If no group is open.
    pub(crate) fn refused(&mut self, verdict: Refused, stored: &[u8]) -> Result<(), StoreError> {
        let group = self.group.as_mut().expect("rows are written between begin and end");
        match verdict {
            Refused::Duplicate => group.duplicate += 1,
            Refused::Quarantined => group.quarantined += 1,
        }
        self.blocks.push(stored, &mut self.output)
    }

    /// Ends the group. `layer` is empty for the records of nobody.
    ///
    /// # Panics
    /// If no group is open.
    pub(crate) fn end(&mut self, end: GroupEnd, layer: &[u8]) -> Result<(), StoreError> {
        let mut group = self.group.take().expect("a group is ended after it was begun");
        let (blocks_length, block_table) = self.blocks.end(&mut self.output)?;
        group.end = end;
        group.blocks_length = blocks_length;
        group.columns = self.output.section(&self.columns.columns())?;
        group.lists = self.output.section(&self.columns.lists())?;
        group.block_table = self.output.section(&block_table)?;
        group.layer = self.output.section(layer)?;
        group.lengths = layer_lengths(&NewLayer(layer)).ok();
        self.columns.clear();
        self.groups.push(group);
        Ok(())
    }

    /// Appends the id table (`packed::KeyTable` bytes: `id_hash` → row number in the segment),
    /// directory and footer.
    ///
    /// # Panics
    /// If a group is open.
    pub(crate) fn finish(mut self, ids: &[u8]) -> Result<(W, WrittenSegment), StoreError> {
        assert!(self.group.is_none(), "a segment is finished after its last group");
        let counts = counts_of(&self.groups);
        self.footer.counts = counts;
        self.footer.ids = self.output.section(ids)?;
        self.footer.directory = self.output.section(&directory_bytes(&self.groups))?;
        let footer = self.footer.to_bytes();
        self.output.append(&footer)?;
        let footer_sha256 = hex(&<sha2::Sha256 as sha2::Digest>::digest(&footer));
        let (out, length, sha256) = self.output.finish()?;
        Ok((out, WrittenSegment { length, sha256, footer_sha256, counts }))
    }

    /// Sums of what was written so far.
    pub(super) fn counts(&self) -> Counts {
        counts_of(&self.groups)
    }
}

//! Several neighbouring segments as one.
//!
//! Guarantees that the result holds what a single segment of the same records would hold. Streams:
//! memory is bounded by the largest group's columns and one number a row.

use std::io::Write;
use std::sync::Arc;

use annals_schemas::{OffsetRange, WorkspaceId};

use super::blocks::BlockCache;
use super::dictionary::SAMPLE_ROWS;
use super::footer::SegmentIdentity;
use super::layer::GroupLayer;
use super::merged_forms::MergedForms;
use super::merged_rows::{CodesReader, MergedRows, ResourceOf, Source};
use super::reader::SegmentReader;
use super::stored_row::StoredRow;
use super::writer::{SegmentWriter, WrittenSegment};
use crate::StoreError;
use crate::catalog::{LayerSource, merge_layers};
use crate::fold::Counts;
use crate::packed::KeyTable;

/// Several neighbouring segments as one: groups by workspace id, visible rows merged by key,
/// refused ones by offset, layers by `merge_layers`, id tables renumbered. Streams: memory is
/// bounded by the largest group's columns and one number a row.
///
/// `resource_of` gives the resource of a name code of a workspace: names may be older than the
/// inputs.
///
/// # Panics
/// If there are no inputs, or they are not neighbours, the oldest first.
pub(crate) fn merge_segments<W: Write>(
    inputs: &[Arc<SegmentReader>],
    out: W,
    level: i32,
    resource_of: &mut ResourceOf<'_>,
) -> Result<(W, WrittenSegment), StoreError> {
    let writer = SegmentWriter::new(out, identity_of(inputs), &samples(inputs)?, level)?;
    Merge::new(inputs, writer, merge_layers).run(resource_of)
}

/// How layers become one: `catalog::merge_layers`.
pub(super) type MergeLayers = fn(&[Arc<dyn LayerSource>]) -> Result<Vec<u8>, StoreError>;

/// A merge under way.
pub(super) struct Merge<'a, W> {
    inputs: &'a [Arc<SegmentReader>],
    writer: SegmentWriter<W>,
    merge_layers: MergeLayers,
    /// One an input, which is read from front to end.
    caches: Vec<BlockCache>,
    /// For each input the row of the result by its own row.
    renumbered: Vec<Vec<u32>>,
    stored: Vec<u8>,
}

impl<'a, W: Write> Merge<'a, W> {
    pub(super) fn new(
        inputs: &'a [Arc<SegmentReader>],
        writer: SegmentWriter<W>,
        merge_layers: MergeLayers,
    ) -> Self {
        let caches = inputs.iter().map(|_| BlockCache::default()).collect();
        let rows = |input: &Arc<SegmentReader>| usize::try_from(input.counts().visible);
        let renumbered = inputs.iter().map(|input| vec![0; rows(input).unwrap_or(0)]).collect();
        Self { inputs, writer, merge_layers, caches, renumbered, stored: Vec::new() }
    }

    pub(super) fn run(
        mut self,
        resource_of: &mut ResourceOf<'_>,
    ) -> Result<(W, WrittenSegment), StoreError> {
        let mut next = vec![0_usize; self.inputs.len()];
        while let Some(sources) = self.next_sources(&mut next) {
            self.group(&sources, resource_of)?;
        }
        let mut expected = Counts::default();
        self.inputs.iter().for_each(|input| expected.add(input.counts()));
        assert_eq!(self.writer.counts(), expected, "a compaction keeps every record (INV-4)");
        let ids = self.ids()?;
        self.writer.finish(&ids)
    }

    /// The inputs that have the next workspace, which they go on from.
    fn next_sources(&self, next: &mut [usize]) -> Option<Vec<Source<'a>>> {
        let heads = self.inputs.iter().zip(&*next);
        let heads = heads.map(|(input, next)| input.groups().get(*next));
        let heads: Vec<_> = heads.map(|group| group.map(|group| &group.workspace)).collect();
        let least = heads.iter().copied().flatten().min()?;
        let mut sources = Vec::new();
        for (input, segment) in self.inputs.iter().enumerate() {
            if heads[input] == Some(least) {
                let group = u32::try_from(next[input]).ok()?;
                sources.push(Source { input, segment, group });
                next[input] += 1;
            }
        }
        Some(sources)
    }

    fn group(
        &mut self,
        sources: &[Source<'a>],
        resource_of: &mut ResourceOf<'_>,
    ) -> Result<(), StoreError> {
        let (Some(oldest), Some(newest)) = (sources.first(), sources.last()) else { return Ok(()) };
        let name = &oldest.segment.group_at(oldest.group).workspace;
        let workspace = Some(name.as_str()).filter(|name| !name.is_empty()).map(WorkspaceId::new);
        let workspace = workspace
            .transpose()
            .map_err(|error| StoreError::corrupt(oldest.segment.path(), 0, error.to_string()))?;
        self.writer.begin(workspace.as_ref())?;
        let layer = self.layer(sources)?;
        let mut forms = MergedForms::new(sources, &layer);
        let mut codes = CodesReader::new(name, resource_of);
        for (number, merged) in MergedRows::new(sources)?.enumerate() {
            if number % ROWS_A_RELEASE == ROWS_A_RELEASE - 1 {
                sources.iter().for_each(|source| source.segment.release(source.group));
            }
            let Source { input, segment, group } = merged.source;
            segment.row_bytes(group, merged.row, &mut self.caches[input], &mut self.stored)?;
            let codes = codes.read(&merged)?;
            forms.mend(&merged.source, codes, &mut self.stored)?;
            let row = self.writer.visible(merged.key, codes, &self.stored)?;
            let first_row = segment.group_at(group).first_row;
            self.renumbered[input][(first_row + merged.row) as usize] = row;
        }
        // Inputs are neighbours, the oldest first: one after the other they are in offset order.
        for source in sources {
            self.refused(source)?;
        }
        self.writer.end(newest.segment.group_at(newest.group).end, &layer)?;
        sources.iter().for_each(|source| source.segment.release(source.group));
        Ok(())
    }

    fn refused(&mut self, source: &Source<'_>) -> Result<(), StoreError> {
        let Source { input, segment, group } = *source;
        let rows = segment.group_at(group);
        for row in rows.visible..rows.rows() {
            segment.row_bytes(group, row, &mut self.caches[input], &mut self.stored)?;
            let verdict = StoredRow::verdict(&self.stored).ok_or_else(|| {
                let detail = format!("row {row} of {:?} is not refused", rows.workspace);
                StoreError::corrupt(segment.path(), rows.blocks_at, detail)
            })?;
            self.writer.refused(verdict, &self.stored)?;
        }
        Ok(())
    }

    fn layer(&self, sources: &[Source<'_>]) -> Result<Vec<u8>, StoreError> {
        let mut layers: Vec<Arc<dyn LayerSource>> = Vec::new();
        for Source { input, segment, group } in sources {
            if !segment.layer(*group)?.is_empty() {
                let segment = self.inputs[*input].clone();
                layers.push(Arc::new(GroupLayer { segment, group: *group }));
            }
        }
        match layers.as_slice() {
            [] => Ok(Vec::new()),
            [only] => Ok(only.layer()?.to_vec()),
            several => (self.merge_layers)(several),
        }
    }

    fn ids(&self) -> Result<Vec<u8>, StoreError> {
        let mut tables = Vec::new();
        for (input, renumbered) in self.inputs.iter().zip(&self.renumbered) {
            let table = input.ids()?;
            if table.iter().any(|(_, row)| renumbered.get(row as usize).is_none()) {
                let detail = "the id table names a row that does not exist";
                return Err(StoreError::corrupt(input.path(), 0, detail));
            }
            tables.push((table, |row: u32| renumbered[row as usize]));
        }
        let mut ids = Vec::new();
        KeyTable::merge(&tables, &mut ids);
        Ok(ids)
    }
}

/// The inputs are read from front to end once: what is behind need not stay in memory. What is
/// ahead is let go with it, and comes back from the page cache.
const ROWS_A_RELEASE: usize = 1 << 17;

/// What the result is of.
pub(super) fn identity_of(inputs: &[Arc<SegmentReader>]) -> SegmentIdentity {
    let (Some(first), Some(last)) = (inputs.first(), inputs.last()) else {
        panic!("a merge has inputs");
    };
    let are_neighbours = |pair: &[Arc<SegmentReader>]| {
        let [a, b] = [pair[0].identity(), pair[1].identity()];
        (a.log_id, a.partition, a.range.end) == (b.log_id, b.partition, b.range.start)
    };
    assert!(inputs.windows(2).all(are_neighbours), "inputs of a merge are neighbours");
    let range = OffsetRange { start: first.identity().range.start, end: last.identity().range.end };
    SegmentIdentity { range, ..*first.identity() }
}

/// Rows spread over all inputs.
fn samples(inputs: &[Arc<SegmentReader>]) -> Result<Vec<Vec<u8>>, StoreError> {
    let records: u64 = inputs.iter().map(|input| input.counts().records()).sum();
    let step = records.div_ceil(SAMPLE_ROWS as u64).max(1);
    let mut cache = BlockCache::default();
    let mut samples = Vec::new();
    let mut ahead = 0;
    for input in inputs {
        for (number, group) in (0..).zip(input.groups()) {
            while ahead < u64::from(group.rows()) {
                let row = u32::try_from(ahead).unwrap_or(u32::MAX);
                let mut sample = Vec::new();
                input.row_bytes(number, row, &mut cache, &mut sample)?;
                samples.push(sample);
                ahead += step;
            }
            ahead -= u64::from(group.rows());
        }
    }
    Ok(samples)
}

//! Builds a segment's bytes from a frozen tail. Pure: bytes in, bytes out.

use annals_schemas::{LogId, OffsetRange, Partition, WorkspaceId};

use super::blocks::{BlockWriter, SAMPLE_ROWS, train};
use super::columns::Columns;
use super::footer::{DirectoryEntry, Footer, MAGIC, Section};
use super::ids::{self, filter_key};
use super::stored_row::StoredRow;
use crate::catalog::Additions;
use crate::fold::{Counts, FoldedRow, Status};

/// What a segment is built from.
pub(crate) struct SegmentBuild<'a> {
    pub(crate) log_id: LogId,
    pub(crate) partition: Partition,
    pub(crate) range: OffsetRange,
    /// Sorted by workspace id, ownerless records (`None`) first.
    pub(crate) groups: Vec<SegmentGroup<'a>>,
}

/// One workspace's part.
pub(crate) struct SegmentGroup<'a> {
    pub(crate) workspace: Option<&'a WorkspaceId>,
    /// In page order, oldest first.
    pub(crate) visible: Vec<&'a FoldedRow>,
    /// Duplicates and quarantined records, in offset order.
    pub(crate) refused: Vec<&'a FoldedRow>,
    pub(crate) last_seq: u64,
    pub(crate) last_offset: Option<u64>,
    pub(crate) additions: Option<&'a Additions>,
}

impl<'a> SegmentGroup<'a> {
    /// All rows in the order in which they are stored.
    fn rows(&self) -> impl Iterator<Item = &'a FoldedRow> {
        self.visible.iter().chain(&self.refused).copied()
    }
}

/// The finished bytes.
pub(crate) fn build_segment(build: &SegmentBuild<'_>) -> Vec<u8> {
    let dictionary = dictionary(build);
    let mut out = MAGIC.to_vec();
    let mut footer = Footer::new(build.log_id, build.partition, build.range);
    footer.dictionary = Section::append(&mut out, &dictionary);
    let mut columns = write_rows(build, &dictionary, &mut out);
    let mut directory = Vec::new();
    for (group, columns) in build.groups.iter().zip(&mut columns) {
        let entry = directory_entry(group, columns, &mut out);
        footer.counts.visible += u64::from(entry.visible);
        footer.counts.duplicate += u64::from(entry.duplicate);
        footer.counts.quarantined += u64::from(entry.quarantined);
        directory.push(entry);
    }
    write_ids(build, &mut footer, &mut out);
    footer.directory = Section::append(&mut out, &packed(&directory));
    footer.finish(&mut out);
    out
}

/// Rows are encoded one by one, here a sample and later each: all of them at once would double the
/// memory that a seal takes.
fn encode(row: &FoldedRow) -> Vec<u8> {
    postcard::to_stdvec(&StoredRow::new(row)).expect("a stored row is plain data")
}

/// Trained on rows spread over the whole segment.
fn dictionary(build: &SegmentBuild<'_>) -> Vec<u8> {
    let all = || build.groups.iter().flat_map(SegmentGroup::rows);
    let step = all().count().div_ceil(SAMPLE_ROWS).max(1);
    train(all().step_by(step).map(encode))
}

fn write_rows(build: &SegmentBuild<'_>, dictionary: &[u8], out: &mut Vec<u8>) -> Vec<Columns> {
    let mut writer = BlockWriter::new(dictionary, out);
    let mut all = Vec::new();
    for group in &build.groups {
        let mut columns = Columns::default();
        group.visible.iter().filter_map(|row| row.visible()).for_each(|row| columns.push(row));
        columns.set_refused(count(group.refused.len()));
        group.rows().for_each(|row| writer.push(&encode(row)));
        columns.blocks = writer.finish_group();
        all.push(columns);
    }
    all
}

fn directory_entry(
    group: &SegmentGroup<'_>,
    columns: &Columns,
    out: &mut Vec<u8>,
) -> DirectoryEntry {
    let is_duplicate = |row: &&&FoldedRow| matches!(row.status, Status::Duplicate);
    let duplicate = group.refused.iter().filter(is_duplicate).count();
    let key = |row: Option<&&FoldedRow>| {
        let key = row.and_then(|row| row.visible()).map(|row| row.key).unwrap_or_default();
        (key.effective_at, key.seq)
    };
    DirectoryEntry {
        workspace: group.workspace.map(WorkspaceId::to_string).unwrap_or_default(),
        visible: count(group.visible.len()),
        duplicate: count(duplicate),
        quarantined: count(group.refused.len() - duplicate),
        oldest: key(group.visible.first()),
        newest: key(group.visible.last()),
        last_seq: group.last_seq,
        last_offset: group.last_offset,
        columns: Section::append(out, &packed(columns)),
        additions: Section::append(out, &packed(&group.additions)),
    }
}

fn write_ids(build: &SegmentBuild<'_>, footer: &mut Footer, out: &mut Vec<u8>) {
    let mut entries = Vec::new();
    let mut keys = Vec::new();
    for (index, group) in build.groups.iter().enumerate() {
        let Some(workspace) = group.workspace else { continue };
        for (row, visible) in group.visible.iter().enumerate() {
            let Some(visible) = visible.visible() else { continue };
            entries.push((visible.event_id, count(index), count(row)));
            keys.push(filter_key(workspace.as_str(), &visible.event_id));
        }
    }
    ids::write(entries, keys, footer, out);
}

fn count(items: usize) -> u32 {
    u32::try_from(items).expect("fewer than 2^32 rows a segment")
}

/// zstd over postcard: for sections that are read whole.
fn packed(value: &impl serde::Serialize) -> Vec<u8> {
    let bytes = postcard::to_stdvec(value).expect("sections are plain data");
    zstd::bulk::compress(&bytes, 3).expect("the output buffer holds zstd's own bound")
}

/// Reads a section written by [`packed`].
pub(super) fn unpacked<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let raw = zstd::stream::decode_all(bytes).map_err(|error| error.to_string())?;
    postcard::from_bytes(&raw).map_err(|error| error.to_string())
}

/// Sums of a directory, compared with the manifest's counts.
pub(super) fn counts_of(directory: &[DirectoryEntry]) -> Counts {
    directory.iter().fold(Counts::default(), |sum, entry| Counts {
        visible: sum.visible + u64::from(entry.visible),
        duplicate: sum.duplicate + u64::from(entry.duplicate),
        quarantined: sum.quarantined + u64::from(entry.quarantined),
    })
}

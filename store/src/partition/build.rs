//! A frozen tail as a segment's bytes: CPU work and disk, no lock.

use annals_schemas::Partition;

use super::Surroundings;
use super::frozen::{Frozen, FrozenGroup};
use super::publishing::Candidate;
use super::read_ahead::read_ahead;
use super::row_forms::RowForms;
use crate::StoreError;
use crate::fold::Status;
use crate::manifest::SegmentRef;
use crate::packed::KeyTable;
use crate::segment::{
    BlockCache, Refused, SAMPLE_ROWS, SegmentIdentity, SegmentReader, SegmentWriter,
};
use crate::storage::StagedFile;

/// Of zstd, for what is read again soon and merged later: a sixth longer than by level 1, and built
/// in less time than that.
const SEAL_LEVEL: i32 = -5;
/// Of each group, the first of so many rows is read back.
const ROWS_A_READING: u32 = 256;

/// Writes a frozen tail into a staged file and reads it back.
pub(super) fn build(
    frozen: &Frozen,
    shared: &Surroundings,
    partition: Partition,
) -> Result<Candidate, StoreError> {
    let identity = SegmentIdentity { log_id: shared.log_id, partition, range: frozen.range };
    let groups = frozen.in_segment_order();
    let samples = sample(&groups)?;
    let staged = shared.storage.stage()?;
    let mut writer = SegmentWriter::new(staged, identity, &samples, SEAL_LEVEL)?;
    let mut ids = Vec::with_capacity(frozen.events().len());
    let mut forms = RowForms::default();
    for group in &groups {
        write_group(&mut writer, group, &mut ids, &mut forms)?;
    }
    let mut table = Vec::new();
    KeyTable::write(ids, &mut table);
    let (staged, written) = writer.finish(&table)?;
    let mut candidate = Candidate::new(staged, written, frozen.range);
    let reader = verify(&mut candidate, shared, partition)?;
    read_back(&reader, &groups)?;
    Ok(candidate)
}

fn write_group(
    writer: &mut SegmentWriter<StagedFile>,
    group: &FrozenGroup,
    ids: &mut Vec<(u64, u32)>,
    forms: &mut RowForms,
) -> Result<(), StoreError> {
    writer.begin(group.owner.as_ref().map(|owner| &owner.workspace))?;
    for row in read_ahead(group.visible()) {
        let Some(visible) = row.visible() else { continue };
        let number = writer.visible(visible.key, &visible.codes, forms.of(group, row)?)?;
        ids.push((visible.id_hash, number));
    }
    for row in &group.refused {
        let verdict = match row.status {
            Status::Duplicate => Refused::Duplicate,
            Status::Visible(_) | Status::Quarantined(_) => Refused::Quarantined,
        };
        writer.refused(verdict, forms.of(group, row)?)?;
    }
    let layer = group.owner.as_ref().map(|owner| owner.delta.to_layer());
    writer.end(group.end, &layer.unwrap_or_default())
}

/// Rows spread over the whole segment.
fn sample(groups: &[&FrozenGroup]) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = || groups.iter().flat_map(|group| group.rows().map(move |row| (group, row)));
    let step = rows().count().div_ceil(SAMPLE_ROWS).max(1);
    let mut forms = RowForms::default();
    rows().step_by(step).map(|(group, row)| Ok(forms.of(group, row)?.to_vec())).collect()
}

/// Reads some of the rows as a reader will, and compares them with what came from the log: that
/// each comes back was seen when it was written, but not through columns and catalog.
pub(super) fn read_back(reader: &SegmentReader, groups: &[&FrozenGroup]) -> Result<(), StoreError> {
    let mut cache = BlockCache::default();
    for (number, group) in (0..).zip(groups) {
        let Some(owner) = &group.owner else { continue };
        for (row, folded) in (0..).zip(group.visible()) {
            if row % ROWS_A_READING > 0 {
                continue;
            }
            let read = reader.record(number, row, &owner.catalog.view(), &mut cache)?;
            let chains = (read.previous, read.previous_of_key);
            if read.record != folded.record || chains != (folded.previous, folded.previous_of_key) {
                let offset = folded.record.position.offset;
                let detail = format!("the row of offset {offset} does not come back as it came");
                return Err(StoreError::corrupt(reader.path(), 0, detail));
            }
        }
    }
    Ok(())
}

/// Opens what was built as a reader would, before it is trusted: a segment that cannot be read must
/// never be published.
pub(super) fn verify(
    candidate: &mut Candidate,
    shared: &Surroundings,
    partition: Partition,
) -> Result<SegmentReader, StoreError> {
    let file = candidate.staged.open()?;
    let path = file.path().to_owned();
    let named = SegmentRef::new(path.clone(), candidate.range, &candidate.written);
    let length = file.length();
    let reader = shared.read_segment(file, partition, &named)?;
    reader.verify()?;
    if (reader.counts(), length) != (named.counts, named.length) {
        return Err(StoreError::corrupt(&path, 0, "it is not what was written"));
    }
    Ok(reader)
}

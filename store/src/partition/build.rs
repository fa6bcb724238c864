//! A frozen tail as a segment's bytes: CPU work and disk, no lock.

use annals_schemas::Partition;

use super::Surroundings;
use super::frozen::{Frozen, FrozenGroup};
use super::publishing::Candidate;
use super::row_forms::RowForms;
use crate::StoreError;
use crate::fold::Status;
use crate::manifest::SegmentRef;
use crate::packed::KeyTable;
use crate::segment::{Refused, SAMPLE_ROWS, SegmentIdentity, SegmentWriter};
use crate::storage::StagedFile;

/// Of zstd, for what is read again soon and merged later.
const SEAL_LEVEL: i32 = 1;

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
    for group in groups {
        write_group(&mut writer, group, &mut ids, &mut forms)?;
    }
    let mut table = Vec::new();
    KeyTable::write(ids, &mut table);
    let (staged, written) = writer.finish(&table)?;
    let mut candidate = Candidate::new(staged, written, frozen.range);
    verify(&mut candidate, shared, partition)?;
    Ok(candidate)
}

fn write_group(
    writer: &mut SegmentWriter<StagedFile>,
    group: &FrozenGroup,
    ids: &mut Vec<(u64, u32)>,
    forms: &mut RowForms,
) -> Result<(), StoreError> {
    writer.begin(group.owner.as_ref().map(|(id, _)| id))?;
    for row in group.visible() {
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
    let layer = group.owner.as_ref().map(|(_, delta)| delta.to_layer());
    writer.end(group.end, &layer.unwrap_or_default())
}

/// Rows spread over the whole segment.
fn sample(groups: &[&FrozenGroup]) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = || groups.iter().flat_map(|group| group.rows().map(move |row| (group, row)));
    let step = rows().count().div_ceil(SAMPLE_ROWS).max(1);
    let mut forms = RowForms::default();
    rows().step_by(step).map(|(group, row)| Ok(forms.of(group, row)?.to_vec())).collect()
}

/// Opens what was built as a reader would, before it is trusted: a segment that cannot be read must
/// never be published.
pub(super) fn verify(
    candidate: &mut Candidate,
    shared: &Surroundings,
    partition: Partition,
) -> Result<(), StoreError> {
    let file = candidate.staged.open()?;
    let path = file.path().to_owned();
    let named = SegmentRef::new(path.clone(), candidate.range, &candidate.written);
    let length = file.length();
    let reader = shared.read_segment(file, partition, &named)?;
    reader.verify()?;
    if (reader.counts(), length) != (named.counts, named.length) {
        return Err(StoreError::corrupt(&path, 0, "it is not what was written"));
    }
    Ok(())
}

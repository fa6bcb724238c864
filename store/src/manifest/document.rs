//! One manifest as JSON.

use annals_schemas::{Instant, Offset, Partition, SchemaRef};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{FORMAT, Retired, SegmentRef, TreeState, moment};
use crate::StoreError;
use crate::evidence::{Leaf, hex, unhex};
use crate::fold::{Counts, LastRecord};

/// Everything a partition's state hangs on. Unknown members are refused: a newer format says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    pub(crate) number: u64,
    /// SHA-256 of the previous manifest's bytes; absent on the first.
    pub(crate) previous_sha256: Option<String>,
    /// By this process's clock; nothing but the removal of old files hangs on it.
    #[serde(with = "moment")]
    pub(crate) created_at: Instant,
    /// Random id of the attempt that wrote it: tells "mine" after an unclear answer.
    pub(crate) try_id: String,
    pub(crate) log_id: String,
    pub(crate) partition: Partition,
    pub(crate) fold_version: u32,
    /// From which offset that fold version holds.
    pub(crate) fold_from: Offset,
    /// Covered offsets: everything before `end` is projected.
    pub(crate) start: Offset,
    pub(crate) end: Offset,
    pub(crate) last_record: LastRecordState,
    pub(crate) counts: Counts,
    pub(crate) tree: TreeState,
    pub(crate) segments: Vec<SegmentRef>,
    /// Replaced segments that may still be there, the earliest first.
    pub(crate) retired: Vec<Retired>,
    /// Schemas of a registry by which records before `end` were read, or refused. Left out where
    /// there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) schemas: Vec<SchemaRef>,
    /// SHA-256 of the document with this member empty. Set when it is written.
    pub(crate) checksum: String,
}

/// The last record folded, compared with the log at every start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LastRecordState {
    pub(crate) offset: Offset,
    pub(crate) previous: Option<Offset>,
    pub(crate) previous_of_key: Option<Offset>,
    pub(crate) leaf: String,
}

impl LastRecordState {
    pub(crate) fn of(last: &LastRecord) -> Self {
        let LastRecord { offset, previous, previous_of_key, leaf } = *last;
        Self { offset, previous, previous_of_key, leaf: hex(&leaf.0) }
    }

    pub(crate) fn restore(&self) -> Option<LastRecord> {
        let Self { offset, previous, previous_of_key, ref leaf } = *self;
        Some(LastRecord { offset, previous, previous_of_key, leaf: Leaf(unhex(leaf)?) })
    }
}

impl Manifest {
    /// Sets the checksum; the bytes of the document.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        self.checksum.clear();
        self.checksum = hex(&Sha256::digest(self.json()));
        self.json()
    }

    fn json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("plain data")
    }

    /// Reads manifest `number`, comparing every byte: it has to be what this program would write.
    pub(super) fn read(path: &str, number: u64, bytes: &[u8]) -> Result<Self, StoreError> {
        #[derive(Deserialize)]
        struct FormatOnly {
            format: u32,
        }
        let damaged = |detail: String| StoreError::corrupt(path, 0, detail);
        let format: FormatOnly =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if format.format > FORMAT {
            let (found, known) = (format.format, FORMAT);
            return Err(StoreError::NewerFormat { path: path.to_owned(), found, known });
        }
        if format.format < FORMAT {
            let detail = format!("format {} is read no more: rebuild the store", format.format);
            return Err(damaged(detail));
        }
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        let mut again = manifest.clone();
        let written = again.finish();
        if written != bytes {
            let differs = written.iter().zip(bytes).take_while(|(a, b)| a == b).count();
            let detail = match again.checksum == manifest.checksum {
                true => "it is not as it was written",
                false => "its checksum does not match",
            };
            return Err(StoreError::corrupt(path, differs as u64, detail));
        }
        if manifest.number != number {
            return Err(damaged(format!("it says it is manifest {}", manifest.number)));
        }
        manifest.check().map_err(damaged)?;
        Ok(manifest)
    }

    /// Says what contradicts itself, or that segments leave a gap (INV-2).
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut next = self.start;
        let mut counts = Counts::default();
        for segment in &self.segments {
            if segment.start != next || segment.end <= segment.start {
                return Err(format!(
                    "INV-2: segment {} covers {}..{}, offset {next} comes next",
                    segment.path, segment.start, segment.end
                ));
            }
            next = segment.end;
            counts.add(segment.counts);
        }
        if next != self.end {
            return Err(format!("INV-2: segments end at {next}, the checkpoint at {}", self.end));
        }
        if self.counts.records() != self.tree.size {
            return Err("INV-2: counts do not add up to the tree's size".into());
        }
        if self.counts != counts {
            return Err("INV-2: the segments' counts do not add up to its own".into());
        }
        Ok(())
    }
}

//! A few records at once, so that what is hashed of them is hashed together.

use std::sync::Arc;

use annals_schemas::{Header, Pieces, Position, Record};
use bytes::Bytes;

use super::files::Window;
use super::records::{FrameView, HeldView, KnownHeaders};
use crate::{Entry, EntryFields, Hash, VerifyError, digests};

/// Records taken at once.
const RECORDS: usize = 16;
/// With one that brings their values to so many bytes a batch ends: what a file claims to hold does
/// not decide how much memory is taken.
const BATCH_BYTES: usize = 1 << 18;
/// Bytes of a header in memory for one of the nine or more that it has in a file.
const HEADER_COST: usize = size_of::<Header>().div_ceil(9);
/// Values lie in pieces of this size.
const PIECE_BYTES: usize = 1 << 16;

/// Reads frames.
pub(super) struct Batches {
    frames: Window,
    headers: KnownHeaders,
    values: Pieces,
}

/// A frame that was read, with what was hashed of it. Nothing is compared yet.
pub(super) struct Taken {
    /// The byte that it begins with.
    pub(super) at: u64,
    pub(super) index: u64,
    pub(super) entry: Entry,
    pub(super) leaf: Hash,
    pub(super) held: Option<Held>,
}

/// The bytes of a record beside its key.
pub(super) struct Held {
    value: Bytes,
    digest: Hash,
    headers: Result<Arc<[Header]>, String>,
}

/// Frames that follow each other.
pub(super) struct Batch {
    pub(super) taken: Vec<Taken>,
    /// After them the file ends, or is wrong.
    pub(super) end: Option<Result<(), VerifyError>>,
}

impl Batches {
    pub(super) fn new(frames: Window) -> Self {
        let values = Pieces::of(PIECE_BYTES);
        Self { frames, headers: KnownHeaders::default(), values }
    }

    /// The next frames.
    pub(super) fn next(&mut self) -> Batch {
        let mut batch = Batch { taken: Vec::with_capacity(RECORDS), end: None };
        let mut bytes = 0;
        while batch.taken.len() < RECORDS && bytes < BATCH_BYTES && batch.end.is_none() {
            let at = self.frames.at;
            match FrameView::read(&mut self.frames) {
                Ok(Some(FrameView { index, entry, held })) => {
                    // Of headers read the memory may be several times their bytes.
                    let held_bytes =
                        |held: &HeldView<'_>| held.value.len() + HEADER_COST * held.headers.len();
                    bytes += held.as_ref().map_or(0, held_bytes);
                    let held = held.map(|held| Held {
                        value: self.values.copy(held.value),
                        digest: [0; 32],
                        headers: self.headers.read(held.headers, &entry.headers()),
                    });
                    batch.taken.push(Taken { at, index, entry, leaf: [0; 32], held });
                }
                Ok(None) => batch.end = Some(Ok(())),
                Err(error) => batch.end = Some(Err(error)),
            }
        }
        batch.hash();
        batch
    }
}

impl Batch {
    fn hash(&mut self) {
        let leaves = Entry::leaves(self.taken.iter().map(|taken| &taken.entry));
        for (taken, leaf) in self.taken.iter_mut().zip(leaves) {
            taken.leaf = leaf.0;
        }
        let held = self.taken.iter().filter_map(|taken| taken.held.as_ref());
        let values = digests(held.map(|held| held.value.as_ref()));
        let held = self.taken.iter_mut().filter_map(|taken| taken.held.as_mut());
        for (held, digest) in held.zip(values) {
            held.digest = digest;
        }
    }
}

impl Held {
    /// The record, if these are the bytes whose digests the entry has.
    pub(super) fn record(self, fields: &EntryFields, key: &Bytes) -> Result<Record, String> {
        if self.digest != fields.value || fields.is_value_null {
            return Err("its value is not the one that was recorded".into());
        }
        Ok(Record {
            position: Position { partition: fields.partition, offset: fields.offset },
            timestamp_ms: fields.timestamp_ms,
            timestamp_type: fields.timestamp_type,
            key: Some(key.clone()),
            value: Some(self.value),
            headers: self.headers?,
        })
    }
}

#[cfg(test)]
mod tests {
    use annals_schemas::{LogId, TimestampType};

    use super::*;
    use crate::bundle::{HeldRecord, RecordFrame};
    use crate::headers_bytes;

    /// Batches of a file with records of so many bytes: how many they take, and how it ends.
    fn taken(records: usize, value_bytes: usize, cut: usize) -> (Vec<usize>, bool) {
        taken_with(records, (value_bytes, &[].into()), cut)
    }

    fn taken_with(
        records: usize,
        (value_bytes, headers): (usize, &Arc<[Header]>),
        cut: usize,
    ) -> (Vec<usize>, bool) {
        let directory = tempfile::tempdir().unwrap();
        let mut file = Vec::new();
        for offset in 0..records as u64 {
            let record = Record {
                position: Position { partition: 0, offset },
                timestamp_ms: 7,
                timestamp_type: TimestampType::LogAppendTime,
                key: Some("acme".into()),
                value: Some(vec![7; value_bytes].into()),
                headers: headers.clone(),
            };
            let entry = Entry::new(&record, &LogId([7; 16]), None, None);
            let (value, headers) = (vec![7; value_bytes], headers_bytes(headers));
            let held = Some(HeldRecord { value, headers });
            RecordFrame { index: offset, entry, held }.write(&mut file);
        }
        file.truncate(file.len() - cut);
        std::fs::write(directory.path().join("records"), file).unwrap();
        let mut batches = Batches::new(Window::open(directory.path(), "records").unwrap());
        let mut counts = Vec::new();
        loop {
            let batch = batches.next();
            counts.push(batch.taken.len());
            for Taken { entry, leaf, held, .. } in batch.taken {
                assert_ne!(leaf, [0; 32]);
                assert!(held.unwrap().record(&entry.fields(), &Bytes::from("acme")).is_ok());
            }
            if let Some(end) = batch.end {
                return (counts, end.is_ok());
            }
        }
    }

    #[test]
    fn large_records_come_a_few_at_a_time_and_those_before_a_cut_come_first() {
        assert_eq!(taken(RECORDS + 2, 10, 0), (vec![RECORDS, 2], true));
        assert_eq!(taken(5, BATCH_BYTES / 2, 0), (vec![2, 2, 1], true));
        assert_eq!(taken(3, BATCH_BYTES, 0), (vec![1, 1, 1, 0], true));
        assert_eq!(taken(3, 10, 1), (vec![2], false));
        assert_eq!(taken(0, 10, 0), (vec![0], true));
        let none = Header { name: String::new(), value: None };
        let headers = vec![none; BATCH_BYTES / size_of::<Header>()].into();
        assert_eq!(taken_with(3, (10, &headers), 0), (vec![1, 1, 1, 0], true));
    }
}

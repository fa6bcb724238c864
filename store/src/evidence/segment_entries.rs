//! A live segment's records as entries, in the order of the log: what trees and proofs are made of.
//! Derived from the rows each time: nothing of them is stored.

use std::sync::Arc;

use annals_schemas::{Header, LogId, OffsetRange};
use annals_verify::{
    Entry, RecordDigests, RecordFacts, digest_of_headers, digest_or_zero, digests_or_zero,
    is_workspace_key,
};

use crate::StoreError;
use crate::partition::{SealedRecord, SealedSegment};

/// Records whose entries are in memory at once: 152 MiB.
const AT_ONCE: u64 = 1 << 20;

/// Records whose values are hashed together.
const RECORDS_TOGETHER: usize = 16;
/// With one that brings them to so many bytes there are no more: what a segment claims to hold does
/// not decide how much memory is taken.
const TOGETHER_BYTES: usize = 1 << 18;

/// An entry with whether its key is a valid workspace key.
pub type MarkedEntry = (Entry, bool);

impl SealedSegment {
    /// Its offsets in stretches of about a million records: what may be in memory at once.
    pub fn stretches(&self) -> Vec<OffsetRange> {
        let OffsetRange { start, end } = self.range();
        let count = self.record_count().div_ceil(AT_ONCE).max(1);
        let width = (end - start).div_ceil(count).max(1);
        let step = usize::try_from(width).unwrap_or(usize::MAX);
        let stretch = |at| OffsetRange { start: at, end: end.min(at + width) };
        (start..end).step_by(step).map(stretch).collect()
    }

    /// The entries of the records with offsets in a range, by offset, made anew from the rows.
    pub fn entries_in(
        &self,
        offsets: OffsetRange,
        log_id: &LogId,
        partitions: u32,
    ) -> Result<Vec<MarkedEntry>, StoreError> {
        gathered((log_id, partitions), |push| {
            let whole = self.range();
            match offsets.start <= whole.start && whole.end <= offsets.end {
                true => self.each_record(push),
                false => self.each_record_in(offsets, push),
            }
        })
    }

    /// The entries of all its records, a stretch at a time. The first one is given when every byte
    /// has been verified.
    pub fn verified_entries(
        &self,
        log_id: LogId,
        partitions: u32,
    ) -> impl Iterator<Item = Result<Vec<MarkedEntry>, StoreError>> {
        let stretches = self.stretches();
        let is_one = stretches.len() == 1;
        stretches.into_iter().enumerate().map(move |(number, stretch)| {
            if is_one {
                // What is unpacked to be verified is read at once.
                return gathered((&log_id, partitions), |push| self.verify_each_record(push));
            }
            if number == 0 {
                self.verify()?;
            }
            self.entries_in(stretch, &log_id, partitions)
        })
    }
}

/// The entries of the records that are pushed, by offset.
fn gathered(
    (log_id, partitions): (&LogId, u32),
    read: impl FnOnce(&mut dyn FnMut(SealedRecord)) -> Result<(), StoreError>,
) -> Result<Vec<MarkedEntry>, StoreError> {
    let mut digester = Digester::new(*log_id, partitions);
    read(&mut |sealed: SealedRecord| digester.push(sealed))?;
    let mut entries = digester.end();
    entries.sort_by_cached_key(|(entry, _)| entry.offset());
    Ok(entries)
}

/// Makes entries. The key's and the headers' digests are mostly those of the record before; values
/// are hashed together.
struct Digester {
    log_id: LogId,
    partitions: u32,
    key: Option<bytes::Bytes>,
    key_digest: [u8; 32],
    is_chained: bool,
    headers: Option<(Arc<[Header]>, [u8; 32])>,
    waiting: Vec<SealedRecord>,
    waiting_bytes: usize,
    entries: Vec<MarkedEntry>,
}

impl Digester {
    fn new(log_id: LogId, partitions: u32) -> Self {
        Self {
            log_id,
            partitions,
            key: None,
            key_digest: [0; 32],
            is_chained: false,
            headers: None,
            waiting: Vec::with_capacity(RECORDS_TOGETHER),
            waiting_bytes: 0,
            entries: Vec::new(),
        }
    }

    fn push(&mut self, sealed: SealedRecord) {
        let headers = size_of_val(&*sealed.record.headers);
        self.waiting_bytes += sealed.record.size_bytes() + headers;
        self.waiting.push(sealed);
        if self.waiting.len() == RECORDS_TOGETHER || self.waiting_bytes >= TOGETHER_BYTES {
            self.digest();
        }
    }

    /// The entries of all that was pushed, in that order.
    fn end(mut self) -> Vec<MarkedEntry> {
        self.digest();
        self.entries
    }

    fn digest(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        let values = waiting.iter().map(|sealed| sealed.record.value.as_deref());
        for (sealed, value) in waiting.iter().zip(digests_or_zero(values)) {
            let entry = self.entry(sealed, value);
            self.entries.push((entry, self.is_chained));
        }
        waiting.clear();
        (self.waiting, self.waiting_bytes) = (waiting, 0);
    }

    fn entry(&mut self, sealed: &SealedRecord, value: [u8; 32]) -> Entry {
        let record = &sealed.record;
        if record.key.is_none() || self.key != record.key {
            self.key.clone_from(&record.key);
            self.key_digest = digest_or_zero(record.key.as_deref());
            let partition = record.position.partition;
            self.is_chained = is_workspace_key(record.key.as_deref(), partition, self.partitions);
        }
        let headers = match &self.headers {
            Some((known, digest)) if *known == record.headers => *digest,
            _ => {
                let digest = digest_of_headers(&record.headers);
                self.headers = Some((record.headers.clone(), digest));
                digest
            }
        };
        let digests = RecordDigests { key: self.key_digest, value, headers };
        let offsets = (sealed.previous, sealed.previous_of_key);
        Entry::with_digests(&RecordFacts::of(record), &digests, &self.log_id, offsets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    /// How many records wait after each of so many with a value of this size.
    fn waiting(records: usize, value_bytes: usize) -> Vec<usize> {
        let mut digester = Digester::new(LogId([7; 16]), 1);
        let mut record = fixture::log(3, 1).remove(0);
        record.value = Some(vec![7; value_bytes].into());
        let push = |_| {
            let (previous, previous_of_key) = (None, None);
            digester.push(SealedRecord { record: record.clone(), previous, previous_of_key });
            digester.waiting.len()
        };
        let waiting = (0..records).map(push).collect();
        assert_eq!(digester.end().len(), records);
        waiting
    }

    #[test]
    fn large_records_wait_a_few_at_a_time() {
        let small = waiting(RECORDS_TOGETHER + 1, 10);
        assert_eq!(small.iter().max(), Some(&(RECORDS_TOGETHER - 1)));
        assert_eq!(small[RECORDS_TOGETHER - 1..], [0, 1]);
        assert_eq!(waiting(3, TOGETHER_BYTES / 2), [1, 0, 1]);
        assert_eq!(waiting(3, TOGETHER_BYTES), [0, 0, 0]);
    }
}

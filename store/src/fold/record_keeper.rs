//! Records as the tail keeps them: what they share is held once, values lie in large pieces.
//!
//! A value that shares its memory, as a consumer's do with others of their partition, stays where
//! it is. One that has memory of its own, as one that comes back from a segment, is copied into a
//! piece while it is at hand: thousands of small allocations held until the next seal would cost a
//! cache miss each when they are freed.

use std::sync::Arc;

use annals_schemas::{Header, Pieces, Record};
use bytes::Bytes;

use crate::evidence::digest_of_headers;

/// Values are copied into pieces of this size.
const PIECE_BYTES: usize = 1 << 20;

/// Keeps the records of a partition.
#[derive(Debug)]
pub(crate) struct RecordKeeper {
    pieces: Pieces,
    /// The headers kept last, which mostly are the next record's too, and their digest.
    headers: Option<(Arc<[Header]>, [u8; 32])>,
}

impl Default for RecordKeeper {
    fn default() -> Self {
        Self { pieces: Pieces::of(PIECE_BYTES), headers: None }
    }
}

impl RecordKeeper {
    /// Keeps a record; `key` is its key where that is shared. With the digest of its headers.
    pub(crate) fn keep(&mut self, record: Record, key: Option<Bytes>) -> (Record, [u8; 32]) {
        let (headers, digest) = self.headers(&record.headers);
        let pieces = &mut self.pieces;
        let kept = Record {
            position: record.position,
            timestamp_ms: record.timestamp_ms,
            timestamp_type: record.timestamp_type,
            key: key.or_else(|| record.key.map(|key| keep(pieces, key))),
            value: record.value.map(|value| keep(pieces, value)),
            headers,
        };
        (kept, digest)
    }

    fn headers(&mut self, headers: &Arc<[Header]>) -> (Arc<[Header]>, [u8; 32]) {
        if let Some((known, digest)) = &self.headers
            && (Arc::ptr_eq(known, headers) || known == headers)
        {
            return (known.clone(), *digest);
        }
        let digest = digest_of_headers(headers);
        self.headers = Some((headers.clone(), digest));
        (headers.clone(), digest)
    }
}

fn keep(pieces: &mut Pieces, bytes: Bytes) -> Bytes {
    if bytes.is_unique() { pieces.copy(&bytes) } else { bytes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_value_that_shares_its_memory_stays_where_it_is_and_another_is_copied() {
        let (mut keeper, mut pieces) = (RecordKeeper::default(), Pieces::of(1_000));
        let value = vec![7; 200];
        let shared = pieces.copy(&value);
        for (value, stays) in [(shared, true), (Bytes::from(value), false)] {
            let record =
                Record { value: Some(value.clone()), ..fixture::people_log(1, 1).remove(0) };
            let place = value.as_ptr();
            drop(value);
            let kept = keeper.keep(record, None).0.value.unwrap();
            assert_eq!((&*kept, kept.as_ptr() == place), (&[7; 200][..], stays));
        }
    }

    #[test]
    fn what_is_kept_is_what_came() {
        let mut keeper = RecordKeeper::default();
        let mut records = fixture::people_log(4, 300);
        records[7].value = Some(vec![7; 3 * PIECE_BYTES].into());
        for record in records.iter().chain(&records) {
            let key = record.key.clone().filter(|key| key.len() == 2);
            let (kept, digest) = keeper.keep(record.clone(), key);
            assert_eq!(kept, *record);
            assert_eq!(digest, digest_of_headers(&record.headers));
        }
    }
}

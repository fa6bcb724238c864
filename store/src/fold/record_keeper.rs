//! Records as the tail keeps them: what they share is held once, values lie in large pieces.
//!
//! A record from a consumer owns a handful of small allocations. To hold them until the next seal
//! and free them then costs a cache miss each; copied into pieces of a megabyte while it is at
//! hand, it costs a copy.

use std::sync::Arc;

use annals_schemas::{Header, Record};
use bytes::{Bytes, BytesMut};

use crate::evidence::digest_of_headers;

/// Values are copied into pieces of this size.
const PIECE_BYTES: usize = 1 << 20;

/// Keeps the records of a partition.
#[derive(Debug, Default)]
pub(crate) struct RecordKeeper {
    piece: BytesMut,
    /// The headers kept last, which mostly are the next record's too, and their digest.
    headers: Option<(Arc<[Header]>, [u8; 32])>,
}

impl RecordKeeper {
    /// Keeps a record; `key` is its key where that is shared. With the digest of its headers.
    pub(crate) fn keep(&mut self, record: Record, key: Option<Bytes>) -> (Record, [u8; 32]) {
        let (headers, digest) = self.headers(&record.headers);
        let kept = Record {
            position: record.position,
            timestamp_ms: record.timestamp_ms,
            timestamp_type: record.timestamp_type,
            key: key.or_else(|| record.key.map(|key| self.copy(&key))),
            value: record.value.map(|value| self.copy(&value)),
            headers,
        };
        (kept, digest)
    }

    fn headers(&mut self, headers: &[Header]) -> (Arc<[Header]>, [u8; 32]) {
        if let Some((known, digest)) = &self.headers
            && **known == *headers
        {
            return (known.clone(), *digest);
        }
        let digest = digest_of_headers(headers);
        let copied = headers.iter().map(|Header { name, value }| Header {
            name: name.clone(),
            value: value.as_ref().map(|value| self.copy(value)),
        });
        let shared: Arc<[Header]> = copied.collect();
        self.headers = Some((shared.clone(), digest));
        (shared, digest)
    }

    fn copy(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() > self.piece.capacity() {
            self.piece = BytesMut::with_capacity(PIECE_BYTES.max(bytes.len()));
        }
        self.piece.extend_from_slice(bytes);
        self.piece.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

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

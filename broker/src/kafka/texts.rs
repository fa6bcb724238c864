//! Keys, values and headers of one partition's records, copied out of the client's buffers.
//!
//! What mostly repeats itself from record to record is held once, the rest in large pieces.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use annals_schemas::{Header, Pieces};
use bytes::Bytes;
use rdkafka::message::{BorrowedHeaders, Headers as _};

/// Bytes of a piece. Each assigned partition has one that is not full.
const PIECE_BYTES: usize = 256 << 10;

/// The texts of one partition.
pub(super) struct Texts {
    pieces: Pieces,
    /// Of the record before.
    key: Bytes,
    headers: Arc<[Header]>,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { pieces: Pieces::of(PIECE_BYTES), key: Bytes::new(), headers: Arc::default() }
    }

    pub(super) fn key(&mut self, key: &[u8]) -> Bytes {
        if self.key != key {
            self.key = self.pieces.copy(key);
        }
        self.key.clone()
    }

    pub(super) fn value(&mut self, value: &[u8]) -> Bytes {
        self.pieces.copy(value)
    }

    /// The headers in order. The client library panics on a name that is not UTF-8, which Kafka's
    /// protocol forbids but a broker takes: such a header comes as U+FFFD without a value.
    pub(super) fn headers(&mut self, headers: &BorrowedHeaders) -> Arc<[Header]> {
        let read = |index| {
            let header = catch_unwind(AssertUnwindSafe(|| headers.get(index)));
            header.map_or(("\u{fffd}", None), |header| (header.key, header.value))
        };
        let read = || (0..headers.count()).map(read);
        let known = self.headers.iter().map(|header| (&*header.name, header.value.as_deref()));
        if !known.eq(read()) {
            let pieces = &mut self.pieces;
            let own = |(name, value): (&str, Option<&[u8]>)| Header {
                name: name.to_owned(),
                value: value.map(|value| pieces.copy(value)),
            };
            self.headers = read().map(own).collect();
        }
        self.headers.clone()
    }
}

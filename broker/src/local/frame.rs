//! One record as bytes in a file: a 32-byte head, then key, value and headers. Little-endian.
//!
//! ```text
//!  0 u32 length of the body          16 i64 timestamp, ms since 1970
//!  4 u32 CRC32C of all other bytes   24 u32 unsynced: bytes of this file before this frame that
//!  8 u64 offset                             were not known to be on disk when it was written
//! 28 u32 number of headers           32 body: key, value, then name and value of each header,
//!                                       each as u32 length (u32::MAX: null) and bytes
//! ```
//!
//! `unsynced` is what tells rot from a torn tail: a whole frame proves that everything before its
//! own start minus `unsynced` had been on disk, so damage there is no torn tail.

use std::sync::Arc;

use annals_schemas::{Header, NewRecord, Offset, Partition, Position, Record, TimestampType};
use bytes::{Buf, Bytes};

/// Size of the fixed part.
pub(super) const HEAD_BYTES: usize = 32;
/// Largest body; what is over the log's own limit is never encoded.
const MAX_BODY_BYTES: usize = super::LocalOptions::MAX_RECORD_BYTES;
const NULL: u32 = u32::MAX;

/// The fixed part of a frame, read and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub offset: Offset,
    pub timestamp_ms: i64,
    pub unsynced_bytes: u32,
    pub header_count: u32,
    /// Of the whole frame.
    pub length_bytes: usize,
}

/// Why bytes are no frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoFrame {
    /// They end before the frame does; it would have so many bytes.
    Short(usize),
    /// They are not what was written.
    Damaged(&'static str),
}

/// What the record's body will take: its bytes plus four for the length of each part.
pub(super) fn body_bytes(record: &NewRecord) -> usize {
    8 + 8 * record.headers.len() + crate::route::size_bytes(record)
}

/// Appends the record's frame to the buffer. Its body must be within `MAX_RECORD_BYTES`.
pub(super) fn encode(
    into: &mut Vec<u8>,
    record: &NewRecord,
    offset: Offset,
    timestamp_ms: i64,
    unsynced_bytes: u32,
) {
    let start = into.len();
    into.extend_from_slice(&[0; 8]);
    into.extend_from_slice(&offset.to_le_bytes());
    into.extend_from_slice(&timestamp_ms.to_le_bytes());
    into.extend_from_slice(&unsynced_bytes.to_le_bytes());
    into.extend_from_slice(&length_u32(record.headers.len()).to_le_bytes());
    put(into, record.key.as_deref());
    put(into, record.value.as_deref());
    for header in &record.headers {
        put(into, Some(header.name.as_bytes()));
        put(into, header.value.as_deref());
    }
    let body_bytes = length_u32(into.len() - start - HEAD_BYTES);
    into[start..start + 4].copy_from_slice(&body_bytes.to_le_bytes());
    let crc = checksum(&into[start..]);
    into[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
}

/// Reads and checks the frame that starts these bytes.
pub(super) fn check(bytes: &[u8]) -> Result<Head, NoFrame> {
    let Some((mut head, _)) = bytes.split_at_checked(HEAD_BYTES) else {
        return Err(NoFrame::Short(HEAD_BYTES));
    };
    let body_bytes = head.get_u32_le() as usize;
    let crc = head.get_u32_le();
    if !(8..=MAX_BODY_BYTES).contains(&body_bytes) {
        return Err(NoFrame::Damaged("no frame has this length"));
    }
    let length_bytes = HEAD_BYTES + body_bytes;
    let frame = bytes.get(..length_bytes).ok_or(NoFrame::Short(length_bytes))?;
    if checksum(frame) != crc {
        return Err(NoFrame::Damaged("the checksum does not match"));
    }
    Ok(Head {
        offset: head.get_u64_le(),
        timestamp_ms: head.get_i64_le(),
        unsynced_bytes: head.get_u32_le(),
        header_count: head.get_u32_le(),
        length_bytes,
    })
}

/// Headers of the frame read last: mostly they are the next one's too, and then are shared.
#[derive(Debug, Default)]
pub(super) struct LastHeaders {
    count: u32,
    bytes: Bytes,
    headers: Arc<[Header]>,
}

impl LastHeaders {
    /// The headers that these bytes are; `None` if they do not add up.
    fn read(&mut self, count: u32, bytes: Bytes) -> Option<Arc<[Header]>> {
        if (self.count, &self.bytes) == (count, &bytes) {
            return Some(self.headers.clone());
        }
        let (mut rest, mut headers) = (bytes.clone(), Vec::new());
        for _ in 0..count {
            let name = String::from_utf8(take(&mut rest)??.into()).ok()?;
            headers.push(Header { name, value: take(&mut rest)? });
        }
        if !rest.is_empty() {
            return None;
        }
        *self = Self { count, bytes, headers: headers.into() };
        Some(self.headers.clone())
    }
}

/// The record of a checked frame, sharing the buffer's memory. `None` if the body does not add up.
pub(super) fn decode(
    frame: &Bytes,
    head: &Head,
    partition: Partition,
    last: &mut LastHeaders,
) -> Option<Record> {
    let mut body = frame.slice(HEAD_BYTES..head.length_bytes);
    let key = take(&mut body)?;
    let value = take(&mut body)?;
    let headers = last.read(head.header_count, body)?;
    Some(Record {
        position: Position { partition, offset: head.offset },
        timestamp_ms: head.timestamp_ms,
        timestamp_type: TimestampType::LogAppendTime,
        key,
        value,
        headers,
    })
}

fn put(into: &mut Vec<u8>, field: Option<&[u8]>) {
    into.extend_from_slice(&field.map_or(NULL, |bytes| length_u32(bytes.len())).to_le_bytes());
    into.extend_from_slice(field.unwrap_or_default());
}

fn take(body: &mut Bytes) -> Option<Option<Bytes>> {
    match body.try_get_u32_le().ok()? {
        NULL => Some(None),
        length if length as usize <= body.len() => Some(Some(body.split_to(length as usize))),
        _ => None,
    }
}

/// Over the length and everything after the checksum.
fn checksum(frame: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&frame[..4]), &frame[8..])
}

fn length_u32(length: usize) -> u32 {
    u32::try_from(length).expect("a record is at most MAX_RECORD_BYTES")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field() -> impl Strategy<Value = Option<Bytes>> {
        proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from))
    }

    fn new_record() -> impl Strategy<Value = NewRecord> {
        let header = ("[ -~é]{0,8}", field()).prop_map(|(name, value)| Header { name, value });
        (field(), field(), proptest::collection::vec(header, 0..4))
            .prop_map(|(key, value, headers)| NewRecord { key, value, headers })
    }

    proptest! {
        #[test]
        fn every_record_round_trips(record in new_record(), offset: u64, time: i64, unsynced: u32) {
            let mut bytes = vec![7; 3];
            encode(&mut bytes, &record, offset, time, unsynced);
            let frame = Bytes::from(bytes).slice(3..);
            let head = check(&frame).unwrap();
            prop_assert_eq!((head.offset, head.timestamp_ms), (offset, time));
            prop_assert_eq!((head.unsynced_bytes, head.length_bytes), (unsynced, frame.len()));
            let mut last = LastHeaders::default();
            for _ in 0..2 {
                let read = decode(&frame, &head, 3, &mut last).unwrap();
                prop_assert_eq!((&read.key, &read.value), (&record.key, &record.value));
                prop_assert_eq!(&*read.headers, &*record.headers);
                prop_assert_eq!(read.position, Position { partition: 3, offset });
            }
        }

        /// Whatever the record before had for headers.
        #[test]
        fn headers_are_shared_only_where_they_are_the_same(
            records in proptest::collection::vec(new_record(), 1..4),
            order in proptest::collection::vec(0..4_usize, 0..12),
        ) {
            let mut last = LastHeaders::default();
            for at in order {
                let record = &records[at % records.len()];
                let mut bytes = Vec::new();
                encode(&mut bytes, record, 0, 0, 0);
                let head = check(&bytes).unwrap();
                let read = decode(&bytes.into(), &head, 0, &mut last).unwrap();
                prop_assert_eq!(&*read.headers, &*record.headers);
            }
        }

        #[test]
        fn no_flipped_bit_passes(record in new_record(), bit in 0_usize..100_000) {
            let mut bytes = Vec::new();
            encode(&mut bytes, &record, 5, 6, 0);
            let bit = bit % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(check(&bytes).is_err());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(head) = check(&bytes) {
                let _ = decode(&Bytes::from(bytes), &head, 0, &mut LastHeaders::default());
            }
        }
    }

    #[test]
    fn a_shortened_frame_says_how_long_it_would_be() {
        let mut bytes = Vec::new();
        encode(&mut bytes, &crate::conformance::record("acme", "value"), 1, 2, 0);
        assert_eq!(bytes.len(), HEAD_BYTES + 8 + 4 + 5);
        for length in 0..bytes.len() {
            let expected = if length < HEAD_BYTES { HEAD_BYTES } else { bytes.len() };
            assert_eq!(check(&bytes[..length]), Err(NoFrame::Short(expected)));
        }
    }

    /// The bytes on disk may not change while the format version stays 0.
    #[test]
    fn golden_bytes() {
        let mut bytes = Vec::new();
        let mut record = crate::conformance::record("k", "vw");
        record.headers.push(Header { name: "h".to_owned(), value: None });
        encode(&mut bytes, &record, 258, 1_000, 9);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let head = "140000007b4b34930201000000000000e8030000000000000900000001000000";
        assert_eq!(hex, format!("{head}010000006b0200000076770100000068ffffffff"));
    }
}

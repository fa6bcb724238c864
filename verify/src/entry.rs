//! The fixed structure hashed for a record. Source: ARCHITECTURE section 8, bytes in
//! `docs/EVIDENCE.md`. Version 1 can never change.

use annals_schemas::{Header, LogId, Offset, Partition, Position, Record, TimestampType, hex};
use sha2::{Digest, Sha256};

use crate::digests::digests_of_length;
use crate::{Hash, digests};

/// SHA-256(0x00 ‖ entry), RFC 6962's leaf hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Leaf(pub [u8; 32]);

impl std::fmt::Display for Leaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl std::fmt::Debug for Leaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// Reads exactly 32 bytes of hexadecimal digits.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// One record's entry: 151 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry([u8; Entry::LENGTH]);

impl Entry {
    /// Length of an encoded entry in bytes.
    pub const LENGTH: usize = 151;
    const VERSION: u8 = 1;
    const NONE: Offset = Offset::MAX;

    /// Encodes a record. `previous` is the offset of the record before it in the partition,
    /// `previous_of_key` that of the record before it with the same valid workspace key.
    pub fn new(
        record: &Record,
        log_id: &LogId,
        previous: Option<Offset>,
        previous_of_key: Option<Offset>,
    ) -> Self {
        let digests = RecordDigests::of(record);
        Self::with_digests(&RecordFacts::of(record), &digests, log_id, (previous, previous_of_key))
    }

    /// The same, of digests that are known already.
    pub fn with_digests(
        record: &RecordFacts,
        digests: &RecordDigests,
        log_id: &LogId,
        (previous, previous_of_key): (Option<Offset>, Option<Offset>),
    ) -> Self {
        let null_flags = u8::from(record.is_key_null) | u8::from(record.is_value_null) << 1;
        let timestamp_type = match record.timestamp_type {
            TimestampType::CreateTime => 0,
            TimestampType::LogAppendTime => 1,
        };
        let mut writer = Writer { bytes: [0; Self::LENGTH], at: 0 };
        writer.put(&[Self::VERSION]);
        writer.put(&log_id.0);
        writer.put(&record.position.partition.to_be_bytes());
        writer.put(&record.position.offset.to_be_bytes());
        writer.put(&previous.unwrap_or(Self::NONE).to_be_bytes());
        writer.put(&previous_of_key.unwrap_or(Self::NONE).to_be_bytes());
        writer.put(&record.timestamp_ms.to_be_bytes());
        writer.put(&[timestamp_type, null_flags]);
        writer.put(&digests.key);
        writer.put(&digests.value);
        writer.put(&digests.headers);
        assert_eq!(writer.at, Self::LENGTH, "an entry fills its fixed length");
        Self(writer.bytes)
    }

    /// The bytes of an entry of version 1; what they say is not looked at.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let entry = Self(bytes.try_into().ok()?);
        // Flags and type have no other values: the same fields give the same bytes.
        (bytes[0] == Self::VERSION && bytes[53] <= 1 && bytes[54] <= 3).then_some(entry)
    }

    /// The record's offset.
    pub fn offset(&self) -> Offset {
        u64::from_be_bytes(part(&self.0, 21))
    }

    /// Digest of the record's headers.
    pub fn headers(&self) -> Hash {
        part(&self.0, 119)
    }

    /// What stands in it.
    pub fn fields(&self) -> EntryFields {
        let number = |at: usize| u64::from_be_bytes(part(&self.0, at));
        let offset = |at: usize| Some(number(at)).filter(|offset| *offset != Self::NONE);
        EntryFields {
            log_id: LogId(part(&self.0, 1)),
            partition: u32::from_be_bytes(part(&self.0, 17)),
            offset: number(21),
            previous: offset(29),
            previous_of_key: offset(37),
            timestamp_ms: i64::from_be_bytes(part(&self.0, 45)),
            timestamp_type: match self.0[53] {
                0 => TimestampType::CreateTime,
                _ => TimestampType::LogAppendTime,
            },
            is_key_null: self.0[54] & 1 == 1,
            is_value_null: self.0[54] & 2 == 2,
            key: part(&self.0, 55),
            value: part(&self.0, 87),
            headers: self.headers(),
        }
    }

    /// The encoded bytes.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The leaf hash.
    pub fn leaf(&self) -> Leaf {
        Leaf(Sha256::digest(self.leaf_message()).into())
    }

    /// The leaf hashes of several.
    pub fn leaves<'a>(entries: impl ExactSizeIterator<Item = &'a Self>) -> Vec<Leaf> {
        digests_of_length::<_, 3>(entries.map(Self::leaf_message)).into_iter().map(Leaf).collect()
    }

    fn leaf_message(&self) -> [u8; 1 + Self::LENGTH] {
        let mut message = [0; _];
        message[1..].copy_from_slice(&self.0);
        message
    }
}

/// An entry taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFields {
    /// The log.
    pub log_id: LogId,
    /// The partition.
    pub partition: Partition,
    /// The record's offset.
    pub offset: Offset,
    /// Offset of the record before it in the partition.
    pub previous: Option<Offset>,
    /// Offset of the record before it with the same valid key.
    pub previous_of_key: Option<Offset>,
    /// The record's timestamp.
    pub timestamp_ms: i64,
    /// Whose clock that is.
    pub timestamp_type: TimestampType,
    /// Whether the key is null.
    pub is_key_null: bool,
    /// Whether the value is null.
    pub is_value_null: bool,
    /// Digest of the key.
    pub key: [u8; 32],
    /// Digest of the value.
    pub value: [u8; 32],
    /// Digest of the headers.
    pub headers: [u8; 32],
}

fn part<const LENGTH: usize>(bytes: &[u8], at: usize) -> [u8; LENGTH] {
    let mut part = [0; LENGTH];
    part.copy_from_slice(&bytes[at..at + LENGTH]);
    part
}

/// The three digests of a record that stand in its entry.
#[derive(Debug, Clone, Copy)]
pub struct RecordDigests {
    /// Of the key; zeros if it is null.
    pub key: [u8; 32],
    /// Of the value; zeros if it is null.
    pub value: [u8; 32],
    /// Of the headers.
    pub headers: [u8; 32],
}

impl RecordDigests {
    /// Those of a record.
    pub fn of(record: &Record) -> Self {
        Self {
            key: digest_or_zero(record.key.as_deref()),
            value: digest_or_zero(record.value.as_deref()),
            headers: digest_of_headers(&record.headers),
        }
    }
}

/// What stands in an entry of a record beside its digests.
#[derive(Debug, Clone, Copy)]
pub struct RecordFacts {
    /// Where it stands.
    pub position: Position,
    /// Its timestamp.
    pub timestamp_ms: i64,
    /// Whose clock that is.
    pub timestamp_type: TimestampType,
    /// Whether the key is null.
    pub is_key_null: bool,
    /// Whether the value is null.
    pub is_value_null: bool,
}

impl RecordFacts {
    /// Those of a record.
    pub fn of(record: &Record) -> Self {
        Self {
            position: record.position,
            timestamp_ms: record.timestamp_ms,
            timestamp_type: record.timestamp_type,
            is_key_null: record.key.is_none(),
            is_value_null: record.value.is_none(),
        }
    }
}

struct Writer {
    bytes: [u8; Entry::LENGTH],
    at: usize,
}

impl Writer {
    fn put(&mut self, part: &[u8]) {
        self.bytes[self.at..self.at + part.len()].copy_from_slice(part);
        self.at += part.len();
    }
}

/// SHA-256; zeros for null.
pub fn digest_or_zero(bytes: Option<&[u8]>) -> [u8; 32] {
    bytes.map_or([0; 32], |bytes| Sha256::digest(bytes).into())
}

/// The same of several, in order.
pub fn digests_or_zero<'b>(
    all: impl Iterator<Item = Option<&'b [u8]>> + Clone,
) -> impl Iterator<Item = [u8; 32]> {
    let mut hashes = digests(all.clone().flatten()).into_iter();
    all.map(move |bytes| bytes.and_then(|_| hashes.next()).unwrap_or_default())
}

/// SHA-256 over [`headers_bytes`].
pub fn digest_of_headers(headers: &[Header]) -> [u8; 32] {
    Sha256::digest(headers_bytes(headers)).into()
}

/// Count, then per header: name length, name, 0 for null or 1, value length, value; all numbers
/// u32 big-endian.
pub fn headers_bytes(headers: &[Header]) -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut out = u32::try_from(headers.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    for header in headers {
        let value = header.value.as_deref().unwrap_or_default();
        out.extend_from_slice(&length(header.name.as_bytes()));
        out.extend_from_slice(header.name.as_bytes());
        out.push(u8::from(header.value.is_some()));
        out.extend_from_slice(&length(value));
        out.extend_from_slice(value);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            position: Position { partition: 3, offset: 258 },
            timestamp_ms: 1_792_888_200_123,
            timestamp_type: TimestampType::LogAppendTime,
            key: Some("acme".into()),
            value: Some("{}".into()),
            headers: [Header::new("content-type", "application/json")].into(),
        }
    }

    #[test]
    fn several_have_the_digests_of_each() {
        let all = [Some(&b"a"[..]), None, Some(b""), Some(b"bc"), None];
        let each: Vec<_> = all.iter().map(|bytes| digest_or_zero(*bytes)).collect();
        assert_eq!(digests_or_zero(all.into_iter()).collect::<Vec<_>>(), each);
    }

    #[test]
    fn null_and_empty_give_other_leaves() {
        let leaf = |record: &Record| Entry::new(record, &LogId([7; 16]), None, None).leaf();
        let mut variants = vec![leaf(&record())];
        variants.push(leaf(&Record { value: None, ..record() }));
        variants.push(leaf(&Record { value: Some("".into()), ..record() }));
        variants.push(leaf(&Record { key: None, ..record() }));
        variants.push(leaf(&Record { headers: [].into(), ..record() }));
        let null = Header { name: "content-type".into(), value: None };
        variants.push(leaf(&Record { headers: [null].into(), ..record() }));
        variants
            .push(leaf(&Record { headers: [Header::new("content-type", "")].into(), ..record() }));
        let distinct: std::collections::HashSet<_> = variants.iter().collect();
        assert_eq!(distinct.len(), variants.len());
    }

    #[test]
    fn bytes_stand_where_the_drawing_says() {
        let entry = Entry::new(&record(), &LogId([7; 16]), Some(257), None);
        let bytes = entry.as_bytes();
        assert_eq!(bytes[0], 1);
        assert_eq!(bytes[1..17], [7; 16]);
        assert_eq!(bytes[17..21], [0, 0, 0, 3]);
        assert_eq!(bytes[21..29], [0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(bytes[29..37], [0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!(bytes[37..45], [0xff; 8]);
        assert_eq!(bytes[45..53], 1_792_888_200_123_i64.to_be_bytes());
        assert_eq!(bytes[53..55], [1, 0]);
        assert_eq!(hex(&bytes[55..59]), "822b33ad");
        assert_eq!(Entry::leaves([&entry, &entry].into_iter()), [entry.leaf(); 2]);
        let fields = entry.fields();
        assert_eq!(
            (fields.offset, fields.previous, fields.previous_of_key),
            (258, Some(257), None)
        );
        assert_eq!(fields.headers, digest_of_headers(&record().headers));
        assert_eq!(entry.offset(), fields.offset);
        assert_eq!(Entry::from_bytes(bytes), Some(entry));
    }
}

//! `proofs/records`: for each record with the workspace's key its place in the tree and its entry,
//! and for each row the bytes whose digests stand there.
//!
//! A frame is: index (8 bytes, big-endian) │ entry (151) │ 0, or 1 and twice a length (4) with so
//! many bytes: the value, and the headers as they are hashed. The key is the workspace's id.

use std::sync::Arc;

use annals_schemas::{Header, Position, Record};
use bytes::Bytes;

use super::files::Hashed;
use crate::{Entry, EntryFields, Hash, VerifyError, digest_or_zero};

/// Bytes before a held record's.
const HEAD_BYTES: usize = 8 + Entry::LENGTH + 1;

/// One record of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFrame {
    /// Place of its leaf in the tree.
    pub index: u64,
    /// Its entry.
    pub entry: Entry,
    /// The bytes of a record whose row is exported.
    pub held: Option<HeldRecord>,
}

/// A record's bytes beside its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRecord {
    /// The value.
    pub value: Vec<u8>,
    /// The headers as they are hashed.
    pub headers: Vec<u8>,
}

impl RecordFrame {
    /// Appends the frame's bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(self.entry.as_bytes());
        out.push(u8::from(self.held.is_some()));
        for part in self.held.iter().flat_map(|held| [&held.value, &held.headers]) {
            let length = u32::try_from(part.len()).expect("a record is smaller than 4 GiB");
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(part);
        }
    }

    /// Reads the next frame; `None` at the end of the file. `head` is only room. What is wrong is
    /// named by the byte that the frame begins with.
    pub(super) fn read(file: &mut Hashed, head: &mut Vec<u8>) -> Result<Option<Self>, VerifyError> {
        let at = file.at;
        let wrong = |detail: &str| VerifyError::unsound(at_byte(at), detail);
        if file.exact(HEAD_BYTES, head)?.is_none() {
            return Ok(None);
        }
        let (index, rest) = head.split_first_chunk::<8>().expect("the head has its length");
        let index = u64::from_be_bytes(*index);
        let entry = Entry::from_bytes(&rest[..Entry::LENGTH]);
        let entry = entry.ok_or_else(|| wrong("it is no entry of version 1"))?;
        let held = match rest[Entry::LENGTH] {
            0 => None,
            1 => Some(HeldRecord::read(file).map_err(|error| error.at(at_byte(at)))?),
            _ => return Err(wrong("it neither holds a record nor leaves it out")),
        };
        Ok(Some(Self { index, entry, held }))
    }
}

fn at_byte(at: u64) -> String {
    format!("proofs/records byte {at}")
}

fn part(file: &mut Hashed) -> Result<Vec<u8>, VerifyError> {
    let at = file.at;
    let cut = || VerifyError::unsound(at_byte(at), "it is cut");
    let mut bytes = Vec::new();
    file.exact(4, &mut bytes)?.ok_or_else(cut)?;
    let length = bytes.first_chunk().map_or(0, |length| u32::from_be_bytes(*length));
    file.exact(usize::try_from(length).unwrap_or(usize::MAX), &mut bytes)?.ok_or_else(cut)?;
    Ok(bytes)
}

/// Headers that were read: mostly those of the record before.
#[derive(Default)]
pub(super) struct KnownHeaders {
    bytes: Vec<u8>,
    digest: Option<Hash>,
    headers: Arc<[Header]>,
}

impl KnownHeaders {
    /// The headers of these bytes, if they are some with this digest.
    fn read(&mut self, bytes: Vec<u8>, digest: &Hash) -> Result<Arc<[Header]>, String> {
        if self.digest.is_none() || self.bytes != bytes {
            self.headers = read_headers(&bytes).ok_or("its headers are no headers")?.into();
            self.digest = Some(digest_or_zero(Some(&bytes)));
            self.bytes = bytes;
        }
        match self.digest.as_ref() == Some(digest) {
            true => Ok(self.headers.clone()),
            false => Err("its headers are not the ones that were recorded".into()),
        }
    }
}

impl HeldRecord {
    fn read(file: &mut Hashed) -> Result<Self, VerifyError> {
        Ok(Self { value: part(file)?, headers: part(file)? })
    }

    /// The record, if these are the bytes whose digests the entry has.
    pub(super) fn record(
        self,
        fields: &EntryFields,
        key: &Bytes,
        known: &mut KnownHeaders,
    ) -> Result<Record, String> {
        if digest_or_zero(Some(&self.value)) != fields.value || fields.is_value_null {
            return Err("its value is not the one that was recorded".into());
        }
        let headers = known.read(self.headers, &fields.headers)?;
        Ok(Record {
            position: Position { partition: fields.partition, offset: fields.offset },
            timestamp_ms: fields.timestamp_ms,
            timestamp_type: fields.timestamp_type,
            key: Some(key.clone()),
            value: Some(self.value.into()),
            headers,
        })
    }
}

/// The inverse of `headers_bytes`.
fn read_headers(bytes: &[u8]) -> Option<Vec<Header>> {
    let (count, mut rest) = bytes.split_first_chunk::<4>()?;
    let mut take = |length: usize| {
        let (part, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(part)
    };
    let number = |part: &[u8]| part.first_chunk().map(|part| u32::from_be_bytes(*part) as usize);
    let mut headers = Vec::new();
    for _ in 0..u32::from_be_bytes(*count) {
        let length = number(take(4)?)?;
        let name = String::from_utf8(take(length)?.to_vec()).ok()?;
        let has_value = take(1)? == [1];
        let length = number(take(4)?)?;
        let value = take(length)?.to_vec();
        headers.push(Header { name, value: has_value.then(|| value.into()) });
    }
    Some(headers)
}

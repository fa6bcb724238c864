//! `proofs/records`: for each record with the workspace's key its place in the tree and its entry,
//! and for each row the bytes whose digests stand there.
//!
//! A frame is: index (8 bytes, big-endian) │ entry (151) │ 0, or 1 and twice a length (4) with so
//! many bytes: the value, and the headers as they are hashed. The key is the workspace's id.

use std::sync::Arc;

use annals_schemas::Header;

use super::files::{MAX_PART_BYTES, Window};
use crate::{Entry, Hash, VerifyError, digest_or_zero};

/// Bytes before a held record's, of which a frame has no fewer.
const FRAME_MIN_BYTES: usize = 8 + Entry::LENGTH + 1;

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
}

/// A frame as it stands in the file.
pub(super) struct FrameView<'a> {
    pub(super) index: u64,
    pub(super) entry: Entry,
    pub(super) held: Option<HeldView<'a>>,
}

/// The bytes of a held record: the value, and the headers as they are hashed.
pub(super) struct HeldView<'a> {
    pub(super) value: &'a [u8],
    pub(super) headers: &'a [u8],
}

impl<'a> FrameView<'a> {
    /// Reads the next frame; `None` at the end of the file. What is wrong is named by the byte that
    /// the frame begins with.
    pub(super) fn read(file: &'a mut Window) -> Result<Option<Self>, VerifyError> {
        let at = file.at;
        let wrong =
            |detail: &str| VerifyError::unsound(format!("proofs/records byte {at}"), detail);
        let mut length = FRAME_MIN_BYTES;
        let mut value_length = 0;
        let head = file.peek(length)?;
        if head.is_empty() {
            return Ok(None);
        }
        if head.get(FRAME_MIN_BYTES - 1) == Some(&1) {
            for part in [&mut value_length, &mut 0] {
                let bytes = file.peek(length + 4)?;
                let bytes = bytes.get(length..).and_then(|bytes| bytes.first_chunk());
                *part = u32::from_be_bytes(*bytes.ok_or_else(|| wrong("it is cut"))?) as usize;
                if *part > MAX_PART_BYTES {
                    return Err(wrong("a length is out of bounds"));
                }
                length += 4 + *part;
            }
        }
        if file.peek(length)?.len() < length {
            return Err(wrong("it is cut"));
        }
        let (head, parts) = file.take(length).split_at(FRAME_MIN_BYTES);
        let (index, rest) = head.split_first_chunk::<8>().expect("the head has its length");
        let entry = Entry::from_bytes(&rest[..Entry::LENGTH]);
        let entry = entry.ok_or_else(|| wrong("it is no entry of version 1"))?;
        let held = match rest[Entry::LENGTH] {
            0 => None,
            1 => {
                let (value, headers) = parts[4..].split_at(value_length);
                Some(HeldView { value, headers: &headers[4..] })
            }
            _ => return Err(wrong("it neither holds a record nor leaves it out")),
        };
        Ok(Some(Self { index: u64::from_be_bytes(*index), entry, held }))
    }
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
    pub(super) fn read(&mut self, bytes: &[u8], digest: &Hash) -> Result<Arc<[Header]>, String> {
        if self.digest.is_none() || self.bytes != bytes {
            self.headers = read_headers(bytes).ok_or("its headers are no headers")?.into();
            self.digest = Some(digest_or_zero(Some(bytes)));
            self.bytes = bytes.to_vec();
        }
        match self.digest.as_ref() == Some(digest) {
            true => Ok(self.headers.clone()),
            false => Err("its headers are not the ones that were recorded".into()),
        }
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

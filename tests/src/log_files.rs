//! The embedded log's files as somebody with a shell and patience sees them: every record of a
//! partition taken out, and a partition written anew from changed ones with all checksums right.
//!
//! Knows the bytes that `broker/src/local/frame.rs` draws and shares no code with it.

use std::path::{Path, PathBuf};

use crate::store_files::files;

const FILE_HEAD_BYTES: usize = 24;
const FRAME_HEAD_BYTES: usize = 32;
const NULL: u32 = u32::MAX;

/// A record of the embedded log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRecord {
    /// Its offset.
    pub offset: u64,
    /// Its timestamp.
    pub timestamp_ms: i64,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
    /// Its headers.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// The directory of a partition.
pub fn partition(data: &Path, number: u32) -> PathBuf {
    data.join(format!("log/partition-{number:04}"))
}

/// Every record of the only partition, in order.
///
/// # Panics
/// When the files are not what the drawing says.
pub fn read(data: &Path) -> Vec<LoggedRecord> {
    let mut records = Vec::new();
    for file in files(&partition(data, 0), "log") {
        let bytes = std::fs::read(&file).expect("a file of the log can be read");
        let mut rest = bytes.get(FILE_HEAD_BYTES..).expect("a file has a head");
        while !rest.is_empty() {
            let (frame, after) = rest.split_at(FRAME_HEAD_BYTES + length_at(rest, 0) as usize);
            records.push(record(frame));
            rest = after;
        }
    }
    records
}

/// Writes a partition anew, each part as a file, and publishes the end of the last one.
///
/// # Panics
/// When it cannot be written, or a part is empty.
pub fn write(data: &Path, number: u32, parts: &[&[LoggedRecord]]) {
    let directory = partition(data, number);
    std::fs::remove_dir_all(&directory).expect("the old files can be removed");
    std::fs::create_dir(&directory).expect("a directory can be made");
    for part in parts {
        let base = part.first().expect("a file has a record").offset;
        let mut bytes = b"ANNALOG0".to_vec();
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&base.to_le_bytes());
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        part.iter().for_each(|record| frame(record, &mut bytes));
        std::fs::write(directory.join(format!("{base:020}.log")), &bytes)
            .expect("a file of the log can be written");
        let end = part.last().map_or(base, |last| last.offset + 1);
        let mut published = Vec::new();
        for field in [base, bytes.len() as u64, end] {
            published.extend_from_slice(&field.to_le_bytes());
        }
        published.extend_from_slice(&crc32c::crc32c(&published).to_le_bytes());
        std::fs::write(directory.join("published"), published).expect("an end can be published");
    }
}

fn length_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(*bytes[at..].first_chunk().expect("a number has four bytes"))
}

fn record(frame: &[u8]) -> LoggedRecord {
    let long = |at: usize| *frame[at..].first_chunk::<8>().expect("a number has eight bytes");
    let mut body = &frame[FRAME_HEAD_BYTES..];
    let mut part = || {
        let length = length_at(body, 0);
        body = &body[4..];
        (length != NULL).then(|| {
            let (part, rest) = body.split_at(length as usize);
            body = rest;
            part.to_vec()
        })
    };
    let (key, value) = (part(), part());
    let headers = (0..length_at(frame, 28)).map(|_| {
        let name = part().expect("a header has a name");
        (String::from_utf8(name).expect("a header's name is text"), part())
    });
    LoggedRecord {
        headers: headers.collect(),
        offset: u64::from_le_bytes(long(8)),
        timestamp_ms: i64::from_le_bytes(long(16)),
        key,
        value,
    }
}

fn frame(record: &LoggedRecord, out: &mut Vec<u8>) {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("a record is small");
    let mut body = Vec::new();
    let mut put = |part: Option<&[u8]>| {
        body.extend_from_slice(&part.map_or(NULL, length).to_le_bytes());
        body.extend_from_slice(part.unwrap_or_default());
    };
    put(record.key.as_deref());
    put(record.value.as_deref());
    for (name, value) in &record.headers {
        put(Some(name.as_bytes()));
        put(value.as_deref());
    }
    let count = u32::try_from(record.headers.len()).expect("a record has few headers");
    let mut checked = length(&body).to_le_bytes().to_vec();
    checked.extend_from_slice(&record.offset.to_le_bytes());
    checked.extend_from_slice(&record.timestamp_ms.to_le_bytes());
    checked.extend_from_slice(&0_u32.to_le_bytes());
    checked.extend_from_slice(&count.to_le_bytes());
    checked.extend_from_slice(&body);
    let (head, rest) = checked.split_at(4);
    out.extend_from_slice(head);
    out.extend_from_slice(&crc32c::crc32c(&checked).to_le_bytes());
    out.extend_from_slice(rest);
}

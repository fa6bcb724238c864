//! What the writer and the readers of one partition share: its files and where they end.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use annals_schemas::{Offset, Partition, Record};
use bytes::{Buf as _, Bytes};
use parking_lot::Mutex;
use rustix::buffer::spare_capacity;
use rustix::io::{pread, retry_on_intr};

use super::frame::{self, Head, LastHeaders, NoFrame};
use super::published::Published;
use super::segment::Segment;
use crate::BrokerError;

/// Bytes read from a file at once.
const READ_BYTES: usize = 256 << 10;

/// One partition, shared. The lock is held for lookups only, never while reading or writing files.
pub(super) struct Shared {
    pub number: Partition,
    pub directory: PathBuf,
    segments: Mutex<Vec<Segment>>,
}

/// Where a reader goes on: an offset, and what is known of where its frame stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    offset: Offset,
    byte: Option<u64>,
    /// What was read of the file from that byte on; frames that were published do not change.
    ahead: Bytes,
}

/// What one read has so far.
struct Taken {
    records: Vec<Record>,
    max_records: usize,
    /// The byte after the last frame looked at.
    at: u64,
    headers: LastHeaders,
}

/// A readable stretch of one file.
struct Span {
    file: Arc<File>,
    path: PathBuf,
    base: Offset,
    end: Offset,
    from_byte: u64,
    end_byte: u64,
}

impl Place {
    /// An offset of which nothing is known.
    pub fn at(offset: Offset) -> Self {
        Self { offset, byte: None, ahead: Bytes::new() }
    }

    pub fn offset(&self) -> Offset {
        self.offset
    }
}

impl Shared {
    /// A partition of these files, in order, at least one.
    pub fn new(number: Partition, directory: PathBuf, segments: Vec<Segment>) -> Self {
        assert!(!segments.is_empty(), "a partition has at least one file");
        Self { number, directory, segments: Mutex::new(segments) }
    }

    /// First readable offset and high watermark.
    pub fn ends(&self) -> (Offset, Offset) {
        let segments = self.segments.lock();
        (segments[0].base, segments[segments.len() - 1].end)
    }

    /// Bytes of the files, up to where they may be read.
    pub fn stored_bytes(&self) -> u64 {
        self.segments.lock().iter().map(|segment| segment.end_byte).sum()
    }

    /// What readers may see, as it is published.
    pub fn published(&self) -> Published {
        let segments = self.segments.lock();
        let last = &segments[segments.len() - 1];
        Published { base: last.base, byte: last.end_byte, end: last.end }
    }

    /// Takes over the files found by opening the partition again. Both ends only go forward.
    pub fn replace(&self, found: Vec<Segment>) {
        let mut segments = self.segments.lock();
        let (start, end) = (segments[0].base, segments[segments.len() - 1].end);
        assert!(found.last().is_some_and(|last| last.end >= end), "the high watermark goes back");
        *segments = found;
        // An expired file that could not be removed is found again; readers no longer count on it.
        let expired = segments.partition_point(|segment| segment.base < start);
        let expired = expired.min(segments.len() - 1);
        segments.drain(..expired);
    }

    /// Lets the owner (the writer, or the follower of another process's writer) change the files.
    pub fn change<T>(&self, change: impl FnOnce(&mut Vec<Segment>) -> T) -> T {
        change(&mut self.segments.lock())
    }

    /// Whether there is something to read, or an error to tell, at this offset.
    pub fn is_ready(&self, offset: Offset) -> bool {
        self.ends().1 != offset
    }

    /// The error for an offset outside what is held.
    pub fn check_range(&self, asked: Offset) -> Result<(), BrokerError> {
        let (start, end) = self.ends();
        if (start..=end).contains(&asked) {
            return Ok(());
        }
        Err(BrokerError::OffsetOutOfRange { partition: self.number, asked, start, end })
    }

    /// Reads records from a place on, at most so many, from one stretch of one file; advances the
    /// place past what it returns. Empty only at the high watermark. Records before a damaged
    /// place are still returned; the next call then tells of the damage.
    pub fn read(&self, place: &mut Place, max_records: usize) -> Result<Vec<Record>, BrokerError> {
        self.check_range(place.offset)?;
        let Some(span) = self.span(place) else { return Ok(Vec::new()) };
        let (records, headers) = (Vec::new(), LastHeaders::default());
        let mut taken = Taken { records, max_records, at: span.from_byte, headers };
        // What is ahead counts for the byte that it was read at.
        let mut chunk = std::mem::take(&mut place.ahead);
        if chunk.is_empty() || place.byte != Some(span.from_byte) {
            chunk = span.load(taken.at, READ_BYTES)?;
        }
        while taken.at < span.end_byte {
            match self.take(&span, &mut chunk, place, &mut taken) {
                Err(error) if taken.records.is_empty() => return Err(error),
                Ok(missing) if taken.records.is_empty() => {
                    chunk = span.load(taken.at, missing.max(READ_BYTES))?;
                }
                Ok(_) => {
                    // An empty rest would keep the whole chunk in memory.
                    place.ahead = if chunk.is_empty() { Bytes::new() } else { chunk };
                    break;
                }
                Err(_) => break,
            }
        }
        Ok(taken.records)
    }

    /// Takes whole frames from the front of a chunk; answers the length of the frame that did not
    /// fit.
    fn take(
        &self,
        span: &Span,
        chunk: &mut Bytes,
        place: &mut Place,
        taken: &mut Taken,
    ) -> Result<usize, BrokerError> {
        while taken.records.len() < taken.max_records && taken.at < span.end_byte {
            let at = taken.at;
            let head = match frame::check(chunk) {
                Ok(head) => head,
                Err(NoFrame::Short(length)) if at + length as u64 <= span.end_byte => {
                    return Ok(length);
                }
                Err(NoFrame::Short(_)) => return Err(span.damaged(at, "the frame is cut short")),
                Err(NoFrame::Damaged(detail)) => return Err(span.damaged(at, detail)),
            };
            let record = self.accept(span, (chunk, &head), at, place, &mut taken.headers)?;
            taken.records.extend(record);
            chunk.advance(head.length_bytes);
            taken.at += head.length_bytes as u64;
            place.byte = Some(taken.at);
        }
        Ok(0)
    }

    /// The record of a frame, or `None` if it is before the place.
    fn accept(
        &self,
        span: &Span,
        (bytes, head): (&Bytes, &Head),
        at: u64,
        place: &mut Place,
        headers: &mut LastHeaders,
    ) -> Result<Option<Record>, BrokerError> {
        if !(span.base..span.end).contains(&head.offset) || head.offset > place.offset {
            return Err(span.damaged(at, "a frame carries another offset than its place"));
        }
        if head.offset < place.offset {
            return Ok(None);
        }
        let record = frame::decode(bytes, head, self.number, headers)
            .ok_or_else(|| span.damaged(at, "the fields do not add up"))?;
        place.offset += 1;
        Ok(Some(record))
    }

    /// First offset of this time or later; the high watermark if there is none.
    pub fn offset_at_time(&self, timestamp_ms: i64) -> Result<Offset, BrokerError> {
        let found = {
            let segments = self.segments.lock();
            let index = segments.partition_point(|s| s.last_timestamp_ms < timestamp_ms);
            segments.get(index).map(|segment| segment.place_before_time(timestamp_ms))
        };
        let Some((offset, byte)) = found else { return Ok(self.ends().1) };
        let mut place = Place { byte: Some(byte), ..Place::at(offset) };
        loop {
            let records = self.read(&mut place, usize::MAX)?;
            if let Some(record) = records.iter().find(|r| r.timestamp_ms >= timestamp_ms) {
                return Ok(record.position.offset);
            }
            if records.is_empty() {
                return Ok(place.offset);
            }
        }
    }

    fn span(&self, place: &Place) -> Option<Span> {
        let segments = self.segments.lock();
        let index = segments.partition_point(|segment| segment.end <= place.offset);
        let segment = segments.get(index)?;
        let known = place.byte.filter(|_| place.offset > segment.base);
        Some(Span {
            file: Arc::clone(&segment.file),
            path: segment.path.clone(),
            base: segment.base,
            end: segment.end,
            from_byte: known.unwrap_or_else(|| segment.byte_before(place.offset)),
            end_byte: segment.end_byte,
        })
    }
}

impl Span {
    fn load(&self, at: u64, needed: usize) -> Result<Bytes, BrokerError> {
        let left = usize::try_from(self.end_byte - at).unwrap_or(usize::MAX);
        let length = needed.min(left);
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let next = at + bytes.len() as u64;
            let mut read = || pread(&self.file, spare_capacity(&mut bytes), next);
            match retry_on_intr(&mut read) {
                Ok(0) => return Err(self.damaged(at, "the file ends too early")),
                Ok(_) => {}
                Err(error) => {
                    let operation = format!("reading {}", self.path.display());
                    return Err(BrokerError::io(operation, &error.into()));
                }
            }
        }
        bytes.truncate(length);
        Ok(Bytes::from(bytes))
    }

    fn damaged(&self, at: u64, detail: &str) -> BrokerError {
        damaged(&self.path, at, detail)
    }
}

/// The error that names file and byte.
pub(super) fn damaged(path: &std::path::Path, at: u64, detail: &str) -> BrokerError {
    BrokerError::Corrupt { file: path.display().to_string(), at, detail: detail.to_owned() }
}

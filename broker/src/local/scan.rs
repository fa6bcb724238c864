//! Reads a file's frames from front to back, checking each one.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::frame::{self, Head, NoFrame};
use super::segment::{FILE_HEAD_BYTES, Segment, file_head};

/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// What a scan found after the last good frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// The limit, exactly.
    Clean,
    /// Something that is no frame, from the segment's `end_byte` on.
    Broken(&'static str),
}

/// Adds the frames between the segment's end and `limit_byte` to it.
pub(super) fn extend(segment: &mut Segment, limit_byte: u64) -> io::Result<Ending> {
    let mut window = Window::new(segment, limit_byte);
    while segment.end_byte < limit_byte {
        match window.head_at(segment.end_byte)? {
            Ok(head) if head.offset == segment.end => segment.push(&head),
            Ok(_) => return Ok(Ending::Broken("a frame carries another offset than its place")),
            Err(NoFrame::Short(_)) => return Ok(Ending::Broken("the frame is cut short")),
            Err(NoFrame::Damaged(detail)) => return Ok(Ending::Broken(detail)),
        }
    }
    Ok(Ending::Clean)
}

/// Whether the file starts with the head that its name asks for.
pub(super) fn head_fits(file: &File, partition: u32, base: u64) -> io::Result<bool> {
    let mut head = vec![0; usize::try_from(FILE_HEAD_BYTES).unwrap_or_default()];
    match file.read_exact_at(&mut head, 0) {
        Ok(()) => Ok(head == file_head(partition, base)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The furthest byte that a whole frame after the broken place proves to have been on disk; 0 if
/// there is none. Tries every byte, as nothing says where the next frame starts.
pub(super) fn proven_end(segment: &Segment, limit_byte: u64) -> io::Result<u64> {
    let mut window = Window::new(segment, limit_byte);
    let frames_at_most = (limit_byte - segment.end_byte) / frame::HEAD_BYTES as u64;
    let plausible = segment.end + 1..=segment.end + frames_at_most;
    let mut proven = 0;
    let mut at = segment.end_byte + 1;
    while at < limit_byte {
        // The offset is looked at first: it spares nearly every checksum over bytes at random.
        let offset = window.bytes_at(at, frame::HEAD_BYTES)?.get(8..16);
        let offset = offset.and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
        let head = match offset {
            Some(offset) if plausible.contains(&offset) => window.head_at(at)?.ok(),
            Some(_) => None,
            None => break,
        };
        if let Some(head) = head {
            proven = proven.max(at.saturating_sub(u64::from(head.unsynced_bytes)));
        }
        at += head.map_or(1, |head| head.length_bytes as u64);
    }
    Ok(proven)
}

/// A part of a file in memory that moves forward.
struct Window {
    file: std::sync::Arc<File>,
    start: u64,
    bytes: Vec<u8>,
    limit_byte: u64,
}

impl Window {
    fn new(segment: &Segment, limit_byte: u64) -> Self {
        Self { file: segment.file.clone(), start: 0, bytes: Vec::new(), limit_byte }
    }

    fn head_at(&mut self, at: u64) -> io::Result<Result<Head, NoFrame>> {
        let found = frame::check(self.from(at));
        let Err(NoFrame::Short(needed)) = found else { return Ok(found) };
        let loaded_to = self.start + self.bytes.len() as u64;
        if loaded_to >= self.limit_byte.min(at + needed as u64) && at >= self.start {
            return Ok(found);
        }
        self.load(at, needed)?;
        Ok(frame::check(self.from(at)))
    }

    fn bytes_at(&mut self, at: u64, needed: usize) -> io::Result<&[u8]> {
        if self.from(at).len() < needed {
            self.load(at, needed)?;
        }
        Ok(self.from(at))
    }

    fn from(&self, at: u64) -> &[u8] {
        let skipped = at.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        skipped.and_then(|skip| self.bytes.get(skip..)).unwrap_or_default()
    }

    fn load(&mut self, at: u64, needed: usize) -> io::Result<()> {
        let left = usize::try_from(self.limit_byte.saturating_sub(at)).unwrap_or(usize::MAX);
        self.bytes.resize(needed.max(CHUNK_BYTES).min(left), 0);
        self.start = at;
        self.file.read_exact_at(&mut self.bytes, at)
    }
}

//! Opening a partition for writing, at start and after a failure: what is kept, what is cut, what
//! is refused.
//!
//! A torn tail is what a crash may leave: bytes after the last whole frame of the last file, none
//! of them promised to anyone. It is cut. Any other damage is rot, and an error that names file
//! and byte: promised are all files but the last, everything before the published end, and
//! everything that a later whole frame proves to have been on disk before it was written.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use annals_schemas::{Offset, Partition};

use super::files::Files;
use super::partition::damaged;
use super::published::{self, Published};
use super::scan::{self, Ending};
use super::segment::{FILE_HEAD_BYTES, Segment, file_bases, file_head, file_path};
use crate::BrokerError;

const NOT_ITS_HEAD: &str = "the file's head is not that of this file";

/// A partition ready for the writer.
pub(super) struct Recovered {
    pub segments: Vec<Segment>,
    pub published: File,
}

/// Opens or makes the partition in its directory. `known` is what this process itself has synced
/// and shown to readers, if it had the partition open before.
pub(super) fn recover(
    directory: &Path,
    number: Partition,
    known: Option<Published>,
    files: &dyn Files,
) -> Result<Recovered, BrokerError> {
    let failed =
        |error: io::Error| BrokerError::io(format!("opening {}", directory.display()), &error);
    std::fs::create_dir_all(directory).map_err(failed)?;
    let published_file = open_published(directory).map_err(failed)?;
    // The file may lag behind what we know, never run ahead of it.
    let promised = known.or(Published::read(&published_file).map_err(failed)?);
    let mut bases = file_bases(directory).map_err(failed)?;
    let last_base = bases.pop().unwrap_or(0);
    let mut segments = Vec::with_capacity(bases.len() + 1);
    for base in bases {
        segments.push(open_closed(directory, number, base)?);
    }
    segments.push(open_last(directory, number, last_base, promised, files)?);
    check_chain(&segments, promised)?;
    Ok(Recovered { segments, published: published_file })
}

/// The file starts with the head of this partition and offset.
pub(super) fn check_head(
    file: &File,
    path: &Path,
    (number, base): (Partition, Offset),
) -> Result<(), BrokerError> {
    let failed = |error: io::Error| BrokerError::io(format!("reading {}", path.display()), &error);
    match scan::head_fits(file, number, base).map_err(failed)? {
        true => Ok(()),
        false => Err(damaged(path, 0, NOT_ITS_HEAD)),
    }
}

/// A file that is not the last one: from its side file, otherwise by reading all of it.
pub(super) fn open_closed(
    directory: &Path,
    number: Partition,
    base: Offset,
) -> Result<Segment, BrokerError> {
    let path = file_path(directory, base);
    let failed = |error: io::Error| BrokerError::io(format!("reading {}", path.display()), &error);
    let file = File::open(&path).map_err(failed)?;
    let file_bytes = file.metadata().map_err(failed)?.len();
    check_head(&file, &path, (number, base))?;
    let mut segment = Segment::empty(path.clone(), file, base);
    if let Ok(bytes) = std::fs::read(segment.index_path())
        && let Some(indexed) = segment.clone().with_index(&bytes, file_bytes)
    {
        return Ok(indexed);
    }
    match scan::extend(&mut segment, file_bytes).map_err(failed)? {
        Ending::Clean => Ok(segment),
        Ending::Broken(detail) => Err(damaged(&path, segment.end_byte, detail)),
    }
}

fn open_last(
    directory: &Path,
    number: Partition,
    base: Offset,
    promised: Option<Published>,
    files: &dyn Files,
) -> Result<Segment, BrokerError> {
    let path = file_path(directory, base);
    let failed = |error: io::Error| BrokerError::io(format!("opening {}", path.display()), &error);
    let promised_byte = promised.filter(|end| end.base == base).map_or(0, |end| end.byte);
    if !path.exists() {
        return make_file(directory, number, base, files).map_err(failed);
    }
    let file = OpenOptions::new().read(true).write(true).open(&path).map_err(failed)?;
    let file_bytes = file.metadata().map_err(failed)?.len();
    let mut segment = Segment::empty(path.clone(), file, base);
    if !scan::head_fits(&segment.file, number, base).map_err(failed)? {
        // A crash while the file was made leaves a torn head and nothing after it.
        if file_bytes > FILE_HEAD_BYTES || promised_byte > 0 {
            return Err(damaged(&path, 0, NOT_ITS_HEAD));
        }
        files.write_at(&segment.file, &file_head(number, base), 0).map_err(failed)?;
    }
    let file_bytes = file_bytes.max(FILE_HEAD_BYTES);
    if let Ending::Broken(detail) = scan::extend(&mut segment, file_bytes).map_err(failed)? {
        let proven = scan::proven_end(&segment, file_bytes).map_err(failed)?;
        if proven.max(promised_byte) > segment.end_byte {
            return Err(damaged(&path, segment.end_byte, detail));
        }
        let cut_bytes = file_bytes - segment.end_byte;
        tracing::warn!(file = %path.display(), cut_bytes, "cut the tail of an unfinished write");
        files.cut(&segment.file, segment.end_byte).map_err(failed)?;
    } else if promised_byte > segment.end_byte {
        return Err(damaged(&path, segment.end_byte, "the file ends before its published end"));
    }
    settle(&segment, promised_byte, files).map_err(failed)?;
    Ok(segment)
}

/// Makes sure that what was found whole is on disk before anyone may read it.
///
/// Frames after the published end may exist only in the page cache, and a failed fsync before a
/// restart of the process leaves such pages marked clean: another fsync alone would succeed
/// without writing them. So they are written again first.
fn settle(segment: &Segment, promised_byte: u64, files: &dyn Files) -> io::Result<()> {
    let mut at = promised_byte.min(segment.end_byte);
    let mut chunk = vec![0; 1 << 20];
    while at < segment.end_byte {
        let left = usize::try_from(segment.end_byte - at).unwrap_or(usize::MAX).min(chunk.len());
        segment.file.read_exact_at(&mut chunk[..left], at)?;
        files.write_at(&segment.file, &chunk[..left], at)?;
        at += left as u64;
    }
    files.sync(&segment.file)?;
    let directory = segment.path.parent().unwrap_or(Path::new("."));
    files.sync_directory(directory)
}

/// Makes the file that starts at this offset.
///
/// If we stop after `create` the file has no head or a torn one: opening writes it again. If we
/// stop before the directory is synced a power cut may take the file: nothing in it was promised.
pub(super) fn make_file(
    directory: &Path,
    number: Partition,
    base: Offset,
    files: &dyn Files,
) -> io::Result<Segment> {
    let path = file_path(directory, base);
    let file = files.create(&path)?;
    files.write_at(&file, &file_head(number, base), 0)?;
    files.sync(&file)?;
    files.sync_directory(directory)?;
    Ok(Segment::empty(path, file, base))
}

/// Each file goes on where the one before ends, and the published end is in there.
fn check_chain(segments: &[Segment], promised: Option<Published>) -> Result<(), BrokerError> {
    for pair in segments.windows(2) {
        if pair[0].end != pair[1].base {
            let detail = format!("offsets {} to {} are missing", pair[0].end, pair[1].base);
            return Err(damaged(&pair[1].path, 0, &detail));
        }
    }
    let last = &segments[segments.len() - 1];
    match promised {
        Some(promised) if promised.end > last.end => {
            let detail = format!("published were the offsets before {}", promised.end);
            Err(damaged(&last.path, last.end_byte, &detail))
        }
        _ => Ok(()),
    }
}

fn open_published(directory: &Path) -> io::Result<File> {
    let path = published::path(directory);
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

//! Reading a log that another process writes: follows its published ends. Writes nothing.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use annals_schemas::Partition;

use super::partition::{Shared, damaged};
use super::published::{self, Published};
use super::recovery::{check_head, open_closed};
use super::scan::{self, Ending};
use super::segment::{FILE_HEAD_BYTES, Segment, file_bases, file_path};
use crate::BrokerError;

/// One partition followed.
pub(super) struct Follower {
    published: File,
    seen: parking_lot::Mutex<Option<Published>>,
    shared: Arc<Shared>,
}

impl Follower {
    /// Opens the partition as far as it is published.
    pub fn open(directory: &Path, number: Partition) -> Result<Self, BrokerError> {
        let path = published::path(directory);
        let failed =
            |error: io::Error| BrokerError::io(format!("opening {}", path.display()), &error);
        let published = File::open(&path).map_err(failed)?;
        let end = Published::read(&published).map_err(failed)?;
        let end = end.ok_or_else(|| damaged(&path, 0, "no whole published end"))?;
        let mut segments = Vec::new();
        for base in file_bases(directory).map_err(failed)? {
            if base < end.base {
                segments.push(open_closed(directory, number, base)?);
            }
        }
        segments.push(open_active(directory, number, end)?);
        let shared = Arc::new(Shared::new(number, directory.to_owned(), segments));
        Ok(Self { published, seen: parking_lot::Mutex::new(Some(end)), shared })
    }

    /// The readers' side.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Takes in what has been published since the last look.
    pub fn refresh(&self) -> Result<(), BrokerError> {
        let mut seen = self.seen.lock();
        let failed = |error: io::Error| {
            BrokerError::io(format!("reading {}", self.shared.directory.display()), &error)
        };
        let now = Published::read(&self.published).map_err(failed)?;
        let Some(end) = now.filter(|end| seen.is_none_or(|seen| seen != *end)) else {
            return Ok(());
        };
        // Only this method changes the files, under `seen`; readers keep what they hold meanwhile.
        let mut segments = self.shared.change(|segments| segments.clone());
        self.follow(&mut segments, end)?;
        segments.retain(|segment| segment.base == end.base || segment.path.exists());
        self.shared.change(|shared| *shared = segments);
        *seen = Some(end);
        Ok(())
    }

    fn follow(&self, segments: &mut Vec<Segment>, end: Published) -> Result<(), BrokerError> {
        let directory = &self.shared.directory;
        let failed =
            |error: io::Error| BrokerError::io(format!("reading {}", directory.display()), &error);
        if let Some(last) = segments.last_mut() {
            if last.base == end.base {
                return extend(last, end.byte);
            }
            // The writer went on to another file: this one is complete.
            let file_bytes = last.file.metadata().map_err(failed)?.len();
            extend(last, file_bytes)?;
        }
        let newest = segments.last().map_or(0, |last| last.base);
        for base in file_bases(directory).map_err(failed)? {
            if base > newest && base < end.base {
                segments.push(open_closed(directory, self.shared.number, base)?);
            }
        }
        segments.push(open_active(directory, self.shared.number, end)?);
        Ok(())
    }
}

/// An end is published after the head of its file is on disk.
fn open_active(
    directory: &Path,
    number: Partition,
    end: Published,
) -> Result<Segment, BrokerError> {
    let path = file_path(directory, end.base);
    let file = File::open(&path)
        .map_err(|error| BrokerError::io(format!("opening {}", path.display()), &error))?;
    check_head(&file, &path, (number, end.base))?;
    let mut segment = Segment::empty(path, file, end.base);
    extend(&mut segment, end.byte.max(FILE_HEAD_BYTES))?;
    Ok(segment)
}

fn extend(segment: &mut Segment, to_byte: u64) -> Result<(), BrokerError> {
    let path = segment.path.clone();
    let failed = |error: io::Error| match error.kind() {
        // An end is published after the bytes are on disk: such a file was cut.
        io::ErrorKind::UnexpectedEof => {
            damaged(&path, to_byte, "the file ends before its published end")
        }
        _ => BrokerError::io(format!("reading {}", path.display()), &error),
    };
    match scan::extend(segment, to_byte).map_err(failed)? {
        Ending::Clean => Ok(()),
        Ending::Broken(detail) => Err(damaged(&segment.path, segment.end_byte, detail)),
    }
}

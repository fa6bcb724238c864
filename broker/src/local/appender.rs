//! The writing end of one partition: places records, writes the group, syncs, publishes.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use annals_schemas::{NewRecord, Offset, Partition, Position};

use super::files::Files;
use super::frame::{self, Head};
use super::partition::Shared;
use super::published::Published;
use super::recovery::{Recovered, make_file, recover};
use super::segment::file_path;
use super::{Fsync, LocalOptions};
use crate::{Appended, BrokerError};

/// The only writer of one partition.
pub(super) struct Appender {
    shared: Arc<Shared>,
    files: Arc<dyn Files>,
    published: File,
    file: Arc<File>,
    path: PathBuf,
    /// Where the last file begins and what of it is readable, written and pending.
    base: Offset,
    synced_byte: u64,
    written_byte: u64,
    next_offset: Offset,
    last_timestamp_ms: i64,
    buffer: Vec<u8>,
    /// Frames after `synced_byte`, written or pending; readers get them once synced.
    unsynced: Vec<Head>,
}

/// Why a group could not be written.
pub(super) enum WriteFailure {
    /// No room on the device: the file is as it was, and a later try may work.
    NoSpace(BrokerError),
    /// The file's state is not known any more.
    Fatal(BrokerError),
}

impl Appender {
    /// Opens or makes the partition in its directory; publishes its end.
    pub fn open(
        number: Partition,
        directory: PathBuf,
        files: Arc<dyn Files>,
    ) -> Result<Self, BrokerError> {
        let Recovered { segments, published } = recover(&directory, number, None, &*files)?;
        let shared = Arc::new(Shared::new(number, directory, segments));
        Self::at_end(&shared, published, files)
    }

    /// Opens the partition again after a failure, for the readers it has.
    pub fn reopen(shared: &Arc<Shared>, files: Arc<dyn Files>) -> Result<Self, BrokerError> {
        let known = Some(shared.published());
        let recovered = recover(&shared.directory, shared.number, known, &*files)?;
        // What recovery keeps it has synced: readers may see it from here on.
        shared.replace(recovered.segments);
        Self::at_end(shared, recovered.published, files)
    }

    /// Goes on where the files end; publishes that end.
    fn at_end(
        shared: &Arc<Shared>,
        published: File,
        files: Arc<dyn Files>,
    ) -> Result<Self, BrokerError> {
        let appender = shared.change(|segments| {
            let last = &segments[segments.len() - 1];
            let newest = segments.iter().map(|segment| segment.last_timestamp_ms).max();
            Self {
                files,
                published,
                file: Arc::clone(&last.file),
                path: last.path.clone(),
                base: last.base,
                synced_byte: last.end_byte,
                written_byte: last.end_byte,
                next_offset: last.end,
                last_timestamp_ms: newest.unwrap_or(i64::MIN),
                buffer: Vec::new(),
                unsynced: Vec::new(),
                shared: Arc::clone(shared),
            }
        });
        appender.publish_end().map_err(|error| appender.failed("publishing", &error))?;
        Ok(appender)
    }

    /// The readers' side.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Whether something acknowledged is not synced yet.
    pub fn is_dirty(&self) -> bool {
        self.written_byte > self.synced_byte
    }

    /// Bytes placed but not written.
    pub fn pending_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Gives the record its offset and time, pending until `write`.
    pub fn place(&mut self, record: &NewRecord, now_ms: i64) -> Appended {
        let timestamp_ms = now_ms.max(self.last_timestamp_ms);
        let offset = self.next_offset;
        let byte = self.written_byte + self.buffer.len() as u64;
        // A file stays under 4 GiB: at most MAX_SEGMENT_BYTES and one group.
        let unsynced_bytes = u32::try_from(byte - self.synced_byte).unwrap_or(u32::MAX);
        let before = self.buffer.len();
        frame::encode(&mut self.buffer, record, offset, timestamp_ms, unsynced_bytes);
        let length_bytes = self.buffer.len() - before;
        let header_count = 0;
        let head = Head { offset, timestamp_ms, unsynced_bytes, header_count, length_bytes };
        self.unsynced.push(head);
        self.next_offset += 1;
        self.last_timestamp_ms = timestamp_ms;
        let position = Position { partition: self.shared.number, offset };
        Appended { position, timestamp_ms: Some(timestamp_ms) }
    }

    /// Writes what is pending and, at level `Always`, syncs and publishes it.
    pub fn write(&mut self, options: &LocalOptions) -> Result<(), WriteFailure> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        // If we stop inside this write there is a torn tail that nobody was promised.
        if let Err(error) = self.files.write_at(&self.file, &self.buffer, self.written_byte) {
            return Err(self.take_back(&error));
        }
        self.written_byte += self.buffer.len() as u64;
        self.buffer.clear();
        self.buffer.shrink_to(1 << 20);
        if options.fsync == Fsync::Always {
            self.sync().map_err(WriteFailure::Fatal)?;
        }
        if self.written_byte >= options.segment_bytes {
            self.sync().and_then(|()| self.roll()).map_err(WriteFailure::Fatal)?;
        }
        Ok(())
    }

    /// Syncs what is written, then lets readers see it.
    pub fn sync(&mut self) -> Result<(), BrokerError> {
        if !self.is_dirty() {
            return Ok(());
        }
        self.files.sync(&self.file).map_err(|error| self.failed("fsync of", &error))?;
        // If we stop here everything is on disk but unpublished: opening finds and publishes it.
        self.synced_byte = self.written_byte;
        let synced = std::mem::take(&mut self.unsynced);
        self.shared.change(|segments| {
            if let Some(last) = segments.last_mut() {
                synced.iter().for_each(|head| last.push(head));
            }
        });
        self.publish_or_warn();
        Ok(())
    }

    /// The records are on disk whatever happens here: other processes see them later.
    fn publish_or_warn(&self) {
        if let Err(error) = self.publish_end() {
            let file = self.path.display();
            tracing::warn!(%file, %error, "the end could not be published to other processes");
        }
    }

    fn publish_end(&self) -> io::Result<()> {
        let end = Published { base: self.base, byte: self.synced_byte, end: self.shared.ends().1 };
        self.files.write_at(&self.published, &end.to_bytes(), 0)
    }

    /// Closes the file, which is synced, and begins the next one. Without room on the device the
    /// file simply goes on, and the next write tries again.
    fn roll(&mut self) -> Result<(), BrokerError> {
        let base = self.next_offset;
        let made = make_file(&self.shared.directory, self.shared.number, base, &*self.files);
        let segment = match made {
            Ok(segment) => segment,
            Err(error) => return self.unmake_file(base, &error),
        };
        // If we stop here the new file is empty and the published end still names the one before.
        if let Some(closed) = self.shared.change(|segments| segments.last().cloned()) {
            // If we stop here, or this fails, opening reads the whole file instead.
            let _ = self.files.replace(&closed.index_path(), &closed.index_bytes());
        }
        self.file = Arc::clone(&segment.file);
        self.path = segment.path.clone();
        self.base = base;
        self.synced_byte = segment.end_byte;
        self.written_byte = segment.end_byte;
        self.shared.change(|segments| segments.push(segment));
        self.publish_or_warn();
        Ok(())
    }

    /// Removes a file that could not be made whole; an error unless only room was missing.
    fn unmake_file(&self, base: Offset, error: &io::Error) -> Result<(), BrokerError> {
        let path = file_path(&self.shared.directory, base);
        let removed = match self.files.remove(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => self.files.sync_directory(&self.shared.directory),
        };
        if is_no_space(error) && removed.is_ok() {
            return Ok(());
        }
        Err(self.failed("making the file after", error))
    }

    /// After a failed write: forgets the pending records, if the file can be cut back.
    fn take_back(&mut self, error: &io::Error) -> WriteFailure {
        let failure = self.failed("writing", error);
        if !is_no_space(error) || self.files.cut(&self.file, self.written_byte).is_err() {
            return WriteFailure::Fatal(failure);
        }
        self.buffer.clear();
        self.unsynced.retain({
            let mut byte = self.synced_byte;
            let written_byte = self.written_byte;
            move |head| {
                byte += head.length_bytes as u64;
                byte <= written_byte
            }
        });
        self.next_offset =
            self.unsynced.last().map_or_else(|| self.shared.ends().1, |head| head.offset + 1);
        WriteFailure::NoSpace(BrokerError::Unavailable { detail: failure.to_string() })
    }

    fn failed(&self, what: &str, error: &io::Error) -> BrokerError {
        BrokerError::io(format!("{what} {}", self.path.display()), error)
    }
}

fn is_no_space(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

//! Files being written: invisible until they are adopted, gone if they are not.
//!
//! Guarantees that what was not written completely is never read or adopted, that a file's bytes
//! no longer change once they were read, and that whatever a crash leaves lies under a name that
//! [`Staging::clear`] removes. Deliberately not here: how a staged file becomes an object.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ObjectFile;
use super::map::map;
use crate::StoreError;

const BUFFER_BYTES: usize = 256 * 1024;

/// The directory of a storage's staged files.
#[derive(Debug)]
pub(super) struct Staging {
    directory: PathBuf,
    next: AtomicU64,
}

impl Staging {
    /// Below a storage's root or a cache's directory; made when first used.
    pub(super) fn below(root: &Path) -> Self {
        Self { directory: root.join("staging"), next: AtomicU64::new(1) }
    }

    /// A new file of an unused name, `stage#<n>`: local listings leave such names out.
    pub(super) fn create(&self) -> Result<StagedFile, StoreError> {
        let failed = |path: &Path, source| {
            let path = path.display().to_string();
            StoreError::Write { path, source }
        };
        std::fs::create_dir_all(&self.directory).map_err(|error| failed(&self.directory, error))?;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let path = self.directory.join(format!("stage#{number}"));
            match File::options().read(true).write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(StagedFile::new(Name { path, file: Arc::new(file) })),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(&path, error)),
            }
        }
    }

    /// Removes what a crash left. The caller is the only writer.
    pub(super) fn clear(&self) -> Result<(), StoreError> {
        if self.directory.exists() { clear_below(&self.directory) } else { Ok(()) }
    }
}

/// Removes every `NAME#<n>` below a directory: staged files and cut-off writes.
pub(super) fn clear_below(root: &Path) -> Result<(), StoreError> {
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        let failed = |source| StoreError::Read { path: directory.display().to_string(), source };
        for entry in std::fs::read_dir(&directory).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                directories.push(path);
            } else if is_staging(&path) {
                std::fs::remove_file(&path).map_err(failed)?;
            }
        }
    }
    Ok(())
}

fn is_staging(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.rsplit_once('#').is_some_and(|(_, number)| number.parse::<u64>().is_ok())
}

/// An object being written, larger than memory should hold. Removed when dropped.
///
/// It is written from front to end, then opened or adopted; from then on it refuses writes. After
/// a failed write or sync it can be neither: what is missing from it is not known.
#[derive(Debug)]
pub struct StagedFile {
    path: String,
    position: u64,
    state: State,
    /// `None` in memory, and after the file was given to its owner.
    name: Option<Name>,
}

#[derive(Debug)]
enum State {
    Writing(Sink),
    Written(ObjectFile),
    Failed,
}

#[derive(Debug)]
enum Sink {
    File(BufWriter<Arc<File>>),
    Memory(Vec<u8>),
}

/// A staged file on disk.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) path: PathBuf,
    pub(super) file: Arc<File>,
}

impl StagedFile {
    pub(super) fn in_memory() -> Self {
        let state = State::Writing(Sink::Memory(Vec::new()));
        Self { path: "staged in memory".to_owned(), position: 0, state, name: None }
    }

    fn new(name: Name) -> Self {
        let sink = Sink::File(BufWriter::with_capacity(BUFFER_BYTES, name.file.clone()));
        let path = name.path.display().to_string();
        Self { path, position: 0, state: State::Writing(sink), name: Some(name) }
    }

    /// How many bytes were written: where the next one goes.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Ends writing and opens what was written, for instance to verify it before it is adopted.
    pub(crate) fn open(&mut self) -> Result<ObjectFile, StoreError> {
        let file = match std::mem::replace(&mut self.state, State::Failed) {
            State::Written(file) => file,
            State::Writing(Sink::Memory(bytes)) => ObjectFile::in_memory(&self.path, bytes.into()),
            State::Writing(Sink::File(writer)) => self.finish(writer)?,
            State::Failed => return Err(self.failed(std::io::Error::other(FAILED))),
        };
        self.state = State::Written(file.clone());
        Ok(file)
    }

    fn finish(&self, writer: BufWriter<Arc<File>>) -> Result<ObjectFile, StoreError> {
        let file = writer.into_inner().map_err(|error| self.failed(error.into_error()))?;
        let map = map(&file).map_err(|error| self.failed(error))?;
        let file = ObjectFile::mapped(&self.path, map);
        if file.length() != self.position {
            let detail = format!("{} bytes were written, it has {}", self.position, file.length());
            return Err(StoreError::corrupt(&self.path, 0, detail));
        }
        Ok(file)
    }

    /// Its name on disk, for a link or a rename.
    pub(super) fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// After a failed sync a second one may succeed without having written anything.
    pub(super) fn sync_failed(&mut self, source: std::io::Error) -> StoreError {
        self.state = State::Failed;
        self.failed(source)
    }

    /// The file has been renamed: nothing is left to remove.
    pub(super) fn renamed(&mut self) {
        self.name = None;
    }

    fn failed(&self, source: std::io::Error) -> StoreError {
        StoreError::Write { path: self.path.clone(), source }
    }
}

const FAILED: &str = "an earlier write or sync failed";

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = match &mut self.state {
            State::Writing(Sink::File(writer)) => writer.write(bytes),
            State::Writing(Sink::Memory(buffer)) => buffer.write(bytes),
            State::Written(_) => return Err(std::io::Error::other("it is read already")),
            State::Failed => return Err(std::io::Error::other(FAILED)),
        };
        match &written {
            Ok(count) => self.position += *count as u64,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => self.state = State::Failed,
        }
        written
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let State::Writing(Sink::File(writer)) = &mut self.state else { return Ok(()) };
        writer.flush().inspect_err(|_| self.state = State::Failed)
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        // What cannot be removed here is removed with the leftovers of crashes.
        if let Err(error) = std::fs::remove_file(&name.path) {
            tracing::warn!(path = self.path, %error, "a staged file could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Storage;

    #[tokio::test]
    async fn a_file_whose_write_failed_is_never_adopted() {
        let storage = Storage::memory();
        let full = File::options().write(true).open("/dev/full").unwrap();
        let state = State::Writing(Sink::File(BufWriter::new(Arc::new(full))));
        let mut staged = StagedFile { path: "full".to_owned(), position: 0, state, name: None };
        let failed = (0..10).find_map(|_| staged.write_all(&[1; 100_000]).err());
        assert_eq!(failed.unwrap().kind(), ErrorKind::StorageFull);
        assert!(staged.write_all(b"more").is_err());
        for _ in 0..2 {
            let error = storage.adopt("a/b", &mut staged).await.unwrap_err();
            assert!(matches!(error, StoreError::Write { .. }) && error.is_retryable());
        }
        assert_eq!(storage.list("").await.unwrap(), [""; 0]);
    }

    #[tokio::test]
    async fn a_file_whose_sync_failed_is_never_adopted() {
        let directory = tempfile::tempdir().unwrap();
        let storage = Storage::local(directory.path()).unwrap();
        let path = directory.path().join("stage#1");
        std::fs::write(&path, "bytes").unwrap();
        // A device cannot be synced.
        let file = Arc::new(File::open("/dev/null").unwrap());
        let name = Some(Name { path, file });
        let state = State::Written(ObjectFile::in_memory("written", "bytes".into()));
        let mut staged = StagedFile { path: "unsynced".to_owned(), position: 5, state, name };
        let error = storage.adopt("a/b", &mut staged).await.unwrap_err();
        assert!(matches!(error, StoreError::Write { .. }), "{error:?}");
        let error = storage.adopt("a/b", &mut staged).await.unwrap_err();
        let StoreError::Write { source, .. } = error else { panic!("{error:?}") };
        assert_eq!(source.to_string(), FAILED, "a second sync is not believed");
        assert_eq!(storage.list("").await.unwrap(), [""; 0]);
    }
}

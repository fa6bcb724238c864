//! Small secret files: written whole, readable by their owner only, durable when the call returns.

use super::error::AccessError;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Whether `create` made the file or found one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Creation {
    /// The file is new and holds the given bytes.
    Created,
    /// There was one; it is as it was.
    Existed,
}

/// Writes a new file unless there is one. Of two processes that try at once exactly one creates.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<Creation, AccessError> {
    let beside = write_beside(path, bytes)?;
    // A hard link is put-if-absent: a crash before it leaves only the temporary file.
    let linked = fs::hard_link(&beside, path);
    let removed = fs::remove_file(&beside);
    match linked {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Creation::Existed),
        Err(source) => return Err(storage("write", path, source)),
    }
    removed.map_err(|source| storage("remove", &beside, source))?;
    sync_directory(path)?;
    Ok(Creation::Created)
}

/// Replaces the file in one step: a reader sees the old bytes or the new ones.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), AccessError> {
    let beside = write_beside(path, bytes)?;
    fs::rename(&beside, path).map_err(|source| storage("write", path, source))?;
    sync_directory(path)
}

/// Removes the file; that there is none is no error.
pub(super) fn remove(path: &Path) -> Result<(), AccessError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(storage("remove", path, error)),
        _ => Ok(()),
    }
}

/// The file's bytes, or `None` when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, AccessError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(storage("read", path, source)),
    }
}

/// Wraps a file system failure.
pub(super) fn storage(verb: &'static str, path: &Path, source: std::io::Error) -> AccessError {
    AccessError::Storage { verb, path: path.to_owned(), source }
}

/// Fills an array with random bytes of the machine.
pub(super) fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], AccessError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|_| AccessError::Randomness)?;
    Ok(bytes)
}

/// Lower-case hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes and fsyncs a temporary file next to `path`, making the directory first.
fn write_beside(path: &Path, bytes: &[u8]) -> Result<PathBuf, AccessError> {
    let directory = parent(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|source| storage("make", directory, source))?;
    let beside = directory.join(format!(".{}.tmp", hexadecimal(&random::<8>()?)));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)
        .map_err(|source| storage("write", &beside, source))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(|source| storage("write", &beside, source))?;
    Ok(beside)
}

/// Makes the directory entry itself durable.
fn sync_directory(path: &Path) -> Result<(), AccessError> {
    let directory = parent(path);
    File::open(directory)
        .and_then(|opened| opened.sync_all())
        .map_err(|source| storage("sync", directory, source))
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_creation_wins_and_only_the_owner_reads() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secrets/one");
        assert_eq!(create(&path, b"first").unwrap(), Creation::Created);
        assert_eq!(create(&path, b"second").unwrap(), Creation::Existed);
        assert_eq!(read(&path).unwrap().unwrap(), b"first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let secrets = path.parent().unwrap();
        assert_eq!(fs::metadata(secrets).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(secrets).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn replace_keeps_the_mode_and_absence_is_not_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("one");
        assert_eq!(read(&path).unwrap(), None);
        replace(&path, b"a").unwrap();
        replace(&path, b"b").unwrap();
        assert_eq!(read(&path).unwrap().unwrap(), b"b");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

//! Who writes in a log's directory: one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::BrokerError;

/// The right to write, until it is dropped or the process ends.
pub(super) struct DirectoryLock(File);

impl DirectoryLock {
    /// Takes it at once or not at all: `Locked` while another one has it.
    pub fn take(directory: &Path) -> Result<Self, BrokerError> {
        let path = directory.join("lock");
        let failed =
            |error: std::io::Error| BrokerError::io(format!("locking {}", path.display()), &error);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                Err(BrokerError::Locked { directory: directory.display().to_string() })
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

impl Drop for DirectoryLock {
    /// A child that was forked meanwhile has the file open until it starts its program: closing it
    /// here alone would leave the lock to that.
    fn drop(&mut self) {
        // What cannot be let go of goes with the file.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_let_go_of_though_a_child_has_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let lock = DirectoryLock::take(directory.path()).unwrap();
        // What a fork does to it.
        let inherited = lock.0.try_clone().unwrap();
        let again = DirectoryLock::take(directory.path()).err();
        assert!(matches!(again, Some(BrokerError::Locked { .. })));
        drop(lock);
        assert!(DirectoryLock::take(directory.path()).is_ok());
        drop(inherited);
    }
}

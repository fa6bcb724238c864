//! The data directory of one installation: `log/`, `store/`, `secrets/`, `run.json`.

use std::fs::{self, File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::exit::Failure;

/// How long `occupy` waits for a lock to be let go: commands that look hold it for a moment.
const OCCUPY_PATIENCE: Duration = Duration::from_millis(300);
/// How often it tries meanwhile.
const OCCUPY_PAUSE: Duration = Duration::from_millis(10);

/// Paths below the data directory.
#[derive(Debug, Clone)]
pub(crate) struct DataDirectory {
    root: PathBuf,
}

/// What `run.json` tells other commands of a running `up`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Running {
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// Its process.
    pub(crate) pid: u32,
}

/// Held while `up` runs: one process writes a data directory.
pub(crate) struct Occupied {
    _lock: File,
    run_file: PathBuf,
}

impl DataDirectory {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    /// A directory `store.<what>`, on the store's file system.
    pub(crate) fn beside_store(&self, what: &str) -> PathBuf {
        self.root.join(format!("store.{what}"))
    }

    /// Derived: may be removed at any time.
    pub(crate) fn names(&self) -> PathBuf {
        self.root.join("index")
    }

    /// Hashes for proofs. Derived: may be removed at any time.
    pub(crate) fn tiles(&self) -> PathBuf {
        self.root.join("tiles")
    }

    /// Segments of a remote store.
    pub(crate) fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// Manifests of exports.
    pub(crate) fn exports(&self) -> PathBuf {
        self.root.join("exports")
    }

    pub(crate) fn secrets(&self) -> PathBuf {
        self.root.join("secrets")
    }

    fn run_file(&self) -> PathBuf {
        self.root.join("run.json")
    }

    /// Makes the directory if it is missing and takes it for this process.
    pub(crate) fn occupy(&self) -> Result<Occupied, Failure> {
        let failed = |error: std::io::Error| {
            Failure::usage(format!("data directory {}: {error}", self.root.display()))
        };
        fs::create_dir_all(&self.root).map_err(failed)?;
        let lock = File::create(self.root.join("lock")).map_err(failed)?;
        match lock_patiently(&lock) {
            Ok(()) => Ok(Occupied { _lock: lock, run_file: self.run_file() }),
            Err(TryLockError::WouldBlock) => Err(Failure::usage(format!(
                "{} is in use by another `annals up`{}",
                self.root.display(),
                self.running().map(|run| format!(" (pid {})", run.pid)).unwrap_or_default(),
            ))),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The `up` that has this directory, if one runs.
    pub(crate) fn running(&self) -> Option<Running> {
        let lock = File::open(self.root.join("lock")).ok()?;
        // Shared: commands that look at the same moment do not take one another for an `up`.
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {}
            _ => return None,
        }
        serde_json::from_slice(&fs::read(self.run_file()).ok()?).ok()
    }
}

fn lock_patiently(lock: &File) -> Result<(), TryLockError> {
    let deadline = Instant::now() + OCCUPY_PATIENCE;
    loop {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(OCCUPY_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

impl Occupied {
    /// Tells other commands where this process answers.
    pub(crate) fn announce(&self, address: SocketAddr) -> std::io::Result<()> {
        let running = Running { address, pid: std::process::id() };
        let text = serde_json::to_vec(&running).expect("plain data");
        let beside = self.run_file.with_extension("json.new");
        fs::write(&beside, text)?;
        fs::rename(beside, &self.run_file)
    }
}

impl Drop for Occupied {
    fn drop(&mut self) {
        // A file left behind by a crash is harmless: the lock tells whether anybody runs.
        let _ = fs::remove_file(&self.run_file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An import that looked at the instant `up` started made `up` exit 2.
    #[test]
    fn a_command_that_only_looks_does_not_keep_up_from_starting() {
        let root = tempfile::tempdir().unwrap();
        let data = DataDirectory::new(root.path());
        drop(data.occupy().unwrap());
        let looking = File::open(root.path().join("lock")).unwrap();
        looking.try_lock_shared().unwrap();
        let (started, starting) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let up = scope.spawn(|| {
                started.send(()).unwrap();
                data.occupy().map(drop)
            });
            starting.recv().unwrap();
            std::thread::sleep(OCCUPY_PAUSE);
            drop(looking);
            assert!(up.join().unwrap().is_ok());
        });
    }

    /// Two looks at one moment took each other for a running `up`.
    #[test]
    fn looking_tells_an_up_from_another_look() {
        let root = tempfile::tempdir().unwrap();
        let data = DataDirectory::new(root.path());
        let occupied = data.occupy().unwrap();
        occupied.announce("127.0.0.1:8080".parse().unwrap()).unwrap();
        assert_eq!(data.running().unwrap().pid, std::process::id());
        assert!(data.occupy().is_err(), "one process writes a data directory");
        // The file outlives a crash; only the lock tells.
        let left_behind = fs::read(data.run_file()).unwrap();
        drop(occupied);
        fs::write(data.run_file(), left_behind).unwrap();
        let looking = File::open(root.path().join("lock")).unwrap();
        looking.try_lock_shared().unwrap();
        assert!(data.running().is_none());
    }
}

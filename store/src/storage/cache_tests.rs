//! What the cache promises: one download, a bound, a restart.

use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;
use object_store::ObjectStore;
use object_store::memory::InMemory;

use super::faults::{Fault, FaultScript, FaultingStore, Operation};
use super::{CacheOptions, Created, Storage};
use crate::StoreError;

/// A backend that counts, and a place for caches over it.
struct Remote {
    backend: FaultingStore,
    directory: tempfile::TempDir,
}

impl Remote {
    fn new() -> Self {
        let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let backend = FaultingStore::over(memory, FaultScript::default());
        Self { backend, directory: tempfile::tempdir().unwrap() }
    }

    async fn with_objects(names: &[&str]) -> Self {
        let remote = Self::new();
        let storage = Storage::over(Arc::new(remote.backend.clone()));
        for name in names {
            storage.put_if_absent(name, Bytes::from(vec![7; 1000])).await.unwrap();
        }
        remote
    }

    fn open(&self, limit_bytes: u64) -> Storage {
        let directory = self.directory.path().to_path_buf();
        let storage = Storage::over(Arc::new(self.backend.clone()));
        storage.with_cache(&CacheOptions { directory, limit_bytes }).unwrap()
    }

    fn gets(&self) -> u64 {
        self.backend.count(Operation::Get)
    }

    /// Number and total length of the files below the cache's directory.
    fn files(&self, name: &str) -> (usize, u64) {
        let Ok(entries) = std::fs::read_dir(self.directory.path().join(name)) else {
            return (0, 0);
        };
        let lengths = entries.map(|entry| entry.unwrap().metadata().unwrap().len());
        lengths.fold((0, 0), |(count, total), length| (count + 1, total + length))
    }
}

#[tokio::test]
async fn concurrent_opens_download_once() {
    let remote = Remote::with_objects(&["a"]).await;
    let storage = remote.open(10_000);
    for file in join_all((0..20).map(|_| storage.open("a"))).await {
        assert_eq!(file.unwrap().bytes(0, 1000).unwrap(), [7; 1000]);
    }
    assert_eq!(remote.gets(), 2, "a look at the length and one part");
    assert_eq!((remote.files("objects"), remote.files("staging").0), ((1, 1000), 0));
}

#[tokio::test]
async fn the_bound_holds_and_open_files_stay_readable() {
    let remote = Remote::with_objects(&["a", "b", "c", "d"]).await;
    let storage = remote.open(2500);
    let mut open = Vec::new();
    for name in ["a", "b", "a", "c", "d"] {
        open.push(storage.open(name).await.unwrap());
        assert!(remote.files("objects").1 <= 2500);
    }
    for file in &open {
        assert_eq!(file.bytes(0, 1000).unwrap(), [7; 1000], "{}", file.path());
    }
    let before = remote.gets();
    storage.open("d").await.unwrap();
    storage.open("c").await.unwrap();
    assert_eq!(remote.gets(), before, "the two most recently used are kept");
    storage.open("a").await.unwrap();
    assert_eq!(remote.gets(), before + 2);
}

#[tokio::test]
async fn what_is_larger_than_the_bound_is_read_and_not_kept() {
    let remote = Remote::with_objects(&["a"]).await;
    let storage = remote.open(999);
    assert_eq!(storage.open("a").await.unwrap().bytes(999, 1).unwrap(), [7]);
    assert_eq!((remote.files("objects").0, remote.files("staging").0), (0, 0));
}

#[tokio::test]
async fn a_restart_takes_over_whole_files_and_clears_the_rest() {
    let remote = Remote::with_objects(&["a", "b"]).await;
    let storage = remote.open(10_000);
    storage.open("a").await.unwrap();
    storage.open("b").await.unwrap();
    drop(storage);
    let objects = remote.directory.path().join("objects");
    let torn = std::fs::read_dir(&objects).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&torn, "torn").unwrap();
    std::fs::write(objects.join("a stranger"), "x").unwrap();
    std::fs::write(remote.directory.path().join("staging/stage#9"), "half").unwrap();
    let before = remote.gets();
    let storage = remote.open(10_000);
    assert_eq!((remote.files("objects"), remote.files("staging").0), ((1, 1000), 0));
    storage.open("a").await.unwrap();
    storage.open("b").await.unwrap();
    assert_eq!(remote.gets(), before + 2, "only the torn one comes again");
}

#[tokio::test]
async fn a_restart_with_a_smaller_bound_gives_files_up() {
    let remote = Remote::with_objects(&["a", "b", "c"]).await;
    let storage = remote.open(10_000);
    for name in ["a", "b", "c"] {
        storage.open(name).await.unwrap();
    }
    drop(storage);
    let _storage = remote.open(2000);
    assert_eq!(remote.files("objects"), (2, 2000));
}

#[tokio::test]
async fn a_torn_download_is_never_kept() {
    let remote = Remote::with_objects(&["a"]).await;
    let storage = remote.open(10_000);
    for fault in [Fault::Torn, Fault::Refused] {
        // A download is a look at the length and its parts.
        for others in [0, 1] {
            remote.backend.plan_after(Operation::Get, others, fault);
            let error = storage.open("a").await.unwrap_err();
            assert!(error.is_retryable(), "{error:?}");
            assert_eq!((remote.files("objects").0, remote.files("staging").0), (0, 0));
        }
    }
    assert_eq!(storage.open("a").await.unwrap().length(), 1000);
}

#[tokio::test]
async fn a_file_that_was_tampered_with_is_fetched_again() {
    let remote = Remote::with_objects(&["a"]).await;
    let storage = remote.open(10_000);
    storage.open("a").await.unwrap();
    let objects = remote.directory.path().join("objects");
    let kept = std::fs::read_dir(objects).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&kept, "short").unwrap();
    assert_eq!(storage.open("a").await.unwrap().bytes(0, 1000).unwrap(), [7; 1000]);
    std::fs::remove_file(&kept).unwrap();
    assert_eq!(storage.open("a").await.unwrap().bytes(0, 1000).unwrap(), [7; 1000]);
    assert_eq!(remote.files("objects"), (1, 1000));
}

/// The length says nothing of a bit that has flipped on the local disk: the checksum that finds it
/// gives the copy up, and the object is whole again for whoever opens it next.
#[tokio::test]
async fn a_copy_with_a_flipped_bit_is_given_up_when_it_is_found_out() {
    let remote = Remote::with_objects(&["a"]).await;
    let storage = remote.open(10_000);
    drop(storage.open("a").await.unwrap());
    let objects = remote.directory.path().join("objects");
    let kept = std::fs::read_dir(objects).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&kept).unwrap();
    bytes[500] ^= 4;
    std::fs::write(&kept, &bytes).unwrap();
    let crc = crc32c::crc32c(&[7; 1000]);
    let damaged = storage.open("a").await.unwrap();
    for _ in 0..2 {
        let error = damaged.checked(0, 1000, crc).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
        // What was downloaded since is another copy, and stays.
        let whole = storage.open("a").await.unwrap();
        assert_eq!(whole.checked(0, 1000, crc).unwrap(), [7; 1000]);
        assert_eq!(remote.files("objects"), (1, 1000));
    }
    assert_eq!(remote.gets(), 4, "downloaded twice: a look at the length and one part each");
}

#[tokio::test]
async fn what_was_adopted_is_kept_without_a_download() {
    let remote = Remote::new();
    let storage = remote.open(10_000);
    let mut staged = storage.stage().unwrap();
    std::io::Write::write_all(&mut staged, &[5; 1000]).unwrap();
    assert_eq!(remote.files("staging").0, 1);
    assert_eq!(storage.adopt("a", &mut staged).await.unwrap(), Created::Mine);
    drop(staged);
    assert_eq!((remote.files("objects"), remote.files("staging").0), ((1, 1000), 0));
    let before = remote.gets();
    assert_eq!(storage.open("a").await.unwrap().bytes(0, 1000).unwrap(), [5; 1000]);
    assert_eq!(remote.gets(), before);
    storage.delete("a").await.unwrap();
    assert_eq!(remote.files("objects").0, 0);
}

#[tokio::test]
async fn paths_do_not_share_files() {
    let names = ["a/b", "a-b", "a%2Fb", "A/b", "a/b/c"];
    let remote = Remote::new();
    let storage = remote.open(10_000);
    for name in names {
        storage.put_if_absent(name, Bytes::from(name)).await.unwrap();
    }
    for name in names.into_iter().chain(names) {
        let file = storage.open(name).await.unwrap();
        assert_eq!(file.bytes(0, file.length()).unwrap(), name.as_bytes());
    }
    assert_eq!(remote.files("objects").0, names.len());
}

#[tokio::test]
async fn a_directory_serves_one_process() {
    let remote = Remote::new();
    let first = remote.open(10);
    let options = CacheOptions { directory: remote.directory.path().into(), limit_bytes: 10 };
    let second = Storage::memory().with_cache(&options).unwrap_err();
    assert!(matches!(&second, StoreError::CacheInUse { directory }
        if FilePath::new(directory) == remote.directory.path()));
    drop(first);
    Storage::memory().with_cache(&options).unwrap();
}

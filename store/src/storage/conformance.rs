//! The contract of [`Storage`], as a suite that every backend runs.
//!
//! Each clause is checked through a caller that does its part: it tries again after an error, and
//! after an unclear answer it reads back. So the suite also holds over a backend that fails, as
//! long as it fails as object stores do. Deliberately not here: durability, which only a power cut
//! or the crash suite can show.

use std::io::Write as _;

use bytes::Bytes;
use futures::future::join_all;

use super::adopt::PART_BYTES;
use super::{Created, ObjectFile, StagedFile, Storage};
use crate::StoreError;

/// How often the suite tries one call.
const TRIES: u32 = 200;
const CREATORS: u8 = 8;

/// Runs the suite. Each call of `fresh` gives an empty storage.
///
/// # Panics
/// When a clause does not hold.
pub async fn conforms(fresh: impl Fn() -> Storage) {
    let caller = || Caller(fresh());
    an_object_is_whole_or_absent(&caller()).await;
    one_creator_wins(&caller()).await;
    a_list_shows_what_was_created(&caller()).await;
    deleting_what_is_missing_succeeds(&caller()).await;
    an_open_object_outlives_its_name(&caller()).await;
    a_stretch_is_bounded_and_verified(&caller()).await;
    what_is_staged_is_invisible(&caller()).await;
    an_adopted_file_is_an_object(&caller()).await;
    an_adopted_file_replaces_nothing(&caller()).await;
}

async fn an_object_is_whole_or_absent(storage: &Caller) {
    assert_eq!(storage.get("a/b").await, None);
    assert!(storage.open_if_there("a/b").await.is_none(), "what is missing cannot be opened");
    for (path, bytes) in [("a/b", sample(1, 3)), ("empty", Bytes::new()), ("c", sample(2, 1 << 20))]
    {
        assert!(storage.create(path, &bytes).await, "{path}");
        assert_eq!(storage.get(path).await.as_ref(), Some(&bytes), "{path}");
        assert_eq!(storage.content(path).await, bytes, "{path}");
    }
}

async fn one_creator_wins(storage: &Caller) {
    let bytes: Vec<_> = (0..CREATORS).map(|creator| sample(creator, 1000)).collect();
    let created = join_all(bytes.iter().map(|bytes| storage.create("a/one", bytes))).await;
    let winners: Vec<_> = (0..bytes.len()).filter(|creator| created[*creator]).collect();
    assert_eq!(winners.len(), 1, "creators {winners:?}");
    assert_eq!(storage.get("a/one").await.as_ref(), Some(&bytes[winners[0]]));
    assert!(!storage.create("a/one", &sample(CREATORS, 10)).await, "it is never replaced");
    assert_eq!(storage.get("a/one").await.as_ref(), Some(&bytes[winners[0]]));
}

async fn a_list_shows_what_was_created(storage: &Caller) {
    assert_eq!(storage.list("").await, [""; 0]);
    let names = ["a/b/2", "a/b/10", "a/bc/1", "a.json"];
    for (index, name) in names.into_iter().enumerate() {
        assert!(storage.create(name, &Bytes::from(vec![1; index])).await);
        assert!(storage.list("").await.iter().any(|listed| listed == name), "{name}");
    }
    assert_eq!(storage.list("a/b").await, ["a/b/10", "a/b/2"], "a prefix ends at a slash");
    assert_eq!(storage.list("a").await, ["a/b/10", "a/b/2", "a/bc/1"]);
    assert_eq!(storage.list("").await, ["a.json", "a/b/10", "a/b/2", "a/bc/1"]);
    storage.delete("a/b/2").await;
    assert_eq!(storage.list("a/b").await, ["a/b/10"]);
}

async fn deleting_what_is_missing_succeeds(storage: &Caller) {
    storage.delete("never/there").await;
    assert!(storage.create("a/b", &sample(1, 10)).await);
    storage.delete("a/b").await;
    storage.delete("a/b").await;
    assert_eq!(storage.get("a/b").await, None);
    assert!(storage.open_if_there("a/b").await.is_none());
}

async fn an_open_object_outlives_its_name(storage: &Caller) {
    let bytes = sample(1, 100_000);
    assert!(storage.create("a/b", &bytes).await);
    let file = storage.open_if_there("a/b").await.expect("it was created");
    storage.delete("a/b").await;
    assert_eq!(whole(&file), bytes);
}

async fn a_stretch_is_bounded_and_verified(storage: &Caller) {
    assert!(storage.create("a/b", &Bytes::from("first")).await);
    let file = storage.open_if_there("a/b").await.expect("it was created");
    assert_eq!((file.path(), file.length()), ("a/b", 5));
    let right = crc32c::crc32c(b"rst");
    assert_eq!(file.checked(2, 3, right).expect("it is there"), b"rst");
    assert_eq!(file.bytes(5, 0).expect("the end is a place"), b"");
    assert_eq!(file.bytes(2, 3).expect("it is there"), b"rst");
    let place_of = |result: Result<&[u8], StoreError>| match result {
        Err(StoreError::Corrupt { path, at, .. }) => (path, at),
        other => panic!("{other:?}"),
    };
    let place = |at| ("a/b".to_owned(), at);
    assert_eq!(place_of(file.checked(2, 3, !right)), place(2));
    for (at, length) in [(3, 3), (6, 0), (u64::MAX, 1), (1, u64::MAX)] {
        assert_eq!(place_of(file.bytes(at, length)), place(at));
    }
    assert!(file.bytes(3, 3).is_err(), "a read past the end is an error");
}

async fn what_is_staged_is_invisible(storage: &Caller) {
    let mut staged = storage.stage(&sample(1, 300_000));
    assert_eq!(storage.list("").await, [""; 0]);
    let file = staged.open().expect("it was written");
    assert_eq!(storage.list("").await, [""; 0]);
    drop(staged);
    assert_eq!(whole(&file), sample(1, 300_000), "an open file outlives its name");
    assert_eq!(storage.list("").await, [""; 0]);
}

async fn an_adopted_file_is_an_object(storage: &Caller) {
    let parts = usize::try_from(2 * PART_BYTES + 1).expect("it fits");
    for (path, length) in [("a/small", 300_000), ("a/empty", 0), ("a/large", parts)] {
        let bytes = sample(7, length);
        let mut staged = storage.stage(&bytes);
        assert_eq!(whole(&staged.open().expect("it was written")), bytes, "{path}");
        assert!(staged.write_all(b"more").is_err(), "what was read does not change");
        assert!(storage.adopt(path, &mut staged).await, "{path}");
        assert!(storage.adopt(&format!("{path}-again"), &mut staged).await, "{path}");
        drop(staged);
        for path in [path, &format!("{path}-again")] {
            assert_eq!(storage.content(path).await, bytes, "{path}");
            assert!(storage.list("a").await.iter().any(|listed| listed == path), "{path}");
        }
    }
    assert_eq!(storage.list("").await.len(), 6);
}

async fn an_adopted_file_replaces_nothing(storage: &Caller) {
    let parts = usize::try_from(PART_BYTES + 1).expect("it fits");
    assert!(storage.create("a/b", &sample(1, 10)).await);
    for length in [20, parts] {
        let mut staged = storage.stage(&sample(2, length));
        assert!(!storage.adopt("a/b", &mut staged).await, "{length}");
    }
    assert_eq!(storage.content("a/b").await, sample(1, 10));
    assert_eq!(storage.list("").await, ["a/b"]);
}

fn sample(seed: u8, length: usize) -> Bytes {
    let mut state = u32::from(seed) + 1;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(next).collect()
}

fn whole(file: &ObjectFile) -> Bytes {
    let bytes = file.bytes(0, file.length()).expect("its length is its own");
    Bytes::copy_from_slice(bytes)
}

/// A caller that does its part of the contract.
struct Caller(Storage);

impl Caller {
    /// Whether this caller's bytes are the object. Bytes of different callers differ.
    async fn create(&self, path: &str, bytes: &Bytes) -> bool {
        for _ in 0..TRIES {
            let created = self.0.put_if_absent(path, bytes.clone()).await;
            let found = self.get(path).await;
            if matches!(created, Ok(Created::Mine)) {
                assert_eq!(found.as_ref(), Some(bytes), "{path}: mine is there and whole");
            }
            if let Some(found) = found {
                return found == bytes;
            }
        }
        panic!("creating {path} did not come to an end");
    }

    async fn adopt(&self, path: &str, staged: &mut StagedFile) -> bool {
        for _ in 0..TRIES {
            let adopted = self.0.adopt(path, staged).await;
            let found = self.get(path).await;
            let bytes = whole(&staged.open().expect("it was written"));
            if matches!(adopted, Ok(Created::Mine)) {
                assert_eq!(found.as_ref(), Some(&bytes), "{path}: mine is there and whole");
            }
            if let Some(found) = found {
                return found == bytes;
            }
        }
        panic!("adopting {path} did not come to an end");
    }

    fn stage(&self, bytes: &[u8]) -> StagedFile {
        let mut staged = self.0.stage().expect("a file can be staged");
        for part in bytes.chunks(100_001) {
            staged.write_all(part).expect("it can be written");
        }
        staged.flush().expect("it can be written");
        assert_eq!(staged.position(), bytes.len() as u64);
        staged
    }

    async fn get(&self, path: &str) -> Option<Bytes> {
        retry(path, async || self.0.get(path).await).await
    }

    async fn list(&self, prefix: &str) -> Vec<String> {
        retry(prefix, async || self.0.list(prefix).await).await
    }

    async fn delete(&self, path: &str) {
        retry(path, async || self.0.delete(path).await).await;
    }

    async fn content(&self, path: &str) -> Bytes {
        whole(&retry(path, async || self.0.open(path).await).await)
    }

    async fn open_if_there(&self, path: &str) -> Option<ObjectFile> {
        let is_missing = |error: &StoreError| match error {
            StoreError::Corrupt { .. } => true,
            StoreError::Read { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
            _ => false,
        };
        let open = async || match self.0.open(path).await {
            Err(error) if is_missing(&error) => Ok(None),
            opened => opened.map(Some),
        };
        retry(path, open).await
    }
}

async fn retry<T>(path: &str, call: impl AsyncFn() -> Result<T, StoreError>) -> T {
    let mut last = None;
    for _ in 0..TRIES {
        match call().await {
            Ok(done) => return done,
            Err(error) => last = Some(error),
        }
    }
    panic!("{path}: {last:?}");
}

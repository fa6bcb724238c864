//! Stores that are not as they were written: an error that names the file, or the right answer.

use std::sync::Arc;

use bytes::Bytes;
use object_store::ObjectStore;
use object_store::memory::InMemory;

use super::harness::{Setup, compact, copy, fill, open, segments};
use super::seen::{Seen, seen, try_locate_all, try_seen};
use crate::StoreError;
use crate::fixture::{Dice, log};
use crate::storage::{CacheOptions, Storage};

const MANIFESTS: &str = "partitions/0/manifests";

async fn filled(seed: u64) -> (Storage, Seen) {
    let storage = Storage::memory();
    let store = open(&storage).await;
    fill(&store, &log(seed, 300), 60).await;
    compact(&store).await.unwrap();
    (storage, seen(&store))
}

async fn head(storage: &Storage) -> (String, Bytes) {
    let path = storage.list(MANIFESTS).await.unwrap().pop().unwrap();
    let bytes = storage.get(&path).await.unwrap().unwrap();
    (path, bytes)
}

/// Reads everything there is: opened, every row, every fact, every id.
async fn read_all(storage: &Storage, reference: &Seen) -> Result<(), StoreError> {
    let store = Setup::new(storage).try_open(0).await?;
    let seen = try_seen(&store)?;
    assert_eq!(seen, *reference, "without an error everything has to be right");
    try_locate_all(&store, &seen)
}

/// INV-7: one flipped bit anywhere in a segment or in the head is an error that names the file, or
/// changes nothing that was read; never another answer.
#[tokio::test]
async fn a_flipped_bit_is_never_served() {
    let (storage, reference) = filled(13).await;
    let store = open(&storage).await;
    let live: Vec<String> =
        store.sealed("w0").unwrap().groups.iter().map(|g| g.segment.path().to_owned()).collect();
    let mut dice = Dice::new(17);
    for path in live.into_iter().chain([head(&storage).await.0]) {
        let bytes = storage.get(&path).await.unwrap().unwrap();
        let mut noticed = 0;
        for _ in 0..150 {
            let at = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
            let mut altered = bytes.to_vec();
            altered[at] ^= 1 << dice.below(8);
            let copy = copy(&storage, &path, Some(altered.into())).await;
            if let Err(error) = read_all(&copy, &reference).await {
                assert!(error.to_string().contains(&path), "{error}");
                assert!(!error.is_retryable(), "{error}");
                noticed += 1;
            }
        }
        // What no query reads may change unseen: lists, and the first bytes.
        let expected = if path.ends_with(".json") { 150 } else { 120 };
        assert!(noticed >= expected, "{path}: {noticed} of 150");
    }
}

/// A bit that flips in a cache's copy costs an answer at most: the bucket is whole, and whoever
/// opens the store next reads that.
#[tokio::test]
async fn a_flipped_bit_in_a_cached_copy_is_healed_from_the_bucket() {
    let backend: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let storage = Storage::over(backend.clone());
    let store = open(&storage).await;
    fill(&store, &log(19, 300), 60).await;
    compact(&store).await.unwrap();
    let reference = seen(&store);
    let directory = tempfile::tempdir().unwrap();
    let options = CacheOptions { directory: directory.path().to_path_buf(), limit_bytes: 1 << 30 };
    let cached = || Storage::over(backend.clone()).with_cache(&options).unwrap();
    read_all(&cached(), &reference).await.unwrap();
    let kept = std::fs::read_dir(directory.path().join("objects")).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().path()).collect();
    let (mut dice, mut failed, mut healed) = (Dice::new(23), 0, 0);
    for _ in 0..150 {
        let path = &kept[usize::try_from(dice.below(kept.len() as u64)).unwrap()];
        let before = std::fs::read(path).unwrap();
        let mut altered = before.clone();
        let at = usize::try_from(dice.below(before.len() as u64)).unwrap();
        altered[at] ^= 1 << dice.below(8);
        std::fs::write(path, &altered).unwrap();
        failed += usize::from(read_all(&cached(), &reference).await.is_err());
        read_all(&cached(), &reference).await.unwrap();
        healed += usize::from(std::fs::read(path).unwrap() == before);
    }
    assert!(failed > 0 && healed >= 120, "{failed} failed, {healed} healed");
    // Where an opening looks, it is fetched at once.
    for path in &kept {
        let mut altered = std::fs::read(path).unwrap();
        *altered.last_mut().unwrap() ^= 1;
        std::fs::write(path, &altered).unwrap();
    }
    read_all(&cached(), &reference).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_not_the_one_written_is_named() {
    let (storage, reference) = filled(31).await;
    let (other, _) = filled(32).await;
    let store = open(&storage).await;
    let live = store.sealed("w0").unwrap();
    let path = live.groups[0].segment.path().to_owned();
    let bytes = storage.get(&path).await.unwrap().unwrap();
    let neighbour = storage.get(live.groups[1].segment.path()).await.unwrap().unwrap();
    let foreign = segments(&other).await.remove(0);
    let foreign = other.get(&foreign).await.unwrap().unwrap();
    let longer = Bytes::from([&bytes[..], b"\0"].concat());
    let cases = [
        ("missing", None),
        ("truncated", Some(bytes.slice(..bytes.len() - 1))),
        ("empty", Some(Bytes::new())),
        ("longer", Some(longer)),
        ("swapped", Some(neighbour)),
        ("foreign", Some(foreign)),
    ];
    for (what, instead) in cases {
        let copy = copy(&storage, &path, instead).await;
        let error = read_all(&copy, &reference).await.err().unwrap();
        assert!(error.to_string().contains(&path), "{what}: {error}");
    }
}

/// Yesterday's copy of the manifests with today's log: what is missing is folded again.
#[tokio::test]
async fn a_stale_chain_is_a_shorter_one() {
    let (storage, _) = filled(33).await;
    let (path, _) = head(&storage).await;
    let stale = copy(&storage, &path, None).await;
    let store = open(&stale).await;
    let records = log(33, 300);
    super::harness::fold(&store, super::harness::rest(&store, &records));
    assert_eq!(seen(&store), seen(&open(&storage).await));
}

#[tokio::test]
async fn a_manifest_that_is_not_the_one_written_is_named() {
    let (storage, reference) = filled(34).await;
    let (path, bytes) = head(&storage).await;
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let before = storage.list(MANIFESTS).await.unwrap().swap_remove(1);
    let before = storage.get(&before).await.unwrap().unwrap();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        Some(Bytes::from(text.replacen(from, to, 1)))
    };
    let cases = [
        ("truncated", Some(bytes.slice(..bytes.len() / 2)), "is damaged"),
        ("empty", Some(Bytes::new()), "is damaged"),
        ("a space", changed("{\n", "{ \n"), "not as it was written"),
        ("a number", changed("\"partition\": 0", "\"partition\": 1"), "checksum does not match"),
        ("a checksum", changed("\"checksum\": \"", "\"checksum\": \"0"), "checksum"),
        (
            "newer",
            changed("\"format\": 1", "\"format\": 2"),
            "has format 2, this program reads up to 1",
        ),
        ("older", changed("\"format\": 1", "\"format\": 0"), "format 0 is read no more"),
        ("another's place", Some(before), "it says it is manifest 1"),
    ];
    for (what, instead, says) in cases {
        let copy = copy(&storage, &path, instead).await;
        let error = read_all(&copy, &reference).await.err().unwrap().to_string();
        assert!(error.contains(&path) && error.contains(says), "{what}: {error}");
    }
}

#[tokio::test]
async fn a_store_of_another_log_or_partition_is_refused() {
    let (storage, _) = filled(35).await;
    let (path, _) = head(&storage).await;
    let log_id = annals_schemas::LogId([8; 16]);
    let foreign = Setup { log_id, ..Setup::new(&storage) }.try_open(0).await.err().unwrap();
    assert!(foreign.to_string().contains(&path), "{foreign}");
    let moved = Storage::memory();
    for name in storage.list("partitions").await.unwrap() {
        let bytes = storage.get(&name).await.unwrap().unwrap();
        let name = name.replacen("partitions/0", "partitions/1", 1);
        moved.put_if_absent(&name, bytes).await.unwrap();
    }
    let error = Setup::new(&moved).try_open(1).await.err().unwrap().to_string();
    assert!(
        error.contains("partitions/1") && error.contains("another log or partition"),
        "{error}"
    );
}

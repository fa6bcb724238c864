//! The tree as proofs read it, against one that is made of every entry, while the store grows, is
//! merged, and the files are opened again.

use std::path::Path;
use std::sync::Arc;

use annals_schemas::{Instant, Position, Record, TimestampType};
use annals_store::{CompactionOptions, Decoded, LogIdentity, PartitionStore, Storage, Store};
use annals_verify::{Hash, Leaf, Subtrees as _, Tree, inclusion, verify_inclusion};

use super::derived::{KeptTiles, TreeReader};
use super::hash_tiles::HashTiles;

async fn store() -> Arc<PartitionStore> {
    let now = Arc::new(|| Instant::from_micros(1_800_000_000_000_000).unwrap());
    let options = annals_store::StoreOptions {
        compaction: CompactionOptions { tiers: vec![2000, 9000], width: 2, level: 1 },
        ..annals_store::StoreOptions::new(|| [7; 16], now)
    };
    let identity =
        LogIdentity { topic: "t".into(), partitions: 1, cluster_id: None, topic_id: None };
    let store = Store::open(Storage::memory(), identity, options).await.unwrap();
    store.partition(0).unwrap()
}

/// Folds and seals so many records more: of several workspaces, occurred in no order, some refused;
/// every ninth offset has none.
async fn seal(store: &PartitionStore, count: u64) {
    let first = store.next_offset().unwrap_or(0);
    let offsets = (first..).filter(|offset| offset % 9 != 4).take(usize::try_from(count).unwrap());
    let record = |offset: u64| {
        let workspace = format!("w{}", offset * 7 % 5);
        let minute = offset * 37 % 60;
        let value = match offset % 13 {
            0 => "garbage".to_owned(),
            _ => format!(
                r#"{{"workspace_id":"{workspace}","action":"a.b","occurred_at":"2026-01-01T00:{minute:02}:00Z"}}"#
            ),
        };
        Record {
            position: Position { partition: 0, offset },
            timestamp_ms: 1_767_225_600_000,
            timestamp_type: TimestampType::LogAppendTime,
            key: Some(workspace.into()),
            value: Some(value.into()),
            headers: [].into(),
        }
    };
    let log_id = store.log_id();
    store.fold(offsets.map(|offset| Decoded::new(record(offset), &log_id, 1))).unwrap();
    let mut built = store.freeze().unwrap().build(store).unwrap();
    store.commit(&mut built).await.unwrap();
}

async fn merge(store: &PartitionStore) -> usize {
    let before = store.live_segments();
    while let Some(job) = store.compact_plan() {
        let mut built = job.build(store).unwrap();
        store.commit_compaction(&mut built).await.unwrap();
    }
    before - store.live_segments()
}

/// Every entry's leaf with its offset.
fn leaves(store: &PartitionStore) -> Vec<(u64, Hash)> {
    let mut leaves = Vec::new();
    for segment in store.sealed_segments() {
        let entries = segment.entries_in(segment.range(), &store.log_id(), 1).unwrap();
        leaves.extend(entries.iter().map(|(entry, _)| (entry.fields().offset, entry.leaf().0)));
    }
    leaves
}

fn check(directory: &Path, store: &PartitionStore, kept: &KeptTiles) {
    let mut files = HashTiles::open(directory).unwrap();
    files.grow(store, 1).unwrap();
    let leaves = leaves(store);
    let size = leaves.len() as u64;
    assert_eq!(files.size(), size);
    for size in [size, size - 1, size / 2 + 1, size & !255].into_iter().filter(|size| *size > 0) {
        let mut tree = Tree::default();
        let part = &leaves[..usize::try_from(size).unwrap()];
        part.iter().for_each(|(_, leaf)| tree.append(Leaf(*leaf)));
        let head = tree.head();
        let reader = TreeReader::new((&files, kept), store, 1, size);
        assert_eq!(reader.subtree(0, size).unwrap(), head.root, "of {size}");
        for index in (0..size).step_by(83).chain([size - 1]) {
            let (offset, leaf) = leaves[usize::try_from(index).unwrap()];
            assert_eq!(reader.index_of(offset).unwrap(), Some(index), "offset {offset} of {size}");
            let path = inclusion(&reader, index, size).unwrap();
            assert!(verify_inclusion(&leaf, index, &path, &head), "{index} of {size}");
        }
        assert_eq!(reader.index_of(leaves.last().unwrap().0 + 1).unwrap(), None);
        assert_eq!(reader.index_of(4).unwrap(), None, "an offset without a record");
    }
    let stored = std::fs::read_dir(directory).unwrap();
    let stored: u64 = stored.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(stored <= size / 5 + 48, "{stored} bytes beside {size} records");
}

#[tokio::test]
async fn a_tree_read_from_files_and_rows_is_the_tree_of_every_entry() {
    let directory = tempfile::tempdir().unwrap();
    let (store, kept) = (store().await, KeptTiles::default());
    // Ends of tiles and of segments meet in every way.
    for count in [100, 156, 256, 300, 724, 1, 700] {
        seal(&store, count).await;
        check(directory.path(), &store, &kept);
    }
    assert!(merge(&store).await > 0, "something was merged");
    check(directory.path(), &store, &kept);
    seal(&store, 500).await;
    check(directory.path(), &store, &kept);
    // A crash while they grew: made anew.
    let file = directory.path().join("hashes-1");
    let length = std::fs::metadata(&file).unwrap().len();
    std::fs::File::options().write(true).open(file).unwrap().set_len(length - 7).unwrap();
    check(directory.path(), &store, &kept);
}

//! The document notices every changed byte, and the chain neither skips nor doubles.

use annals_schemas::Instant;
use proptest::prelude::*;

use super::*;
use crate::evidence::{Leaf, Tree};
use crate::fold::{Counts, LastRecord};
use crate::storage::Storage;

fn manifest(number: u64, previous_sha256: Option<String>) -> Manifest {
    let mut tree = Tree::default();
    let records = 4;
    (0..records).for_each(|_| tree.append(Leaf([7; 32])));
    let last =
        LastRecord { offset: 3, previous: Some(2), previous_of_key: None, leaf: Leaf([7; 32]) };
    let segment = |number: u64| SegmentRef {
        path: format!("partitions/3/segments/{number}.seg"),
        start: number,
        end: number + 1,
        length: 100,
        sha256: "aa".into(),
        footer_sha256: "bb".into(),
        counts: Counts { visible: 1, ..Counts::default() },
    };
    Manifest {
        format: FORMAT,
        number,
        previous_sha256,
        created_at: at(number),
        try_id: "cc".into(),
        log_id: "dd".into(),
        partition: 3,
        fold_version: 1,
        fold_from: 0,
        start: 0,
        end: records,
        last_record: LastRecordState::of(&last),
        counts: Counts { visible: records, ..Counts::default() },
        tree: TreeState::of(&tree),
        segments: (0..records).map(segment).collect(),
        retired: vec![Retired { path: "partitions/3/segments/x.seg".into(), since: at(number) }],
        schemas: Vec::new(),
        checksum: String::new(),
    }
}

fn at(number: u64) -> Instant {
    Instant::from_micros(i64::try_from(number).unwrap() * 1_000_000).unwrap()
}

#[test]
fn a_document_comes_back_and_ends_with_its_checksum() {
    let mut written = manifest(2, Some("ee".into()));
    let bytes = written.finish();
    assert_eq!(Manifest::read("m", 2, &bytes).unwrap(), written);
    let text = String::from_utf8(bytes).unwrap();
    let last = text.lines().rev().nth(1).unwrap();
    assert_eq!(last, format!("  \"checksum\": \"{}\"", written.checksum));
    assert!(text.contains("\"created_at\": \"1970-01-01T00:00:02.000000Z\""), "{text}");
    assert_eq!(
        Manifest::read("m", 1, text.as_bytes()).unwrap_err().to_string(),
        "m is damaged at byte 0: it says it is manifest 2"
    );
}

proptest! {
    #[test]
    fn any_changed_byte_is_noticed(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = manifest(2, None).finish();
        let at = at.index(bytes.len());
        bytes[at] ^= 1u8 << bit;
        let error = Manifest::read("the name", 2, &bytes).unwrap_err().to_string();
        prop_assert!(error.starts_with("the name "), "{error}");
    }
}

#[test]
fn gaps_and_sums_that_do_not_add_up_are_refused() {
    let sound = manifest(3, None);
    sound.check().unwrap();
    let refusal = |change: &dyn Fn(&mut Manifest)| {
        let mut changed = sound.clone();
        change(&mut changed);
        changed.check().unwrap_err()
    };
    let gap = refusal(&|manifest| manifest.segments[1].start = 5);
    assert!(gap.contains("segment partitions/3/segments/1.seg covers 5..2, offset 1 comes next"));
    let short = refusal(&|manifest| manifest.end = 9);
    assert_eq!(short, "INV-2: segments end at 4, the checkpoint at 9");
    let tree = refusal(&|manifest| manifest.tree.size = 9);
    assert_eq!(tree, "INV-2: counts do not add up to the tree's size");
    let segments = refusal(&|manifest| manifest.segments[0].counts.visible = 2);
    assert_eq!(segments, "INV-2: the segments' counts do not add up to its own");
}

async fn publish(chain: &mut Chain) -> Published {
    let (number, previous) = chain.next();
    chain.publish(manifest(number, previous)).await.unwrap()
}

#[tokio::test]
async fn of_two_writers_one_publishes() {
    let storage = Storage::memory();
    let mut first = Chain::load(storage.clone(), 3).await.unwrap();
    assert!(first.head().is_none());
    let mut second = first.clone();
    assert_eq!(publish(&mut first).await, Published::Mine);
    let (number, previous) = second.next();
    let mut other = manifest(number, previous);
    other.try_id = "other".into();
    assert_eq!(second.publish(other).await.unwrap(), Published::Anothers);
    assert!(second.head().is_none());
    let mut loaded = Chain::load(storage, 3).await.unwrap();
    assert_eq!(loaded.next(), first.next());
    assert_eq!(publish(&mut loaded).await, Published::Mine);
    assert_eq!(loaded.next().0, 2);
}

#[tokio::test]
async fn every_1024th_manifest_is_kept() {
    let storage = Storage::memory();
    let empty = Chain::load(storage.clone(), 3).await.unwrap();
    assert_eq!(empty.prune(at(9)).await.unwrap(), 0);
    for number in 0..1030 {
        let bytes = manifest(number, None).finish();
        storage.put_if_absent(&empty.path(number), bytes.into()).await.unwrap();
    }
    let chain = Chain::load(storage.clone(), 3).await.unwrap();
    assert_eq!(chain.next().0, 1030);
    assert_eq!(chain.prune(at(1)).await.unwrap(), 0, "created before, not at");
    assert_eq!(chain.prune(at(2)).await.unwrap(), 1);
    assert_eq!(chain.prune(at(9999)).await.unwrap(), 1024, "so many at once");
    assert_eq!(chain.prune(at(9999)).await.unwrap(), 2);
    let left = storage.list("partitions/3/manifests").await.unwrap();
    assert_eq!(left, [0, 1024, 1029].map(|number| chain.path(number)));
}

//! Records are found by their offsets, however rows lie and however segments were merged.

use std::collections::HashMap;

use annals_schemas::{LogId, OffsetRange, Record};
use annals_verify::is_workspace_key;

use super::harness::{compact, fill, open};
use crate::evidence::{Entry, MarkedEntry};
use crate::fixture::{self, Dice};
use crate::partition::PartitionStore;
use crate::storage::Storage;

#[tokio::test]
async fn any_range_of_offsets_gives_the_records_in_it() {
    let records = fixture::people_log(29, 900);
    let store = open(&Storage::memory()).await;
    fill(&store, &records, 75).await;
    let apart = store.live_segments();
    compare(&store, &records);
    while compact(&store).await.unwrap().is_some() {}
    assert!(store.live_segments() < apart);
    compare(&store, &records);
}

/// The entries of all records, each made of its record alone and of where those before it stand.
fn entries(records: &[Record], log_id: &LogId) -> Vec<MarkedEntry> {
    let (mut last, mut of_key) = (None, HashMap::new());
    let entry = |record: &Record| {
        let offset = record.position.offset;
        let is_chained = is_workspace_key(record.key.as_deref(), 0, 1);
        let key = record.key.clone().filter(|_| is_chained);
        let of_key = key.and_then(|key| of_key.insert(key, offset));
        (Entry::new(record, log_id, last.replace(offset), of_key), is_chained)
    };
    records.iter().map(entry).collect()
}

fn compare(store: &PartitionStore, records: &[Record]) {
    let mut dice = Dice::new(5);
    let (log_id, mut seen) = (store.log_id(), 0);
    let made_anew = entries(records, &log_id);
    for segment in store.sealed_segments() {
        let OffsetRange { start, end } = segment.range();
        let all = segment.entries_in(segment.range(), &log_id, 1).unwrap();
        let whole = segment.verified_entries(log_id, 1).flat_map(Result::unwrap);
        assert!(whole.eq(all.iter().copied()));
        assert_eq!(all, made_anew[seen..seen + all.len()]);
        let offsets: Vec<u64> = all.iter().map(|(entry, _)| entry.fields().offset).collect();
        let expected: Vec<u64> = records
            .iter()
            .map(|record| record.position.offset)
            .filter(|offset| (start..end).contains(offset))
            .collect();
        assert_eq!(offsets, expected);
        seen += expected.len();
        for _ in 0..60 {
            let at = start + dice.below(end - start + 1);
            let range = OffsetRange { start: at, end: at + dice.below(end - at + 3) };
            let found = segment.entries_in(range, &log_id, 1).unwrap();
            let is_within = |offset: &&u64| range.start <= **offset && **offset < range.end;
            let wanted = all.iter().zip(&offsets).filter(|(_, offset)| is_within(offset));
            assert!(found.iter().eq(wanted.map(|(entry, _)| entry)), "{range:?} of {start}..{end}");
        }
    }
    assert_eq!(seen, records.len());
}

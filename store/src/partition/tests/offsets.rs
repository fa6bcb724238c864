//! Records are found by their offsets, however rows lie and however segments were merged.

use annals_schemas::{OffsetRange, Record};

use super::harness::{compact, fill, open};
use crate::fixture::{self, Dice};
use crate::partition::PartitionStore;
use crate::storage::Storage;

#[tokio::test]
async fn any_range_of_offsets_gives_the_records_in_it() {
    let records = fixture::log(29, 900);
    let store = open(&Storage::memory()).await;
    fill(&store, &records, 75).await;
    let apart = store.live_segments();
    compare(&store, &records);
    while compact(&store).await.unwrap().is_some() {}
    assert!(store.live_segments() < apart);
    compare(&store, &records);
}

fn compare(store: &PartitionStore, records: &[Record]) {
    let mut dice = Dice::new(5);
    let (log_id, mut seen) = (store.log_id(), 0);
    for segment in store.sealed_segments() {
        let OffsetRange { start, end } = segment.range();
        let all = segment.entries_in(segment.range(), &log_id, 1).unwrap();
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

//! Feeds over segments, a frozen tail and a live one.

use proptest::prelude::*;

use super::oracle::expected;
use super::reader::{fold, known_events, layered_now, open, random_filter, reader, seal};
use crate::StoreError;
use crate::fixture::{Dice, log};
use crate::query::{Budget, FeedRequest, Filter, WorkspaceReader};

fn request(filter: &Filter, after: u64, limit: usize) -> FeedRequest<'_> {
    FeedRequest { filter, after, limit, budget: Budget::UNLIMITED }
}

/// The seqs of a whole feed; each page goes on where the last one ended.
fn follow(reader: &WorkspaceReader, filter: &Filter, limit: usize) -> Vec<u64> {
    let (mut seqs, mut after) = (Vec::new(), 0);
    loop {
        let page = reader.feed(&request(filter, after, limit)).unwrap();
        let of_page: Vec<u64> = page.rows.iter().map(|row| row.seq).collect();
        assert!(of_page.len() <= limit && of_page.is_sorted_by(|a, b| a < b), "{of_page:?}");
        let first = of_page.first().is_none_or(|first| *first > after);
        assert!(first && of_page.last().is_none_or(|last| *last <= page.through), "{of_page:?}");
        seqs.extend(of_page);
        if page.through >= page.last_seq {
            return seqs;
        }
        assert!(page.through > after, "a page that does not go on");
        after = page.through;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// INV-11: every filter and page size gives the brute-force answer in the order of arrival.
    #[test]
    fn feeds_equal_the_brute_force_answer(seed in any::<u64>()) {
        let records = log(seed, 400);
        let store = layered_now(&records);
        let mut dice = Dice::new(seed ^ 3);
        for workspace in 0..3 {
            let known = known_events(&records, workspace);
            let reader = reader(&store, workspace);
            for _ in 0..40 {
                let filter = random_filter(&mut dice);
                let mut expected: Vec<u64> =
                    expected(&filter, &known, u64::MAX).iter().map(|it| it.key.seq).collect();
                expected.sort_unstable();
                let limit = dice.pick(&[1, 3, 7, 50, 1000]);
                let found = follow(&reader, &filter, limit);
                prop_assert_eq!(&found, &expected, "{:?} {}", &filter, limit);
            }
        }
    }
}

/// What arrives between pages, late or not, and what is sealed meanwhile comes once.
#[tokio::test]
async fn a_feed_goes_on_across_seals() {
    let records = log(11, 600);
    let store = open().await;
    let workspace = reader(&store, 0);
    let (mut seqs, mut after) = (Vec::new(), 0);
    for (number, part) in records.chunks(37).enumerate() {
        fold(&store, part);
        if number % 3 == 2 {
            seal(&store).await;
        }
        let page = workspace.feed(&request(&Filter::default(), after, 5)).unwrap();
        seqs.extend(page.rows.iter().map(|row| row.seq));
        after = page.through;
    }
    loop {
        let page = workspace.feed(&request(&Filter::default(), after, 5)).unwrap();
        seqs.extend(page.rows.iter().map(|row| row.seq));
        if page.through == page.last_seq {
            break;
        }
        after = page.through;
    }
    assert_eq!(seqs, (1..=workspace.last_seq()).collect::<Vec<_>>());
    assert!(seqs.len() > 100, "{}", seqs.len());
}

/// A place beyond what was folded again after a restart is waited for, not answered from.
#[tokio::test]
async fn a_place_that_is_not_reached_yet_is_behind() {
    let store = open().await;
    let empty = reader(&store, 0);
    let page = empty.feed(&request(&Filter::default(), 0, 5)).unwrap();
    assert_eq!((page.rows.len(), page.through, page.last_seq), (0, 0, 0));
    let behind = |after| empty.feed(&request(&Filter::default(), after, 5)).unwrap_err();
    assert!(matches!(behind(3), StoreError::NotCaughtUp { asked: 3, reached: 0 }));
    fold(&store, &log(5, 200));
    let last = empty.last_seq();
    assert!(matches!(behind(last + 1), StoreError::NotCaughtUp { reached, .. } if reached == last));
}

#[tokio::test]
async fn every_batch_that_is_folded_is_announced() {
    let store = open().await;
    let arrivals = store.arrivals();
    let before = *arrivals.borrow();
    fold(&store, &log(5, 10));
    assert!(*arrivals.borrow() > before);
}

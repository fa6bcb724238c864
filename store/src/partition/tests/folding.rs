//! A fold that fails in the middle of a chunk keeps what came before.

use super::harness::{Setup, copy, decoded, fill, fold, open, segments};
use crate::StoreError;
use crate::fixture;
use crate::fold::{FoldedRow, Status};
use crate::partition::Accounting;
use crate::storage::Storage;

/// Whatever byte of a sealed segment was changed: where the fold ends, counts, tree and offset are
/// those of the records up to there, and readers are told.
#[tokio::test]
async fn what_comes_before_a_failing_record_is_folded() {
    let records = fixture::log(41, 122);
    let (sealed, new) = records.split_at(120);
    let storage = Storage::memory();
    let store = open(&storage).await;
    fill(&store, sealed, 120).await;
    let mut states: Vec<Accounting> = vec![store.accounting()];
    for record in new {
        fold(&store, std::slice::from_ref(record));
        states.push(store.accounting());
    }
    let segment = segments(&storage).await.remove(0);
    let bytes = storage.get(&segment).await.unwrap().unwrap();
    let last = new[1].position.offset;
    // A sealed event once more: what is kept of it has to be read.
    let mut again = sealed[60].clone();
    again.position.offset = last + 1;
    let mut coming = new[..2].to_vec();
    coming.push(again);
    let mut failed = 0;
    for at in (0..bytes.len()).step_by(23) {
        let mut damaged = bytes.to_vec();
        damaged[at] ^= 0x10;
        let copy = copy(&storage, &segment, Some(damaged.into())).await;
        let Ok(store) = Setup::new(&copy).try_open(0).await else { continue };
        let arrivals = store.arrivals();
        let before = *arrivals.borrow();
        let Err(error) = store.fold(decoded(&coming)) else { continue };
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
        let state = store.accounting();
        let expected = states.iter().find(|expected| expected.next == state.next);
        assert_eq!(Some(&state), expected, "byte {at}: {error}");
        assert!(*arrivals.borrow() > before);
        failed += usize::from(state.next == last + 1);
        assert_eq!(store.freeze().is_some(), state.next > states[0].next);
    }
    assert!(failed > 10, "{failed} failed at the third record");
}

/// Asking the segments alone takes nothing up, and says of an event what folding it comes to.
#[tokio::test]
async fn what_is_sealed_is_told_from_what_is_new() {
    let records = fixture::log(43, 400);
    let (sealed, new) = records.split_at(250);
    let store = open(&Storage::memory()).await;
    fill(&store, sealed, 60).await;
    let before = store.accounting();
    let said = store.are_sealed(&decoded(sealed));
    let is_event = decoded(sealed).into_iter().map(|of| of.outcome.is_ok());
    assert!(said.into_iter().eq(is_event));

    let said = store.are_sealed(&decoded(new));
    assert_eq!(store.accounting(), before);
    let mut is_visible = Vec::new();
    let visible = |row: &FoldedRow| is_visible.push(matches!(row.status, Status::Visible(_)));
    store.fold_rows(decoded(new), visible).unwrap();
    let both = || said.iter().zip(&is_visible);
    assert!(both().all(|(sealed, visible)| !(*sealed && *visible)));
    for expected in [(true, false), (false, true)] {
        assert!(both().any(|(sealed, visible)| (*sealed, *visible) == expected), "{expected:?}");
    }
}

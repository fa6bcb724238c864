//! The one suite, at every level of durability and with tiny files.

use super::*;

#[tokio::test]
async fn passes_the_conformance_suite() {
    let levels = [Fsync::Always, Fsync::Interval(Duration::from_millis(50))];
    for fsync in levels {
        for (partitions, segment_bytes) in [(1, 64 << 20), (4, 1_000)] {
            let directory = tempfile::tempdir().unwrap();
            let options = LocalOptions { partitions, segment_bytes, fsync, ..Default::default() };
            let log = LocalLog::open(directory.path(), options, running_clock()).unwrap();
            conformance::run(&log).await;
        }
    }
}

#[tokio::test]
async fn the_weaker_level_shows_readers_only_what_is_synced() {
    let directory = tempfile::tempdir().unwrap();
    let fsync = Fsync::Interval(Duration::from_secs(3_600));
    let log = open(directory.path(), LocalOptions { fsync, ..Default::default() });
    append(&log, numbered(0..1)).await;
    // The first commit may be followed by the first sync; the second one is not.
    assert_eq!(log.high_watermark(0).await.unwrap(), 1);
    append(&log, numbered(1..2)).await;
    assert_eq!(log.readers.partitions[0].ends().1, 1, "acknowledged, not readable");
    assert_eq!(log.high_watermark(0).await.unwrap(), 2, "asking for the end syncs");
    assert_eq!(values(&log).await, numbered(0..2));
}

#[tokio::test]
async fn an_oversize_record_is_refused_alone() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), LocalOptions { max_record_bytes: 100, ..Default::default() });
    let records = vec![record("k", "a"), record("k", &"x".repeat(100)), record("k", "b")];
    let outcomes = log.producer().append_all(records).await;
    let offsets: Vec<_> =
        outcomes.iter().map(|o| o.as_ref().ok().map(|a| a.position.offset)).collect();
    assert_eq!(offsets, [Some(0), None, Some(1)]);
    match &outcomes[1] {
        Err(BrokerError::TooLarge { size_bytes: 109, limit_bytes: 100 }) => {}
        other => panic!("{other:?}"),
    }
}

//! Retention: whole old files go, readers are told, the rest stays.

use super::*;

fn files_after(directory: &Path, retention: Retention, now_ms: i64) -> usize {
    let options = LocalOptions { retention: Some(retention), ..tiny() };
    // The writer looks at opening; ending it waits until it has.
    drop(LocalLog::open(directory, options, Arc::new(move || now_ms)).unwrap());
    log_files(directory).len()
}

#[tokio::test]
async fn old_files_go_by_size_and_by_age_but_never_the_last() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), tiny());
    append(&log, numbered(0..60)).await;
    drop(log);
    let all = log_files(directory.path()).len();
    assert!(all > 10, "{all} files");

    let hour = Duration::from_secs(3_600);
    let by_age = Retention { max_age: Some(hour), max_bytes: None };
    assert_eq!(files_after(directory.path(), by_age, 1_000 + 3_600_000), all, "not older yet");
    let by_size = Retention { max_age: None, max_bytes: Some(4 * TINY) };
    let left = files_after(directory.path(), by_size, 1_000);
    assert!((4..=6).contains(&left), "{left} files hold {} bytes", 4 * TINY);

    let log = open(directory.path(), tiny());
    let start = log.log_start(0).await.unwrap();
    assert_eq!(values(&log).await, numbered(usize::try_from(start).unwrap()..60));
    let mut consumer = log.consumer().unwrap();
    consumer.assign(&[Position { partition: 0, offset: start - 1 }]).unwrap();
    let error = consumer.poll(1, Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, BrokerError::OffsetOutOfRange { .. }), "{error}");
    drop((log, consumer));

    assert_eq!(files_after(directory.path(), by_age, 1_001 + 3_600_000), 1);
    let log = open(directory.path(), tiny());
    assert_eq!(log.high_watermark(0).await.unwrap(), 60, "offsets go on");
}

#[tokio::test]
async fn what_was_released_is_removed_in_whole_files_and_never_the_last() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), tiny());
    append(&log, numbered(0..60)).await;
    let (all, bytes) = (log_files(directory.path()).len(), log.stored_bytes(0).unwrap());

    log.release(0, 30);
    // The writer serves commands in turn: once this append is acknowledged the files are gone.
    append(&log, numbered(60..61)).await;
    let start = log.log_start(0).await.unwrap();
    assert!((20..=30).contains(&start), "released up to {start}");
    assert!(log_files(directory.path()).len() < all);
    assert!(log.stored_bytes(0).unwrap() < bytes * 3 / 4);
    assert_eq!(values(&log).await, numbered(usize::try_from(start).unwrap()..61));

    log.release(0, Offset::MAX);
    append(&log, numbered(61..62)).await;
    assert_eq!(log_files(directory.path()).len(), 1);
    assert_eq!(log.high_watermark(0).await.unwrap(), 62);
}

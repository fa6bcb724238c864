//! Opening: locks, identity, what survives a restart.

use super::*;

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), LocalOptions::default());
    let error = try_open(directory.path(), LocalOptions::default()).err().unwrap();
    let held = directory.path().display().to_string();
    assert!(matches!(&error, BrokerError::Locked { directory } if *directory == held), "{error}");
    let producer = log.producer();
    drop(log);
    let error = try_open(directory.path(), LocalOptions::default()).err().unwrap();
    assert!(matches!(error, BrokerError::Locked { .. }), "a producer still writes: {error}");
    producer.append(record("acme", "late")).await.unwrap();
    drop(producer);
    assert_eq!(values(&open(directory.path(), LocalOptions::default())).await, ["late"]);
}

#[tokio::test]
async fn the_identity_and_the_partition_count_are_fixed_at_the_first_opening() {
    let directory = tempfile::tempdir().unwrap();
    assert!(!LocalLog::exists(directory.path()));
    let options = LocalOptions { partitions: 3, ..Default::default() };
    let description = open(directory.path(), options.clone()).description().clone();
    assert!(LocalLog::exists(directory.path()));
    assert_eq!(open(directory.path(), options).description(), &description);
    let options = LocalOptions { partitions: 4, ..Default::default() };
    let error = try_open(directory.path(), options).err().unwrap();
    assert_eq!(error.to_string(), "partitions: 4 asked for, but this log was made with 3");
    let elsewhere = tempfile::tempdir().unwrap();
    let other = open(elsewhere.path(), LocalOptions::default()).description().clone();
    assert_ne!((other.cluster_id, other.topic_id), (description.cluster_id, description.topic_id));
}

#[tokio::test]
async fn records_offsets_and_times_go_on_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let now_ms = Arc::new(AtomicI64::new(5_000));
    let clock: Clock = {
        let now_ms = Arc::clone(&now_ms);
        Arc::new(move || now_ms.load(Ordering::SeqCst))
    };
    let mut expected = Vec::new();
    for round in 0..4 {
        let log = LocalLog::open(directory.path(), tiny(), Arc::clone(&clock)).unwrap();
        let appended = append(&log, numbered(round * 10..round * 10 + 10)).await;
        expected.extend(appended.iter().map(|a| (a.position.offset, a.timestamp_ms.unwrap())));
        // The clock jumps back; the log's time does not.
        now_ms.fetch_sub(1_000, Ordering::SeqCst);
    }
    assert_eq!(expected, (0..40).map(|offset| (offset, 5_000)).collect::<Vec<_>>());
    let log = LocalLog::open(directory.path(), tiny(), clock).unwrap();
    let read = read_from(&log, 0).await.unwrap();
    let seen: Vec<_> = read.iter().map(|r| (r.position.offset, r.timestamp_ms)).collect();
    assert_eq!(seen, expected);
    assert!(log_files(directory.path()).len() > 5, "over many files");
}

#[tokio::test]
async fn times_lead_to_offsets_over_many_files() {
    let directory = tempfile::tempdir().unwrap();
    let now_ms = Arc::new(AtomicI64::new(0));
    let clock: Clock = {
        let now_ms = Arc::clone(&now_ms);
        Arc::new(move || now_ms.load(Ordering::SeqCst))
    };
    let log = LocalLog::open(directory.path(), tiny(), Arc::clone(&clock)).unwrap();
    for offset in 0..60 {
        // Three records at each of the times 100, 110, 120, …
        now_ms.store(100 + offset / 3 * 10, Ordering::SeqCst);
        append(&log, ["x".to_owned()]).await;
    }
    drop(log);
    let log = LocalLog::open(directory.path(), tiny(), clock).unwrap();
    for (time, offset) in [(0, 0), (100, 0), (101, 3), (110, 3), (195, 30), (290, 57), (291, 60)] {
        assert_eq!(log.offset_at_time(0, time).await.unwrap(), offset, "{time}");
    }
}

#[test]
fn options_out_of_bounds_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let cases = [
        (
            LocalOptions { reopen_every: Duration::ZERO, ..Default::default() },
            "reopen_every: it is zero",
        ),
        (LocalOptions { partitions: 0, ..Default::default() }, "partitions: 0 is not in 1 to 1024"),
        (
            LocalOptions { segment_bytes: 2 << 30, ..Default::default() },
            "segment_bytes: 2147483648 is not in 1 to 1073741824",
        ),
        (
            LocalOptions { max_waiting_bytes: 1, ..Default::default() },
            "max_waiting_bytes: it is under max_record_bytes",
        ),
    ];
    for (options, message) in cases {
        let error = try_open(directory.path(), options).err().unwrap();
        assert_eq!(error.to_string(), message);
    }
}

#[tokio::test]
async fn a_log_of_an_unknown_format_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path(), LocalOptions::default()));
    let path = directory.path().join("log.meta");
    let meta = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, meta.replace("\"format_version\": 0", "\"format_version\": 7")).unwrap();
    let error = try_open(directory.path(), LocalOptions::default()).err().unwrap();
    assert!(error.to_string().ends_with("format version 7 is not known to this version"));
}

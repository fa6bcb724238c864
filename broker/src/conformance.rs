//! One suite that every implementation of [`Log`] must pass, run against the real thing.
//!
//! Every case appends its own records after the log's present end, so a case needs no empty log
//! and the suite may run twice on one. A violated "must" panics with what was seen.
//! Deliberately not here: durability, limits and retention, which each implementation shows itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use annals_schemas::{Header, NewRecord, Offset, Partition, Position, Record, TimestampType};
use bytes::Bytes;

use crate::route::partition_of;
use crate::{Appended, BrokerError, Consumer, Log};

/// Longest wait for something that must happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A record with a key and a value.
pub fn record(key: &str, value: &str) -> NewRecord {
    NewRecord {
        key: Some(Bytes::copy_from_slice(key.as_bytes())),
        value: Some(Bytes::copy_from_slice(value.as_bytes())),
        headers: Vec::new(),
    }
}

/// Runs every case.
pub async fn run(log: &dyn Log) {
    records_come_back_byte_for_byte(log).await;
    outcomes_and_offsets_keep_request_order(log).await;
    concurrent_producers_keep_their_order(log).await;
    the_high_watermark_covers_what_was_acknowledged(log).await;
    an_assignment_delivers_from_its_offset_each_once(log).await;
    a_poll_takes_no_more_than_asked(log).await;
    an_empty_poll_waits_its_time(log).await;
    a_waiting_poll_wakes_at_an_append(log).await;
    a_dropped_poll_loses_nothing(log).await;
    a_paused_partition_delivers_nothing_until_resumed(log).await;
    an_offset_past_the_end_is_out_of_range(log).await;
    unknown_partitions_are_refused(log).await;
    a_moment_leads_to_its_first_offset(log).await;
}

async fn ends(log: &dyn Log) -> Vec<Position> {
    let mut ends = Vec::new();
    for partition in 0..log.description().partitions {
        let offset = log.high_watermark(partition).await.expect("a high watermark");
        ends.push(Position { partition, offset });
    }
    ends
}

fn consumer_from(log: &dyn Log, from: &[Position]) -> Box<dyn Consumer> {
    let mut consumer = log.consumer().expect("a consumer");
    consumer.assign(from).expect("an assignment");
    consumer
}

async fn append(log: &dyn Log, records: Vec<NewRecord>) -> Vec<Appended> {
    let outcomes = log.producer().append_all(records).await;
    outcomes.into_iter().map(|outcome| outcome.expect("an append")).collect()
}

/// Polls until so many records came; fails after the patience.
async fn take(consumer: &mut dyn Consumer, count: usize) -> Vec<Record> {
    let started = Instant::now();
    let mut taken = Vec::new();
    while taken.len() < count {
        assert!(started.elapsed() < PATIENCE, "{} of {count} records came", taken.len());
        let polled = consumer.poll(count - taken.len(), Duration::from_secs(1)).await;
        taken.extend(polled.expect("a poll"));
    }
    taken
}

fn values(records: &[Record]) -> Vec<String> {
    let text = |record: &Record| {
        String::from_utf8_lossy(record.value.as_deref().unwrap_or_default()).into_owned()
    };
    records.iter().map(text).collect()
}

/// Null and empty stay apart; headers keep their order, repetitions and nulls.
pub async fn records_come_back_byte_for_byte(log: &dyn Log) {
    let header = |name: &str, value: Option<&'static [u8]>| Header {
        name: name.to_owned(),
        value: value.map(Bytes::from_static),
    };
    let some = |bytes: &'static [u8]| Some(Bytes::from_static(bytes));
    let headers = vec![
        header("a", Some(b"1")),
        header("a", Some(b"")),
        header("é", None),
        header("", Some(&[0, 0xff])),
    ];
    let records = vec![
        NewRecord { key: some(b"acme"), value: some(&[0, 0xff, 0xc3]), headers },
        NewRecord { key: some(b"acme"), value: None, headers: Vec::new() },
        NewRecord { key: some(b"acme"), value: some(b""), headers: Vec::new() },
        NewRecord { key: None, value: some(b"no key"), headers: Vec::new() },
        NewRecord { key: some(b""), value: some(b"empty key"), headers: Vec::new() },
    ];
    let mut consumer = consumer_from(log, &ends(log).await);
    let appended = append(log, records.clone()).await;
    let read = take(consumer.as_mut(), records.len()).await;
    for (sent, appended) in records.into_iter().zip(appended) {
        let partition = partition_of(&sent, log.description().partitions);
        assert_eq!(appended.position.partition, partition, "the key decides the partition");
        let found = read.iter().find(|record| record.position == appended.position);
        let found = found.expect("the record where its acknowledgement says");
        assert_eq!((&found.key, &found.value), (&sent.key, &sent.value));
        assert_eq!(*found.headers, *sent.headers);
        assert_eq!(found.timestamp_type, TimestampType::LogAppendTime);
        if let Some(timestamp_ms) = appended.timestamp_ms {
            assert_eq!(found.timestamp_ms, timestamp_ms);
        }
    }
}

/// One outcome per record, in request order; offsets and timestamps grow within a partition.
pub async fn outcomes_and_offsets_keep_request_order(log: &dyn Log) {
    let from = ends(log).await;
    let keys = ["acme", "other", "zoë"];
    let records: Vec<_> =
        (0..300).map(|i| record(keys[i % keys.len()], &format!("order {i}"))).collect();
    let expected: Vec<_> =
        records.iter().map(|r| partition_of(r, log.description().partitions)).collect();
    let appended = append(log, records).await;
    let partitions: Vec<_> = appended.iter().map(|a| a.position.partition).collect();
    assert_eq!(partitions, expected, "one outcome per record, in request order");

    let read = take(consumer_from(log, &from).as_mut(), 300).await;
    let mut last: BTreeMap<Partition, (Offset, i64)> = BTreeMap::new();
    for record in &read {
        let now = (record.position.offset, record.timestamp_ms);
        if let Some(before) = last.insert(record.position.partition, now) {
            assert!(before.0 < now.0, "offsets grow: {before:?}, then {now:?}");
            assert!(before.1 <= now.1, "timestamps never go back: {before:?}, then {now:?}");
        }
    }
    for key in keys {
        let of_key: Vec<_> =
            read.iter().filter(|r| r.key.as_deref() == Some(key.as_bytes())).cloned().collect();
        let sent: Vec<_> =
            (0..300).filter(|i| keys[i % 3] == key).map(|i| format!("order {i}")).collect();
        assert_eq!(values(&of_key), sent, "request order within {key}");
    }
}

/// Calls of several producers interleave, but each one's own order stays, and nothing doubles.
pub async fn concurrent_producers_keep_their_order(log: &dyn Log) {
    const WRITERS: usize = 8;
    const EACH: usize = 25;
    let from = ends(log).await;
    let write = |writer: usize| {
        let producer = log.producer();
        async move {
            for i in 0..EACH {
                let sent = producer.append(record(&format!("writer {writer}"), &i.to_string()));
                sent.await.expect("an append");
            }
        }
    };
    futures::future::join_all((0..WRITERS).map(write)).await;
    let read = take(consumer_from(log, &from).as_mut(), WRITERS * EACH).await;
    for writer in 0..WRITERS {
        let key = format!("writer {writer}");
        let own: Vec<_> =
            read.iter().filter(|r| r.key.as_deref() == Some(key.as_bytes())).cloned().collect();
        let sent: Vec<_> = (0..EACH).map(|i| i.to_string()).collect();
        assert_eq!(values(&own), sent, "the order of {key}");
    }
}

/// `high_watermark` asked after an acknowledgement is past it; the start is at or before it.
pub async fn the_high_watermark_covers_what_was_acknowledged(log: &dyn Log) {
    for i in 0..20 {
        let appended = log.producer().append(record("acme", &i.to_string())).await;
        let Position { partition, offset } = appended.expect("an append").position;
        let end = log.high_watermark(partition).await.expect("a high watermark");
        assert!(end > offset, "the high watermark {end} hides acknowledged offset {offset}");
        assert!(log.log_start(partition).await.expect("a log start") <= offset);
    }
}

/// From the assigned offset on, each record once; assigning again starts again.
pub async fn an_assignment_delivers_from_its_offset_each_once(log: &dyn Log) {
    let appended =
        append(log, (0..50).map(|i| record("acme", &format!("from {i}"))).collect()).await;
    let mut consumer = log.consumer().expect("a consumer");
    assert_eq!(consumer.position(appended[0].position.partition), None);
    for first in [0, 17, 49] {
        let from = appended[first].position;
        consumer.assign(&[from]).expect("an assignment");
        assert_eq!(consumer.position(from.partition), Some(from.offset));
        let read = take(consumer.as_mut(), 50 - first).await;
        let expected: Vec<_> = (first..50).map(|i| format!("from {i}")).collect();
        assert_eq!(values(&read), expected);
        let next = appended[49].position.offset + 1;
        assert_eq!(consumer.position(from.partition), Some(next));
    }
}

/// `max_records` is a bound, and what is left comes next.
pub async fn a_poll_takes_no_more_than_asked(log: &dyn Log) {
    let from = ends(log).await;
    let keys = ["a", "b", "c", "d", "e"];
    append(log, (0..40).map(|i| record(keys[i % 5], &i.to_string())).collect()).await;
    let mut consumer = consumer_from(log, &from);
    let mut seen = 0;
    while seen < 40 {
        let polled = consumer.poll(7, PATIENCE).await.expect("a poll");
        assert!((1..=7).contains(&polled.len()), "{} records for a bound of 7", polled.len());
        seen += polled.len();
    }
    assert_eq!(seen, 40);
}

/// Nothing there: the poll returns empty, not before its time and not much after.
pub async fn an_empty_poll_waits_its_time(log: &dyn Log) {
    let mut consumer = consumer_from(log, &ends(log).await);
    let wait = Duration::from_millis(200);
    let started = Instant::now();
    let polled = consumer.poll(10, wait).await.expect("a poll");
    let took = started.elapsed();
    assert_eq!(polled, Vec::new());
    assert!(took >= wait && took < wait + Duration::from_secs(2), "an empty poll took {took:?}");
}

/// A poll that waits returns as soon as there is something, long before its time is over.
pub async fn a_waiting_poll_wakes_at_an_append(log: &dyn Log) {
    let mut consumer = consumer_from(log, &ends(log).await);
    let producer = log.producer();
    let started = Instant::now();
    let (polled, _) = tokio::join!(consumer.poll(10, PATIENCE), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        producer.append(record("acme", "wake")).await.expect("an append")
    });
    assert_eq!(values(&polled.expect("a poll")), ["wake"]);
    assert!(started.elapsed() < PATIENCE / 2, "the poll woke after {:?}", started.elapsed());
}

/// Dropping a poll at any moment loses and doubles nothing.
pub async fn a_dropped_poll_loses_nothing(log: &dyn Log) {
    let mut consumer = consumer_from(log, &ends(log).await);
    append(log, (0..200).map(|i| record("acme", &i.to_string())).collect()).await;
    let started = Instant::now();
    let mut read = Vec::new();
    let mut patience_us = 0;
    while read.len() < 200 {
        assert!(started.elapsed() < PATIENCE, "only {} of 200 records came", read.len());
        let cut = Duration::from_micros(patience_us);
        patience_us = (patience_us + 37) % 5_000;
        if let Ok(polled) = tokio::time::timeout(cut, consumer.poll(3, PATIENCE)).await {
            read.extend(polled.expect("a poll"));
        }
    }
    let expected: Vec<_> = (0..200).map(|i: i32| i.to_string()).collect();
    assert_eq!(values(&read), expected);
}

/// `pause` holds records back without losing them.
pub async fn a_paused_partition_delivers_nothing_until_resumed(log: &dyn Log) {
    let from = ends(log).await;
    let partition = append(log, vec![record("acme", "held")]).await[0].position.partition;
    let mut consumer = consumer_from(log, &from);
    consumer.pause(partition).expect("a pause");
    let held = consumer.poll(10, Duration::from_millis(300)).await.expect("a poll");
    assert_eq!(values(&held), Vec::<String>::new());
    append(log, vec![record("acme", "and more")]).await;
    let held = consumer.poll(10, Duration::from_millis(300)).await.expect("a poll");
    assert_eq!(values(&held), Vec::<String>::new());
    consumer.resume(partition).expect("a resume");
    assert_eq!(values(&take(consumer.as_mut(), 2).await), ["held", "and more"]);
}

/// An offset that the log does not have is an error, poll after poll, until paused.
pub async fn an_offset_past_the_end_is_out_of_range(log: &dyn Log) {
    let end = ends(log).await[0];
    let beyond = Position { partition: 0, offset: end.offset + 1_000 };
    let mut consumer = consumer_from(log, &[beyond]);
    for _ in 0..2 {
        match consumer.poll(10, PATIENCE).await {
            Err(BrokerError::OffsetOutOfRange { partition: 0, asked, end: seen, .. }) => {
                assert_eq!((asked, seen), (beyond.offset, end.offset));
            }
            other => panic!("offset {beyond} is past the end, yet the poll said {other:?}"),
        }
    }
    consumer.pause(0).expect("a pause");
    let polled = consumer.poll(10, Duration::from_millis(100)).await.expect("a poll after pause");
    assert_eq!(polled, Vec::new());
}

/// Partitions that do not exist, or are not assigned, are errors.
pub async fn unknown_partitions_are_refused(log: &dyn Log) {
    let unknown = log.description().partitions;
    log.high_watermark(unknown).await.expect_err("a high watermark of no partition");
    log.log_start(unknown).await.expect_err("a start of no partition");
    let mut consumer = log.consumer().expect("a consumer");
    let position = Position { partition: unknown, offset: 0 };
    consumer.assign(&[position]).expect_err("an assignment of no partition");
    consumer.pause(0).expect_err("a pause of a partition not assigned");
}

/// `offset_at_time` finds the first record at or after a moment.
pub async fn a_moment_leads_to_its_first_offset(log: &dyn Log) {
    let from = ends(log).await;
    append(log, (0..30).map(|i| record("acme", &i.to_string())).collect()).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    append(log, (0..30).map(|i| record("acme", &i.to_string())).collect()).await;
    let read = take(consumer_from(log, &from).as_mut(), 60).await;
    let partition = read[0].position.partition;
    let end = log.high_watermark(partition).await.expect("a high watermark");
    for moment in [read[0].timestamp_ms + 1, read[30].timestamp_ms, read[59].timestamp_ms] {
        // Records of earlier cases may share the first timestamp, not a later one.
        if moment > read[0].timestamp_ms {
            let expected = read.iter().find(|record| record.timestamp_ms >= moment);
            let expected = expected.map_or(end, |record| record.position.offset);
            let found = log.offset_at_time(partition, moment).await.expect("an offset");
            assert_eq!(found, expected, "the first offset at or after {moment}");
        }
    }
    let first = log.offset_at_time(partition, read[0].timestamp_ms).await.expect("an offset");
    assert!(first <= read[0].position.offset);
    let start = log.log_start(partition).await.expect("a log start");
    assert_eq!(log.offset_at_time(partition, 0).await.expect("an offset"), start);
    let never = log.offset_at_time(partition, i64::MAX / 2_000).await.expect("an offset");
    assert_eq!(never, end);
}

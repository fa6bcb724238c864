//! Reading while another handle writes, as another process would.

use super::*;

#[tokio::test]
async fn a_reader_follows_the_writer_over_files_and_restarts() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(
        LocalLog::open_read_only(directory.path(), "t").err(),
        Some(BrokerError::TopicMissing { .. })
    ));
    let writer = open(directory.path(), tiny());
    append(&writer, numbered(0..7)).await;
    let reader = LocalLog::open_read_only(directory.path(), "t").unwrap();
    assert_eq!(reader.description().topic_id, writer.description().topic_id);
    assert_eq!(values(&reader).await, numbered(0..7));
    let mut consumer = reader.consumer().unwrap();
    consumer.assign(&[Position { partition: 0, offset: 7 }]).unwrap();
    for round in 1..20 {
        append(&writer, numbered(round * 7..round * 7 + 7)).await;
        let mut read = Vec::new();
        while read.len() < 7 {
            read.extend(consumer.poll(100, Duration::from_secs(10)).await.unwrap());
        }
        assert_eq!(read.len(), 7);
        assert_eq!(reader.high_watermark(0).await.unwrap(), (round as u64 + 1) * 7);
    }
    drop(writer);
    let writer = open(directory.path(), tiny());
    append(&writer, numbered(140..150)).await;
    assert_eq!(values(&reader).await, numbered(0..150));
    let error = reader.producer().append(record("acme", "no")).await.unwrap_err();
    assert!(matches!(error, BrokerError::Closed), "{error}");
}

#[tokio::test]
async fn a_reader_never_sees_what_is_written_but_not_published() {
    let directory = tempfile::tempdir().unwrap();
    let writer = open(directory.path(), LocalOptions::default());
    append(&writer, numbered(0..3)).await;
    let published = published::path(&partition_directory(directory.path(), 0));
    let before = std::fs::read(&published).unwrap();
    append(&writer, numbered(3..6)).await;
    drop(writer);
    // As if the second half had been written but not yet synced.
    std::fs::write(&published, before).unwrap();
    let reader = LocalLog::open_read_only(directory.path(), "t").unwrap();
    assert_eq!(values(&reader).await, numbered(0..3));
}

#[tokio::test]
async fn a_reader_follows_the_start_that_retention_moves() {
    let directory = tempfile::tempdir().unwrap();
    let writer = open(directory.path(), tiny());
    append(&writer, numbered(0..60)).await;
    let reader = LocalLog::open_read_only(directory.path(), "t").unwrap();
    drop(writer);
    let retention = Some(Retention { max_age: None, max_bytes: Some(TINY) });
    let writer = open(directory.path(), LocalOptions { retention, ..tiny() });
    append(&writer, numbered(60..70)).await;
    drop(writer);
    let start = reader.log_start(0).await.unwrap();
    assert!(start > 40, "{start}");
    assert_eq!(values(&reader).await, numbered(usize::try_from(start).unwrap()..70));
}

//! What a poll reads beyond the records that were asked for serves the next ones.

use super::*;

#[tokio::test]
async fn what_was_read_is_not_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), LocalOptions::default());
    append(&log, numbered(0..5)).await;
    let mut consumer = log.consumer().unwrap();
    consumer.assign(&[Position { partition: 0, offset: 0 }]).unwrap();
    let mut read = Vec::new();
    for number in 0..5 {
        read.extend(consumer.poll(1, Duration::from_secs(10)).await.unwrap());
        if number == 0 {
            // From now on the disk gives something else.
            let file = log_files(directory.path()).pop().unwrap();
            let length = std::fs::metadata(&file).unwrap().len();
            let file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
            file.set_len(24).unwrap();
            file.set_len(length).unwrap();
        }
    }
    let text = |record: Record| String::from_utf8(record.value.unwrap().to_vec()).unwrap();
    assert_eq!(read.into_iter().map(text).collect::<Vec<_>>(), numbered(0..5));
    // Who starts anew meets what is there, at the start or in the midst.
    assert!(matches!(read_from(&log, 0).await, Err(BrokerError::Corrupt { .. })));
    consumer.assign(&[Position { partition: 0, offset: 1 }]).unwrap();
    let told = consumer.poll(1, Duration::from_secs(10)).await;
    assert!(matches!(told, Err(BrokerError::Corrupt { .. })), "{told:?}");
}

/// Across files, whatever is asked for at once, and on to what is appended meanwhile.
#[tokio::test]
async fn a_reader_goes_on_from_file_to_file() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), tiny());
    append(&log, numbered(0..20)).await;
    assert!(log_files(directory.path()).len() > 3);
    for at_once in [1, 3, 7] {
        let mut consumer = log.consumer().unwrap();
        consumer.assign(&[Position { partition: 0, offset: 0 }]).unwrap();
        let mut offsets = Vec::new();
        let end = log.high_watermark(0).await.unwrap() + 4;
        while consumer.position(0).unwrap() < end {
            let records = consumer.poll(at_once, Duration::from_secs(10)).await.unwrap();
            assert!(records.len() <= at_once);
            if offsets.is_empty() {
                append(&log, numbered(0..4)).await;
            }
            offsets.extend(records.iter().map(|record| record.position.offset));
        }
        assert_eq!(offsets, (0..end).collect::<Vec<_>>(), "{at_once} at once");
    }
}

//! A spool in its situations: full, torn, damaged, held by another.

use std::path::Path;

use super::*;

fn options(directory: &Path) -> SpoolOptions {
    SpoolOptions { max_bytes: MIN_BYTES, ..SpoolOptions::new(directory.join("spool")) }
}

fn record(value: &str) -> NewRecord {
    NewRecord {
        key: Some("acme".into()),
        value: Some(value.to_owned().into()),
        headers: vec![Header { name: "h".to_owned(), value: None }],
    }
}

async fn append(spool: &mut Spool, values: std::ops::Range<u32>) {
    let records = values.map(|value| record(&format!("value {value}"))).collect();
    assert!(spool.append(records).await.iter().all(Result::is_ok));
}

async fn values(spool: &mut Spool) -> Vec<String> {
    let mut values = Vec::new();
    loop {
        let records = spool.next(7).await.unwrap();
        if records.is_empty() {
            return values;
        }
        let text = |record: Record| String::from_utf8(record.value.unwrap().to_vec()).unwrap();
        values.extend(records.into_iter().map(text));
    }
}

fn numbered(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| format!("value {number}")).collect()
}

/// The files of the log in a spool, the oldest first.
fn files(options: &SpoolOptions) -> Vec<PathBuf> {
    let partition = log_directory(options).join("partition-0000");
    let entries = std::fs::read_dir(partition).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "log")).collect();
    files.sort();
    files
}

#[tokio::test]
async fn what_was_not_acknowledged_is_given_again_after_a_start() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    let mut spool = Spool::open(&options).await.unwrap();
    assert!(spool.is_empty());
    append(&mut spool, 0..20).await;
    assert_eq!(spool.next(5).await.unwrap().len(), 5);
    spool.acknowledge(5);
    assert_eq!(spool.len(), 15);
    drop(spool);

    let mut spool = Spool::open(&options).await.unwrap();
    append(&mut spool, 20..22).await;
    assert_eq!(values(&mut spool).await, numbered(5..22));
    spool.acknowledge(22);
    assert!(spool.is_empty());
    drop(spool);
    assert!(Spool::open(&options).await.unwrap().is_empty());
}

#[tokio::test]
async fn it_is_bounded_and_has_room_again_once_something_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    let mut spool = Spool::open(&options).await.unwrap();
    let long = record(&"x".repeat(4_000));
    let mut held = 0;
    let error = loop {
        match spool.append(vec![long.clone()]).await.remove(0) {
            Ok(()) => held += 1,
            Err(error) => break error,
        }
    };
    assert!(error.is_retryable(), "{error}");
    assert!((14..=16).contains(&held), "{held} records of 4 KB in 64 KiB");
    let bytes: u64 = files(&options).iter().map(|f| f.metadata().unwrap().len()).sum();
    assert!(bytes <= MIN_BYTES, "{bytes} bytes on disk");

    spool.acknowledge(held);
    // The first append is served after the files are gone.
    let again = [spool.append(vec![record("a")]).await, spool.append(vec![long]).await];
    assert!(again.last().unwrap()[0].is_ok(), "{again:?}");
}

/// Its last file once stayed, and a disk that it had filled stayed full.
#[tokio::test]
async fn a_spent_one_gives_its_room_back_and_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let options = SpoolOptions { max_bytes: 1 << 20, ..options(directory.path()) };
    let mut spool = Spool::open(&options).await.unwrap();
    let long = record(&"x".repeat(4_000));
    for _ in 0..40 {
        assert!(spool.append(vec![long.clone()]).await[0].is_ok());
    }
    assert!(!spool.is_spent(), "nothing is acknowledged");
    spool.acknowledge(40);
    assert!(spool.is_spent());
    let mut spool = spool.renew(&options).await.unwrap();
    assert!(spool.is_empty() && !spool.is_spent());
    let bytes: u64 = files(&options).iter().map(|f| f.metadata().unwrap().len()).sum();
    assert!(bytes < 1_000, "{bytes} bytes are left");
    append(&mut spool, 0..3).await;
    assert_eq!(values(&mut spool).await, numbered(0..3));
    drop(spool);

    // Stopped half way: between the two steps, and while the files are removed.
    for left in ["log.meta", "partition-0000"] {
        std::fs::rename(log_directory(&options), spent_directory(&options)).unwrap();
        let _ = std::fs::remove_file(spent_directory(&options).join(left));
        let mut spool = Spool::open(&options).await.unwrap();
        assert!(spool.is_empty() && !spent_directory(&options).exists());
        append(&mut spool, 0..1).await;
        drop(spool);
        let mut spool = Spool::open(&options).await.unwrap();
        assert_eq!(values(&mut spool).await, numbered(0..1));
    }
}

#[tokio::test]
async fn a_torn_tail_is_cut_and_the_rest_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    let mut spool = Spool::open(&options).await.unwrap();
    append(&mut spool, 0..10).await;
    drop(spool);
    let file = files(&options).pop().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend_from_slice(&[7; 21]);
    std::fs::write(&file, bytes).unwrap();

    let mut spool = Spool::open(&options).await.unwrap();
    assert_eq!(values(&mut spool).await, numbered(0..10));
}

#[tokio::test]
async fn a_flipped_byte_never_stops_a_start_and_the_damaged_spool_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    for at in [24, 40, 60, 90] {
        let mut spool = Spool::open(&options).await.unwrap();
        append(&mut spool, 0..10).await;
        drop(spool);
        let file = files(&options).remove(0);
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[at] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        let mut spool = Spool::open(&options).await.unwrap();
        assert!(spool.is_empty(), "byte {at}: a new one");
        append(&mut spool, 0..1).await;
        drop(spool);
        std::fs::remove_dir_all(log_directory(&options)).unwrap();
    }
    let kept = |number: u32| options.directory.join(format!("damaged-{number}"));
    assert!((1..=4).all(|number| kept(number).is_dir()) && !kept(5).exists());
}

/// What a log says of itself has no checksum: a digit of it that changed once stopped every start.
#[tokio::test]
async fn whatever_its_description_says_a_start_has_a_spool() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    let path = log_directory(&options).join("log.meta");
    let kept = options.directory.join("damaged-1");
    let mut set_aside = 0;
    for at in 0.. {
        let mut spool = Spool::open(&options).await.unwrap();
        append(&mut spool, 0..3).await;
        drop(spool);
        let mut bytes = std::fs::read(&path).unwrap();
        let Some(byte) = bytes.get_mut(at) else { break };
        *byte ^= 1 << (at % 8);
        std::fs::write(&path, bytes).unwrap();

        let mut spool = Spool::open(&options).await.unwrap();
        if kept.is_dir() {
            assert!(spool.is_empty(), "byte {at}: a new one");
            std::fs::remove_dir_all(&kept).unwrap();
            set_aside += 1;
        } else {
            assert_eq!(values(&mut spool).await, numbered(0..3), "byte {at}: as it was");
        }
        append(&mut spool, 0..1).await;
        drop(spool);
        std::fs::remove_dir_all(log_directory(&options)).unwrap();
    }
    assert!(set_aside > 50, "only {set_aside} changes were met");

    for (before, after) in [("\"partitions\": 1", "\"partitions\": 5"), (": 0,", ": 4,")] {
        drop(Spool::open(&options).await.unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "{text}");
        std::fs::write(&path, text.replacen(before, after, 1)).unwrap();
        assert!(Spool::open(&options).await.unwrap().is_empty());
        assert!(kept.is_dir(), "{after}");
        std::fs::remove_dir_all(&kept).unwrap();
    }
}

#[tokio::test]
async fn damage_met_while_reading_leaves_what_was_read_and_begins_anew() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    let mut spool = Spool::open(&options).await.unwrap();
    // Several files: those that are closed are not read at opening.
    let long = "x".repeat(4_000);
    for _ in 0..12 {
        assert!(spool.append(vec![record(&long)]).await[0].is_ok());
    }
    let file = files(&options).remove(0);
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 5;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let mut read = 0;
    let error = loop {
        match spool.next(100).await {
            Ok(records) => read += records.len(),
            Err(error) => break error,
        }
        assert!(read < 12, "the damage was not met");
    };
    assert!(matches!(error, BrokerError::Corrupt { .. }), "{error}");
    assert!(read > 0);
    let spool = spool.begin_anew(&options, &error).await.unwrap();
    assert!(spool.is_empty());
}

#[tokio::test]
async fn a_second_one_on_the_same_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    let _first = Spool::open(&options).await.unwrap();
    let error = Spool::open(&options).await.err().expect("it is held");
    assert!(matches!(error, BrokerError::Locked { .. }), "{error}");
}

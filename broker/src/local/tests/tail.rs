//! Torn tails are cut; anything else that is broken is told by file and byte.

use proptest::prelude::*;

use super::*;

const COUNT: usize = 5;
const FRAME_BYTES: usize = frame::HEAD_BYTES + 8 + 4 + 7;

async fn written(directory: &Path) -> (PathBuf, Vec<u8>) {
    let log = open(directory, LocalOptions::default());
    append(&log, numbered(0..COUNT)).await;
    drop(log);
    let file = log_files(directory).pop().unwrap();
    let bytes = std::fs::read(&file).unwrap();
    assert_eq!(bytes.len(), 24 + COUNT * FRAME_BYTES);
    (file, bytes)
}

fn corrupt_at(result: Result<LocalLog, BrokerError>) -> (String, u64) {
    match result.err() {
        Some(BrokerError::Corrupt { file, at, .. }) => (file, at),
        other => panic!("damage was not told: {other:?}"),
    }
}

#[tokio::test]
async fn a_last_frame_torn_at_any_byte_is_cut_unless_it_was_published() {
    let directory = tempfile::tempdir().unwrap();
    let (file, bytes) = written(directory.path()).await;
    let published = published::path(&partition_directory(directory.path(), 0));
    let promise = std::fs::read(&published).unwrap();
    let start = bytes.len() - FRAME_BYTES;
    for length in start..bytes.len() {
        std::fs::write(&file, &bytes[..length]).unwrap();
        std::fs::write(&published, &promise).unwrap();
        let told = corrupt_at(try_open(directory.path(), LocalOptions::default()));
        assert_eq!(told, (file.display().to_string(), start as u64), "cut at {length}");

        unpublish(directory.path());
        let log = open(directory.path(), LocalOptions::default());
        assert_eq!(values(&log).await, numbered(0..COUNT - 1), "cut at {length}");
        append(&log, ["after".to_owned()]).await;
        assert_eq!(values(&log).await.last().unwrap(), "after");
    }
}

/// The last file's too, and those that a side file says everything of.
#[tokio::test]
async fn a_changed_head_of_any_file_is_told_by_whoever_opens_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), tiny());
    append(&log, numbered(0..20)).await;
    drop(log);
    drop(open(directory.path(), tiny()));
    let files = log_files(directory.path());
    assert!(files.len() > 3 && files[0].with_extension("index").exists());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for at in 0..24 {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            std::fs::write(&file, changed).unwrap();
            let expected = (file.display().to_string(), 0);
            let read_only = LocalLog::open_read_only(directory.path(), "annals");
            for opened in [read_only, try_open(directory.path(), tiny())] {
                assert_eq!(corrupt_at(opened), expected, "byte {at}");
            }
        }
        std::fs::write(&file, bytes).unwrap();
    }
    assert_eq!(values(&open(directory.path(), tiny())).await, numbered(0..20));
}

#[tokio::test]
async fn garbage_after_the_last_frame_is_cut() {
    let directory = tempfile::tempdir().unwrap();
    let (file, bytes) = written(directory.path()).await;
    for garbage in [vec![0; 500], vec![0xff; 500], bytes[24..].to_vec()] {
        std::fs::write(&file, [&bytes[..], &garbage].concat()).unwrap();
        let log = open(directory.path(), LocalOptions::default());
        assert_eq!(values(&log).await, numbered(0..COUNT));
        drop(log);
        assert_eq!(std::fs::metadata(&file).unwrap().len(), bytes.len() as u64);
    }
}

#[tokio::test]
async fn damage_before_a_whole_frame_is_rot_even_if_nothing_was_published() {
    let directory = tempfile::tempdir().unwrap();
    let (file, bytes) = written(directory.path()).await;
    for frame in 0..COUNT - 1 {
        let start = 24 + frame * FRAME_BYTES;
        for at in [start, start + 5, start + 20, start + FRAME_BYTES - 1] {
            let mut bent = bytes.clone();
            bent[at] ^= 0x10;
            std::fs::write(&file, bent).unwrap();
            unpublish(directory.path());
            let told = corrupt_at(try_open(directory.path(), LocalOptions::default()));
            assert_eq!(told, (file.display().to_string(), start as u64), "byte {at}");
        }
    }
}

#[tokio::test]
async fn a_torn_group_is_cut_as_a_whole_even_if_its_later_frames_reached_the_disk() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), LocalOptions::default());
    append(&log, numbered(0..1)).await;
    let group = numbered(1..COUNT).iter().map(|value| record("acme", value)).collect();
    assert!(log.producer().append_all(group).await.iter().all(Result::is_ok));
    drop(log);
    // The power went during the group's write: its first frame is missing, the others are there.
    let file = log_files(directory.path()).pop().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[24 + FRAME_BYTES..][..FRAME_BYTES].fill(0);
    std::fs::write(&file, bytes).unwrap();
    unpublish(directory.path());
    let log = open(directory.path(), LocalOptions::default());
    assert_eq!(values(&log).await, numbered(0..1));
}

#[tokio::test]
async fn a_closed_file_that_is_damaged_is_told_when_it_is_read_or_scanned() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), tiny());
    append(&log, numbered(0..30)).await;
    drop(log);
    let file = log_files(directory.path())[1].clone();
    let mut bytes = std::fs::read(&file).unwrap();
    let at = 24 + FRAME_BYTES;
    bytes[at + 40] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let expected = (file.display().to_string(), at as u64);

    let log = open(directory.path(), tiny());
    let base: Offset = file.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let told = read_from(&log, 0).await.unwrap_err();
    assert!(
        matches!(&told, BrokerError::Corrupt { file, at, .. }
        if (file.clone(), *at) == expected),
        "{told}"
    );
    let mut consumer = log.consumer().unwrap();
    consumer.assign(&[Position { partition: 0, offset: base }]).unwrap();
    let before = consumer.poll(10, Duration::ZERO).await.unwrap();
    assert_eq!(before.len(), 1, "what is whole before the damage is still delivered");
    let next: Offset = base + 6;
    assert_eq!(read_from(&log, next).await.unwrap().len(), 18, "and the files after it");
    drop((log, consumer));

    std::fs::remove_file(file.with_extension("index")).unwrap();
    assert_eq!(corrupt_at(try_open(directory.path(), tiny())), expected);
}

#[tokio::test]
async fn missing_files_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), tiny());
    append(&log, numbered(0..32)).await;
    drop(log);
    let files = log_files(directory.path());
    for lost in [1, files.len() - 1] {
        let kept = std::fs::read(&files[lost]).unwrap();
        std::fs::remove_file(&files[lost]).unwrap();
        corrupt_at(try_open(directory.path(), tiny()));
        std::fs::write(&files[lost], kept).unwrap();
    }
    // A file in another one's place.
    std::fs::copy(&files[1], &files[2]).unwrap();
    std::fs::remove_file(files[2].with_extension("index")).unwrap();
    assert_eq!(corrupt_at(try_open(directory.path(), tiny())).0, files[2].display().to_string());
}

#[tokio::test]
async fn lost_side_files_are_made_again_without_loss() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), tiny());
    append(&log, numbered(0..30)).await;
    drop(log);
    for file in log_files(directory.path()) {
        let _ = std::fs::remove_file(file.with_extension("index"));
    }
    assert_eq!(values(&open(directory.path(), tiny())).await, numbered(0..30));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No flipped bit anywhere is ever served as data.
    #[test]
    fn a_flipped_bit_is_never_served(bit in 0_usize..8 * (24 + COUNT * FRAME_BYTES)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let (file, mut bytes) = written(directory.path()).await;
            bytes[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&file, bytes).unwrap();
            corrupt_at(try_open(directory.path(), LocalOptions::default()));
        });
    }
}

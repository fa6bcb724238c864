//! After failed fsyncs the log goes on by itself, and what it acknowledges then is on disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::AtomicUsize;

use parking_lot::Mutex;

use super::*;

/// A disk whose fsync fails at times, with the kernel's habit: after a failed fsync the pages are
/// clean, so that another fsync succeeds without writing them.
#[derive(Default)]
struct Disk {
    /// Path part of the files whose fsyncs fail; how many more of them do.
    within: &'static str,
    failures: AtomicUsize,
    dirty: Mutex<BTreeMap<PathBuf, Vec<(u64, usize)>>>,
    durable: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
}

fn path_of(file: &File) -> PathBuf {
    std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap()
}

impl Files for Disk {
    fn write_at(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
        self.dirty.lock().entry(path_of(file)).or_default().push((at, bytes.len()));
        file.write_all_at(bytes, at)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        let path = path_of(file);
        let dirty = self.dirty.lock().remove(&path).unwrap_or_default();
        let one_less = |left: usize| left.checked_sub(1);
        let (set, get) = (Ordering::SeqCst, Ordering::SeqCst);
        if path.to_str().unwrap().contains(self.within)
            && self.failures.fetch_update(set, get, one_less).is_ok()
        {
            return Err(io::ErrorKind::Other.into());
        }
        let now = std::fs::read(&path)?;
        let mut durable = self.durable.lock();
        let kept = durable.entry(path).or_default();
        kept.resize(now.len(), 0);
        for (at, length) in dirty {
            let start = usize::try_from(at).unwrap().min(now.len());
            let end = (start + length).min(now.len());
            kept[start..end].copy_from_slice(&now[start..end]);
        }
        Ok(())
    }
}

impl Disk {
    fn failing(within: &'static str) -> Arc<Self> {
        Arc::new(Self { within, ..Default::default() })
    }

    fn fail(&self, times: usize) {
        self.failures.store(times, Ordering::SeqCst);
    }

    /// The power goes: of each file there is what reached the disk.
    fn cut(&self) {
        for (path, bytes) in self.durable.lock().iter().filter(|(path, _)| path.exists()) {
            std::fs::write(path, bytes).unwrap();
        }
    }
}

fn quickly(options: LocalOptions) -> LocalOptions {
    LocalOptions { reopen_every: Duration::from_millis(1), ..options }
}

/// Appends until it is acknowledged; answers how often it was refused before.
async fn persist(log: &LocalLog, key: &str, value: &str) -> (Appended, usize) {
    for refused in 0..10_000 {
        match log.producer().append(record(key, value)).await {
            Ok(appended) => return (appended, refused),
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("{value} was refused for good");
}

/// After one failed fsync every append was refused until the process was started again.
#[tokio::test]
async fn appends_succeed_again_without_reopening_the_log() {
    for (times, options) in [(1, tiny()), (2, LocalOptions::default()), (7, tiny())] {
        let directory = tempfile::tempdir().unwrap();
        let disk = Disk::failing("partition-");
        let log = open_on(directory.path(), quickly(options.clone()), disk.clone());
        let mut acknowledged = Vec::new();
        let mut end = 0;
        for (number, value) in numbered(0..30).into_iter().enumerate() {
            if number % 5 == 2 {
                disk.fail(times);
            }
            let (appended, refused) = persist(&log, "acme", &value).await;
            assert!(number % 5 != 2 || refused > 0, "{value} had no fsync that failed");
            acknowledged.push((appended.position.offset, value));
            let now = log.high_watermark(0).await.unwrap();
            assert!(now > appended.position.offset && now > end, "{now} after {end}");
            end = now;
        }
        assert_holds(&log, &acknowledged).await;
        drop(log);
        disk.cut();
        assert_holds(&open(directory.path(), options), &acknowledged).await;
    }
}

/// Each acknowledged value is at its place; refused tries may stand before it, nothing else.
async fn assert_holds(log: &LocalLog, acknowledged: &[(Offset, String)]) {
    let mut found = values(log).await;
    for (offset, value) in acknowledged {
        assert_eq!(found.get(usize::try_from(*offset).unwrap()), Some(value), "at {offset}");
    }
    found.dedup();
    assert_eq!(found, numbered(0..acknowledged.len()));
}

#[tokio::test]
async fn a_failed_fsync_closes_its_partition_only() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Disk::failing("partition-0000");
    let reopen_every = Duration::from_secs(3600);
    let options = LocalOptions { partitions: 2, reopen_every, ..Default::default() };
    let log = open_on(directory.path(), options, disk.clone());
    let key_of = |partition| {
        let keys = (0..100).map(|n| format!("workspace {n}"));
        let place = |key: &String| crate::route::partition_of(&record(key, ""), 2) == partition;
        keys.into_iter().find(place).unwrap()
    };
    let (first, second) = (key_of(0), key_of(1));
    disk.fail(1);
    let group = vec![record(&first, "a"), record(&second, "b")];
    let outcomes = log.producer().append_all(group).await;
    let error = outcomes[0].as_ref().unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("fsync of "), "{error}");
    assert_eq!(outcomes[1].as_ref().unwrap().position, Position { partition: 1, offset: 0 });
    // Before the pause is over nothing is tried again, though fsync would work now.
    assert!(log.producer().append(record(&first, "c")).await.unwrap_err().is_retryable());
    assert_eq!(persist(&log, &second, "d").await.1, 0);
    assert_eq!(log.high_watermark(0).await.unwrap(), 0, "nothing of it is readable");
    assert_eq!(log.high_watermark(1).await.unwrap(), 2);
}

/// At the weaker level the acknowledgement came before the fsync that failed.
#[tokio::test]
async fn what_was_acknowledged_before_its_fsync_failed_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Disk::failing("partition-");
    let fsync = Fsync::Interval(Duration::from_secs(3600));
    let options = quickly(LocalOptions { fsync, ..Default::default() });
    let log = open_on(directory.path(), options.clone(), disk.clone());
    let mut consumer = log.consumer().unwrap();
    consumer.assign(&[Position { partition: 0, offset: 1 }]).unwrap();
    append(&log, numbered(0..1)).await;
    assert_eq!(log.high_watermark(0).await.unwrap(), 1);
    append(&log, numbered(1..3)).await;
    disk.fail(3);
    assert!(log.high_watermark(0).await.unwrap_err().is_retryable());
    // The waiting consumer is woken by the reopening, without another append.
    let records = consumer.poll(100, Duration::from_secs(10)).await.unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(persist(&log, "acme", "value 3").await.0.position.offset, 3);
    assert_eq!(log.high_watermark(0).await.unwrap(), 4);
    assert_eq!(values(&log).await, numbered(0..4));
    drop(log);
    disk.cut();
    assert_eq!(values(&open(directory.path(), options)).await, numbered(0..4));
}

/// Retention had taken a file from the readers but could not remove it: opening finds it again.
#[test]
fn neither_end_goes_back_when_the_files_are_found_again() {
    let directory = tempfile::tempdir().unwrap();
    let segment = |base: u64, end: u64| {
        let path = segment::file_path(directory.path(), base);
        let mut segment = segment::Segment::empty(path, tempfile::tempfile().unwrap(), base);
        segment.end = end;
        segment
    };
    let held = vec![segment(10, 20), segment(20, 25)];
    let shared = Shared::new(0, directory.path().to_owned(), held);
    shared.replace(vec![segment(0, 10), segment(10, 20), segment(20, 27)]);
    assert_eq!(shared.ends(), (10, 27));
}

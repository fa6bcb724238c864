//! Every operation on files fails once, at every place: nothing acknowledged is lost.

use std::fs::File;
use std::io;
use std::sync::atomic::AtomicUsize;

use super::*;

/// Lets the first `good` operations through, fails the next `bad` ones, then works again.
struct Failing {
    kind: io::ErrorKind,
    good: usize,
    bad: usize,
    seen: AtomicUsize,
}

impl Failing {
    fn new(kind: io::ErrorKind, good: usize, bad: usize) -> Arc<Self> {
        Arc::new(Self { kind, good, bad, seen: AtomicUsize::new(0) })
    }

    fn pass(&self) -> io::Result<()> {
        let seen = self.seen.fetch_add(1, Ordering::SeqCst);
        if (self.good..self.good + self.bad).contains(&seen) {
            return Err(self.kind.into());
        }
        Ok(())
    }
}

impl Files for Failing {
    fn create(&self, path: &Path) -> io::Result<File> {
        self.pass()?;
        SystemFiles.create(path)
    }
    fn write_at(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
        if let Err(error) = self.pass() {
            // Half of it got there, as happens.
            SystemFiles.write_at(file, &bytes[..bytes.len() / 2], at)?;
            return Err(error);
        }
        SystemFiles.write_at(file, bytes, at)
    }
    fn sync(&self, file: &File) -> io::Result<()> {
        self.pass()?;
        SystemFiles.sync(file)
    }
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.pass()?;
        SystemFiles.sync_directory(path)
    }
    fn cut(&self, file: &File, length_bytes: u64) -> io::Result<()> {
        self.pass()?;
        SystemFiles.cut(file, length_bytes)
    }
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.pass()?;
        SystemFiles.replace(path, bytes)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.pass()?;
        SystemFiles.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.pass()?;
        SystemFiles.remove(path)
    }
}

/// Appends 20 values over several files; answers what was acknowledged and the errors.
async fn run(directory: &Path, files: Arc<Failing>) -> (Vec<String>, Vec<BrokerError>) {
    let mut acknowledged = Vec::new();
    let mut errors = Vec::new();
    let clock: Clock = Arc::new(|| 1_000);
    match LocalLog::open_with(directory, tiny(), clock, files) {
        Ok(log) => {
            for value in numbered(0..20) {
                match log.producer().append(record("acme", &value)).await {
                    Ok(_) => acknowledged.push(value),
                    Err(error) => errors.push(error),
                }
            }
            if errors.is_empty() {
                assert_eq!(values(&log).await, numbered(0..20));
            }
        }
        Err(error) => errors.push(error),
    }
    (acknowledged, errors)
}

/// What is on the log is what was acknowledged, in order, and perhaps one more whose outcome was
/// left open.
fn assert_kept(found: &[String], acknowledged: &[String], what: &str) {
    let mut rest = found.iter();
    for value in acknowledged {
        assert!(rest.any(|found| found == value), "{what}: {value} was acknowledged and is lost");
    }
    assert!(found.len() <= acknowledged.len() + 1, "{what}: {found:?} for {acknowledged:?}");
}

#[tokio::test]
async fn after_a_failed_operation_the_handle_refuses_and_nothing_acknowledged_is_lost() {
    let mut failures = 0;
    for good in 0.. {
        let directory = tempfile::tempdir().unwrap();
        let files = Failing::new(io::ErrorKind::Other, good, 1);
        let (acknowledged, errors) = run(directory.path(), Arc::clone(&files)).await;
        if let Some(first) = errors.first() {
            failures += 1;
            assert!(!first.is_retryable(), "operation {good}: {first}");
            // Once dead, the handle stays dead: it never tries the same file again.
            let after = errors.len() - 1;
            assert!(acknowledged.len() + after + 1 == 20 || acknowledged.is_empty());
            assert_eq!(acknowledged, numbered(0..acknowledged.len()), "operation {good}");
        }
        let log = open(directory.path(), tiny());
        let found = values(&log).await;
        assert_kept(&found, &acknowledged, &format!("operation {good}"));
        append(&log, ["after".to_owned()]).await;
        if files.seen.load(Ordering::SeqCst) <= good {
            break;
        }
    }
    assert!(failures > 50, "{failures} operations were made to fail");
}

#[tokio::test]
async fn a_full_disk_refuses_retryably_and_the_log_goes_on_by_itself() {
    let mut refusals = 0;
    for good in 0.. {
        let directory = tempfile::tempdir().unwrap();
        let files = Failing::new(io::ErrorKind::StorageFull, good, 1);
        let (acknowledged, errors) = run(directory.path(), Arc::clone(&files)).await;
        let retryable = errors.iter().filter(|error| error.is_retryable()).count();
        if retryable > 0 {
            refusals += 1;
            assert_eq!((retryable, acknowledged.len()), (1, 19), "operation {good}: {errors:?}");
        }
        let log = open(directory.path(), tiny());
        assert_kept(&values(&log).await, &acknowledged, &format!("operation {good}"));
        if files.seen.load(Ordering::SeqCst) <= good {
            break;
        }
    }
    assert_eq!(refusals, 20, "one for the write of each record");
}

#[tokio::test]
async fn every_waiting_append_hears_of_a_failed_fsync() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path(), LocalOptions::default()));
    let files = Failing::new(io::ErrorKind::Other, 0, 0);
    let count_after_open = {
        let clock: Clock = Arc::new(|| 1_000);
        let options = LocalOptions::default();
        let counted = Arc::clone(&files) as Arc<dyn Files>;
        drop(LocalLog::open_with(directory.path(), options, clock, counted).unwrap());
        files.seen.load(Ordering::SeqCst)
    };
    // The first commit's write passes, its fsync fails.
    let files = Failing::new(io::ErrorKind::Other, count_after_open + 1, 1);
    let clock: Clock = Arc::new(|| 1_000);
    let log = LocalLog::open_with(directory.path(), LocalOptions::default(), clock, files).unwrap();
    let producer = log.producer();
    let appends = (0..50).map(|i| producer.append(record("acme", &i.to_string())));
    let outcomes = futures::future::join_all(appends).await;
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert!(error.to_string().starts_with("fsync of "), "{error}");
    }
    assert_eq!(log.high_watermark(0).await.unwrap(), 0, "nothing of it is readable");
    assert!(producer.append(record("acme", "later")).await.is_err());
}

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

/// Opens the log and appends 20 values, each until it is taken; answers how often one was refused.
async fn run_to_the_end(directory: &Path, files: Arc<Failing>, what: &str) -> usize {
    let options = LocalOptions { reopen_every: Duration::from_millis(1), ..tiny() };
    let clock: Clock = Arc::new(|| 1_000);
    let Ok(log) = LocalLog::open_with(directory, options, clock, files) else { return 0 };
    let (mut refused, mut end) = (0, 0);
    for value in numbered(0..20) {
        let offset = loop {
            match log.producer().append(record("acme", &value)).await {
                Ok(appended) => break appended.position.offset,
                Err(error) => assert!(error.is_retryable(), "{what}: {error}"),
            }
            refused += 1;
            assert!(refused < 10_000, "{what}: {value} was refused for good");
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        let now = log.high_watermark(0).await.unwrap();
        assert!(now > offset && now > end, "{what}: high watermark {now} after {end}");
        end = now;
        assert_eq!(values(&log).await[usize::try_from(offset).unwrap()], value, "{what}");
    }
    let mut found = values(&log).await;
    found.dedup();
    assert_eq!(found, numbered(0..20), "{what}");
    refused
}

#[tokio::test]
async fn after_failed_operations_the_log_goes_on_by_itself_and_nothing_acknowledged_is_lost() {
    for bad in [1, 3] {
        let mut failures = 0;
        for good in 0.. {
            let what = format!("{bad} operations after {good}");
            let directory = tempfile::tempdir().unwrap();
            let files = Failing::new(io::ErrorKind::Other, good, bad);
            let refused = run_to_the_end(directory.path(), Arc::clone(&files), &what).await;
            failures += usize::from(refused > 0);
            let log = open(directory.path(), tiny());
            let mut found = values(&log).await;
            found.dedup();
            assert!(found.is_empty() || found == numbered(0..20), "{what}: {found:?}");
            append(&log, ["after".to_owned()]).await;
            if files.seen.load(Ordering::SeqCst) <= good {
                break;
            }
        }
        assert!(failures > 40, "{failures} runs had appends refused");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_retryably_and_the_log_goes_on_by_itself() {
    let mut refusals = 0;
    for good in 0.. {
        let directory = tempfile::tempdir().unwrap();
        let files = Failing::new(io::ErrorKind::StorageFull, good, 1);
        let (acknowledged, errors) = run(directory.path(), Arc::clone(&files)).await;
        assert!(acknowledged.is_empty() || errors.iter().all(BrokerError::is_retryable));
        let at_writing = |error: &&BrokerError| error.to_string().contains("reach: writing ");
        let retryable = errors.iter().filter(at_writing).count();
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

/// RELIABILITY 4: whoever watches readiness hears of a full disk, and of its end.
#[tokio::test]
async fn a_refused_append_is_told_until_one_succeeds() {
    let directory = tempfile::tempdir().unwrap();
    let opened = Failing::new(io::ErrorKind::StorageFull, 0, 0);
    drop(open_failing(directory.path(), Arc::clone(&opened)));
    let good = opened.seen.load(Ordering::SeqCst);
    drop(open_failing(directory.path(), Arc::clone(&opened)));
    let good = opened.seen.load(Ordering::SeqCst) - good;
    let log = open_failing(directory.path(), Failing::new(io::ErrorKind::StorageFull, good, 1));
    assert_eq!(log.write_trouble(), None);
    log.producer().append(record("acme", "1")).await.unwrap_err();
    let told = log.write_trouble().unwrap();
    assert!(told.contains("writing "), "{told}");
    log.producer().append(record("acme", "2")).await.unwrap();
    assert_eq!(log.write_trouble(), None);
}

fn open_failing(directory: &Path, files: Arc<Failing>) -> LocalLog {
    let clock: Clock = Arc::new(|| 1_000);
    LocalLog::open_with(directory, LocalOptions::default(), clock, files).unwrap()
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
    let reopen_every = Duration::from_secs(3600);
    let options = LocalOptions { reopen_every, ..Default::default() };
    let log = LocalLog::open_with(directory.path(), options, clock, files).unwrap();
    let producer = log.producer();
    let appends = (0..50).map(|i| producer.append(record("acme", &i.to_string())));
    let outcomes = futures::future::join_all(appends).await;
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert!(error.is_retryable() && error.to_string().contains("fsync of "), "{error}");
    }
    assert_eq!(log.high_watermark(0).await.unwrap(), 0, "nothing of it is readable");
    assert!(producer.append(record("acme", "later")).await.is_err());
}

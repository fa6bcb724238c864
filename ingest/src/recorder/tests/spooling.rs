//! With a spool: what the log does not take is safe on disk, and arrives in order.

use std::path::Path;

use super::*;

/// A recorder's options with a spool in this directory, which is used quickly.
pub(super) fn spooling(directory: &Path) -> RecorderOptions {
    let after = Duration::from_millis(5);
    let spool = SpoolOptions { after, ..SpoolOptions::new(directory.join("spool")) };
    RecorderOptions { spool: Some(spool), ..quick() }
}

pub(super) fn actions(log: &MemoryLog) -> Vec<String> {
    events_on(log).into_iter().map(|event| event.action).collect()
}

fn numbered(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("thing.done_{number}")).collect()
}

fn emit(recorder: &Recorder, numbers: std::ops::Range<usize>) {
    for action in numbered(numbers) {
        recorder.emit(event("acme", &action));
    }
}

/// Waits until the log has acknowledged so many.
pub(super) fn wait_delivered(recorder: &Recorder, events: u64) {
    wait_until(recorder, || recorder.delivered() >= events);
}

/// Waits until the log has acknowledged everything in the spool.
fn wait_unspooled(recorder: &Recorder) {
    wait_until(recorder, || recorder.spooled() == 0);
}

pub(super) fn wait_until(recorder: &Recorder, done: impl Fn() -> bool) {
    let until = Instant::now() + LONG;
    while !done() {
        let (delivered, spooled) = (recorder.delivered(), recorder.spooled());
        assert!(Instant::now() < until, "{delivered} delivered, {spooled} in the spool");
        std::thread::yield_now();
    }
}

#[test]
fn what_a_log_that_is_away_does_not_take_is_safe_and_arrives_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let log = memory();
    let recorder = Recorder::start(log.producer(), spooling(directory.path())).unwrap();
    emit(&recorder, 0..100);
    wait_delivered(&recorder, 100);

    log.set_available(false);
    emit(&recorder, 100..2_000);
    assert!(recorder.flush(LONG), "they are safe");
    assert_eq!((recorder.delivered(), recorder.spooled()), (100, 1_900));
    log.set_available(true);
    emit(&recorder, 2_000..2_100);
    wait_delivered(&recorder, 2_100);
    wait_unspooled(&recorder);
    emit(&recorder, 2_100..2_200);
    wait_delivered(&recorder, 2_200);
    assert_eq!(recorder.lost(), 0);
    assert_eq!(actions(&log), numbered(0..2_200));
}

#[test]
fn a_log_that_never_answers_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let options = RecorderOptions { queue_events: 500, ..spooling(directory.path()) };
    let recorder = Recorder::start(Arc::new(BlackHole), options).unwrap();
    for start in (0..10_000).step_by(500) {
        emit(&recorder, start..start + 500);
        assert!(recorder.flush(LONG), "after {start}");
    }
    assert_eq!((recorder.lost(), recorder.spooled()), (0, 10_000));
    drop(recorder);

    let log = memory();
    let recorder = Recorder::start(log.producer(), spooling(directory.path())).unwrap();
    emit(&recorder, 10_000..10_010);
    wait_delivered(&recorder, 10_010);
    assert_eq!(actions(&log), numbered(0..10_010), "those of before go first");
    wait_unspooled(&recorder);
    drop(recorder);
    let recorder = Recorder::start(log.producer(), spooling(directory.path())).unwrap();
    wait_unspooled(&recorder);
    assert_eq!(recorder.delivered(), 0, "nothing is sent again");
}

#[test]
fn a_log_that_comes_and_goes_keeps_the_order_of_each_workspace() {
    let directory = tempfile::tempdir().unwrap();
    let log = memory();
    let recorder = Recorder::start(log.producer(), spooling(directory.path())).unwrap();
    for round in 0..40 {
        log.set_available(round % 3 != 1);
        for number in 0..50 {
            let workspace = format!("w{}", number % 3);
            recorder.emit(event(&workspace, &format!("thing.done_{}", round * 50 + number)));
        }
        if round % 7 == 0 {
            assert!(recorder.flush(LONG));
        }
    }
    log.set_available(true);
    wait_delivered(&recorder, 2_000);
    assert_eq!(recorder.lost(), 0);
    let mut by_workspace: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for event in events_on(&log) {
        // A batch whose answer came too late is on the log twice, under the same ids.
        if seen.insert(event.event_id) {
            let number = event.producer.unwrap().number;
            by_workspace.entry(event.workspace_id.to_string()).or_default().push(number);
        }
    }
    assert_eq!(seen.len(), 2_000);
    assert!(by_workspace.values().all(|numbers| numbers.is_sorted()));
}

#[test]
fn two_recorders_on_one_spool_are_an_error_of_the_second() {
    let directory = tempfile::tempdir().unwrap();
    let log = memory();
    let _first = Recorder::start(log.producer(), spooling(directory.path())).unwrap();
    let error = Recorder::start(log.producer(), spooling(directory.path())).err().unwrap();
    let StartError::Spool(cause) = error else { panic!("{error}") };
    assert!(cause.to_string().ends_with("spool/events is held by another process"), "{cause}");
}

#[test]
fn a_spool_that_cannot_be_made_is_an_error_of_start() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("spool"), "a file").unwrap();
    let error = Recorder::start(memory().producer(), spooling(directory.path())).err().unwrap();
    assert_eq!(error.to_string(), "the recorder's spool cannot be used");
}

/// It once drained the queue into the spool without looking at the events.
#[test]
fn what_is_left_at_the_end_is_masked_and_checked_before_it_goes_to_the_spool() {
    let directory = tempfile::tempdir().unwrap();
    let labels = annals_schemas::Labels::parse(r#"{"key.rotated": {"secret": ["token"]}}"#);
    let options = RecorderOptions {
        actions: Some(Arc::new(labels.unwrap())),
        batch_events: 1,
        drop_deadline: Duration::ZERO,
        ..spooling(directory.path())
    };
    let recorder = Recorder::start(Arc::new(BlackHole), options.clone()).unwrap();
    for _ in 0..50 {
        let mut secret = event("acme", "key.rotated");
        secret.metadata = annals_schemas::JsonText::parse(r#"{"token":"hunter2"}"#).ok();
        recorder.emit(secret);
        recorder.emit(event("acme", ""));
    }
    drop(recorder);
    let log = memory();
    let recorder = Recorder::start(log.producer(), options).unwrap();
    wait_until(&recorder, || {
        actions(&log).iter().filter(|action| *action == "key.rotated").count() == 50
    });
    for event in events_on(&log).into_iter().filter(|event| event.action == "key.rotated") {
        assert_eq!(event.metadata.unwrap().as_str(), r#"{"token":"••••"}"#);
    }
    assert!(actions(&log).iter().all(|action| !action.is_empty()));
}

/// Whether there is one left; then there is one less.
fn is_left(count: &AtomicU64) -> bool {
    let one_less = |left: u64| left.checked_sub(1);
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
}

/// Fails as often as it is told to, in a way that is no fault of the event; then appends.
struct Passing(MemoryLog, AtomicU64);

#[async_trait]
impl Producer for Passing {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        if !is_left(&self.1) {
            return self.0.producer().append_all(records).await;
        }
        let missing = || Err(BrokerError::TopicMissing { topic: "events".to_owned() });
        records.iter().map(|_| missing()).collect()
    }
}

#[test]
fn a_fault_that_may_pass_loses_nothing_whatever_the_log_calls_it() {
    let directory = tempfile::tempdir().unwrap();
    let log = memory();
    let passing = Arc::new(Passing(log.clone(), AtomicU64::new(5)));
    let recorder = Recorder::start(passing, spooling(directory.path())).unwrap();
    emit(&recorder, 0..300);
    wait_delivered(&recorder, 300);
    assert_eq!((recorder.lost(), actions(&log)), (0, numbered(0..300)));
}

/// Panics as often as it is told to; then appends.
struct Panicking(MemoryLog, AtomicU64);

#[async_trait]
impl Producer for Panicking {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        assert!(!is_left(&self.1), "a panic of the log's client, on purpose");
        self.0.producer().append_all(records).await
    }
}

/// It ended the thread: everything after it was lost, and what was on its way was not even told.
#[test]
fn a_client_that_panics_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for options in [spooling(directory.path()), quick()] {
        let log = memory();
        let panicking = Arc::new(Panicking(log.clone(), AtomicU64::new(3)));
        let recorder = Recorder::start(panicking, options).unwrap();
        emit(&recorder, 0..300);
        wait_delivered(&recorder, 300);
        assert_eq!((recorder.lost(), actions(&log)), (0, numbered(0..300)));
    }
}

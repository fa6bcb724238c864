//! `emit_durable`: an answer only once the event is on the log or on disk.

use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

use super::spooling::spooling;
use super::*;

/// Polls on the test's own thread: no runtime is needed.
fn wait_for<T>(answer: impl Future<Output = T>) -> T {
    let mut answer = std::pin::pin!(answer);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match answer.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => std::thread::yield_now(),
        }
    }
}

#[test]
fn it_answers_once_the_log_has_the_event() {
    let log = memory();
    let recorder = Recorder::start(log.producer(), quick()).unwrap();
    assert_eq!(wait_for(recorder.emit_durable(event("acme", "key.revoked"))), Ok(()));
    assert_eq!(events_on(&log).len(), 1);
}

#[test]
fn it_answers_once_the_event_is_in_the_spool() {
    let directory = tempfile::tempdir().unwrap();
    let options = spooling(directory.path());
    let recorder = Recorder::start(Arc::new(BlackHole), options).unwrap();
    assert_eq!(wait_for(recorder.emit_durable(event("acme", "key.revoked"))), Ok(()));
    assert_eq!(recorder.spooled(), 1);
    // As a crash would: nothing is flushed.
    std::mem::forget(recorder);
}

/// It once waited for as long as neither log nor spool took the event.
#[test]
fn it_answers_at_its_deadline_and_the_event_stays_on_its_way() {
    let log = memory();
    log.set_available(false);
    let durable_deadline = Duration::from_millis(50);
    let recorder =
        Recorder::start(log.producer(), RecorderOptions { durable_deadline, ..quick() }).unwrap();
    let started = Instant::now();
    let late = wait_for(recorder.emit_durable(event("acme", "key.revoked"))).unwrap_err();
    assert!(late == NotSafe::Late && late.is_retryable(), "{late}");
    assert!(started.elapsed() >= durable_deadline);
    assert_eq!((recorder.lost(), recorder.delivered()), (0, 0));
    log.set_available(true);
    assert!(recorder.flush(LONG));
    assert_eq!((recorder.lost(), recorder.delivered()), (0, 1));
}

/// Holds the thread that asks it, until the test is over; says that it does.
struct Stuck(mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>);

#[async_trait]
impl Producer for Stuck {
    async fn append_all(&self, _: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        self.0.send(()).unwrap();
        let _ = self.1.lock().recv();
        Vec::new()
    }
}

#[test]
fn its_deadline_holds_while_the_recorders_own_thread_is_held_and_once_it_is_gone() {
    let (holds, held) = mpsc::channel();
    let (over, until_over) = mpsc::channel();
    let options = RecorderOptions {
        durable_deadline: Duration::from_secs(3),
        drop_deadline: Duration::ZERO,
        ..quick()
    };
    let stuck = Arc::new(Stuck(holds, Mutex::new(until_over)));
    let recorder = Recorder::start(stuck, options).unwrap();
    let answers: Vec<_> =
        (0..3).map(|_| recorder.emit_durable(event("acme", "key.revoked"))).collect();
    held.recv().unwrap();
    // It does not wait for the thread for ever.
    drop(recorder);
    for answer in answers {
        assert_eq!(wait_for(answer), Err(NotSafe::Late));
    }
    drop(over);
}

#[test]
fn it_says_why_an_event_is_not_safe() {
    let recorder = Recorder::start(memory().producer(), quick()).unwrap();
    let refused = wait_for(recorder.emit_durable(event("acme", ""))).unwrap_err();
    assert!(matches!(&refused, NotSafe::Refused { .. }) && !refused.is_retryable(), "{refused}");
    let recorder = Recorder::start(Arc::new(Refusing::default()), quick()).unwrap();
    let refused = wait_for(recorder.emit_durable(event("acme", "key.revoked"))).unwrap_err();
    assert!(refused.to_string().contains("over the log's limit"), "{refused}");

    let options = RecorderOptions {
        queue_events: 1,
        batch_events: 1,
        drop_deadline: Duration::from_millis(10),
        ..quick()
    };
    let recorder = Recorder::start(Arc::new(BlackHole), options).unwrap();
    let answers: Vec<_> =
        (0..4).map(|_| recorder.emit_durable(event("acme", "key.revoked"))).collect();
    let lost = recorder.lost();
    drop(recorder);
    let answers: Vec<_> = answers.into_iter().map(wait_for).collect();
    let no_room = answers.iter().filter(|answer| **answer == Err(NotSafe::NoRoom)).count();
    let ended = answers.iter().filter(|answer| **answer == Err(NotSafe::Ended)).count();
    assert!(no_room >= 2, "at most one is on its way, and one waits");
    assert_eq!((no_room as u64, no_room + ended), (lost, 4));
}

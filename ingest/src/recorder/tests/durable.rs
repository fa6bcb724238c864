//! `emit_durable`: an answer only once the event is on the log or on disk.

use std::task::{Context, Poll, Waker};

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

//! No room: by action an event is dropped, spooled, or waited for; and losses are told.

use super::spooling::{actions, spooling, wait_delivered, wait_until};
use super::*;

/// What the events that tell of losses say together: how many, the first and the last number.
fn told(events: &[Event]) -> (u64, u64, u64) {
    let told = events.iter().filter(|event| event.action == "annals.events_lost");
    told.fold((0, u64::MAX, 0), |(events, first, last), event| {
        let metadata = event.metadata.as_ref().unwrap().as_str();
        let metadata: serde_json::Value = serde_json::from_str(metadata).unwrap();
        let number = |name: &str| metadata[name].as_u64().unwrap();
        let (one, other) = (number("first_number"), number("last_number"));
        (events + number("events"), first.min(one), last.max(other))
    })
}

#[test]
fn what_is_not_worth_the_disk_is_dropped_while_the_log_is_away_and_that_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let log = memory();
    log.set_available(false);
    let by_action = vec![("page.*".to_owned(), Overflow::Drop)];
    let options = RecorderOptions { overflow_by_action: by_action, ..spooling(directory.path()) };
    let recorder = Recorder::start(log.producer(), options).unwrap();
    for action in ["page.viewed", "key.revoked", "page.viewed"] {
        recorder.emit(event("acme", action));
    }
    assert!(recorder.flush(LONG));
    assert_eq!((recorder.lost(), recorder.delivered()), (2, 0));
    // One more that is not worth the disk, while the spool goes first.
    recorder.emit(event("acme", "page.viewed"));
    assert!(recorder.flush(LONG));
    log.set_available(true);
    wait_delivered(&recorder, 1);
    wait_until(&recorder, || told(&events_on(&log)).0 == recorder.lost());
    assert_eq!(told(&events_on(&log)), (3, 1, 4), "two before, one after");
    assert!(actions(&log).contains(&"key.revoked".to_owned()));
}

#[test]
fn a_full_spool_counts_and_tells_exactly_what_it_could_not_hold() {
    let directory = tempfile::tempdir().unwrap();
    let log = memory();
    log.set_available(false);
    let mut options =
        RecorderOptions { queue_events: 20, batch_events: 10, ..spooling(directory.path()) };
    options.spool.as_mut().unwrap().max_bytes = 64 << 10;
    let recorder = Recorder::start(log.producer(), options).unwrap();
    let emitted = 400;
    for number in 0..emitted {
        let mut event = event("acme", &format!("thing.done_{number}"));
        event.description = Some("x".repeat(1_000));
        recorder.emit(event);
        if number % 10 == 9 {
            recorder.flush(Duration::from_millis(20));
        }
    }
    let lost = recorder.lost();
    assert!(lost > 200, "only {lost} of {emitted} were lost: is it bounded?");
    log.set_available(true);
    let numbers = || {
        let events = events_on(&log);
        let numbers = events.iter().filter_map(|event| Some(event.producer.as_ref()?.number));
        numbers.collect::<std::collections::BTreeSet<_>>().len() as u64
    };
    wait_until(&recorder, || numbers() == emitted - lost && told(&events_on(&log)).0 == lost);
    assert_eq!(recorder.lost(), lost, "nothing more is lost");
}

#[test]
fn a_host_that_asked_for_it_waits_for_room() {
    let log = memory();
    log.set_available(false);
    let options = RecorderOptions {
        queue_events: 4,
        batch_events: 2,
        overflow: Overflow::Block,
        block_deadline: LONG,
        ..quick()
    };
    let recorder = Recorder::start(log.producer(), options).unwrap();
    std::thread::scope(|scope| {
        let emitting = scope.spawn(|| {
            for number in 0..50 {
                recorder.emit(event("acme", &format!("thing.done_{number}")));
            }
        });
        std::thread::sleep(Duration::from_millis(30));
        assert!(!emitting.is_finished(), "there is no room");
        log.set_available(true);
    });
    assert!(recorder.flush(LONG));
    assert_eq!((recorder.delivered(), recorder.lost()), (50, 0));
}

#[test]
fn waiting_for_room_ends_at_its_deadline() {
    let options = RecorderOptions {
        queue_events: 1,
        batch_events: 1,
        overflow: Overflow::Block,
        block_deadline: Duration::from_millis(200),
        drop_deadline: Duration::from_millis(10),
        ..quick()
    };
    let recorder = Recorder::start(Arc::new(BlackHole), options).unwrap();
    for _ in 0..4 {
        recorder.emit(event("acme", "thing.done"));
    }
    // One is on its way, one waits.
    assert_eq!(recorder.lost(), 2);
}

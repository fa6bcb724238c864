//! A17.1 at the SDK: a product that records events does not feel its log's troubles.

use std::sync::Arc;
use std::time::{Duration, Instant as Timer};

use annals_ingest::{DeferredProducer, KafkaOptions};
use annals_ingest::{Recorder, RecorderOptions, SpoolOptions, new_event};
use annals_schemas::{Instant, WorkspaceId};
use annals_tests::kafka::KafkaNode;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, report, wait};

use crate::shown::{actions, numbered};

/// Events while the broker is up, and again while it is down.
const CALM: u64 = 5_000;
/// More than fit into the queue of a recorder without a spool.
const FLOOD: u64 = 30_000;
/// Between two events of a workspace.
const PACE: Duration = Duration::from_millis(5);

/// `emit` takes as long with the broker down as with it up (p99 within 1 ms). Without a spool the
/// queue stays bounded and what it could not hold is counted exactly; after recovery all that it
/// held arrives, in producer order.
#[test]
fn a17_1_a_broker_that_is_down_does_not_slow_the_host() {
    let kafka = KafkaNode::start();
    let options = kafka.up_on_new_topic("sdk", 4);
    let recorder = recorder(&kafka, &options, RecorderOptions::default());
    let mut up = emit(&recorder, 0, CALM);
    assert!(recorder.flush(wait::PATIENCE), "the broker is up");
    assert_eq!((recorder.delivered(), recorder.lost()), (CALM, 0));

    kafka.stop();
    let mut down = emit(&recorder, CALM, CALM);
    assert_eq!(recorder.lost(), 0, "the queue holds them");
    let mut flood = emit(&recorder, 2 * CALM, FLOOD);
    let lost = recorder.lost();
    assert!(lost > 0 && lost < FLOOD, "{lost} of {FLOOD} lost: the queue is bounded");
    for (what, times) in [("up", &mut up), ("down", &mut down), ("full", &mut flood)] {
        report::line(&format!("emit with the broker {what}, {}", report::summary(times)));
    }
    let p99 = |times: &[Duration]| report::percentile(times, 99.0).unwrap();
    let bound = p99(&up) + Duration::from_millis(1);
    assert!(p99(&down) <= bound && p99(&flood) <= bound, "emit is slowed");

    kafka.start_again();
    assert!(recorder.flush(wait::PATIENCE * 3), "what was held arrives after recovery");
    assert_eq!(recorder.lost(), lost, "nothing more is lost");
    assert_eq!(recorder.delivered() + lost, 2 * CALM + FLOOD);
    assert_order(&kafka, &options, recorder.delivered());
}

/// A host that starts while Kafka is away, with a spool: nothing is lost, and once Kafka is there
/// everything arrives in producer order.
#[test]
fn a17_1_with_a_spool_nothing_is_lost_while_the_broker_is_away() {
    let kafka = KafkaNode::start();
    let options = kafka.up_on_new_topic("sdk-spool", 4);
    kafka.stop();
    let directory = tempfile::tempdir().unwrap();
    let recorder = recorder(
        &kafka,
        &options,
        RecorderOptions {
            queue_events: usize::try_from(FLOOD).unwrap(),
            queue_bytes: 256 << 20,
            spool: Some(SpoolOptions::new(directory.path().join("spool"))),
            ..RecorderOptions::default()
        },
    );
    emit(&recorder, 0, FLOOD);
    assert!(recorder.flush(wait::PATIENCE), "everything is safe");
    assert_eq!((recorder.delivered(), recorder.lost()), (0, 0));

    kafka.start_again();
    emit(&recorder, FLOOD, CALM);
    let all = FLOOD + CALM;
    wait::until("everything on the log", wait::PATIENCE * 3, || {
        (recorder.delivered() == all).then_some(())
    });
    assert_eq!(recorder.lost(), 0);
    assert_order(&kafka, &options, all);
}

/// A host that goes on recording while Kafka is away for a minute: everything is on the topic once
/// Kafka is back, and each workspace's events are in their order.
#[test]
fn a_minute_without_kafka_loses_nothing_and_keeps_the_order() {
    let kafka = KafkaNode::start();
    let options = kafka.up_on_new_topic("sdk-minute", 4);
    let directory = tempfile::tempdir().unwrap();
    let spool = Some(SpoolOptions::new(directory.path().join("spool")));
    let recorder = recorder(&kafka, &options, RecorderOptions { spool, ..Default::default() });
    let workspaces =
        ["acme", "blue", "cyan", "dune", "echo"].map(|id| WorkspaceId::new(id).unwrap());
    let at = Instant::parse("2025-01-01T00:00:00Z").unwrap();
    let mut number = 0;
    let mut emit_for = |time: Duration| {
        let began = Timer::now();
        while began.elapsed() < time {
            for workspace in &workspaces {
                recorder.emit(new_event(workspace.clone(), format!("count.n{number}"), at));
            }
            number += 1;
            std::thread::sleep(PACE);
        }
    };
    emit_for(Duration::from_secs(2));
    kafka.stop();
    emit_for(Duration::from_secs(environment::number("TEST_ANNALS_AWAY_SECONDS", 60)));
    kafka.start_again();
    emit_for(Duration::from_secs(2));
    let all = number * workspaces.len() as u64;
    wait::until("everything on the log", wait::PATIENCE * 3, || {
        (recorder.delivered() == all).then_some(())
    });
    assert_eq!(recorder.lost(), 0);

    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &options);
    for workspace in &workspaces {
        let shown = actions(&annals, workspace.as_str(), number);
        assert!(shown == numbered(0..number), "{workspace:?}: not each once, in its order");
    }
    report::line(&format!("{all} events, {number} in each of {} workspaces", workspaces.len()));
}

fn recorder(kafka: &KafkaNode, up: &UpOptions, options: RecorderOptions) -> Recorder {
    let topic = KafkaNode::topic_of(up);
    let producer = DeferredProducer::new(KafkaOptions::new(kafka.brokers(), topic)).unwrap();
    Recorder::start(Arc::new(producer), options).unwrap()
}

/// Emits events numbered from `first`; how long each call took.
fn emit(recorder: &Recorder, first: u64, count: u64) -> Vec<Duration> {
    let workspace = WorkspaceId::new("acme").unwrap();
    let at = Instant::parse("2025-01-01T00:00:00Z").unwrap();
    let timed = |n: u64| {
        let event = new_event(workspace.clone(), format!("count.n{n}"), at);
        let started = Timer::now();
        recorder.emit(event);
        started.elapsed()
    };
    (first..first + count).map(timed).collect()
}

/// Everything delivered is on the page, in the order of its numbers.
fn assert_order(kafka: &KafkaNode, options: &UpOptions, delivered: u64) {
    assert_eq!(options.kafka.as_deref(), Some(kafka.brokers().as_str()));
    let directory = tempfile::tempdir().unwrap();
    let annals = AnnalsProcess::start(&directory.path().join("data"), options);
    let client = annals.client("acme");
    let list = List::of(&client, "acme");
    let rows = wait::until("all delivered events", wait::PATIENCE, || {
        let mut rows = list.walk_values("", 1000);
        // Among them is what tells of losses.
        rows.retain(|row| row["action"] != "annals.events_lost");
        (rows.len() as u64 == delivered).then_some(rows)
    });
    let number = |row: &serde_json::Value| -> u64 {
        row["action"].as_str().unwrap().strip_prefix("count.n").unwrap().parse().unwrap()
    };
    // One occurred_at for all: the list's order is the reverse of the arrival.
    let numbers: Vec<_> = rows.iter().rev().map(number).collect();
    assert!(numbers.is_sorted_by(|left, right| left < right), "not in producer order");
    assert_eq!(numbers[..usize::try_from(CALM).unwrap()], (0..CALM).collect::<Vec<_>>());
}

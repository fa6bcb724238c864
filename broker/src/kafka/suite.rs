//! What only a real Kafka can show, beyond the conformance suite: run against a live broker.
//!
//! Makes topics named `annals-suite-…` and leaves them; meant for a cluster of its own.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use annals_schemas::Position;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::{KafkaLog, KafkaOptions, create_topic};
use crate::conformance::{self, record};
use crate::{BrokerError, Log};

const WAIT: Duration = Duration::from_secs(15);

/// Runs every case; a violated promise panics.
pub async fn run(brokers: &str) {
    passes_the_conformance_suite(brokers).await;
    unfit_topics_are_refused(brokers).await;
    control_records_and_aborted_ones_are_passed(brokers).await;
    a_deleted_beginning_is_out_of_range(brokers).await;
    an_oversize_record_is_refused_alone(brokers).await;
    brokers_out_of_reach_are_told_in_time().await;
}

/// Options for a topic of this run's own.
fn own_topic(brokers: &str, name: &str) -> KafkaOptions {
    let topic = format!("annals-suite-{name}-{}", uuid::Uuid::new_v4().simple());
    KafkaOptions::new(brokers, topic)
}

async fn made(brokers: &str, name: &str, partitions: u32) -> (KafkaOptions, KafkaLog) {
    let options = own_topic(brokers, name);
    create_topic(options.clone(), partitions, 1).await.expect("a topic");
    (options.clone(), connected(options).await)
}

/// A topic just made takes a moment to be known everywhere.
async fn connected(options: KafkaOptions) -> KafkaLog {
    let started = Instant::now();
    loop {
        match KafkaLog::connect(options.clone()).await {
            Ok(log) => return log,
            Err(BrokerError::TopicMissing { .. } | BrokerError::Unavailable { .. })
                if started.elapsed() < WAIT =>
            {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => panic!("the topic cannot be used: {error}"),
        }
    }
}

/// The one suite, on topics that `create_topic` made.
pub async fn passes_the_conformance_suite(brokers: &str) {
    for partitions in [1, 4] {
        let (_, log) = made(brokers, "conformance", partitions).await;
        assert_eq!(log.description().partitions, partitions);
        assert!(log.description().cluster_id.is_some(), "a cluster tells its id");
        conformance::run(&log).await;
    }
}

/// Missing topics, producers' timestamps and compaction are refused with what to change.
pub async fn unfit_topics_are_refused(brokers: &str) {
    let missing = own_topic(brokers, "missing");
    let error = KafkaLog::connect(missing).await.err();
    assert!(matches!(error, Some(BrokerError::TopicMissing { .. })), "{error:?}");
    let cases = [
        (vec![("message.timestamp.type", "CreateTime")], "message.timestamp.type", "CreateTime"),
        (
            vec![("message.timestamp.type", "LogAppendTime"), ("cleanup.policy", "compact,delete")],
            "cleanup.policy",
            "compact,delete",
        ),
    ];
    for (settings, unfit, value) in cases {
        let options = own_topic(brokers, "unfit");
        make_with(&options, &settings).await;
        match connect_error(options).await {
            BrokerError::TopicUnfit { setting, found, .. } => {
                let parts = |text: &str| {
                    text.split(',').map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
                };
                assert_eq!((setting.as_str(), parts(&found)), (unfit, parts(value)));
            }
            other => panic!("{unfit}={value} is no reason for {other}"),
        }
    }
}

async fn connect_error(options: KafkaOptions) -> BrokerError {
    let started = Instant::now();
    loop {
        match KafkaLog::connect(options.clone()).await {
            Err(BrokerError::TopicMissing { .. }) if started.elapsed() < WAIT => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => return error,
            Ok(_) => panic!("an unfit topic was taken"),
        }
    }
}

async fn make_with(options: &KafkaOptions, settings: &[(&str, &str)]) {
    let mut topic = NewTopic::new(&options.topic, 1, TopicReplication::Fixed(1));
    for (name, value) in settings {
        topic = topic.set(name, value);
    }
    let made = admin(options).create_topics([&topic], &AdminOptions::new()).await;
    made.expect("an answer").pop().expect("one topic").expect("a topic made");
}

fn admin(options: &KafkaOptions) -> AdminClient<DefaultClientContext> {
    client(options).create().expect("an admin client")
}

fn client(options: &KafkaOptions) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &options.brokers);
    config
}

/// Records of an aborted transaction never come; a position at the end equals the high watermark
/// although control records take the last offsets.
pub async fn control_records_and_aborted_ones_are_passed(brokers: &str) {
    let (options, log) = made(brokers, "transactions", 1).await;
    let topic = options.topic.clone();
    let mut config = client(&options);
    config.set("transactional.id", &topic);
    let transact = tokio::task::spawn_blocking(move || {
        let producer: BaseProducer = config.create().expect("a producer");
        producer.init_transactions(WAIT).expect("transactions");
        for (value, commit) in [("kept", true), ("aborted", false), ("kept too", true)] {
            producer.begin_transaction().expect("a transaction");
            let sent = BaseRecord::to(&topic).partition(0).key("acme").payload(value);
            producer.send(sent).expect("room");
            producer.flush(WAIT).expect("a flush");
            let ended = if commit {
                producer.commit_transaction(WAIT)
            } else {
                producer.abort_transaction(WAIT)
            };
            ended.expect("the transaction's end");
        }
    });
    transact.await.expect("transactions");
    let mut consumer = log.consumer().expect("a consumer");
    consumer.assign(&[Position { partition: 0, offset: 0 }]).expect("an assignment");
    let end = log.high_watermark(0).await.expect("a high watermark");
    assert_eq!(end, 6, "three records and three control records");
    let mut read = BTreeMap::new();
    let started = Instant::now();
    while consumer.position(0) != Some(end) {
        assert!(started.elapsed() < WAIT, "stuck at {:?} of {end}", consumer.position(0));
        for record in consumer.poll(10, Duration::from_millis(200)).await.expect("a poll") {
            read.insert(record.position.offset, record.value.unwrap_or_default());
        }
    }
    let read: Vec<_> = read.into_iter().map(|(offset, value)| (offset, value.to_vec())).collect();
    assert_eq!(read, [(0, b"kept".to_vec()), (4, b"kept too".to_vec())]);
}

/// Records deleted under a reader's position surface as out of range, never as a skip.
pub async fn a_deleted_beginning_is_out_of_range(brokers: &str) {
    let (options, log) = made(brokers, "deleted", 1).await;
    let records = (0..10).map(|i| record("acme", &i.to_string())).collect();
    assert!(log.producer().append_all(records).await.iter().all(Result::is_ok));
    let mut before = TopicPartitionList::new();
    let offset = KafkaOffset::Offset(4);
    before.add_partition_offset(&options.topic, 0, offset).expect("a list");
    admin(&options).delete_records(&before, &AdminOptions::new()).await.expect("a deletion");
    assert_eq!(log.log_start(0).await.expect("a log start"), 4);
    let mut consumer = log.consumer().expect("a consumer");
    consumer.assign(&[Position { partition: 0, offset: 2 }]).expect("an assignment");
    match consumer.poll(10, WAIT).await {
        Err(BrokerError::OffsetOutOfRange { partition: 0, asked: 2, start: 4, end: 10 }) => {}
        other => panic!("offsets 2 and 3 are gone, yet the poll said {other:?}"),
    }
}

/// One record over the limit fails alone, with its size.
pub async fn an_oversize_record_is_refused_alone(brokers: &str) {
    let (_, log) = made(brokers, "oversize", 1).await;
    let records =
        vec![record("acme", "a"), record("acme", &"x".repeat(2 << 20)), record("acme", "b")];
    let outcomes = log.producer().append_all(records).await;
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    match &outcomes[1] {
        Err(BrokerError::TooLarge { size_bytes, .. }) => assert_eq!(*size_bytes, (2 << 20) + 4),
        other => panic!("2 MiB are over the limit, yet the append said {other:?}"),
    }
}

/// Nobody there: `Unavailable` within the timeout, for connecting and for appending.
pub async fn brokers_out_of_reach_are_told_in_time() {
    let mut options = KafkaOptions::new("127.0.0.1:9", "annals-suite-nobody");
    options.request_timeout = Duration::from_secs(2);
    let started = Instant::now();
    let error = KafkaLog::connect(options).await.err().expect("nobody is there");
    assert!(error.is_retryable(), "{error}");
    assert!(started.elapsed() < Duration::from_secs(8), "told after {:?}", started.elapsed());
}

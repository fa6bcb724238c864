//! Roots do not hang on the implementation of the log, nor on how much of it is still there.

use std::path::{Path, PathBuf};

use annals_broker::kafka::{KafkaLog, KafkaOptions};
use annals_broker::local::{LocalLog, LocalOptions};
use annals_broker::{Consumer, Log};
use annals_schemas::{LogId, Position, Record};
use annals_store::{LogIdentity, Storage};
use annals_tests::command::{self, Finished, Target};
use annals_tests::evidence::text;
use annals_tests::inputs::Input;
use annals_tests::kafka::{KafkaNode, RawRecord};
use annals_tests::log_files::{self, LoggedRecord};
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, report, store_files, wait};
use serde_json::Value;

const PARTITIONS: u32 = 2;
/// The topic's files are short, and the input comes in parts: the older files can expire.
const SHORT_FILES: &str = "segment.ms=100";
const PARTS: usize = 8;
const KEPT_BYTES: &str = "retention.bytes=150000";

/// A topic on Kafka, projected, sealed and signed.
struct Fixture {
    kafka: std::sync::Arc<KafkaNode>,
    options: UpOptions,
    data: PathBuf,
}

impl Fixture {
    fn new(directory: &Path) -> Self {
        let kafka = KafkaNode::shared();
        let options = kafka
            .up_on_new_topic("evidence", PARTITIONS)
            .variable("ANNALS_STORAGE_SEAL_INTERVAL_SECONDS", "1")
            .variable("ANNALS_STORAGE_SEAL_BYTES", "1000000");
        kafka.alter_topic(KafkaNode::topic_of(&options), SHORT_FILES);
        let data = directory.join("data");
        let input = Input::fixture(directory, 31);
        let annals = AnnalsProcess::start(&data, &options);
        for part in input.parts(PARTS) {
            command::import_all(&part, Target::Data(&data));
        }
        let topic = KafkaNode::topic_of(&options);
        let (key, partition) = (Some("acme"), Some(1));
        let headers = ["one=1", "two="];
        for value in [&b"garbage"[..], b"{\"workspace_id\":\"acme\",\"action\":\"a.b\"}"] {
            kafka.put(&RawRecord { topic, key, partition, headers: &headers, value: Some(value) });
        }
        let fixture = Self { kafka, options, data };
        fixture.signed(&annals);
        assert!(annals.stop().success());
        fixture
    }

    fn signed(&self, annals: &AnnalsProcess) {
        let client = annals.client("*");
        wait::until("signed heads of everything", wait::PATIENCE, || {
            let accounting: Value = client.get_json("/v1/admin/accounting");
            let is_signed = |partition: &Value| {
                let (number, size) = (&partition["partition"], partition["tree_size"].as_u64());
                let head = format!("store/partitions/{number}/heads/{:020}", size.unwrap_or(0));
                partition["committed"] == partition["high_watermark"]
                    && (size == Some(0) || self.data.join(head).is_file())
            };
            accounting["partitions"].as_array()?.iter().all(is_signed).then_some(())
        });
    }

    /// A command on the topic.
    fn on_kafka(&self, words: &[&str]) -> Finished {
        let mut command = environment::annals();
        command.args(words).args(["--data", text(&self.data), "--kafka", &self.kafka.brokers()]);
        command.envs(self.options.variables.iter().map(|(name, value)| (name, value)));
        command::finish(&mut command)
    }

    fn trees(&self) -> Vec<Value> {
        trees(&self.data)
    }

    /// The records of the topic as they stand there.
    fn records(&self) -> Vec<Vec<Record>> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let topic = KafkaNode::topic_of(&self.options);
            let options = KafkaOptions::new(self.kafka.brokers(), topic.to_owned());
            let log = KafkaLog::connect(options).await.unwrap();
            let mut all = Vec::new();
            for partition in 0..PARTITIONS {
                all.push(partition_records(&log, partition).await);
            }
            all
        })
    }
}

async fn partition_records(log: &KafkaLog, partition: u32) -> Vec<Record> {
    let mut consumer: Box<dyn Consumer> = log.consumer().unwrap();
    consumer.assign(&[Position { partition, offset: 0 }]).unwrap();
    let end = log.high_watermark(partition).await.unwrap();
    let mut records = Vec::new();
    while consumer.position(partition).is_some_and(|next| next < end) {
        records.extend(consumer.poll(4096, std::time::Duration::from_secs(1)).await.unwrap());
    }
    records
}

/// Tree and counts of the newest manifest of each partition.
fn trees(data: &Path) -> Vec<Value> {
    let newest = |number: u32| {
        let directory = data.join(format!("store/partitions/{number}/manifests"));
        let newest = store_files::files(&directory, "json").pop().unwrap();
        let manifest: Value = serde_json::from_slice(&std::fs::read(newest).unwrap()).unwrap();
        serde_json::json!([manifest["tree"], manifest["counts"]])
    };
    (0..PARTITIONS).map(newest).collect()
}

/// The same records with their offsets, timestamps and headers in an embedded log, and a store of
/// the same log id beside it that has nothing yet.
fn embedded(data: &Path, records: &[Vec<Record>], log_id: LogId) {
    let options = LocalOptions { partitions: PARTITIONS, ..LocalOptions::default() };
    let log = LocalLog::open(&data.join("log"), options, std::sync::Arc::new(|| 0)).unwrap();
    let description = log.description().clone();
    drop(log);
    let logged = |record: &Record| LoggedRecord {
        offset: record.position.offset,
        timestamp_ms: record.timestamp_ms,
        key: record.key.as_ref().map(|key| key.to_vec()),
        value: record.value.as_ref().map(|value| value.to_vec()),
        headers: record
            .headers
            .iter()
            .map(|header| (header.name.clone(), header.value.as_ref().map(|it| it.to_vec())))
            .collect(),
    };
    for (number, records) in (0..).zip(records) {
        let records: Vec<LoggedRecord> = records.iter().map(logged).collect();
        log_files::write(data, number, &[&records]);
    }
    let identity = LogIdentity {
        topic: description.topic,
        partitions: description.partitions,
        cluster_id: description.cluster_id,
        topic_id: description.topic_id,
    };
    let storage = Storage::local(&data.join("store")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(identity.bind_to(&storage, log_id)).unwrap();
}

fn log_id(data: &Path) -> LogId {
    let document = std::fs::read(data.join("store/log.json")).unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    LogId::from_hex(document["log_id"].as_str().unwrap()).unwrap()
}

/// INV-5, RELIABILITY 29: the same records through Kafka and through the embedded log give the same
/// roots, counts and replays; the heads that were signed of one verify the other.
#[test]
fn kafka_and_the_embedded_log_give_the_same_roots() {
    let directory = tempfile::tempdir().unwrap();
    let fixture = Fixture::new(directory.path());
    let checked = fixture.on_kafka(&["rebuild", "--check"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert_eq!(checked.stderr.matches(", 0 from segments").count(), 2, "{}", checked.stderr);
    let reconciled = fixture.on_kafka(&["reconcile"]);
    assert_eq!(reconciled.code, Some(0), "{}", reconciled.stderr);
    let other = directory.path().join("embedded");
    embedded(&other, &fixture.records(), log_id(&fixture.data));
    let rebuilt = command::run(&["rebuild", "--data", text(&other)]);
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    assert_eq!(trees(&other), fixture.trees());
    // What was signed on Kafka holds for the embedded one, head by head.
    let shown = command::run(&["keys", "show", "--data", text(&fixture.data)]);
    let keys = directory.path().join("keys");
    std::fs::write(&keys, &shown.stdout).unwrap();
    for number in 0..PARTITIONS {
        let heads = format!("store/partitions/{number}/heads");
        store_files::copy(&fixture.data.join(&heads), &other.join(&heads)).unwrap();
    }
    let sound = command::run(&["verify", text(&other), "--key", text(&keys)]);
    assert_eq!(sound.code, Some(0), "{}", sound.stderr);
    let out = |name: &str| directory.path().join(name);
    let (on_kafka, on_embedded) = (out("kafka.ndjson"), out("embedded.ndjson"));
    let replayed = fixture.on_kafka(&["replay", "--out", text(&on_kafka)]);
    assert_eq!(replayed.code, Some(0), "{}", replayed.stderr);
    let embedded = ["replay", "--data", text(&other), "--out", text(&on_embedded)];
    assert_eq!(command::run(&embedded).code, Some(0));
    let replays = [on_kafka, on_embedded].map(|file| std::fs::read(file).unwrap());
    assert!(replays[0] == replays[1], "the replays differ");
    assert!(replays[0].len() > 1_000_000);
}

/// Half of the topic has expired, as Kafka's own retention does it: topic and segments together
/// give the same roots, and it is said how much came from where.
#[test]
fn a_topic_that_has_half_expired_gives_the_same_roots_with_the_segments() {
    let directory = tempfile::tempdir().unwrap();
    let fixture = Fixture::new(directory.path());
    let before = fixture.trees();
    fixture.kafka.alter_topic(KafkaNode::topic_of(&fixture.options), KEPT_BYTES);
    let mut last = 0;
    let expired = wait::until("Kafka to let records expire", 2 * wait::PATIENCE, || {
        let reconciled = fixture.on_kafka(&["reconcile"]);
        if reconciled.code == Some(3) {
            // They expired under its hands.
            return None;
        }
        assert_eq!(reconciled.code, Some(0), "{}", reconciled.stderr);
        let lines = reconciled.stdout.lines();
        let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        let expired: u64 = lines.iter().map(|line| line["expired"].as_u64().unwrap()).sum();
        let is_settled = expired > 1000 && expired == last;
        last = expired;
        is_settled.then_some(expired)
    });
    report::line(&format!("{expired} records have left the topic"));
    let checked = fixture.on_kafka(&["rebuild", "--check"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert!(!checked.stderr.contains(", 0 from the topic"), "{}", checked.stderr);
    let from_segments: u64 = checked.stderr.lines().filter_map(from_segments).sum();
    assert!(from_segments >= expired, "{}", checked.stderr);
    let rebuilt = fixture.on_kafka(&["rebuild"]);
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    assert!(fixture.data.join("store.replaced-1/log.json").is_file());
    assert_eq!(fixture.trees(), before);
    let replayed = fixture.on_kafka(&["replay", "--out", "/dev/null"]);
    assert_eq!(replayed.code, Some(0), "a replay is of what the topic has: {}", replayed.stderr);
    assert!(replayed.stderr.contains("the topic begins at offset"), "{}", replayed.stderr);
}

/// `…, N from segments`.
fn from_segments(line: &str) -> Option<u64> {
    line.strip_suffix(" from segments")?.rsplit(' ').next()?.parse().ok()
}

/// A replay into another topic, killed on the way: each record lands once, with where it came from,
/// in the order of its key; what becomes of it there is what became of it before.
#[test]
fn a_replay_into_another_topic_lands_each_record_once_across_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let fixture = Fixture::new(directory.path());
    let target = fixture.kafka.up_on_new_topic("replayed", 3);
    let target_topic = KafkaNode::topic_of(&target).to_owned();
    let state = directory.path().join("state.json");
    let words = ["replay", "--to-topic", &target_topic, "--resume", text(&state)];
    let brokers = fixture.kafka.brokers();
    let mut slow = environment::annals();
    slow.args(words).args(["--data", text(&fixture.data), "--kafka", &brokers, "--rate", "4000"]);
    slow.envs(fixture.options.variables.iter().map(|(name, value)| (name, value)));
    let mut child = slow.stderr(std::process::Stdio::null()).spawn().unwrap();
    wait::until("records to be read", wait::PATIENCE, || {
        let text = std::fs::read(&state).ok()?;
        let state: Value = serde_json::from_slice(&text).ok()?;
        (state["partitions"][0]["read"].as_u64()? > 0).then_some(())
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let same = fixture.on_kafka(&["replay", "--to-topic", KafkaNode::topic_of(&fixture.options)]);
    assert_eq!(same.code, Some(2), "into itself: {}", same.stderr);
    let finished = fixture.on_kafka(&words);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(!state.exists());
    let manifest: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(manifest["complete"], true);
    let log = runtime_log(&fixture.kafka, &target_topic);
    let mut landed = std::collections::BTreeMap::new();
    let mut orders: std::collections::BTreeMap<_, Vec<u64>> = Default::default();
    for record in &log {
        let header = record.headers.last().unwrap();
        assert_eq!(header.name, "annals-replayed-from");
        let from = String::from_utf8(header.value.clone().unwrap().to_vec()).unwrap();
        let parts: Vec<&str> = from.split('/').collect();
        assert_eq!(parts[0], KafkaNode::topic_of(&fixture.options));
        let place: (u32, u64) = (parts[1].parse().unwrap(), parts[2].parse().unwrap());
        orders.entry((record.key.clone(), place.0)).or_default().push(place.1);
        assert!(landed.insert(place, record.clone()).is_none(), "{from} landed twice");
    }
    let source = fixture.records();
    assert_eq!(landed.len(), source.iter().map(Vec::len).sum::<usize>());
    for record in source.iter().flatten() {
        let other = &landed[&(record.position.partition, record.position.offset)];
        assert_eq!((&other.key, &other.value), (&record.key, &record.value));
        assert_eq!(other.headers[..record.headers.len()], *record.headers);
    }
    assert!(orders.values().all(|order| order.is_sorted()), "a key's records change their order");
}

fn runtime_log(kafka: &KafkaNode, topic: &str) -> Vec<Record> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let log = KafkaLog::connect(KafkaOptions::new(kafka.brokers(), topic.to_owned()));
        let log = log.await.unwrap();
        let mut all = Vec::new();
        for partition in 0..log.description().partitions {
            all.extend(partition_records(&log, partition).await);
        }
        all
    })
}

//! A17.2 with a schema registry in front: a real one, and real clients of it.

use std::path::Path;
use std::sync::Arc;

use annals_ingest::{
    DeferredProducer, FramingProducer, KafkaOptions, Recorder, RecorderOptions, SrSettings,
};
use annals_schemas::{SCHEMA_V1, partition_of};
use annals_tests::kafka::KafkaNode;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::schema_registry::SchemaRegistry;
use annals_tests::{command, environment, evidence, metrics, ports, wait};
use serde_json::{Value, json};

use crate::framed::{Topic, event, framed, later_schema, reasons, waiting};
use crate::shown::{actions, numbered};

/// Events of the recorder.
const RECORDED: u64 = 200;
/// What becomes of the records beside them.
const REFUSED: [&str; 5] =
    ["schema-violation", "unknown-schema", "unknown-schema", "unknown-schema", "malformed"];

fn options(kafka: &KafkaNode, name: &str, partitions: u32, registry: &str) -> UpOptions {
    kafka
        .up_on_new_topic(name, partitions)
        .variable("ANNALS_REGISTRY_URL", registry)
        .variable("ANNALS_STORAGE_SEAL_INTERVAL_SECONDS", "1")
}

/// Without the registry: what it said is in the store.
fn without_registry(options: &UpOptions) -> UpOptions {
    let mut options = options.clone();
    options.variables.retain(|(name, _)| name != "ANNALS_REGISTRY_URL");
    options
}

fn run(options: &UpOptions, data: &Path, words: &[&str]) -> command::Finished {
    let mut annals = environment::annals();
    annals.args(words).arg("--data").arg(data).args(["--kafka", options.kafka.as_deref().unwrap()]);
    annals.envs(options.variables.iter().map(|(name, value)| (name, value)));
    command::finish(&mut annals)
}

/// The SDK's events and those of a later schema are shown; what the registry does not know, or what
/// is no event's schema, is quarantined with its reason. Then the registry is gone for good:
/// rebuild, replay and a verified export come to the same.
#[test]
fn a17_2_what_is_framed_for_a_registry_is_read_for_ever() {
    let (kafka, registry) = (KafkaNode::shared(), SchemaRegistry::start());
    let options = options(&kafka, "registry", 1, &registry.url());
    let topic = KafkaNode::topic_of(&options);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &options);

    let log = DeferredProducer::new(KafkaOptions::new(kafka.brokers(), topic)).unwrap();
    let framing = FramingProducer::new(Arc::new(log), SrSettings::new(registry.url()), topic);
    let recorder = Recorder::start(Arc::new(framing), RecorderOptions::default()).unwrap();
    (0..RECORDED).for_each(|number| recorder.emit(event("acme", number)));
    assert!(recorder.flush(wait::PATIENCE), "the registry and the broker are up");
    assert_eq!((recorder.delivered(), recorder.lost()), (RECORDED, 0));

    let later = registry.register("later-value", &later_schema());
    let other = registry.register("other-value", "\"string\"");
    let json_text = json!({
        "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
        "properties": {"action": {"type": "string"}},
    });
    let kind = json!({"schema": json_text.to_string(), "schemaType": "JSON"});
    let json_schema = registry.register_as("json-value", &kind);
    // One that a registry may give some day, and one that it refuses to look for.
    let (unknown, beyond) = (1_000_000, u32::MAX);
    let topic = Topic { kafka: &kafka, name: topic };
    topic.put("acme", &framed(&event("acme", RECORDED), later, b"\x02\x08s-17"));
    topic.put("acme", &framed(&event("acme", 900), other, b""));
    topic.put("acme", &framed(&event("acme", 901), json_schema, b""));
    topic.put("acme", &framed(&event("acme", 902), unknown, b""));
    topic.put("acme", &framed(&event("acme", 903), beyond, b""));
    topic.put("acme", b"\0\0\0");
    topic.put("acme", br#"{"workspace_id":"acme","action":"after.all"}"#);

    let mut expected = numbered(0..RECORDED + 1);
    expected.push("after.all".to_owned());
    assert_eq!(actions(&annals, "acme", RECORDED + 2), expected);
    let client = annals.client("acme");
    assert_eq!(reasons(&client, "acme"), REFUSED);
    evidence::signed(&annals, &data);
    assert!(annals.stop().success());
    drop(registry);
    check_without_registry(&without_registry(&options), &data, &expected);
}

/// Nobody can be asked any more.
fn check_without_registry(options: &UpOptions, data: &Path, expected: &[String]) {
    let directory = data.parent().unwrap();
    let checked = run(options, data, &["rebuild", "--check"]);
    assert_eq!(checked.code, Some(0), "rebuild --check: {}", checked.stderr);
    let (replayed, state) = (directory.join("replay.ndjson"), directory.join("replay.state"));
    let paths = [replayed.to_str().unwrap(), state.to_str().unwrap()];
    let replay = run(options, data, &["replay", "--out", paths[0], "--resume", paths[1]]);
    assert_eq!(replay.code, Some(0), "replay: {}", replay.stderr);
    let manifest = std::fs::read(directory.join("replay.ndjson.manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let state = &manifest["partitions"][0];
    assert_eq!(
        (&state["visible"], &state["quarantined"]),
        (&json!(expected.len()), &json!(REFUSED.len()))
    );
    let readings: Vec<_> =
        state["schemas"].as_array().unwrap().iter().map(|schema| &schema["reads"]).collect();
    assert_eq!(readings, ["event-v1", "event-v1-and-more", "no-event"]);

    let exported = directory.join("export");
    let finished = evidence::export(data, &exported, &[]);
    assert_eq!(finished.code, Some(0), "export: {}", finished.stderr);
    let key = evidence::key_of(data);
    let verified = evidence::verify(&exported, &key);
    assert_eq!(verified.code, Some(0), "verify: {}", verified.stderr);
    let signed: Value =
        serde_json::from_slice(&std::fs::read(exported.join("manifest.json")).unwrap()).unwrap();
    let texts: Vec<_> =
        signed["schemas"].as_array().unwrap().iter().map(|schema| &schema["text"]).collect();
    assert_eq!(texts.len(), 2, "those of events: {signed}");
    assert!(texts.iter().all(|text| text.as_str().unwrap().contains("AuditEvent")));

    let rebuilt = run(options, data, &["rebuild"]);
    assert_eq!(rebuilt.code, Some(0), "rebuild: {}", rebuilt.stderr);
    let annals = AnnalsProcess::start(data, options);
    assert_eq!(actions(&annals, "acme", expected.len() as u64), expected);
    assert_eq!(reasons(&annals.client("acme"), "acme"), REFUSED);
}

/// Refused, then silent: the partition waits at the record, says so and guesses nothing, also over
/// a crash; the other partition goes on. When the registry answers, everything is there.
#[test]
fn while_the_registry_is_away_the_partition_waits() {
    let kafka = KafkaNode::shared();
    let port = ports::free(1);
    let options = options(&kafka, "registry-away", 2, &SchemaRegistry::url_at(port));
    let waits = "acme";
    let partition = |workspace: &str| partition_of(workspace.as_bytes(), 2);
    let mut others = (0..100).map(|number| format!("w{number}"));
    let goes_on = others.find(|other| partition(other) != partition(waits)).unwrap();
    let goes_on = goes_on.as_str();
    let topic = Topic { kafka: &kafka, name: KafkaNode::topic_of(&options) };
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &options);
    let plain = |workspace: &str, number: u64| {
        json!({"workspace_id": workspace, "action": format!("count.n{number}")}).to_string()
    };
    // The first schema of an empty registry.
    let first = 1;
    topic.put(waits, plain(waits, 0).as_bytes());
    topic.put(waits, &framed(&event(waits, 1), first, b""));
    topic.put(waits, plain(waits, 2).as_bytes());
    let said = waiting(&annals);
    topic.put(goes_on, plain(goes_on, 0).as_bytes());
    assert_eq!(actions(&annals, goes_on, 1), numbered(0..1), "the other partition goes on");
    assert_eq!(actions(&annals, waits, 1), numbered(0..1), "nothing beyond the record is shown");
    assert_eq!(said["partition"], partition(waits));
    let reason = said["reason"].as_str().unwrap();
    assert!(
        reason.contains("waits at offset 1: schema 1 is not resolved: the registry"),
        "{reason}"
    );
    let away = "annals_projector_registry_requests_total";
    assert!(metrics::value(&annals.client("*"), away).is_some_and(|asked| asked >= 1.0));
    let standing =
        metrics::value(&annals.client("*"), "annals_projector_partitions_waiting_for_schema");
    assert_eq!(standing, Some(1.0));

    // Over a crash it waits as before.
    annals.kill();
    let annals = AnnalsProcess::start(&data, &options);
    waiting(&annals);
    assert_eq!(actions(&annals, waits, 1), numbered(0..1));
    assert!(reasons(&annals.client(waits), waits).is_empty(), "nothing is refused on a guess");

    // Stopped meanwhile: an empty registry would be believed that it knows no such schema.
    annals.freeze();
    let registry = SchemaRegistry::start_at(port);
    assert_eq!(registry.register("events-value", SCHEMA_V1), first);
    annals.thaw();
    assert_eq!(actions(&annals, waits, 3), numbered(0..3));

    // Silent this time; what is resolved needs nobody.
    let second = registry.register("later-value", &later_schema());
    registry.freeze();
    topic.put(waits, &framed(&event(waits, 3), first, b""));
    topic.put(waits, &framed(&event(waits, 4), second, b"\0"));
    assert_eq!(actions(&annals, waits, 4), numbered(0..4));
    let reason = waiting(&annals)["reason"].to_string();
    assert!(reason.contains(&format!("schema {second} is not resolved")), "{reason}");
    topic.put(goes_on, plain(goes_on, 1).as_bytes());
    assert_eq!(actions(&annals, goes_on, 2), numbered(0..2));
    registry.thaw();
    assert_eq!(actions(&annals, waits, 5), numbered(0..5));
    let standing =
        metrics::value(&annals.client("*"), "annals_projector_partitions_waiting_for_schema");
    assert_eq!(standing, Some(0.0));
}

/// What was ruled before a crash holds after it, though the registry says something else by then;
/// a crash before the ruling leaves nothing.
#[test]
fn a_crash_at_each_step_of_a_ruling_leads_to_one_word() {
    let (kafka, registry) = (KafkaNode::shared(), SchemaRegistry::start());
    for boundary in ["schema-stored", "ruling-created"] {
        let options = options(&kafka, "registry-crash", 1, &registry.url());
        let topic = Topic { kafka: &kafka, name: KafkaNode::topic_of(&options) };
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let known = registry.register(&format!("{boundary}-value"), SCHEMA_V1);
        topic.put("acme", &framed(&event("acme", 0), known, b""));
        let crashing = options.clone().variable("ANNALS_CRASH_AT", &format!("{boundary}:1"));
        if let Ok(mut annals) = AnnalsProcess::try_start(&data, &crashing) {
            annals.wait_for_end(wait::PATIENCE);
        }
        let stands = boundary == "ruling-created";
        // Where the ruling stands nobody need be asked.
        let again = if stands { without_registry(&options) } else { options.clone() };
        let annals = AnnalsProcess::start(&data, &again);
        assert_eq!(actions(&annals, "acme", 1), numbered(0..1), "{boundary}");
    }
}

/// An id that nobody knows is no word on the id: what comes once it is registered is read, and what
/// came before stays refused, also if the process ends in between.
#[test]
fn an_unknown_id_is_judged_for_the_records_that_bore_it() {
    let (kafka, registry) = (KafkaNode::shared(), SchemaRegistry::start());
    let options = options(&kafka, "registry-unknown", 1, &registry.url());
    let topic = Topic { kafka: &kafka, name: KafkaNode::topic_of(&options) };
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    // Nothing is registered: the first id is to come.
    let next = 1;
    topic.put("acme", &framed(&event("acme", 0), next, b""));
    let crashing = options.clone().variable("ANNALS_CRASH_AT", "ruling-created:1");
    if let Ok(mut annals) = AnnalsProcess::try_start(&data, &crashing) {
        annals.wait_for_end(wait::PATIENCE);
    }
    assert_eq!(registry.register("events-value", SCHEMA_V1), next);
    topic.put("acme", &framed(&event("acme", 1), next, b""));
    let annals = AnnalsProcess::start(&data, &options);
    assert_eq!(actions(&annals, "acme", 1), numbered(1..2));
    assert_eq!(reasons(&annals.client("acme"), "acme"), ["unknown-schema"]);
}

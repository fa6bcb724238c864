//! Recorded events that nobody here wrote, imported and read back.

use std::time::Instant;

use annals_tests::command::{self, Target};
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, oracle, report};
use serde_json::Value;

/// Issue: every one of the events is listed exactly once under its workspace, newest first; random
/// filter combinations equal the oracle; all of it again after a restart.
#[test]
fn every_recorded_event_is_listed_once_newest_first_and_filters_equal_the_oracle() {
    let directory = tempfile::tempdir().unwrap();
    let input = Input::recorded(directory.path());
    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let started = Instant::now();
    command::import_all(&input.file, Target::Data(&data));
    let seconds = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = input.lines as f64 / seconds;
    report::line(&format!("imported {} events beside `up`: {rate:.0} a second", input.lines));
    let client = annals.client("*");
    let seed = environment::seed("recorded events");
    let queries = environment::number("TEST_ANNALS_QUERIES", 2000);
    oracle::compare(&client, &input, directory.path(), queries, seed);
    let before = oracle::walk_everything(&client, &input);
    assert!(annals.stop().success(), "SIGTERM is a clean end");
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let after = oracle::walk_everything(&annals.client("*"), &input);
    assert!(before == after, "the restart changed a row");
}

/// A1.1 on real input: what was recorded is what is shown, metadata byte-equal as canonical JSON.
#[test]
fn a1_1_recorded_events_come_back_whole() {
    let directory = tempfile::tempdir().unwrap();
    let input = Input::recorded(directory.path());
    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    command::import_all(&input.file, Target::Data(&data));
    let client = annals.client("*");
    let mut rows = std::collections::HashMap::new();
    for workspace in input.ids.keys() {
        let list = List::of(&client, workspace);
        list.settle();
        for row in list.walk_values("", 1000) {
            let id = row["event_id"].as_str().unwrap().to_owned();
            rows.insert((workspace.clone(), id), row);
        }
    }
    let mut compared = std::collections::HashSet::new();
    for line in std::fs::read_to_string(&input.file).unwrap().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        let key = (text("workspace_id"), text("event_id"));
        if compared.insert(key.clone()) {
            assert_shows(&rows[&key], &event);
        }
    }
    assert_eq!(compared.len(), rows.len());
}

/// Whether a row shows an event: every given member is there with its value.
fn assert_shows(row: &Value, event: &Value) {
    assert_eq!(row["action"], event["action"]);
    for member in ["metadata", "changes", "outcome", "description", "kind"] {
        if !event[member].is_null() {
            assert_eq!(row[member], event[member], "{member} of {}", event["event_id"]);
        }
    }
    for holder in ["actor", "context"] {
        for (name, value) in event[holder].as_object().into_iter().flatten() {
            if value.is_object() {
                continue; // on_behalf_of gains members such as `status`
            }
            assert_eq!(&row[holder][name], value, "{holder}.{name} of {}", event["event_id"]);
        }
    }
    let none = Vec::new();
    let (shown, given) = (&row["resources"], event["resources"].as_array().unwrap_or(&none));
    assert_eq!(shown.as_array().map(Vec::len), Some(given.len()));
    for (index, resource) in given.iter().enumerate() {
        for (name, value) in resource.as_object().unwrap() {
            assert_eq!(&shown[index][name], value, "resource {index} of {}", event["event_id"]);
        }
    }
    if let Some(occurred_at) = event["occurred_at"].as_str() {
        let given = chrono::DateTime::parse_from_rfc3339(occurred_at).unwrap();
        let shown = row["occurred_at"].as_str().unwrap();
        assert_eq!(annals_tests::list::micros(shown), given.timestamp_micros());
    }
}

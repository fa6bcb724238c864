//! The generated fixture: ties, renames, deletions, Unicode, several resources, repeated events.

use annals_tests::command::{self, Target};
use annals_tests::freshness::manifests;
use annals_tests::http::encode;
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, oracle, wait};
use serde_json::Value;

/// Random filter combinations over generated events, with segments sealed in between, so that the
/// answers come from segments and tail together.
#[test]
fn filters_over_generated_events_equal_the_oracle_across_seals() {
    let directory = tempfile::tempdir().unwrap();
    let seed = environment::seed("generated events");
    let input = Input::fixture(directory.path(), seed);
    let data = directory.path().join("data");
    let options = UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", "524288");
    let annals = AnnalsProcess::start(&data, &options);
    for part in input.parts(4) {
        // A seal takes what has come meanwhile: on a fast machine one would take everything.
        let before = manifests(&data);
        command::import_all(&part, Target::Data(&data));
        wait::until("a seal", wait::PATIENCE, || (manifests(&data) > before).then_some(()));
    }
    let client = annals.client("*");
    let queries = environment::number("TEST_ANNALS_QUERIES", 2000);
    oracle::compare(&client, &input, directory.path(), queries, seed);
}

/// Resources of the workspace whose names are searched through the index.
const RESOURCES: u64 = 24_000;

/// So many names of one workspace that the index is asked for them, and not only scanned: its
/// answers are the oracle's, and searches are shown to have come from it.
#[test]
fn searches_among_tens_of_thousands_of_names_equal_the_oracle_by_the_index() {
    let directory = tempfile::tempdir().unwrap();
    let seed = environment::seed("names of a catalog");
    let input = Input::catalog(directory.path(), seed, RESOURCES);
    let data = directory.path().join("data");
    let options = UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", "2097152");
    let annals = AnnalsProcess::start(&data, &options);
    command::import_all(&input.file, Target::Data(&data));
    let client = annals.client("*");
    let list = List::of(&client, "catalog");
    list.settle();
    // Names are indexed once they are sealed; what lies in the tail is scanned.
    let least = RESOURCES * 3 / 4;
    let plan_of = |needle: &str| {
        let query = format!("explain=true&limit=1&resource_name={}", encode(needle));
        let page: Value = client.get_json(&list.path(&query));
        page["plan"]["name"].clone()
    };
    wait::until("most names to be indexed", wait::PATIENCE, || {
        (plan_of("nobody")["covered"].as_u64().unwrap() >= least).then_some(())
    });
    let queries = environment::number("TEST_ANNALS_QUERIES", 300);
    oracle::compare(&client, &input, directory.path(), queries, seed);

    // Names of the first events, and parts of them that no search has asked for yet.
    let rows = list.rows("limit=100&to=2025-03-01T00:01:40Z");
    let mut by_index = 0;
    for row in &rows {
        let name = row["resources"][0]["name"].as_str().unwrap();
        let plan = plan_of(name);
        let found = plan["treatment"]["names"].as_u64();
        assert!(found.is_some_and(|found| found > 0), "{name}: {plan}");
        by_index += u32::from(plan["index_used"] == true);
    }
    assert!(by_index > 50, "{by_index} of {} searches came from the index", rows.len());
}

/// RELIABILITY 7 and 8: repeats are counted as duplicates, an identity used for another content is
/// quarantined, and the accounting identity holds.
#[test]
fn a1_4_repeats_are_counted_and_conflicts_quarantined() {
    let directory = tempfile::tempdir().unwrap();
    let input = Input::fixture(directory.path(), 11);
    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    command::import_all(&input.file, Target::Data(&data));
    let client = annals.client("*");
    List::of(&client, "other").settle();
    let (mut lines, mut conflicts) = (0, 0);
    for line in std::fs::read_to_string(&input.file).unwrap().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        if event["workspace_id"] == "other" {
            lines += 1;
            conflicts += u64::from(event["action"] == "conflict.made");
        }
    }
    let visible = input.ids["other"].len() as u64;
    let accounting: Value = client.get_json("/v1/workspaces/other/accounting");
    assert_eq!(accounting["records"], lines);
    assert_eq!(accounting["visible"], visible);
    assert_eq!(accounting["quarantined"], conflicts);
    assert_eq!(accounting["duplicate"], lines - visible - conflicts);
    let quarantine: Value = client.get_json("/v1/workspaces/other/quarantine");
    let first = &quarantine["data"][0];
    assert_eq!(first["reason"], "conflict");
    assert!(List::of(&client, "other").rows("action=conflict.made").is_empty());
}

/// The order of 200 events of one microsecond is the same on every page size (A4.1).
#[test]
fn a4_1_ties_keep_their_order_on_every_page_size() {
    let directory = tempfile::tempdir().unwrap();
    let input = Input::fixture(directory.path(), 12);
    let data = directory.path().join("data");
    let options = UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", "524288");
    let annals = AnnalsProcess::start(&data, &options);
    command::import_all(&input.file, Target::Data(&data));
    let client = annals.client("acme");
    let list = List::of(&client, "acme");
    list.settle();
    let tie = "from=2025-05-05T05:05:05.050505Z&to=2025-05-05T05:05:05.050506Z";
    let reference = list.walk_rows(tie, 1000);
    assert!(reference.len() >= 200);
    for limit in [1, 7, 50, 200] {
        assert!(list.walk_rows(tie, limit) == reference, "another order at {limit} a page");
    }
    let whole = list.walk_rows("", 1000);
    for limit in [7, 50, 200] {
        assert!(list.walk_rows("", limit) == whole, "another order at {limit} a page");
    }
}

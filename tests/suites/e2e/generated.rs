//! The generated fixture: ties, renames, deletions, Unicode, several resources, repeated events.

use annals_tests::command::{self, Target};
use annals_tests::freshness::manifests;
use annals_tests::http::Http;
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, oracle, report, wait};
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

/// So many names of one workspace that the index is asked for them, and not only scanned: pages
/// whose plans say that their names came from it are the oracle's.
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
    List::of(&client, "catalog").settle();
    wait_for_index(&client);
    let queries = environment::number("TEST_ANNALS_QUERIES", 300);
    oracle::compare(&client, &input, directory.path(), queries, seed);
    drop(annals);

    // A text that was asked for is known from then on: another process asks the index again.
    let annals = AnnalsProcess::start(&data, &options);
    let client = annals.client("*");
    wait_for_index(&client);
    let by_index = oracle::compare_explained(&client, directory.path());
    report::line(&format!("{by_index} pages had their names from the index"));
    assert!(by_index as u64 > queries / 10, "{by_index} of {queries} pages");
}

/// Waits until most names are indexed: they are once they are sealed, and those of the tail are
/// scanned.
fn wait_for_index(client: &Http) {
    let query = "explain=true&limit=1&resource_name=nobody";
    wait::until("most names to be indexed", wait::PATIENCE, || {
        let page: Value = client.get_json(&List::of(client, "catalog").path(query));
        let covered = page["plan"]["name"]["covered"].as_u64().unwrap();
        (covered >= RESOURCES * 3 / 4).then_some(())
    });
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

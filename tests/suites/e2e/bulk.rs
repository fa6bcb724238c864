//! Millions of events under a memory limit.

use std::collections::HashSet;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use annals_tests::command::{self, Target};
use annals_tests::inputs::{bulk_command, bulk_workspace};
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, report};
use serde_json::Value;

const LIMIT_BYTES: u64 = 512 << 20;
const WORKSPACES: u64 = 200;
/// Small workspaces that are walked whole and checked event by event.
const CHECKED: [u64; 4] = [42, 77, 123, 199];

/// Issue: the same story with 3 M generated events under `prlimit` 512 MiB, importer included.
#[test]
fn three_million_events_pass_under_512_mib() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let events = environment::number("TEST_ANNALS_BULK_EVENTS", 3_000_000);
    let options = UpOptions { wrapper: limited(), ..UpOptions::default() };
    let annals = AnnalsProcess::start(&data, &options);
    let started = Instant::now();
    import_stream(&data, events);
    let seconds = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = events as f64 / seconds;
    report::line(&format!(
        "{events} events under prlimit --data of 512 MiB: {rate:.0} a second beside `up`, \
         peak RSS {} MiB",
        annals.peak_memory_kib() / 1024
    ));
    let client = annals.client("*");
    List::of(&client, "bulk-0").settle();
    let accounting: Value = client.get_json("/v1/admin/accounting");
    let sum = |member: &str| -> u64 {
        let partitions = accounting["partitions"].as_array().unwrap();
        partitions.iter().map(|partition| partition[member].as_u64().unwrap()).sum()
    };
    assert_eq!((sum("records"), sum("visible")), (events, events), "{accounting}");
    for workspace in CHECKED {
        check_workspace(&List::of(&client, &format!("bulk-{workspace}")), workspace, events);
    }
    check_largest(&List::of(&client, "bulk-0"));
    report::line(&format!("after the walks: peak RSS {} MiB", annals.peak_memory_kib() / 1024));
}

/// All memory that is the process's own; segments are files, mapped where they are. The allocator
/// is told, as docs/OPERATIONS.md says for such a limit, to give back what is free after a second.
fn limited() -> Vec<String> {
    let limit = format!("--data={LIMIT_BYTES}");
    ["env", "_RJEM_MALLOC_CONF=dirty_decay_ms:1000", "prlimit", &limit].map(str::to_owned).to_vec()
}

/// Generator to importer through a pipe: the events never lie in a file.
fn import_stream(data: &Path, events: u64) {
    let mut generator = bulk_command(events, WORKSPACES).stdout(Stdio::piped()).spawn().unwrap();
    let plain = command::import_command(Path::new("-"), Target::Data(data));
    let mut import = environment::wrapped(&limited());
    import.args(plain.get_args());
    import.stdin(generator.stdout.take().unwrap());
    let finished = command::finish(&mut import);
    assert_eq!(finished.code, Some(0), "annals import: {}", finished.stderr);
    assert!(generator.wait().unwrap().success());
}

/// A whole workspace: every event that belongs there once, in order (the walk checks the order).
fn check_workspace(list: &List<'_>, workspace: u64, events: u64) {
    let rows = list.walk_rows("", 1000);
    let listed: HashSet<u64> = rows.iter().map(|row| number(&row.event_id)).collect();
    let expected: HashSet<u64> =
        (0..events).filter(|&i| bulk_workspace(i, WORKSPACES) == workspace).collect();
    assert!(!expected.is_empty() && listed == expected, "bulk-{workspace} lacks events");
    assert_eq!(rows.len(), listed.len());
}

/// The first pages of the largest workspace, with and without filters.
fn check_largest(list: &List<'_>) {
    let newest = list.page("limit=1000").rows();
    assert_eq!(newest.len(), 1000);
    let numbers: Vec<_> = newest.iter().map(|row| number(&row.event_id)).collect();
    assert!(numbers.is_sorted_by(|left, right| left / 4 >= right / 4), "not the newest first");
    assert!(numbers.iter().all(|&i| bulk_workspace(i, WORKSPACES) == 0));
    for filter in [
        "actor=u7",
        "resource_type=model&resource_name=of%2013&name_match=contains",
        "actor=u7&kind=delete",
    ] {
        let rows = list.walk_rows(&format!("{filter}&from=2025-01-01T00:02:00Z"), 500);
        report::line(&format!("bulk-0 ?{filter}: {} rows", rows.len()));
        assert!(rows.iter().all(|row| bulk_workspace(number(&row.event_id), WORKSPACES) == 0));
        assert!(!rows.is_empty());
    }
}

fn number(event_id: &str) -> u64 {
    u64::from_str_radix(&event_id[24..], 16).unwrap()
}

//! `annals replay`: the raw topic, with what became of each record.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use annals_tests::command::{self, Target};
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, wait};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn replay(data: &Path, out: &Path, flags: &[&str]) -> command::Finished {
    command::run(&[&["replay", "--data", text(data), "--out", text(out)], flags].concat())
}

fn lines(out: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(out).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn manifest(out: &Path) -> Value {
    let path = PathBuf::from(format!("{}.manifest.json", out.display()));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Flags, and whether a line is selected by them.
type Case<'a> = (&'a [&'a str], &'a dyn Fn(&Value) -> bool);

fn imported(directory: &Path, seed: u64) -> (Input, PathBuf) {
    let input = Input::fixture(directory, seed);
    let data = directory.join("data");
    command::import_all(&input.file, Target::Data(&data));
    (input, data)
}

/// Beside a running `up`: the same verdicts and numbers as the store's, and the visible events of
/// a workspace in the order of their seq.
#[test]
fn a16_4_a_replay_says_of_every_record_what_the_store_says() {
    let directory = tempfile::tempdir().unwrap();
    let (input, data) = imported(directory.path(), 5);
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let client = annals.client("*");
    List::of(&client, "acme").settle();
    let out = directory.path().join("all.ndjson");
    let finished = replay(&data, &out, &[]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let mut counts = BTreeMap::new();
    let lines = lines(&out);
    for (offset, line) in lines.iter().enumerate() {
        assert_eq!(line["position"]["offset"], offset);
        *counts.entry(line["status"].as_str().unwrap()).or_insert(0) += 1;
    }
    let accounting: Value = client.get_json("/v1/admin/accounting");
    let manifest = manifest(&out);
    let state = &manifest["partitions"][0];
    for status in ["visible", "duplicate", "quarantined"] {
        assert_eq!(state[status], accounting["partitions"][0][status], "{status}");
        assert_eq!(state[status], counts[status], "{status}");
    }
    assert_eq!((&state["gap_count"], &state["records"]), (&0.into(), &lines.len().into()));
    let hash = Sha256::digest(std::fs::read(&out).unwrap());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&manifest["sha256"], &manifest["complete"]), (&hash.into(), &true.into()));
    let is_shown = |line: &&Value| line["status"] == "visible" && line["workspace_id"] == "acme";
    let ids = lines.iter().filter(is_shown).map(|line| line["event_id"].as_str().unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), input.ids["acme"]);
}

/// What is asked for and nothing else, whatever the form; verdicts do not depend on it.
#[test]
fn a_replay_selects_by_workspace_action_and_time() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported(directory.path(), 6);
    let out = directory.path().join("out");
    assert_eq!(replay(&data, &out, &[]).code, Some(0));
    let all = lines(&out);
    let times: Vec<&str> = all.iter().filter_map(|line| line["occurred_at"].as_str()).collect();
    let (from, to) = (times[times.len() / 3].min(times[0]), times[times.len() / 2]);
    let is_within = |line: &Value| {
        let at = line["occurred_at"].as_str().or(line["recorded_at"].as_str()).unwrap();
        from.min(to) <= at && at < from.max(to)
    };
    let (from_flag, to_flag) = (from.min(to), from.max(to));
    let cases: [Case<'_>; 4] = [
        (&["--workspace", "other"], &|line| {
            line["workspace_id"] == "other" || line["key_base64"] == "b3RoZXI="
        }),
        (&["--action", "segment.*"], &|line| {
            line["action"].as_str().is_some_and(|action| action.starts_with("segment."))
        }),
        (&["--by", "occurred", "--from", from_flag, "--to", to_flag], &is_within),
        (&["--from", "2100-01-01T00:00:00Z"], &|_| false),
    ];
    for (flags, wanted) in cases {
        assert_eq!(replay(&data, &out, flags).code, Some(0), "{flags:?}");
        let expected: Vec<Value> = all.iter().filter(|line| wanted(line)).cloned().collect();
        assert_eq!(lines(&out), expected, "{flags:?}");
        assert_eq!(manifest(&out)["partitions"][0]["read"], all.len(), "{flags:?}");
        let csv = [flags, &["--format", "csv"]].concat();
        assert_eq!(replay(&data, &out, &csv).code, Some(0), "{flags:?}");
        let rows = std::fs::read_to_string(&out).unwrap().matches("\r\n").count();
        assert_eq!(rows, expected.len() + 1, "{flags:?}");
    }
}

/// Killed half-way and gone on with: byte for byte what an uninterrupted replay writes.
#[test]
fn a_replay_goes_on_where_it_was_killed() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported(directory.path(), 7);
    let (whole, out) = (directory.path().join("whole"), directory.path().join("out"));
    assert_eq!(replay(&data, &whole, &[]).code, Some(0));
    let state = directory.path().join("state.json");
    let mut slow = environment::annals();
    slow.args(["replay", "--data", text(&data), "--out", text(&out), "--resume", text(&state)]);
    let mut child = slow.args(["--rate", "3000"]).stderr(Stdio::null()).spawn().unwrap();
    wait::until("a state", wait::PATIENCE, || state.exists().then_some(()));
    child.kill().unwrap();
    child.wait().unwrap();
    // As a crash may leave it: more in the file than the state knows.
    let mut torn = std::fs::read(&out).unwrap();
    torn.extend_from_slice(b"{\"status\":\"vis");
    std::fs::write(&out, torn).unwrap();
    let other = replay(&data, &out, &["--resume", text(&state), "--workspace", "acme"]);
    assert_eq!(other.code, Some(2), "another replay's state: {}", other.stderr);
    let finished = replay(&data, &out, &["--resume", text(&state)]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(std::fs::read(&out).unwrap() == std::fs::read(&whole).unwrap());
    assert_eq!(manifest(&out), manifest(&whole));
    assert!(!state.exists());
}

/// Usage errors name what is wrong; a log that is not there is no empty replay.
#[test]
fn a_replay_refuses_what_it_cannot_do() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out");
    let missing = replay(&directory.path().join("none"), &out, &[]);
    assert_eq!(missing.code, Some(2), "{}", missing.stderr);
    for (flags, named) in [
        (["--from", "2025-01-01T00:00:00"], "--from"),
        (["--workspace", ""], "--workspace"),
        (["--rate", "0"], "--rate"),
        (["--format", "xml"], "--format"),
    ] {
        let refused = replay(directory.path(), &out, &flags);
        assert_eq!(refused.code, Some(2), "{flags:?}");
        assert!(refused.stderr.contains(named), "{}", refused.stderr);
    }
    let kafka = command::run(&["replay", "--kafka", "127.0.0.1:1"]);
    assert_eq!(kafka.code, Some(3), "{}", kafka.stderr);
}

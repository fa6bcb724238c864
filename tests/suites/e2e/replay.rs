//! `annals replay`: the raw topic, with what became of each record.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use annals_tests::command;
use annals_tests::evidence::{imported, text};
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, log_files, wait};
use serde_json::Value;
use sha2::{Digest, Sha256};

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

/// By the log's own time: from the first record's moment on, up to that of a later one.
#[test]
fn a_replay_is_cut_by_the_time_of_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported(directory.path(), 8);
    let mut records = log_files::read(&data);
    let start = records[0].timestamp_ms;
    // A second apart: an import gives many records one moment.
    (0..).zip(&mut records).for_each(|(n, record)| record.timestamp_ms = start + 1000 * n);
    log_files::write(&data, 0, &[&records]);
    let out = directory.path().join("out");
    assert_eq!(replay(&data, &out, &[]).code, Some(0));
    let all = lines(&out);
    assert_eq!(all.len(), records.len());
    let at = |offset: usize| all[offset]["recorded_at"].as_str().unwrap();
    let (from, to) = (all.len() / 4, all.len() / 2);
    let cases: [(&[&str], std::ops::Range<usize>); 4] = [
        (&["--from", at(from), "--to", at(to)], from..to),
        (&["--by", "log-time", "--from", at(from), "--to", at(to)], from..to),
        (&["--from", at(from)], from..all.len()),
        (&["--by", "log-time", "--to", at(to)], 0..to),
    ];
    for (flags, wanted) in cases {
        assert_eq!(replay(&data, &out, flags).code, Some(0), "{flags:?}");
        assert_eq!(lines(&out), all[wanted], "{flags:?}");
        assert_eq!(manifest(&out)["partitions"][0]["read"], all.len(), "{flags:?}");
    }
}

/// Killed half-way and gone on with, in every form: byte for byte what an uninterrupted replay
/// writes.
#[test]
fn a_replay_goes_on_where_it_was_killed() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported(directory.path(), 7);
    for format in ["ndjson", "csv", "avro"] {
        let name = |name: &str| directory.path().join(format!("{name}.{format}"));
        let (whole, out, state) = (name("whole"), name("out"), name("state"));
        assert_eq!(replay(&data, &whole, &["--format", format]).code, Some(0));
        let resume = ["--format", format, "--resume", text(&state)];
        let killed = killed_at_its_first_state(&data, &out, &resume, &state);
        assert!((1..records_in(&whole)).contains(&killed), "{format}: {killed}");
        // As a crash may leave it: more in the file than the state knows.
        let mut torn = std::fs::read(&out).unwrap();
        torn.extend_from_slice(b"{\"status\":\"vis");
        std::fs::write(&out, torn).unwrap();
        let other = replay(&data, &out, &[&resume[..], &["--workspace", "acme"]].concat());
        assert_eq!(other.code, Some(2), "another replay's state: {}", other.stderr);
        assert_refuses_another_file(&data, &out, &resume);
        let finished = replay(&data, &out, &resume);
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        assert!(std::fs::read(&out).unwrap() == std::fs::read(&whole).unwrap(), "{format}");
        assert_eq!(manifest(&out), manifest(&whole), "{format}");
        assert!(!state.exists());
    }
    assert_avro_says_what_ndjson_says(directory.path());
}

/// A file that the state is not of is neither cut nor gone on with.
fn assert_refuses_another_file(data: &Path, out: &Path, resume: &[&str]) {
    let right = std::fs::read(out).unwrap();
    let mut changed = right.clone();
    changed[20] ^= 1;
    let longer = vec![b'x'; 2 * right.len()];
    for (bytes, why) in [
        (changed, "is not what its state says"),
        (longer, "is not what its state says"),
        (right[..20].to_vec(), "is shorter than its state says"),
    ] {
        std::fs::write(out, &bytes).unwrap();
        let refused = replay(data, out, resume);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
        assert!(std::fs::read(out).unwrap() == bytes, "{why}");
    }
    std::fs::write(out, right).unwrap();
}

/// Starts a slow replay and kills it when it has written its state; how many records that has.
fn killed_at_its_first_state(data: &Path, out: &Path, flags: &[&str], state: &Path) -> u64 {
    let mut slow = environment::annals();
    slow.args(["replay", "--data", text(data), "--out", text(out)]).args(flags);
    let mut child = slow.args(["--rate", "3000"]).stderr(Stdio::null()).spawn().unwrap();
    wait::until("a state", wait::PATIENCE, || state.exists().then_some(()));
    child.kill().unwrap();
    child.wait().unwrap();
    let state: Value = serde_json::from_slice(&std::fs::read(state).unwrap()).unwrap();
    state["partitions"][0]["records"].as_u64().unwrap()
}

fn records_in(out: &Path) -> u64 {
    manifest(out)["partitions"][0]["records"].as_u64().unwrap()
}

/// Another reader of Avro finds every record with its place, status, event and refusal.
fn assert_avro_says_what_ndjson_says(directory: &Path) {
    let file = std::fs::File::open(directory.join("out.avro")).unwrap();
    let rows = apache_avro::Reader::new(std::io::BufReader::new(file)).unwrap();
    let rows: Vec<Value> = rows.map(|row| row.unwrap().try_into().unwrap()).collect();
    let lines = lines(&directory.join("out.ndjson"));
    assert_eq!(rows.len(), lines.len());
    for (row, line) in rows.iter().zip(&lines) {
        let place = &line["position"];
        assert_eq!((&row["status"], &row["partition"]), (&line["status"], &place["partition"]));
        assert_eq!(row["offset"], place["offset"], "{row}");
        match line["status"].as_str().unwrap() {
            "quarantined" => {
                assert_eq!(row["event"], Value::Null);
                assert_eq!(row["refused"]["reason"], line["reason"], "{row} {line}");
            }
            _ => {
                assert_eq!(row["refused"], Value::Null);
                assert_eq!(row["event"]["action"], line["action"], "{row} {line}");
                assert_eq!(row["event"]["workspace_id"], line["workspace_id"], "{row} {line}");
            }
        }
    }
}

/// A limit is kept by waiting, not by leaving out: a slow replay writes what a fast one writes.
#[test]
fn a_limited_replay_is_slower_and_leaves_nothing_out() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported(directory.path(), 9);
    let (fast, slow) = (directory.path().join("fast"), directory.path().join("slow"));
    let rate = 2000;
    assert_eq!(replay(&data, &fast, &[]).code, Some(0));
    let limited = replay(&data, &slow, &["--rate", &rate.to_string()]);
    assert_eq!(limited.code, Some(0), "{}", limited.stderr);
    assert!(std::fs::read(&slow).unwrap() == std::fs::read(&fast).unwrap());
    // "N records read in S s (R/s), N written"
    let said = limited.stderr.lines().find(|line| line.contains(" records read in ")).unwrap();
    let number = said.split(['(', '/']).nth(1).unwrap();
    let (read, of_all) = (number.parse::<u64>().unwrap(), records_in(&fast));
    assert!(of_all > rate, "{of_all} records are too few for a limit of {rate}");
    assert!(read <= rate, "{said}");
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
        (["--action", "segment.*.x"], "--action"),
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

//! `annals import`: good lines into the log, bad ones named and put aside.

use std::path::Path;
use std::process::{Command, Stdio};

use annals_tests::command::{self, Target};
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use serde_json::{Value, json};

const LINES: &str = concat!(
    r#"{"workspace_id":"acme","action":"a.one","occurred_at":"2025-01-01T00:00:01Z"}"#,
    "\n",
    "{broken\n",
    r#"{"workspace_id":"acme","action":"a.two","occurred_at":"2025-01-01T00:00:02Z"}"#,
    "\n",
    r#"{"workspace_id":"acme","action":"a.b","occurred_at":"2025-01-01T00:00:02"}"#,
    "\n",
);

fn actions(client: &annals_tests::http::Http) -> Vec<Value> {
    let list = List::of(client, "acme");
    list.settle();
    list.rows("").iter().map(|row| row["action"].clone()).collect()
}

/// Refused lines are named by number and kept in a file, beside a running `up` and without one.
#[test]
fn refused_lines_are_named_and_kept_and_the_others_imported() {
    for beside_up in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        let (data, file) = (directory.path().join("data"), directory.path().join("events.ndjson"));
        std::fs::write(&file, LINES).unwrap();
        let running = beside_up.then(|| AnnalsProcess::start(&data, &UpOptions::default()));
        let finished = command::import(&file, Target::Data(&data));
        assert_eq!(finished.code, Some(1), "some lines were refused: {}", finished.stderr);
        for line in ["2", "4"] {
            let named = finished
                .stderr
                .lines()
                .any(|text| text.split(|c: char| !c.is_ascii_digit()).any(|number| number == line));
            assert!(named, "line {line} is not named: {}", finished.stderr);
        }
        assert!(finished.stderr.contains("/occurred_at"), "{}", finished.stderr);
        let rejects =
            std::fs::read_to_string(directory.path().join("events.ndjson.rejected.ndjson"));
        let rejects = rejects.unwrap();
        assert!(rejects.contains("{broken") && rejects.contains("00:00:02\""), "{rejects}");
        assert!(!rejects.contains("a.one"), "{rejects}");
        let annals = running.unwrap_or_else(|| AnnalsProcess::start(&data, &UpOptions::default()));
        assert_eq!(actions(&annals.client("acme")), ["a.two", "a.one"], "beside up: {beside_up}");
    }
}

/// Packed files and standard input are read like plain ones.
#[test]
fn packed_files_and_standard_input_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let write = |name: &str| {
        let file = directory.path().join(name);
        let event = json!({"workspace_id": "acme", "action": name});
        std::fs::write(&file, format!("{event}\n")).unwrap();
        file
    };
    pack(Command::new("zstd").args(["-q", "--rm"]), &write("zst"));
    pack(&mut Command::new("gzip"), &write("gz"));
    for packed in ["zst.zst", "gz.gz"] {
        command::import_all(&directory.path().join(packed), Target::Data(&data));
    }
    let mut import = command::import_command(Path::new("-"), Target::Data(&data));
    import.stdin(std::fs::File::open(write("stdin")).unwrap());
    assert_eq!(command::finish(&mut import).code, Some(0));
    assert_eq!(actions(&annals.client("acme")), ["stdin", "gz", "zst"]);
}

fn pack(command: &mut Command, file: &Path) {
    let status = command.arg(file).stdout(Stdio::null()).status();
    assert!(status.unwrap().success(), "{command:?}");
}

/// Backfilled history is marked as such and not as late.
#[test]
fn historic_events_are_not_late() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("events.ndjson"));
    std::fs::write(&file, LINES.lines().next().unwrap()).unwrap();
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let mut import = command::import_command(&file, Target::Data(&data));
    assert_eq!(command::finish(import.arg("--historic")).code, Some(0));
    let client = annals.client("acme");
    let list = List::of(&client, "acme");
    list.settle();
    let row = list.rows("").remove(0);
    assert_eq!((&row["late_by_seconds"], &row["context"]["origin"]), (&json!(0), &json!("import")));
}

/// Exit codes for scripts: 2 for what is not there, 3 for a server out of reach.
#[test]
fn exit_codes_tell_usage_from_reach() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("events.ndjson");
    std::fs::write(&file, LINES.lines().next().unwrap()).unwrap();
    let target = Target::Data(directory.path());
    assert_eq!(command::import(Path::new("/nowhere/events.ndjson"), target).code, Some(2));
    let target = Target::Server { address: "http://127.0.0.1:1", token: "x.y.z" };
    let unreachable = command::import(&file, target);
    assert_eq!(unreachable.code, Some(3), "{}", unreachable.stderr);
    assert_eq!(command::run(&["up", "--no-such-flag"]).code, Some(2));
}

/// Two processes cannot own one data directory.
#[test]
fn a_second_up_on_the_same_data_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let first = AnnalsProcess::start(&data, &UpOptions::default());
    let second = AnnalsProcess::try_start(&data, &UpOptions::default());
    let ended = second.err().expect("two processes own one data directory");
    assert_eq!(ended.status.code(), Some(2), "{}", ended.log);
    assert_eq!(actions(&first.client("acme")).len(), 0, "the first one goes on");
}

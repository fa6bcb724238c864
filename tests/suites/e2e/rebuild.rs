//! `annals rebuild` and `annals reconcile`: store and topic held against each other.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use annals_broker::Log as _;
use annals_broker::local::{LocalLog, LocalOptions};
use annals_schemas::NewRecord;
use annals_tests::command;
use annals_tests::freshness::manifests;
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, store_files, wait};
use serde_json::Value;

/// Of the embedded log: so small that there are many, and the first can be taken away.
const FILE_BYTES: u64 = 256 << 10;

fn run(name: &str, data: &Path) -> command::Finished {
    let mut words = name.split(' ');
    let mut command = environment::annals();
    command.arg(words.next().unwrap()).args(words).arg("--data").arg(data);
    command::finish(&mut command)
}

/// A data directory whose log has many files, all of it sealed.
fn sealed(directory: &Path) -> PathBuf {
    let data = directory.join("data");
    let input = Input::fixture(directory, 8);
    // Two seals at least: each half is sealed by itself.
    let half = input.lines / 2;
    append(&data, &input, &|number, line| (number < half).then(|| line.to_owned()));
    project(&data);
    append(&data, &input, &|number, line| (number >= half).then(|| line.to_owned()));
    project(&data);
    assert!(manifests(&data) >= 2);
    data
}

/// What becomes of a line by its number; `None` leaves it out.
type Change<'a> = dyn Fn(usize, &str) -> Option<String> + 'a;

/// Puts events on the log as plain JSON.
fn append(data: &Path, input: &Input, change: &Change<'_>) {
    let clock = Arc::new(|| annals_tests::clock::now().timestamp_millis());
    let options = LocalOptions { segment_bytes: FILE_BYTES, ..LocalOptions::default() };
    let log = LocalLog::open(&data.join("log"), options, clock).unwrap();
    let text = std::fs::read_to_string(&input.file).unwrap();
    let lines = text.lines().enumerate().filter_map(|(number, line)| change(number, line));
    let record = |line: String| {
        let event: Value = serde_json::from_str(&line).unwrap();
        let key = event["workspace_id"].as_str().unwrap().as_bytes().to_vec();
        NewRecord { key: Some(key.into()), value: Some(line.into()), headers: vec![] }
    };
    let records: Vec<NewRecord> = lines.map(record).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for part in records.chunks(500) {
        for outcome in runtime.block_on(log.producer().append_all(part.to_vec())) {
            outcome.unwrap();
        }
    }
}

/// Projects and seals everything: a tail of a second is sealed.
fn project(data: &Path) {
    let options = UpOptions::default()
        .variable("ANNALS_STORAGE_SEAL_BYTES", "524288")
        .variable("ANNALS_STORAGE_SEAL_INTERVAL_SECONDS", "1");
    let annals = AnnalsProcess::start(data, &options);
    let client = annals.client("*");
    List::of(&client, "acme").settle();
    wait::until("the last seal", wait::PATIENCE, || {
        let accounting: Value = client.get_json("/v1/admin/accounting");
        let partition = &accounting["partitions"][0];
        let newest = store_files::Manifest::newest(data)?;
        (Some(newest.end) == partition["high_watermark"].as_u64()).then_some(())
    });
    assert!(annals.stop().success());
}

/// A16.4: the topic folded anew gives every root, seq and count; so does a store made from it,
/// which takes the place of the one that was there.
#[test]
fn a16_4_a_rebuild_gives_the_same_roots() {
    let directory = tempfile::tempdir().unwrap();
    let data = sealed(directory.path());
    let checked = run("rebuild --check", &data);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert!(checked.stderr.contains("records came from the topic, 0 from segments"));
    let reconciled = run("reconcile", &data);
    assert_eq!(reconciled.code, Some(0), "{}", reconciled.stderr);
    let rebuilt = run("rebuild", &data);
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    assert!(data.join("store.replaced-1/log.json").is_file());
    let checked = run("rebuild --check", &data);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    let tree = |store: &str| {
        let path = data.join(store).join("partitions/0/manifests");
        let mut files: Vec<_> =
            std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        let newest: Value =
            serde_json::from_slice(&std::fs::read(files.pop().unwrap()).unwrap()).unwrap();
        (newest["tree"].clone(), newest["counts"].clone())
    };
    assert_eq!(tree("store"), tree("store.replaced-1"));
    let heads = |store: &str| {
        let files = store_files::files(&data.join(store).join("partitions/0/heads"), "");
        files.iter().map(|file| std::fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    assert!(!heads("store").is_empty());
    assert_eq!(heads("store"), heads("store.replaced-1"), "signed heads are kept for ever");
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    assert_eq!(run("rebuild", &data).code, Some(2), "an `up` has the directory");
    assert_eq!(run("rebuild --check", &data).code, Some(0), "beside a running `up`");
    drop(annals);
}

/// Without merges each seal would have one segment more to look into.
#[test]
fn a_rebuild_merges_what_it_seals() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let input = Input::bulk(directory.path(), 50_000, 3);
    let imported = command::finish(
        environment::annals().arg("import").arg(&input.file).arg("--data").arg(&data),
    );
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    let mut command = environment::annals();
    command.arg("rebuild").arg("--data").arg(&data);
    let rebuilt = command::finish(command.env("ANNALS_STORAGE_SEAL_BYTES", "16384"));
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    let newest = store_files::Manifest::newest(&data).unwrap();
    assert!(newest.number > 40, "one for each seal and merge: {}", newest.number);
    assert!(newest.segments.len() < 20, "{}", newest.segments.len());
    let mut live = newest.segment_files(&data);
    live.sort_unstable();
    assert_eq!(store_files::segment_files(&data), live, "what was merged is gone");
    let checked = run("rebuild --check", &data);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
}

/// Half of the topic has expired: its records come from the segments, which is said; the roots are
/// the same.
#[test]
fn what_the_topic_has_lost_comes_from_the_segments() {
    let directory = tempfile::tempdir().unwrap();
    let data = sealed(directory.path());
    let lost = expire(&data);
    let checked = run("rebuild --check", &data);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert!(checked.stderr.contains(&format!("{lost} from segments")), "{}", checked.stderr);
    let reconciled = run("reconcile", &data);
    assert_eq!(reconciled.code, Some(0), "{}", reconciled.stderr);
    let line: Value = serde_json::from_str(&reconciled.stdout).unwrap();
    assert_eq!(line["expired"], lost);
    let rebuilt = run("rebuild", &data);
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    assert_eq!(run("rebuild --check", &data).code, Some(0));
    std::fs::remove_dir_all(data.join("store/partitions")).unwrap();
    let gone = run("rebuild", &data);
    assert_eq!(gone.code, Some(1), "nobody has the first records: {}", gone.stderr);
    assert!(gone.stderr.contains("OffsetGap"), "{}", gone.stderr);
}

/// Removes the older half of the log's files, as retention does; the first offset left.
fn expire(data: &Path) -> u64 {
    let files = store_files::files(&data.join("log/partition-0000"), "log");
    assert!(files.len() > 3, "{files:?}");
    for file in &files[..files.len() / 2] {
        std::fs::remove_file(file).unwrap();
    }
    let first = files[files.len() / 2].file_stem().unwrap().to_str().unwrap();
    first.parse().unwrap()
}

/// A store beside a topic that is not its own: the first difference is named.
#[test]
fn a_topic_that_was_changed_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let data = sealed(directory.path());
    let input = Input::fixture(directory.path(), 8);
    let altered = |line: &str| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        event["description"] = "altered".into();
        Some(event.to_string())
    };
    let cases: [(&str, &Change<'_>, &str); 3] = [
        ("shorter", &|number, line| (number != 700).then(|| line.to_owned()), "OffsetGap"),
        ("cut", &|number, line| (number + 5 < input.lines).then(|| line.to_owned()), "OffsetGap"),
        (
            "altered",
            &|number, line| match number {
                700 => altered(line),
                _ => Some(line.to_owned()),
            },
            "manifest 0, before offset",
        ),
    ];
    for (name, change, expected) in cases {
        let other = directory.path().join(name);
        append(&other, &input, change);
        store_files::copy(&data.join("store"), &other.join("store")).unwrap();
        let finished = run("rebuild --check", &other);
        assert_eq!(finished.code, Some(1), "{name}: {}", finished.stderr);
        assert!(finished.stderr.contains(expected), "{name}: {}", finished.stderr);
        if expected == "OffsetGap" {
            let finished = run("reconcile", &other);
            assert_eq!(finished.code, Some(1), "{name}: {}", finished.stderr);
            assert!(finished.stdout.contains(expected), "{name}: {}", finished.stdout);
        }
    }
}

//! Makes the golden data of the current storage format, `make-golden FORMAT`, or the table of the
//! name fold, `make-golden folds`: once, when it is frozen. What is there already is never made
//! again.
#![allow(clippy::print_stderr, reason = "a tool for developers")]

use std::path::Path;

use annals_tests::bad_records;
use annals_tests::command::{self, Target};
use annals_tests::evidence::{export, key_of, sealing, signed, text, verify};
use annals_tests::fold_table;
use annals_tests::golden::{self, WORKSPACE};
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::log_files::{self, LoggedRecord};
use annals_tests::process::AnnalsProcess;
use annals_tests::store_files;

/// Lines of the fixture taken from its beginning and its end.
const LINES: usize = 320;
/// Seals: the first ones are merged, so that a merged segment is among them.
const PARTS: usize = 4;
/// Merged from so few records on.
const TIERS: &str = "250";
/// What the table of the name fold begins with.
const FOLDS_HEAD: &str = "\
# The name fold, version 1, by Unicode 18: what it makes of every code point that it changes
# between two letters. Hexadecimal; `-` where nothing is left.
";

fn main() {
    let what = std::env::args().nth(1);
    if what.as_deref() == Some("folds") {
        return make_folds();
    }
    let format = what.and_then(|format| format.parse().ok());
    let format: u32 = format.expect("usage: make-golden FORMAT|folds");
    let golden = golden::directory(format);
    assert!(!golden.exists(), "{} is kept for ever", golden.display());
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let data = directory.path().join("data");
    let input = Input::fixture(directory.path(), 1);
    let lines = std::fs::read_to_string(&input.file).expect("the fixture was just written");
    let lines: Vec<&str> = lines.split_inclusive('\n').collect();
    let mut chosen: Vec<&str> = lines[..LINES].to_vec();
    chosen.extend(&lines[lines.len() - LINES..]);
    // Some again: duplicates far from the first.
    chosen.extend(&lines[3..9]);
    for (number, part) in chosen.chunks(chosen.len().div_ceil(PARTS)).enumerate() {
        let file = directory.path().join(format!("part-{number}.ndjson"));
        std::fs::write(&file, part.concat()).expect("a temporary file can be written");
        command::import_all(&file, Target::Data(&data));
        if number + 1 == PARTS {
            append_bad_records(&data);
        }
        seal(&data);
    }
    std::fs::create_dir_all(&golden).expect("a directory can be made");
    store_files::copy(&data.join("store"), &golden.join("store")).expect("a store can be copied");
    let records = log_files::read(&data);
    let lines: String = records.iter().map(|it| golden::record_line(it) + "\n").collect();
    std::fs::write(golden.join("records.ndjson"), lines).expect("a file can be written");
    let key = key_of(&data);
    std::fs::write(golden.join("key.vkey"), format!("{key}\n")).expect("a file can be written");
    let exported = export(&data, &golden.join("export"), &[]);
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    for target in ["store", "export"] {
        let sound = verify(&golden.join(target), &key);
        assert_eq!(sound.code, Some(0), "{}", sound.stderr);
        eprintln!("{}", sound.stdout);
    }
    eprintln!("{} has {} records", text(&golden), records.len());
}

fn make_folds() {
    let table = golden::folds();
    assert!(!table.exists(), "{} is kept for ever", table.display());
    let mut lines = FOLDS_HEAD.to_owned();
    fold_table::lines().for_each(|line| lines += &(line + "\n"));
    std::fs::write(&table, lines).expect("a file can be written");
    eprintln!("{}", text(&table));
}

fn seal(data: &Path) {
    let options = sealing()
        .variable("ANNALS_STORAGE_COMPACTION_TIERS", TIERS)
        .variable("ANNALS_STORAGE_GRACE_SECONDS", "0");
    let annals = AnnalsProcess::start(data, &options);
    List::of(&annals.client("*"), WORKSPACE).settle();
    signed(&annals, data);
    // A merge that is due is under way by now, and stops with the process or is whole.
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert!(annals.stop().success(), "annals up ends cleanly");
}

fn append_bad_records(data: &Path) {
    let mut records = log_files::read(data);
    let LoggedRecord { mut offset, timestamp_ms, .. } = *records.last().expect("a log");
    for bad in bad_records::all() {
        let is_small = bad.value.as_ref().is_none_or(|value| value.len() < 1000);
        if is_small {
            offset += 1;
            let (key, value) = (bad.key.map(|key| key.as_bytes().to_vec()), bad.value);
            records.push(LoggedRecord { offset, timestamp_ms, key, value, headers: Vec::new() });
        }
    }
    log_files::write(data, 0, &[&records]);
}

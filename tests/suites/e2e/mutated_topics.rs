//! No change of the raw topic goes unnoticed: neither by the store that was made of it, nor, if
//! somebody makes the store anew from the changed topic, by the heads that were signed before.

use std::path::{Path, PathBuf};

use annals_tests::bad_records::{self, BadRecord};
use annals_tests::command::{self, Finished, Target};
use annals_tests::evidence::{key_of, settled, text, verify};
use annals_tests::inputs::Input;
use annals_tests::log_files::{self, LoggedRecord};
use annals_tests::random::Random;
use annals_tests::{environment, report, store_files};

/// Changes tried; the soak run tries more.
const MUTATIONS: u64 = 340;
/// Lines of the fixture that are taken: every change is held against all of them.
const LINES: usize = 240;
/// Files that the log is written in.
const FILES: usize = 4;

/// A log that is sealed and signed twice, and the log's files as they were after the first half.
struct Original {
    data: PathBuf,
    key: String,
    records: Vec<LoggedRecord>,
    early: Vec<LoggedRecord>,
}

impl Original {
    fn new(directory: &Path) -> Self {
        let data = directory.join("data");
        let input = Input::fixture(directory, 27);
        let lines = std::fs::read_to_string(&input.file).unwrap();
        let lines: Vec<&str> = lines.split_inclusive('\n').take(LINES).collect();
        let mut early = Vec::new();
        for (number, half) in lines.chunks(LINES / 2).enumerate() {
            let file = directory.join(format!("half-{number}.ndjson"));
            std::fs::write(&file, half.concat()).unwrap();
            command::import_all(&file, Target::Data(&data));
            if number == 1 {
                append_bad_records(&data);
            }
            drop(settled(&data));
            if number == 0 {
                early = log_files::read(&data);
            }
        }
        let records = log_files::read(&data);
        assert!(early.len() >= LINES / 2 && records[..early.len()] == early);
        let key = key_of(&data);
        Self { data, key, records, early }
    }

    /// The topic replayed with nothing but the two heads that were kept and the public key.
    fn replay_alone(&self, data: &Path) -> Finished {
        std::fs::remove_dir_all(data.join("store")).unwrap();
        let heads = store_files::head_files(&self.data);
        let mut words = vec!["replay", "--out", "/dev/null", "--key", &self.key];
        words.extend(heads.iter().flat_map(|head| ["--checkpoint", text(head)]));
        run(&words, data)
    }

    /// The log in several files, beside the store that was made of it.
    fn copy(&self, to: &Path) {
        let _ = std::fs::remove_dir_all(to);
        store_files::copy(&self.data, to).unwrap();
        log_files::write(to, 0, &parts(&self.records));
    }
}

/// Records that become no events, behind the others.
fn append_bad_records(data: &Path) {
    let mut records = log_files::read(data);
    let LoggedRecord { mut offset, timestamp_ms, .. } = *records.last().unwrap();
    let small = |bad: &BadRecord| bad.value.as_ref().is_none_or(|value| value.len() < 1000);
    for bad in bad_records::all().into_iter().filter(small) {
        offset += 1;
        let (key, value) = (bad.key.map(|key| key.as_bytes().to_vec()), bad.value);
        records.push(LoggedRecord { offset, timestamp_ms, key, value, headers: Vec::new() });
    }
    log_files::write(data, 0, &[&records]);
}

fn parts(records: &[LoggedRecord]) -> Vec<&[LoggedRecord]> {
    records.chunks(records.len().div_ceil(FILES)).collect()
}

fn run(words: &[&str], data: &Path) -> Finished {
    command::run(&[words, &["--data", text(data)]].concat())
}

/// A16.2, RELIABILITY 25 and 29: whoever alters, deletes, inserts, repeats or reorders records with
/// all checksums right, cuts the tail, drops a file or brings back an older copy is found by the
/// store, and the first record that differs is named; so is who flips bits in the files.
#[test]
fn a16_2_every_change_of_a_topic_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let original = Original::new(directory.path());
    let changed = directory.path().join("changed");
    original.copy(&changed);
    let untouched = run(&["rebuild", "--check"], &changed);
    assert_eq!(untouched.code, Some(0), "in {FILES} files: {}", untouched.stderr);
    let alone = original.replay_alone(&changed);
    assert_eq!(alone.code, Some(0), "{}", alone.stderr);
    assert_eq!(alone.stderr.matches("records lead to").count(), 2, "{}", alone.stderr);
    let mut random = Random::new(environment::seed("topic mutations"));
    let tries = environment::number("TEST_ANNALS_MUTATIONS", MUTATIONS);
    for number in 0..tries {
        original.copy(&changed);
        let (what, places) = match random.below(8) {
            0 | 1 => damage(&changed, &mut random),
            _ => {
                let (what, place) = rewrite(&original, &changed, &mut random);
                (what, vec![place])
            }
        };
        let finished = run(&["rebuild", "--check"], &changed);
        assert_eq!(finished.code, Some(1), "{number}: {what}: {}", finished.stderr);
        let is_named = places.iter().any(|place| finished.stderr.contains(place));
        assert!(is_named, "{what} at {places:?}: {}", finished.stderr);
        let alone = original.replay_alone(&changed);
        assert_eq!(alone.code, Some(1), "{number}: {what}, without a store: {}", alone.stderr);
    }
    report::line(&format!("{tries} changes of a topic found, each with its place"));
}

/// RELIABILITY 27: topic and store rewritten together. A rebuild refuses to lead signed heads
/// elsewhere; where the heads were put aside meanwhile, `verify` finds it.
#[test]
fn a16_2_a_history_written_anew_does_not_lead_to_the_signed_heads() {
    let directory = tempfile::tempdir().unwrap();
    let original = Original::new(directory.path());
    let changed = directory.path().join("changed");
    let mut random = Random::new(environment::seed("rewritten histories"));
    let tries = environment::number("TEST_ANNALS_MUTATIONS", MUTATIONS) / 10;
    let heads = Path::new("store/partitions/0/heads");
    for number in 0..tries {
        original.copy(&changed);
        let (what, place) = rewrite(&original, &changed, &mut random);
        let refused = run(&["rebuild"], &changed);
        assert_eq!(refused.code, Some(1), "{number}: {what}: {}", refused.stderr);
        let is_placed = refused.stderr.contains(&place)
            || place.starts_with("OffsetGap") && refused.stderr.contains("records was signed");
        assert!(is_placed, "{what} at {place}: {}", refused.stderr);
        assert!(!changed.join("store.replaced-1").exists(), "the store stays in its place");
        std::fs::remove_dir_all(changed.join("store/partitions")).unwrap();
        let rebuilt = run(&["rebuild"], &changed);
        let is_whole = !what.starts_with("a file dropped");
        assert_eq!(rebuilt.code == Some(0), is_whole, "{what}: {}", rebuilt.stderr);
        store_files::copy(&original.data.join(heads), &changed.join(heads)).unwrap();
        let finished = verify(&changed, &original.key);
        assert_eq!(finished.code, Some(1), "{number}: {what}: {}", finished.stdout);
        let is_placed = finished.stderr.contains("partition 0, offset")
            || finished.stderr.contains("records was signed");
        assert!(is_placed, "{what}: {}", finished.stderr);
    }
    report::line(&format!("{tries} rewritten histories do not lead to the signed heads"));
}

fn pick(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.below(count as u64)).unwrap()
}

/// Damages a file; the file is the place.
fn damage(data: &Path, random: &mut Random) -> (String, Vec<String>) {
    let mut files = store_files::files(&log_files::partition(data, 0), "log");
    files.sort_unstable();
    let number = pick(random, files.len());
    let file = &files[number];
    let name_of = |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().to_owned();
    let name = name_of(file);
    let mut bytes = std::fs::read(file).unwrap();
    let at = pick(random, bytes.len());
    let what = match random.below(4) {
        0 => {
            bytes.truncate(at);
            "cut"
        }
        1 => {
            bytes.remove(at);
            "a byte less"
        }
        _ => {
            bytes[at] ^= 1 << random.below(8);
            "a bit flipped"
        }
    };
    std::fs::write(file, bytes).unwrap();
    // Cut between two frames a file is sound: the next one does not follow it.
    let next = files.get(number + 1).filter(|_| what == "cut").map(name_of);
    (format!("{name}: {what} at {at}"), std::iter::once(name).chain(next).collect())
}

/// Rewrites the log with all checksums right; what was done, and the place that has to be named.
fn rewrite(original: &Original, data: &Path, random: &mut Random) -> (String, String) {
    loop {
        let mut records = original.records.clone();
        let at = pick(random, records.len() - 3);
        let what = change(&mut records, original, at, random);
        let is_dropped = what == "a file dropped";
        if !is_dropped {
            (0..).zip(&mut records).for_each(|(offset, record)| record.offset = offset);
        }
        let pairs = records.iter().zip(&original.records);
        let place = match pairs.clone().position(|(changed, record)| changed != record) {
            _ if is_dropped => "damaged".to_owned(),
            Some(first) => format!("partition 0, offset {first}"),
            None if records.len() < original.records.len() => {
                format!("OffsetGap: partition 0: the log holds 0..{}", records.len())
            }
            // The records that were exchanged are the same, or stand behind all others.
            None => continue,
        };
        let parts = match is_dropped {
            true => records.chunk_by(|a, b| a.offset + 1 == b.offset).collect(),
            false => parts(&records),
        };
        log_files::write(data, 0, &parts);
        return (format!("{what} at {at}"), place);
    }
}

fn change(
    records: &mut Vec<LoggedRecord>,
    original: &Original,
    at: usize,
    random: &mut Random,
) -> &'static str {
    let other = records[pick(random, records.len())].clone();
    match random.below(14) {
        kind @ 0..6 => alter(&mut records[at], other, kind, random),
        6 => {
            records.remove(at);
            "a record deleted"
        }
        7 => {
            records.insert(at, other);
            "a record inserted"
        }
        8 => {
            records.swap(at, at + 2);
            "two records swapped"
        }
        9 => {
            records[at..at + 3].rotate_left(1);
            "three records in another order"
        }
        10 => {
            let (first, second) = (records[at].timestamp_ms, records[at + 1].timestamp_ms + 1);
            (records[at].timestamp_ms, records[at + 1].timestamp_ms) = (second, first);
            "two times exchanged"
        }
        11 => {
            records.truncate(at.max(1));
            "the tail cut"
        }
        12 => {
            let part = records.len().div_ceil(FILES);
            records.drain(part..2 * part);
            "a file dropped"
        }
        _ => {
            records.clone_from(&original.early);
            "an older copy"
        }
    }
}

fn alter(
    record: &mut LoggedRecord,
    other: LoggedRecord,
    kind: u64,
    random: &mut Random,
) -> &'static str {
    match kind {
        0 => {
            let value = record.value.get_or_insert_with(|| b"x".to_vec());
            let byte = pick(random, value.len().max(1));
            match value.get_mut(byte) {
                Some(byte) => *byte ^= 1 << random.below(8),
                None => value.push(0),
            }
            "a bit of a value flipped"
        }
        1 => {
            record.timestamp_ms += 1 + i64::try_from(random.below(1000)).unwrap();
            "a time altered"
        }
        2 => {
            let value = String::from_utf8(record.value.clone().unwrap_or_default());
            let renamed = value.unwrap_or_default().replacen("\"name\":\"", "\"name\":\"x", 1);
            record.value = Some(renamed.into_bytes());
            "a name altered"
        }
        3 => {
            record.headers.push(("x".into(), None));
            "a header added"
        }
        4 => {
            record.key = other.key;
            "a key altered"
        }
        _ => {
            record.value = if record.value.is_none() { Some(Vec::new()) } else { None };
            "a value taken away"
        }
    }
}

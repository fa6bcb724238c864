//! An export verifies wherever it lies, and no change of it goes unnoticed.

use std::path::{Path, PathBuf};

use annals_tests::command::{self, Target};
use annals_tests::evidence::{export, imported_and_signed, key_of, settled, text, verify};
use annals_tests::random::Random;
use annals_tests::{environment, report, store_files};
use serde_json::Value;

/// Changes tried; the soak run tries more.
const MUTATIONS: u64 = 340;

const BUNDLE: [&str; 7] = [
    "README.txt",
    "checkpoint",
    "events.ndjson",
    "key.vkey",
    "manifest.json",
    "proofs/hashes",
    "proofs/records",
];

/// A16.2, A16.3: an export verifies wherever it lies, offline, with the key alone, and says what is
/// not proven; every change is found and its place is named.
#[test]
fn a16_2_every_change_of_an_export_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let (input, data) = imported_and_signed(directory.path(), 24);
    let key = key_of(&data);
    let out = directory.path().join("out");
    let exported = export(&data, &out, &[]);
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    assert_eq!(export(&data, &out, &[]).code, Some(2), "it is there already");
    let filtered = directory.path().join("filtered");
    let flags = ["--action", "segment.*", "--resource-name", "vip"];
    assert_eq!(export(&data, &filtered, &flags).code, Some(0));
    let resigned = resigned(directory.path(), &data, &input.file);
    // Nothing else of the installation is needed.
    std::fs::rename(&data, directory.path().join("gone")).unwrap();
    for bundle in [&out, &filtered] {
        let sound = verify(bundle, &key);
        assert_eq!(sound.code, Some(0), "{}", sound.stderr);
        assert!(sound.stdout.contains("not proven"), "{}", sound.stdout);
    }
    assert_eq!(command::run(&["verify", text(&out)]).code, Some(2));
    let embedded = command::run(&["verify", text(&out), "--trust-embedded"]);
    assert_eq!(embedded.code, Some(0));
    assert!(embedded.stdout.contains("SHA-256"), "{}", embedded.stdout);
    let foreign = verify(&resigned, &key);
    assert_eq!(foreign.code, Some(1), "{}", foreign.stdout);
    let seed = environment::seed("export mutations");
    let mut random = Random::new(seed);
    let changed = directory.path().join("changed");
    let tries = environment::number("TEST_ANNALS_MUTATIONS", MUTATIONS);
    for number in 0..tries {
        let _ = std::fs::remove_dir_all(&changed);
        store_files::copy(&out, &changed).unwrap();
        let others = [filtered.as_path(), resigned.as_path()];
        let (what, touched) = mutate(&changed, others[pick(&mut random, 2)], &mut random);
        let finished = verify(&changed, &key);
        assert_eq!(finished.code, Some(1), "{number}: {what}: {}", finished.stdout);
        let said = finished.stderr.strip_prefix("annals: not sound: ").unwrap();
        // What may follow a place: where rows and records are told apart, no other line or byte.
        let (places, ends): (_, &[char]) = match touched {
            Touched::Bytes(name @ ("events.ndjson" | "proofs/records")) => {
                (places(&out, &changed, name), &[':', ','])
            }
            Touched::Bytes(name) | Touched::File(name) => (vec![name.to_owned()], &[':', ' ']),
            Touched::Exchanged => (BUNDLE.map(str::to_owned).to_vec(), &[':', ' ']),
        };
        let is_named = |place: &String| {
            said.strip_prefix(place.as_str()).is_some_and(|rest| rest.starts_with(ends))
        };
        assert!(places.iter().any(is_named), "{what}: {places:?}: {said}");
    }
    report::line(&format!("{tries} changes of an export found, each with its place"));
}

/// The same log under the same id in an installation with another key, one event altered: sealed,
/// signed and exported as if it were the real one.
fn resigned(directory: &Path, data: &Path, input: &Path) -> PathBuf {
    let other = directory.join("other");
    for identity in ["store/log.json", "log/log.meta"] {
        let target = other.join(identity);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(data.join(identity), target).unwrap();
    }
    let text_of = std::fs::read_to_string(input).unwrap();
    let altered = directory.join("altered.ndjson");
    std::fs::write(&altered, text_of.replacen("\"u1\"", "\"u2\"", 1)).unwrap();
    command::import_all(&altered, Target::Data(&other));
    drop(settled(&other));
    let out = directory.join("resigned");
    let exported = export(&other, &out, &[]);
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    let own = verify(&out, &key_of(&other));
    assert_eq!(own.code, Some(0), "it is sound to who trusts that key: {}", own.stderr);
    out
}

fn pick(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.below(count as u64)).unwrap()
}

/// Where a change lies.
enum Touched {
    /// In the file as a whole.
    File(&'static str),
    /// From the first byte of a file that differs.
    Bytes(&'static str),
    /// A whole file is one of another export: any that it does not fit may be named.
    Exchanged,
}

/// The places of which one has to be named: as near as the verifier can know.
fn places(original: &Path, changed: &Path, name: &'static str) -> Vec<String> {
    let read = |bundle: &Path| std::fs::read(bundle.join(name)).unwrap();
    let (before, after) = (read(original), read(changed));
    let at = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    if name == "proofs/records" {
        return record_places(&before, at);
    }
    let (before, after) = (lines_of(&before), lines_of(&after));
    let pairs = || before.iter().zip(&after);
    let line = pairs().take_while(|(one, other)| one == other).count();
    let place = |line: usize| match before.get(line).and_then(|row| row_of(row)) {
        Some(row) => format!("{name} line {}, offset {}", line + 1, row["position"]["offset"]),
        // A row behind the last record.
        None => format!("{name} line {}", line + 1),
    };
    let mut changed = pairs().filter(|(one, other)| one != other);
    let is_as_recorded = before.len() == after.len()
        && changed
            .all(|(one, other)| recorded(one).is_some_and(|row| recorded(other) == Some(row)));
    if !is_as_recorded {
        return vec![place(line)];
    }
    // No record has what rows say of the present; a seq is held against its neighbours.
    let whole = [name, "manifest.json"].map(str::to_owned);
    whole.into_iter().chain([place(line), place(line + 1)]).collect()
}

fn lines_of(file: &[u8]) -> Vec<&[u8]> {
    file.split_inclusive(|byte| *byte == b'\n').collect()
}

fn row_of(line: &[u8]) -> Option<Value> {
    serde_json::from_slice(line.strip_suffix(b"\n")?).ok()
}

/// A row without what stands in no record; `None` if it is none.
fn recorded(line: &[u8]) -> Option<Value> {
    fn strip(row: &mut Value, members: &[&str]) {
        if let Some(row) = row.as_object_mut() {
            row.retain(|name, _| !members.contains(&name.as_str()));
        }
    }
    let mut row = row_of(line)?;
    strip(&mut row, &["seq", "action_label", "clock", "late_by_seconds", "effective_at"]);
    for actor in ["/actor", "/actor/on_behalf_of"] {
        row.pointer_mut(actor).into_iter().for_each(|actor| strip(actor, &["status"]));
    }
    let resources = row.get_mut("resources").and_then(Value::as_array_mut);
    for resource in resources.into_iter().flatten() {
        strip(resource, &["current_name", "deleted", "matched_name"]);
    }
    Some(row)
}

/// Bytes of a frame before the lengths of value and headers: index, entry, whether it holds them.
const FRAME_HEAD_BYTES: usize = 8 + 151 + 1;

/// The frame that a byte of `proofs/records` lies in, as docs/EVIDENCE.md draws it, named by its
/// first byte. What should not be held is taken for the next frame; a wrong index, or a frame that
/// is lacking, is noticed by the root and the counts alone; a wrong time or header by the row.
fn record_places(file: &[u8], at: usize) -> Vec<String> {
    let (mut start, mut held, mut frames) = (0, 0, Vec::new());
    while start < file.len() {
        let mut end = start + FRAME_HEAD_BYTES;
        let is_held = file[end - 1] == 1;
        for _ in 0..if is_held { 2 } else { 0 } {
            let length = u32::from_be_bytes(*file[end..].first_chunk().unwrap());
            end += 4 + usize::try_from(length).unwrap();
        }
        held += usize::from(is_held);
        frames.push((start..end, held));
        start = end;
    }
    let one = frames.iter().position(|(frame, _)| frame.contains(&at)).unwrap_or(frames.len());
    let near = &frames[one.min(frames.len() - 1)..frames.len().min(one + 2)];
    let bytes = near.iter().flat_map(|(frame, _)| [frame.start, frame.start + FRAME_HEAD_BYTES]);
    let lines = near.iter().map(|(_, line)| format!("events.ndjson line {line}"));
    let whole = ["proofs/hashes", "manifest.json"].map(str::to_owned);
    bytes.map(|at| format!("proofs/records byte {at}")).chain(lines).chain(whole).collect()
}

/// Changes something that makes a difference; says what, and where.
fn mutate(bundle: &Path, other: &Path, random: &mut Random) -> (String, Touched) {
    let name = BUNDLE[pick(random, BUNDLE.len())];
    let foreign = std::fs::read(other.join(name)).unwrap();
    let mut bytes = std::fs::read(bundle.join(name)).unwrap();
    let (at, kind) = (pick(random, bytes.len()), random.below(14));
    let what = match kind {
        0 => {
            std::fs::remove_file(bundle.join(name)).unwrap();
            return (format!("{name} removed"), Touched::File(name));
        }
        1 => {
            std::fs::write(bundle.join("more"), b"x").unwrap();
            return ("a file added".to_owned(), Touched::File("more"));
        }
        // The head, and what leads to it, may be the same in both.
        2 | 3 if foreign != bytes => {
            std::fs::write(bundle.join(name), foreign).unwrap();
            return (format!("{name} of {}", other.display()), Touched::Exchanged);
        }
        4 => {
            bytes.truncate(at);
            format!("{name} cut")
        }
        5 => {
            bytes.remove(at);
            format!("{name} without byte {at}")
        }
        6 => {
            bytes.insert(at, b' ');
            format!("{name} with a byte more at {at}")
        }
        2..=8 => {
            bytes[at] ^= 1 << random.below(8);
            format!("{name}, a bit of byte {at} flipped")
        }
        _ => {
            let rows = "events.ndjson";
            return (mutate_rows(&bundle.join(rows), random), Touched::Bytes(rows));
        }
    };
    std::fs::write(bundle.join(name), bytes).unwrap();
    (what, Touched::Bytes(name))
}

fn mutate_rows(file: &Path, random: &mut Random) -> String {
    let rows = std::fs::read_to_string(file).unwrap();
    let mut lines: Vec<String> = rows.lines().map(str::to_owned).collect();
    let (one, two) = (pick(random, lines.len() - 3), lines.len() - 1);
    let what = match random.below(7) {
        0 => {
            lines.swap(one, two);
            "two rows swapped"
        }
        1 => {
            lines[one..one + 3].rotate_left(1);
            "rows in another order"
        }
        2 => {
            lines.remove(one);
            "a row deleted"
        }
        3 => {
            lines.pop();
            "the last row deleted"
        }
        4 => {
            lines.insert(one, lines[two].clone());
            "a row repeated"
        }
        5 => {
            lines[one] = lines[one].replacen("\"recorded_at\":\"2", "\"recorded_at\":\"1", 1);
            "a time altered"
        }
        _ => {
            // Every row names its workspace's people or things somewhere.
            lines[one] = lines[one].replacen("\"name\":\"", "\"name\":\"x", 1);
            "a name altered"
        }
    };
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    if text == rows {
        // The row has no name: its action has one.
        std::fs::write(file, rows.replacen("\"action\":\"", "\"action\":\"x", 1)).unwrap();
        return "an action altered".to_owned();
    }
    std::fs::write(file, text).unwrap();
    format!("{what}, from row {one}")
}

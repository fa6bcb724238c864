//! An export verifies wherever it lies, and no change of it goes unnoticed.

use std::path::{Path, PathBuf};

use annals_tests::command::{self, Target};
use annals_tests::evidence::{export, imported, key_of, settled, text, verify};
use annals_tests::random::Random;
use annals_tests::{environment, report, store_files};

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
    let (input, data) = imported(directory.path(), 24);
    drop(settled(&data));
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
        let what = mutate(&changed, others[pick(&mut random, 2)], &mut random);
        let finished = verify(&changed, &key);
        assert_eq!(finished.code, Some(1), "{number}: {what}: {}", finished.stdout);
        let named = finished.stderr.trim_start_matches("annals: not sound: ");
        let file = named.split([' ', ':']).next().unwrap_or_default();
        assert!(BUNDLE.contains(&file) || file == "more", "{what}: {}", finished.stderr);
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

/// Changes something that makes a difference; says what.
fn mutate(bundle: &Path, other: &Path, random: &mut Random) -> String {
    let name = BUNDLE[pick(random, BUNDLE.len())];
    let foreign = std::fs::read(other.join(name)).unwrap();
    let mut bytes = std::fs::read(bundle.join(name)).unwrap();
    let (at, kind) = (pick(random, bytes.len()), random.below(14));
    let what = match kind {
        0 => {
            std::fs::remove_file(bundle.join(name)).unwrap();
            return format!("{name} removed");
        }
        1 => {
            std::fs::write(bundle.join("more"), b"x").unwrap();
            return "a file added".to_owned();
        }
        // The head, and what leads to it, may be the same in both.
        2 | 3 if foreign != bytes => {
            bytes = foreign;
            format!("{name} of {}", other.display())
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
        _ => return mutate_rows(&bundle.join("events.ndjson"), random),
    };
    std::fs::write(bundle.join(name), bytes).unwrap();
    what
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

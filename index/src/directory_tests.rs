//! Directories that are taken, damaged, foreign or of another origin.

use std::collections::BTreeMap;

use super::*;
use crate::PartitionIndex;
use crate::fixture::{self, open};

const NAMES: u32 = 300;

/// Two segments of names: every file of an index is there, none of them empty.
fn fill(directory: &Path) {
    let index = open(directory);
    for half in 0..2 {
        for code in half * NAMES / 2..(half + 1) * NAMES / 2 {
            index.add("a", code, &format!("list {code}")).unwrap();
            index.add("b", code, "vip").unwrap();
        }
        index.commit().unwrap();
    }
    assert_eq!(index.segments(), 2);
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

fn files(directory: &Path) -> Files {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn restore(directory: &Path, files: &Files) {
    fs::remove_dir_all(directory).unwrap();
    fs::create_dir_all(directory).unwrap();
    for (path, bytes) in files {
        fs::write(path, bytes).unwrap();
    }
}

/// The index opens: either as it was, answering right, or empty.
fn is_whole_or_empty(index: &PartitionIndex) -> bool {
    let pin = index.pin_names("a");
    match (pin.covered(), index.covered("b")) {
        (NAMES, NAMES) => {
            for code in 0..NAMES {
                let name = format!("list {code}");
                assert!(pin.candidates(&[&name]).unwrap().contains(&code), "{name}");
            }
            true
        }
        (0, 0) => index.segments() == 0,
        _ => false,
    }
}

#[test]
fn a_damaged_file_never_makes_a_wrong_answer() {
    let directory = fixture::directory();
    let directory = directory.path();
    fill(directory);
    let whole = files(directory);
    for (path, bytes) in &whole {
        let mut damages = vec![None, Some(vec![])];
        damages.extend(
            [1, bytes.len() / 2].map(|cut| Some(bytes[..bytes.len().saturating_sub(cut)].to_vec())),
        );
        for at in (0..bytes.len()).step_by(bytes.len() / 4 + 1) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 7);
            damages.push(Some(flipped));
        }
        for damaged in damages {
            restore(directory, &whole);
            match damaged {
                Some(bytes) => fs::write(path, bytes).unwrap(),
                None => fs::remove_file(path).unwrap(),
            }
            assert!(is_whole_or_empty(&open(directory)), "{}", path.display());
        }
    }
}

#[test]
fn a_damaged_index_begins_empty_and_is_fed_again() {
    let directory = fixture::directory();
    fill(directory.path());
    for (path, bytes) in files(directory.path()) {
        if path.extension().is_some_and(|extension| extension == "idx") {
            fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        }
    }
    assert_eq!(open(directory.path()).names(), 0);
    fill(directory.path());
    let index = open(directory.path());
    assert_eq!(index.names(), u64::from(2 * NAMES));
    assert!(is_whole_or_empty(&index));
}

#[test]
fn a_segment_that_is_lost_or_there_twice_is_found() {
    let directory = fixture::directory();
    let directory = directory.path();
    fill(directory);
    let whole = files(directory);
    let meta = fs::read_to_string(directory.join("meta.json")).unwrap();
    let start = meta.find("\"segments\": [").unwrap() + "\"segments\": [".len();
    let end = start + meta[start..].find("\n  ]").unwrap();
    let segments: Vec<&str> = meta[start..end].split("},\n").collect();
    assert_eq!(segments.len(), 2, "{meta}");
    // Either of the two alone, and one of them twice.
    let first = format!("{}}}", segments[0]);
    for kept in [first.clone(), segments[1].to_owned(), format!("{first},{first}")] {
        restore(directory, &whole);
        let changed = format!("{}{kept}{}", &meta[..start], &meta[end..]);
        fs::write(directory.join("meta.json"), changed).unwrap();
        let index = open(directory);
        // The first codes alone are a whole, smaller index.
        assert!([0, NAMES / 2].contains(&index.covered("a")), "{kept}");
        let candidates = index.pin_names("a").candidates(&["list"]).unwrap();
        assert_eq!(candidates, (0..index.covered("a")).collect::<Vec<_>>());
    }
}

#[test]
fn another_origin_or_format_begins_empty() {
    let directory = fixture::directory();
    let directory = directory.path();
    fill(directory);
    assert_eq!(open(directory).names(), u64::from(2 * NAMES));
    let other = PartitionIndex::open(directory, "log 7, partition 1").unwrap();
    assert_eq!(other.names(), 0);
    drop(other);
    fill(directory);
    let marker = fs::read_to_string(directory.join(MARKER)).unwrap();
    fs::write(directory.join(MARKER), marker.replace("grams 1", "grams 0")).unwrap();
    assert_eq!(open(directory).names(), 0);
    assert_eq!(fs::read_to_string(directory.join(MARKER)).unwrap(), marker);
}

#[test]
fn files_of_others_are_left_alone() {
    let directory = fixture::directory();
    let directory = directory.path();
    fill(directory);
    fs::write(directory.join("notes.txt"), "mine").unwrap();
    fs::create_dir(directory.join("segments")).unwrap();
    fs::write(directory.join(MARKER), "of something else").unwrap();
    assert_eq!(open(directory).names(), 0);
    assert_eq!(fs::read_to_string(directory.join("notes.txt")).unwrap(), "mine");
    assert!(directory.join("segments").is_dir());
    let left = files_of_segments(directory);
    assert_eq!(left, 0, "files of the old index are left");
}

fn files_of_segments(directory: &Path) -> usize {
    let entries = fs::read_dir(directory).unwrap();
    entries
        .filter(|entry| is_segment_file(entry.as_ref().unwrap().file_name().to_str().unwrap()))
        .count()
}

#[test]
fn a_directory_is_open_once() {
    let directory = fixture::directory();
    let index = open(directory.path());
    index.add("a", 0, "vip").unwrap();
    let second = PartitionIndex::open(directory.path(), "log 7, partition 0").err().unwrap();
    assert!(
        matches!(&second, IndexError::Locked { directory: locked } if locked == directory.path())
    );
    assert!(second.is_retryable());
    drop(index);
    assert_eq!(open(directory.path()).names(), 0);
}

#[test]
fn a_file_in_the_way_is_an_error() {
    let directory = fixture::directory();
    let file = directory.path().join("names");
    fs::write(&file, "").unwrap();
    let error = PartitionIndex::open(&file, "").err().unwrap();
    assert!(matches!(error, IndexError::Io { action: "make the directory", .. }), "{error}");
}

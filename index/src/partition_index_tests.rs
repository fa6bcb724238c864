//! The index against brute force, across commits, merges and restarts.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::fixture::{self, name, open};

/// Ids that are prefixes of each other, and one that looks like a term of another's.
const WORKSPACES: [&str; 5] = ["a", "ab", "abc", "", "\u{0}\u{0}\u{0}\u{0}a"];

#[derive(Debug, Clone)]
enum Step {
    Add(usize, String),
    Commit,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        24 => (0..WORKSPACES.len(), name()).prop_map(|(at, name)| Step::Add(at, name)),
        2 => Just(Step::Commit),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 20..200)
}

/// Parts as they come out of a search text, and pieces of names with spaces in them.
fn needles() -> impl Strategy<Value = Vec<Vec<String>>> {
    let part = prop_oneof!["[a-ceéж東京😀-]{1,4}", "[a-ce]{1,2} [a-ceж]{1,2}", "[a-ce]{5,6}"];
    prop::collection::vec(prop::collection::vec(part, 1..4), 30)
}

type Names = BTreeMap<&'static str, Vec<String>>;

fn check_against_brute_force(index: &PartitionIndex, names: &Names, needles: &[Vec<String>]) {
    for (workspace, names) in names {
        let pin = index.pin_names(workspace);
        assert_eq!(pin.covered() as usize, names.len());
        for needle in needles {
            let parts: Vec<&str> = needle.iter().map(String::as_str).collect();
            let matching: Vec<u32> = (0..)
                .zip(names)
                .filter(|(_, name)| parts.iter().all(|part| name.contains(part)))
                .map(|(code, _)| code)
                .collect();
            let candidates = pin.candidates(&parts).unwrap();
            let bound = pin.bound(&parts).unwrap() as usize;
            assert!(candidates.is_sorted_by(|a, b| a < b), "{candidates:?}");
            assert!(candidates.iter().all(|code| *code < pin.covered()));
            assert!(
                matching.iter().all(|code| candidates.binary_search(code).is_ok()),
                "{parts:?} in {names:?}: {candidates:?} lacks some of {matching:?}"
            );
            assert!(candidates.len() <= bound, "{parts:?}: {candidates:?} above {bound}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_matching_name_is_missing_from_the_candidates(steps in steps(), needles in needles()) {
        let directory = fixture::directory();
        let mut index = open(directory.path());
        let mut names = Names::new();
        let mut committed = Names::new();
        for step in steps {
            match step {
                Step::Add(at, name) => {
                    let own = names.entry(WORKSPACES[at]).or_default();
                    let code = u32::try_from(own.len()).unwrap();
                    prop_assert!(index.add(WORKSPACES[at], code, &name).unwrap());
                    own.push(name);
                }
                Step::Commit => {
                    index.commit().unwrap();
                    committed = names.clone();
                }
                Step::Reopen => {
                    drop(index);
                    index = open(directory.path());
                    names = committed.clone();
                    for workspace in WORKSPACES {
                        let kept = names.get(workspace).map_or(0, Vec::len);
                        prop_assert_eq!(index.covered(workspace) as usize, kept);
                    }
                }
            }
        }
        check_against_brute_force(&index, &committed, &needles);
        index.commit().unwrap();
        check_against_brute_force(&index, &names, &needles);
    }
}

#[test]
fn a_pin_sees_the_last_commit_and_stays_as_it_is() {
    let directory = fixture::directory();
    let index = open(directory.path());
    let before = index.pin_names("a");
    assert!(index.add("a", 0, "vip eu").unwrap());
    assert_eq!(index.covered("a"), 0);
    index.commit().unwrap();
    let first = index.pin("a").unwrap();
    for code in 1..40 {
        assert!(index.add("a", code, "vip us").unwrap());
        index.commit().unwrap();
    }
    assert_eq!((before.covered(), before.candidates(&["vip"]).unwrap()), (0, vec![]));
    assert_eq!((first.covered(), first.candidates(&["vip"]).unwrap()), (1, vec![0]));
    assert_eq!(first.bound(&["vip", "us"]).unwrap(), 0);
    let last = index.pin_names("a");
    assert_eq!(last.candidates(&["us"]).unwrap(), (1..40).collect::<Vec<_>>());
    assert_eq!(last.candidates(&["eu"]).unwrap(), [0]);
    assert!(index.segments() < 4, "{} segments", index.segments());
}

#[test]
fn texts_without_a_gram_are_answered_with_every_name() {
    let directory = fixture::directory();
    let index = open(directory.path());
    for code in 0..3 {
        index.add("a", code, "").unwrap();
    }
    index.commit().unwrap();
    let pin = index.pin_names("a");
    for parts in [&[][..], &[""], &[" "]] {
        assert_eq!(pin.bound(parts).unwrap(), 3);
        assert_eq!(pin.candidates(parts).unwrap(), [0, 1, 2]);
    }
    assert_eq!(index.pin_names("b").candidates(&["a"]).unwrap(), Vec::<u32>::new());
}

#[test]
fn codes_come_in_order_and_only_once() {
    let directory = fixture::directory();
    let index = open(directory.path());
    assert!(index.add("a", 0, "x").unwrap());
    assert!(!index.add("a", 0, "y").unwrap());
    let gap = index.add("a", 2, "z").unwrap_err();
    assert_eq!(gap.to_string(), "name index: workspace \"a\" needs code 1 next, not 2");
    assert!(!gap.is_retryable());
    index.commit().unwrap();
    assert!(!index.add("a", 0, "y").unwrap());
    assert_eq!(index.pin_names("a").candidates(&["y"]).unwrap(), Vec::<u32>::new());
    assert_eq!(index.next_code("a").unwrap(), 1);
}

#[test]
fn what_is_not_committed_is_forgotten_and_can_be_fed_again() {
    let directory = fixture::directory();
    let index = open(directory.path());
    index.add("a", 0, "kept").unwrap();
    index.commit().unwrap();
    index.add("a", 1, "lost").unwrap();
    index.add("b", 0, "lost").unwrap();
    drop(index);
    let index = open(directory.path());
    assert_eq!((index.covered("a"), index.covered("b")), (1, 0));
    assert!(index.add("b", 0, "found").unwrap());
    assert!(index.add("a", 1, "found").unwrap());
    index.commit().unwrap();
    assert_eq!(index.pin_names("a").candidates(&["lost"]).unwrap(), Vec::<u32>::new());
    assert_eq!(index.pin_names("b").candidates(&["found"]).unwrap(), [0]);
}

#[test]
fn many_names_in_several_segments_keep_ascending_codes() {
    let directory = fixture::directory();
    let index = open(directory.path());
    for round in 0..5 {
        for code in round * 2_000..(round + 1) * 2_000 {
            let name = format!("list {code} {}", if code % 3 == 0 { "fizz" } else { "plain" });
            index.add("a", code, &name).unwrap();
            index.add("b", code, "list").unwrap();
        }
        index.commit().unwrap();
    }
    let pin = index.pin_names("a");
    let thirds: Vec<u32> = (0..10_000).filter(|code| code % 3 == 0).collect();
    assert_eq!(pin.candidates(&["fizz", "list"]).unwrap(), thirds);
    assert_eq!(pin.bound(&["fizz", "list"]).unwrap(), 3_334);
    assert!(pin.candidates(&["9999"]).unwrap().contains(&9_999));
}

#[test]
fn a_directory_that_vanishes_is_an_error_until_it_is_opened_again() {
    let directory = fixture::directory();
    let index = open(directory.path());
    index.add("a", 0, "vip").unwrap();
    index.commit().unwrap();
    std::fs::remove_dir_all(directory.path()).unwrap();
    // Tantivy may notice when it is given the name or when it is to keep it.
    let failed = index.add("a", 1, "eu").and_then(|_| index.commit()).unwrap_err();
    assert!(failed.is_retryable(), "{failed}");
    assert!(index.add("a", 1, "eu").is_err());
    // What was open stays readable.
    assert_eq!(index.pin_names("a").candidates(&["vip"]).unwrap(), [0]);
    drop(index);
    let index = open(directory.path());
    assert_eq!(index.covered("a"), 0);
    assert!(index.add("a", 0, "vip").unwrap());
    index.commit().unwrap();
    assert_eq!(index.covered("a"), 1);
}

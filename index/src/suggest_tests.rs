//! Type-ahead: examples of each rank, and brute force over small alphabets.

use proptest::prelude::*;

use crate::PartitionIndex;
use crate::fixture::{self, open};
use crate::typo::begins_with_one_typo;

fn suggested(names: &[&str], text: &str, limit: usize) -> Vec<String> {
    let directory = fixture::directory();
    let index = open(directory.path());
    add_all(&index, names);
    let name_of = |code: u32| names.get(code as usize).map(|name| (*name).to_owned());
    let codes = index.pin_names("a").suggest_with(text, limit, &name_of).unwrap();
    codes.iter().map(|code| names[*code as usize].to_owned()).collect()
}

fn add_all(index: &PartitionIndex, names: &[&str]) {
    for (code, name) in (0..).zip(names) {
        index.add("a", code, name).unwrap();
        index.add("b", code, "pipeline").unwrap();
    }
    index.commit().unwrap();
}

#[test]
fn word_beginnings_come_before_substrings_and_those_before_typos() {
    let names = ["pripeline", "oil pipeline", "pipeline", "a-pipeline", "lists", "pipelines"];
    assert_eq!(
        suggested(&names, "pipel", 10),
        ["pipeline", "pipelines", "oil pipeline", "a-pipeline", "pripeline"]
    );
    assert_eq!(suggested(&names, "pipel", 3), ["pipeline", "pipelines", "oil pipeline"]);
}

#[test]
fn a_typo_is_forgiven_in_words_of_four_characters_and_more() {
    let names = ["zürich", "north zoo", "東京都庁リスト"];
    assert_eq!(suggested(&names, "züirch", 10), ["zürich"]);
    assert_eq!(suggested(&names, "zürih", 10), ["zürich"]);
    assert_eq!(suggested(&names, "nroth", 10), ["north zoo"]);
    assert_eq!(suggested(&names, "nor", 10), ["north zoo"]);
    assert_eq!(suggested(&names, "nrt", 10), Vec::<String>::new());
    assert_eq!(suggested(&names, "東京道庁", 10), ["東京都庁リスト"]);
    assert_eq!(suggested(&names, "zoo nroth", 10), ["north zoo"]);
}

#[test]
fn ties_go_to_the_shorter_name_then_to_the_older_one() {
    let names = ["list ab", "list a", "list bb", "list b"];
    assert_eq!(suggested(&names, "li", 10), ["list a", "list b", "list ab", "list bb"]);
    assert_eq!(suggested(&names, "", 10), Vec::<String>::new());
    assert_eq!(suggested(&names, "li", 0), Vec::<String>::new());
}

#[test]
fn names_the_caller_does_not_know_are_left_out() {
    let directory = fixture::directory();
    let index = open(directory.path());
    add_all(&index, &["vip", "vip eu"]);
    let only_second = |code: u32| (code == 1).then(|| "vip eu".to_owned());
    let codes = index.pin_names("a").suggest_with("vip", 10, &only_second).unwrap();
    assert_eq!(codes, [1]);
}

/// The three ranks as they are defined, over every name.
fn brute_force(names: &[String], text: &str) -> Vec<u32> {
    let parts: Vec<&str> = text.split(' ').filter(|part| !part.is_empty()).collect();
    let begins =
        |name: &str| parts.iter().all(|part| format!(" {name}").contains(&format!(" {part}")));
    let contains = |name: &str| parts.iter().all(|part| name.contains(part));
    let mistyped = |name: &str| {
        (0..parts.len()).filter(|at| parts[*at].chars().count() >= 4).any(|at| {
            let typo: Vec<char> = parts[at].chars().collect();
            let mut others = parts.iter().enumerate().filter(|(other, _)| *other != at);
            others.all(|(_, part)| name.contains(part))
                && name.split(' ').any(|word| begins_with_one_typo(word, &typo))
        })
    };
    let mut ranked: Vec<(u8, usize, u32)> = Vec::new();
    for (code, name) in (0..).zip(names) {
        let rank = match () {
            () if parts.is_empty() => continue,
            () if begins(name) => 0,
            () if contains(name) => 1,
            () if mistyped(name) => 2,
            () => continue,
        };
        ranked.push((rank, name.chars().count(), code));
    }
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, _, code)| code).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn suggestions_are_those_of_brute_force(
        names in prop::collection::vec("[ab東]{1,6}( [ab東]{1,6}){0,2}", 1..60),
        texts in prop::collection::vec("[ab東]{1,7}( [ab東]{1,5})?", 40),
        limit in 1usize..12,
    ) {
        let directory = fixture::directory();
        let index = open(directory.path());
        let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
        add_all(&index, &borrowed);
        let pin = index.pin_names("a");
        let name_of = |code: u32| names.get(code as usize).cloned();
        for text in &texts {
            let mut expected = brute_force(&names, text);
            expected.truncate(limit);
            prop_assert_eq!(pin.suggest_with(text, limit, &name_of).unwrap(), expected, "{}", text);
        }
    }
}

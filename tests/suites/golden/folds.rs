//! The name fold, code point by code point.

use std::process::Command;

use annals_store::fold_name;
use annals_tests::{command, environment, fold_table, golden, report};

/// Unicode 14 has 144,762 characters, besides those for private use and controls.
const AT_LEAST: usize = 140_000;
/// Differences shown at most.
const SHOWN: usize = 20;

/// Folded names are part of segment format 1: a library that knows more of Unicode must not change
/// one of them.
#[test]
fn every_code_point_folds_as_when_the_fold_was_frozen() {
    let table = std::fs::read_to_string(golden::folds()).unwrap();
    let frozen: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
    let now: Vec<String> = fold_table::lines().collect();
    let pairs = now.iter().zip(&frozen).filter(|(now, frozen)| now != frozen);
    let other: Vec<_> = pairs.take(SHOWN).collect();
    assert!(other.is_empty(), "now and in tests/golden/folds.txt: {other:?}");
    assert_eq!(now.len(), frozen.len(), "as many code points change as in tests/golden/folds.txt");
}

/// The reference knows the characters of its own Unicode version; later ones are not compared.
#[test]
fn every_assigned_code_point_folds_as_in_the_reference() {
    let script = environment::repository().join("tests/golden/folds.py");
    let finished = command::finish(Command::new("python3").arg(script));
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let mut lines = finished.stdout.lines();
    let version = lines.next().and_then(|line| line.strip_prefix("unicode ")).unwrap();
    let mut compared = 0;
    let mut differences = Vec::new();
    for line in lines {
        compared += 1;
        differences.extend(differences_of(line));
    }
    report::line(&format!("{compared} code points of Unicode {version} fold as in the reference"));
    assert!(compared >= AT_LEAST, "the reference gave {compared} code points");
    let shown = differences.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} differences:\n{shown}", differences.len());
}

/// What is different in the folds of a code point alone and between two letters.
fn differences_of(line: &str) -> Vec<String> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [code_point, alone, between] = fields[..] else { panic!("no line of folds: {line}") };
    let number = u32::from_str_radix(code_point, 16).unwrap();
    let letter = char::from_u32(number).unwrap();
    let cases = [(letter.to_string(), alone), (format!("x{letter}x"), between)];
    let compare = |(text, expected): (String, &str)| {
        let folded = hexadecimal(&fold_name(&text));
        (folded != expected).then(|| format!("U+{code_point}: {folded}, reference {expected}"))
    };
    cases.into_iter().filter_map(compare).collect()
}

fn hexadecimal(text: &str) -> String {
    if text.is_empty() {
        return "-".to_owned();
    }
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Both kinds of difference are seen: the comparison above can fail.
#[test]
fn a_different_fold_is_a_difference() {
    assert_eq!(differences_of("41 61 786178"), Vec::<String>::new());
    assert_eq!(differences_of("20 - 782078"), Vec::<String>::new());
    assert_eq!(differences_of("41 62 786178"), ["U+41: 61, reference 62"]);
    assert_eq!(differences_of("41 61 786278"), ["U+41: 786178, reference 786278"]);
}

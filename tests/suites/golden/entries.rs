//! Entries, leaves and roots (docs/EVIDENCE.md).

use std::process::Command;

use annals_tests::{command, environment};

/// The store's own tests hold it against the same file.
#[test]
fn the_vectors_are_what_another_reading_of_the_format_gives() {
    let repository = environment::repository();
    for (file, said) in
        [("entries.json", "6 entries are right"), ("entries_of_many.json", "11 entries are right")]
    {
        let mut check = Command::new("python3");
        check.arg(repository.join("tests/golden/entries.py"));
        check.arg("--check").arg(repository.join("schemas/vectors").join(file));
        let finished = command::finish(&mut check);
        assert_eq!(finished.code, Some(0), "{}{}", finished.stdout, finished.stderr);
        assert_eq!(finished.stdout.trim(), said);
    }
}

/// One changed digit is found: the check above can fail.
#[test]
fn a_changed_vector_is_found() {
    let repository = environment::repository();
    let vectors = std::fs::read_to_string(repository.join("schemas/vectors/entries.json")).unwrap();
    let at = vectors.find("\"root\": \"").unwrap() + "\"root\": \"".len();
    let digit = if &vectors[at..=at] == "0" { "1" } else { "0" };
    let directory = tempfile::tempdir().unwrap();
    let changed = directory.path().join("entries.json");
    std::fs::write(&changed, format!("{}{digit}{}", &vectors[..at], &vectors[at + 1..])).unwrap();
    let mut check = Command::new("python3");
    check.arg(repository.join("tests/golden/entries.py")).arg("--check").arg(&changed);
    let finished = command::finish(&mut check);
    assert_eq!(finished.code, Some(1), "{}", finished.stdout);
    assert!(finished.stderr.contains("differs from docs/EVIDENCE.md"), "{}", finished.stderr);
}

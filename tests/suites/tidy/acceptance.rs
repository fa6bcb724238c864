//! `docs/ACCEPTANCE.md`: every number of the acceptance list is there, and every test it names
//! exists.
//!
//! A row is `| A1.1 | what | … |`; its words in backticks that contain `::` are names of tests. A
//! row without one says `waits for` and what for.

use crate::source::SourceFile;
use crate::test_names;
use crate::violation::Violation;
use std::collections::BTreeSet;

const PAGE: &str = "docs/ACCEPTANCE.md";
/// How many numbers each level has: A1.1 to A1.7, A2.1 to A2.2, …
const NUMBERS: [usize; 17] = [7, 2, 5, 7, 8, 3, 4, 5, 4, 3, 8, 7, 4, 3, 2, 5, 5];

/// The page is complete and true.
pub fn check(files: &[SourceFile]) -> Vec<Violation> {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else {
        return vec![Violation::new(PAGE, 1, "is missing")];
    };
    let tests = test_names::of(files);
    let mut missing: BTreeSet<String> = numbers().into_iter().collect();
    let mut violations = Vec::new();
    for (index, line) in page.text.lines().enumerate() {
        let Some(number) = number(line) else { continue };
        missing.remove(number);
        let mut wrong = |message| violations.push(Violation::new(PAGE, index + 1, message));
        let named = names(line);
        for name in named.iter().filter(|name| !tests.contains(**name)) {
            wrong(format!("{number}: there is no test `{name}`"));
        }
        if named.is_empty() && !line.contains("waits for") {
            wrong(format!("{number}: names no test and waits for nothing"));
        }
    }
    violations.extend(
        missing.iter().map(|number| Violation::new(PAGE, 1, format!("{number} is missing"))),
    );
    violations
}

/// A1.1 … A17.5.
fn numbers() -> Vec<String> {
    let levels = NUMBERS.iter().enumerate();
    levels
        .flat_map(|(index, count)| (1..=*count).map(move |n| format!("A{}.{n}", index + 1)))
        .collect()
}

/// The number that a row is about.
fn number(line: &str) -> Option<&str> {
    let first = line.strip_prefix('|')?.split('|').next()?.trim().trim_matches('*');
    let (level, item) = first.strip_prefix('A')?.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(level) && digits(item)).then_some(first)
}

/// The words in backticks that name tests.
fn names(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).filter(|word| word.contains("::")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(page: &str) -> Vec<String> {
        let files = [
            SourceFile::new(PAGE, page.to_owned()),
            SourceFile::new("tests/suites/api/a.rs", "#[test] fn exists() {}".to_owned()),
        ];
        check(&files).into_iter().map(|found| found.message).collect()
    }

    fn complete() -> String {
        let row = |number: String| format!("| {number} | x | `api::a::exists` |\n");
        numbers().into_iter().map(row).collect()
    }

    #[test]
    fn there_are_82_numbers_and_a_complete_page_passes() {
        assert_eq!(numbers().len(), 82);
        assert_eq!(messages(&complete()), Vec::<String>::new());
    }

    #[test]
    fn a_missing_number_is_found() {
        let page = complete().replace("| A11.7 |", "| A11.x |");
        assert_eq!(messages(&page), ["A11.7 is missing"]);
        assert_eq!(messages("").len(), 82);
        assert_eq!(check(&[])[0].message, "is missing");
    }

    #[test]
    fn a_test_that_does_not_exist_is_found() {
        let page = complete().replacen("api::a::exists", "api::a::exist", 1);
        assert_eq!(messages(&page), ["A1.1: there is no test `api::a::exist`"]);
    }

    #[test]
    fn a_row_must_name_a_test_or_say_what_it_waits_for() {
        let page = complete().replacen("`api::a::exists`", "later", 1);
        assert_eq!(messages(&page), ["A1.1: names no test and waits for nothing"]);
        let page = complete().replacen("`api::a::exists`", "waits for the evidence issue", 1);
        assert_eq!(messages(&page), Vec::<String>::new());
    }
}

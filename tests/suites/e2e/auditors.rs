//! docs/AUDITORS.md as a new user would try it: its commands run, its answers compared.

use std::path::Path;
use std::process::Command;

use annals_tests::command::{self, Finished, Target};
use annals_tests::environment;
use annals_tests::evidence::settled;
use annals_tests::inputs::Input;

/// What the page shows, in order.
enum Step {
    /// A command with what it is to be run for.
    Run(String),
    /// What the command before it answers, a line each.
    Answer(Vec<String>),
    /// "Change a letter … and try again".
    ChangeALetter,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for (number, part) in page.split("```").enumerate() {
        let (kind, lines) = part.split_once('\n').unwrap_or((part, ""));
        let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
        match (number % 2, kind) {
            (0, _) if part.contains("Change a letter in `acme-2026/events.ndjson`") => {
                steps.push(Step::ChangeALetter);
            }
            (0, _) => {}
            (_, "sh") => steps.extend(lines.map(|line| Step::Run(line.to_owned()))),
            _ => steps.push(Step::Answer(lines.map(str::to_owned).collect())),
        }
    }
    steps
}

/// Whether a line says what the page says: numbers, ids and what the page cuts off are another's.
fn says(line: &str, page: &str) -> bool {
    let (page, is_cut) = match page.strip_suffix(" …") {
        Some(page) => (page, true),
        None => (page, false),
    };
    let (line, page): (Vec<&str>, Vec<&str>) =
        (line.split(' ').collect(), page.split(' ').collect());
    let is_same = |(one, shown): (&&str, &&str)| {
        one == shown || shown.contains('…') || shown.bytes().any(|byte| byte.is_ascii_digit())
    };
    (line.len() == page.len() || is_cut && line.len() > page.len())
        && line.iter().zip(&page).all(is_same)
}

fn change_a_letter(directory: &Path) {
    let file = directory.join("acme-2026/events.ndjson");
    let rows = std::fs::read_to_string(&file).unwrap();
    let has_name = |line: &&str| line.contains("\"actor\":{\"kind\":\"user\",\"id\":\"");
    let line = rows.lines().find(has_name).unwrap();
    let changed = line.replacen("\"user\",\"id\":\"", "\"user\",\"id\":\"x", 1);
    std::fs::write(file, rows.replacen(line, &changed, 1)).unwrap();
}

/// The walk through the page: every command does what it says, every answer is what it shows.
#[test]
fn the_auditors_page_can_be_walked_through() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let input = Input::fixture(directory, 34);
    let data = directory.join("DATA");
    command::import_all(&input.file, Target::Data(&data));
    let annals = settled(&data);
    std::fs::create_dir(directory.join("bin")).unwrap();
    std::os::unix::fs::symlink(environment::annals_binary(), directory.join("bin/annals")).unwrap();
    let token = command::token(&data, "acme", &["audit:verify"]);
    let run = |line: &str| -> Finished {
        let line = line.replace("https://audit.example.com", annals.address());
        let line = line.replace("--kafka BROKERS", "--data DATA");
        let script = format!("set -euo pipefail; PATH=$PWD/bin:$PATH; {line}");
        let mut bash = Command::new("bash");
        bash.args(["-c", &script]).current_dir(directory).env("TOKEN", &token);
        command::finish(bash.env_remove("ANNALS_BIN"))
    };
    let page = environment::repository().join("docs/AUDITORS.md");
    let (mut said, mut commands, mut answers, mut verify) = (String::new(), 0, 0, String::new());
    for step in steps(&std::fs::read_to_string(page).unwrap()) {
        match step {
            Step::Run(line) => {
                let finished = run(&line);
                assert_eq!(finished.code, Some(0), "{line}: {}", finished.stderr);
                if line.starts_with("annals verify acme-2026 ") {
                    verify.clone_from(&line);
                }
                said = format!("{}{}", finished.stdout, finished.stderr);
                commands += 1;
            }
            Step::ChangeALetter => {
                change_a_letter(directory);
                let finished = run(&verify);
                assert_eq!(finished.code, Some(1), "{}", finished.stdout);
                said = finished.stderr;
            }
            Step::Answer(shown) => {
                for shown in shown {
                    assert!(said.lines().any(|line| says(line, &shown)), "{shown}\nnot in\n{said}");
                }
                answers += 1;
            }
        }
    }
    assert_eq!((commands, answers), (8, 3), "the page has other steps");
}

//! Commands that ask a running server, and commands whose answer nobody reads.

use annals_tests::command::{self, Finished};
use annals_tests::evidence::{imported, imported_and_signed, key_of, settled, text};
use annals_tests::{environment, wait};
use serde_json::Value;

/// The numbers that a server and its directory have to tell alike.
const COUNTS: [&str; 5] = ["partition", "records", "visible", "duplicate", "quarantined"];

fn asked(words: &[&str], token: &str) -> Finished {
    command::finish(environment::annals().args(words).env("ANNALS_TOKEN", token))
}

fn counts(finished: &Finished) -> Vec<Vec<Value>> {
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let lines = finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.map(|line: Value| COUNTS.iter().map(|name| line[name].clone()).collect()).collect()
}

#[test]
fn a_server_tells_its_keys_and_counts_as_its_directory_does() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported(directory.path(), 31);
    let annals = settled(&data);
    let address = annals.address().to_owned();
    let token = command::token(&data, "*", &["audit:admin", "audit:verify"]);
    let keys = asked(&["keys", "show", "--server", &address], &token);
    assert_eq!(keys.code, Some(0), "{}", keys.stderr);
    assert_eq!(keys.stdout.trim(), key_of(&data));
    let reconcile = ["reconcile", "--server", &address];
    let of_server = counts(&asked(&reconcile, &token));
    let of_directory = counts(&command::run(&["reconcile", "--data", text(&data)]));
    assert_eq!(of_server, of_directory);
    assert!(of_server[0][1].as_u64() > Some(1_000), "{of_server:?}");
    let reader = command::token(&data, "acme", &["audit:read"]);
    let refused = asked(&reconcile, &reader);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    let nobody = command::finish(environment::annals().args(reconcile).env_remove("ANNALS_TOKEN"));
    assert_eq!(nobody.code, Some(2), "{}", nobody.stderr);
    assert!(nobody.stderr.contains("ANNALS_TOKEN"), "{}", nobody.stderr);
    assert!(annals.stop().success());
    let away = wait::until("the address to be free", wait::PATIENCE, || {
        let finished = asked(&reconcile, &token);
        (finished.code == Some(3)).then_some(finished)
    });
    assert!(away.stderr.contains(&address), "{}", away.stderr);
}

/// `annals verify … | head -1` and the like: what the exit code says is still true.
#[test]
fn an_answer_that_nobody_reads_to_its_end_is_no_failure() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported_and_signed(directory.path(), 32);
    let key = key_of(&data);
    let commands: [&[&str]; 3] = [
        &["verify", text(&data), "--key", &key],
        &["keys", "show", "--data", text(&data)],
        &["reconcile", "--data", text(&data)],
    ];
    for words in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = environment::annals()
            .args(words)
            .stdout(writer)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{words:?}: {said}");
        assert!(!said.contains("panicked"), "{words:?}: {said}");
    }
}

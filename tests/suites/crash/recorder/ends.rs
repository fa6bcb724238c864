//! A host that ends under load, and one that finds its spool held.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Child;

use super::*;

/// Emitted by each of four threads: more than the queue holds.
const EVENTS: u64 = 10_000;

/// Whatever the log does, what found room is safe when the process ends.
#[test]
fn a_host_that_ends_under_load_loses_only_what_found_no_room() {
    for log in ["up", "away"] {
        let directory = tempfile::tempdir().unwrap();
        let said = finish(spawn(directory.path(), &[log, "load", "4", &EVENTS.to_string()]));
        let lost: u64 = said[0].strip_prefix("lost ").unwrap().parse().unwrap();
        report::line(&format!("{log}: {lost} of {} found no room; {}", 4 * EVENTS, said[1]));
        finish(start(directory.path(), "up", 4 * EVENTS, 1));
        let firsts = firsts_on_the_log(&directory.path().join("log"));
        assert_eq!(firsts.len() as u64 + lost, 4 * EVENTS + 1, "log {log}: some are missing");
        for thread in 0..4 {
            let of = |number: &&u64| **number / EVENTS == thread && **number < 4 * EVENTS;
            assert!(
                firsts.iter().filter(of).is_sorted(),
                "log {log}: a thread's events changed their order"
            );
        }
    }
}

/// The second one says why it does not start, and the spool is free once the first one is gone,
/// also if that was killed.
#[test]
fn two_processes_on_one_spool_are_a_clear_error_of_the_second() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = holding(directory.path());
    let second = spawn(directory.path(), &["away", "holds"]).wait_with_output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("spool/events is held by another process"), "{said}");
    first.kill().unwrap();
    first.wait().unwrap();
    let third = holding(directory.path());
    assert_eq!(finish(third), Vec::<String>::new(), "it ends once nobody is there");
}

/// A host that has started its recorder.
fn holding(directory: &Path) -> Child {
    let mut host = spawn(directory, &["away", "holds"]);
    let mut line = String::new();
    BufReader::new(host.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "holds it\n");
    host
}

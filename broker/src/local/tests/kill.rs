//! `kill -9` of a writing process: what it had printed as acknowledged is there afterwards.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::*;

const MARK: &str = "this-directory-is-for-the-killed-child";
const CHILD: &str = "local::tests::kill::the_child_appends_until_it_is_killed";

/// Does nothing unless started by the test below, in a directory with the mark.
#[test]
fn the_child_appends_until_it_is_killed() {
    if !Path::new(MARK).exists() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let log = open(Path::new("log"), LocalOptions { segment_bytes: 20_000, ..tiny() });
        let next = usize::try_from(log.high_watermark(0).await.unwrap()).unwrap();
        let producer = log.producer();
        for first in (next..).step_by(3) {
            let group = numbered(first..first + 3).iter().map(|v| record("acme", v)).collect();
            let outcomes = producer.append_all(group).await;
            let last = outcomes.last().unwrap().as_ref().unwrap().position.offset;
            let mut out = std::io::stdout().lock();
            writeln!(out, "acknowledged {last}").unwrap();
            out.flush().unwrap();
        }
    });
}

#[tokio::test]
async fn what_a_killed_process_had_acknowledged_is_there() {
    const ROUNDS: usize = 25;
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(MARK), "").unwrap();
    let mut acknowledged = None;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", CHILD, "--nocapture"])
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        for line in lines {
            let line = line.unwrap();
            if let Some((_, offset)) = line.split_once("acknowledged ") {
                acknowledged = Some(offset.parse::<u64>().unwrap());
                seen += 1;
            }
            if seen == 3 + round * 5 {
                child.kill().unwrap();
                break;
            }
        }
        assert!(seen > 0, "the child of round {round} acknowledged nothing");
        child.wait().unwrap();
        let log = open(&directory.path().join("log"), LocalOptions::default());
        let found = values(&log).await;
        let promised = usize::try_from(acknowledged.unwrap()).unwrap() + 1;
        assert!(found.len() >= promised, "round {round}: {} of {promised}", found.len());
        // A group may have landed in part if the process died before its acknowledgement.
        assert_eq!(found, numbered(0..found.len()), "round {round}");
    }
}

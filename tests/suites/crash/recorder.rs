//! `kill -9` of a host that records events: what it was told is safe reaches the log.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use annals_broker::Log as _;
use annals_broker::local::LocalLog;
use annals_schemas::{LogId, Position, decode};
use annals_tests::random::Random;
use annals_tests::{environment, report, wait};

/// Kills of a test run; `make soak` asks for more.
const KILLS: u64 = 50;
/// Events that a host would record if it were left alone.
const EVENTS: u64 = 20_000;

/// 50 hosts one after the other on one spool, the log up or away, killed at random moments; then
/// one that is left alone. Every event that a host was told is safe is on the log, and in order.
#[test]
fn what_a_killed_host_was_told_is_safe_reaches_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = Random::new(environment::seed("recorder kills"));
    let kills = environment::number("TEST_ANNALS_RECORDER_KILLS", KILLS);
    let mut safe = BTreeSet::new();
    for round in 0..kills {
        let log = if random.below(3) == 0 { "up" } else { "away" };
        let mut host = start(directory.path(), log, round * EVENTS, EVENTS);
        let lines = BufReader::new(host.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>());
        std::thread::sleep(Duration::from_millis(random.below(200)));
        host.kill().unwrap();
        host.wait().unwrap();
        let told = reader.join().unwrap();
        // The last line may have been cut; a whole number before the cut is another number.
        let last = told.len().saturating_sub(1);
        safe.extend(told[..last].iter().map(|line| line.parse::<u64>().unwrap()));
    }
    assert!(safe.len() as u64 > kills * 10, "only {} were told to be safe", safe.len());
    let status = start(directory.path(), "up", kills * EVENTS, 1).wait().unwrap();
    assert!(status.success(), "the last host: {status}");

    let numbers = on_the_log(&directory.path().join("log"));
    let mut seen = BTreeSet::new();
    let firsts: Vec<u64> = numbers.into_iter().filter(|number| seen.insert(*number)).collect();
    let missing: Vec<_> = safe.difference(&seen).take(5).collect();
    assert!(missing.is_empty(), "told to be safe and not on the log: {missing:?} …");
    assert!(firsts.is_sorted(), "events of one workspace changed their order");
    report::line(&format!("{kills} kills: {} events told to be safe, all there", safe.len()));
}

fn start(directory: &Path, log: &str, first: u64, count: u64) -> Child {
    let mut host = Command::new(host_binary());
    host.arg(directory).args([log, &first.to_string(), &count.to_string()]);
    host.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Beside the binary under test.
fn host_binary() -> PathBuf {
    let binary = environment::annals_binary().with_file_name("recorder-host");
    assert!(binary.is_file(), "{} is missing: build the workspace", binary.display());
    binary
}

/// The numbers of the events on the log, in its order.
fn on_the_log(directory: &Path) -> Vec<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let log = LocalLog::open_read_only(directory, "log").unwrap();
        let end = log.high_watermark(0).await.unwrap();
        let mut consumer = log.consumer().unwrap();
        consumer.assign(&[Position { partition: 0, offset: 0 }]).unwrap();
        let mut numbers = Vec::new();
        while consumer.position(0).is_some_and(|position| position < end) {
            for record in consumer.poll(1_000, wait::PATIENCE).await.unwrap() {
                let event = decode(&record, &LogId([0; 16])).unwrap();
                let number = event.action.strip_prefix("count.n").expect("nothing else is there");
                numbers.push(number.parse().unwrap());
            }
        }
        numbers
    })
}

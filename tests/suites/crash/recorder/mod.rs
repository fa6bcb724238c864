//! Hosts that record events, as processes: killed, forked, ended under load, two on one spool, on a
//! full disk and on one that rots. What they were told is safe reaches the log.

mod emitted;
mod ends;
mod forks;
mod spool;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use annals_broker::Log as _;
use annals_broker::local::LocalLog;
use annals_schemas::{Event, LogId, Position, decode};
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
        let numbers = told[..last].iter().filter(|line| !line.starts_with("late "));
        safe.extend(numbers.map(|line| line.parse::<u64>().unwrap()));
    }
    assert!(safe.len() as u64 > kills * 10, "only {} were told to be safe", safe.len());
    let status = start(directory.path(), "up", kills * EVENTS, 1).wait().unwrap();
    assert!(status.success(), "the last host: {status}");

    let firsts = firsts_on_the_log(&directory.path().join("log"));
    let seen: BTreeSet<u64> = firsts.iter().copied().collect();
    let missing: Vec<_> = safe.difference(&seen).take(5).collect();
    assert!(missing.is_empty(), "told to be safe and not on the log: {missing:?} …");
    assert!(firsts.is_sorted(), "events of one workspace changed their order");
    report::line(&format!("{kills} kills: {} events told to be safe, all there", safe.len()));
}

fn start(directory: &Path, log: &str, first: u64, count: u64) -> Child {
    let numbers = [first.to_string(), count.to_string()];
    spawn(directory, &[log, "durable", &numbers[0], &numbers[1]])
}

/// A host with these arguments, whose standard streams are ours.
fn spawn(directory: &Path, arguments: &[&str]) -> Child {
    let mut host = Command::new(environment::recorder_host());
    host.arg(directory).args(arguments);
    host.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Lets a host end; its output's lines.
///
/// # Panics
/// When it fails.
fn finish(host: Child) -> Vec<String> {
    let output = host.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// The numbers of the events on the log, in its order.
fn on_the_log(directory: &Path) -> Vec<u64> {
    let number = |event: &Event| event.action.strip_prefix("count.n")?.parse().ok();
    events_on_the_log(directory).iter().filter_map(number).collect()
}

/// The same, each where it comes first: what was acknowledged too late is there twice.
fn firsts_on_the_log(directory: &Path) -> Vec<u64> {
    let (mut numbers, mut seen) = (on_the_log(directory), BTreeSet::new());
    numbers.retain(|number| seen.insert(*number));
    numbers
}

/// The log's events, in its order.
fn events_on_the_log(directory: &Path) -> Vec<Event> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let log = LocalLog::open_read_only(directory, "log").unwrap();
        let end = log.high_watermark(0).await.unwrap();
        let mut consumer = log.consumer().unwrap();
        consumer.assign(&[Position { partition: 0, offset: 0 }]).unwrap();
        let mut events = Vec::new();
        while consumer.position(0).is_some_and(|position| position < end) {
            for record in consumer.poll(1_000, wait::PATIENCE).await.unwrap() {
                events.push(decode(&record, &LogId([0; 16])).unwrap());
            }
        }
        events
    })
}

//! A host that waits for nothing: what a kill may cost it.

use std::io::{BufRead as _, BufReader};
use std::time::Instant;

use super::*;

/// Kills of a test run.
const KILLS: u64 = 12;
/// The promise is 100 ms: then an event goes to the spool by default. The rest is the machine's,
/// which may hold up any one host for as long as it likes, but not most of them; and it is much
/// less than most hosts live.
const USUAL_AGE_AT_MOST: Duration = Duration::from_millis(750);
/// Some are killed before their first event is due.
const LIFE_MS: std::ops::Range<u64> = 50..2500;

/// The log does not answer. Of what was emitted only the last moment before the kill may be
/// missing, and nothing in between.
#[test]
fn a_killed_host_that_waits_for_nothing_loses_the_last_moment_only() {
    let mut random = Random::new(environment::seed("paced kills"));
    let (mut emitted, mut lost, mut ages) = (0, 0, Vec::new());
    for _ in 0..KILLS {
        let directory = tempfile::tempdir().unwrap();
        let mut host = spawn(directory.path(), &["away", "paced", "0"]);
        let lines = BufReader::new(host.stdout.take().unwrap()).lines().map_while(Result::ok);
        let reader = std::thread::spawn(move || lines.map(|_| Instant::now()).collect::<Vec<_>>());
        std::thread::sleep(Duration::from_millis(
            LIFE_MS.start + random.below(LIFE_MS.end - LIFE_MS.start),
        ));
        let killed = Instant::now();
        host.kill().unwrap();
        host.wait().unwrap();
        let told = reader.join().unwrap();
        finish(start(directory.path(), "up", EVENTS, 1));

        let mut numbers = firsts_on_the_log(&directory.path().join("log"));
        assert_eq!(numbers.pop(), Some(EVENTS), "the event of the host that was left alone");
        let kept = numbers.len();
        let gap = numbers.into_iter().zip(0..).find(|(number, place)| number != place);
        assert_eq!(gap, None, "of {kept} that are there, the first out of its place");
        let missing = told.get(kept..).unwrap_or_default();
        let age =
            missing.first().map_or(Duration::ZERO, |at| killed.saturating_duration_since(*at));
        emitted += told.len();
        lost += missing.len();
        ages.push(age);
    }
    ages.sort_unstable();
    let (usual, oldest) = (ages[ages.len() / 2], ages[ages.len() - 1]);
    report::line(&format!(
        "{KILLS} kills: {lost} of {emitted} events lost, the oldest {usual:?} before (median), \
         {oldest:?} at most"
    ));
    assert!(lost < emitted, "nothing was kept");
    assert!(usual < USUAL_AGE_AT_MOST, "mostly an event of {usual:?} before the kill is missing");
}

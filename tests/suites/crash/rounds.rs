//! Fifty-six kills over four data directories, fourteen in a row on each.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use annals_tests::command::{self, Target};
use annals_tests::inputs::Input;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::random::Random;
use annals_tests::{environment, report, wait};

use crate::moment::{BOUNDARIES, Moment};
use crate::outcome::{self, Numbered};
use crate::rebuild::copy_without_projection;

const DIRECTORIES: u64 = 4;
const RANDOM_KILLS: u64 = 4;
const EVENTS: u64 = 4000;
const WORKSPACES: u64 = 40;
const SIGKILL: i32 = 9;
/// How long a seal may go on behind an import before the boundary counts as not reached.
const AFTER_IMPORT: Duration = Duration::from_secs(5);

/// RELIABILITY 1, A1.3: after more than 50 kills and a whole import, ids and numbers equal an
/// uninterrupted run's; rows, positions, counts and roots equal those of a rebuild from the same
/// log.
#[test]
fn fifty_kills_lose_nothing_and_double_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let input = Input::bulk(directory.path(), EVENTS, WORKSPACES);
    let (expected, whole_import) = uninterrupted(&input, &directory.path().join("calm"));
    let seed = environment::seed("kills");
    let mut random = Random::new(seed);
    let mut hits = BTreeMap::new();
    let directories = environment::number("TEST_ANNALS_CRASH_DIRECTORIES", DIRECTORIES);
    for number in 0..directories {
        let data = directory.path().join(format!("data-{number}"));
        for moment in Moment::schedule(&mut random, RANDOM_KILLS) {
            let name = crash_once(&data, &input, moment, whole_import);
            *hits.entry(name).or_insert(0) += 1;
        }
        check_end(&data, &input, &expected);
    }
    report::line(&format!("kills: {hits:?}"));
    for boundary in BOUNDARIES {
        assert_eq!(hits.get(boundary), Some(&directories), "{boundary}: {hits:?}");
    }
    assert_eq!(hits.values().sum::<u64>(), directories * (BOUNDARIES.len() as u64 + RANDOM_KILLS));
}

/// So close that every import makes some neighbours reach the next one.
const TIERS: &str = "300,1000,3000,4500,7000,10000,15000,22000,33000,50000,75000,110000,160000";

fn options() -> UpOptions {
    // Merged at once and often, so that there is a compaction to be killed in.
    UpOptions::default()
        .variable("ANNALS_STORAGE_SEAL_BYTES", "131072")
        .variable("ANNALS_STORAGE_COMPACTION_TIERS", TIERS)
}

/// The reference: one import, nothing killed.
fn uninterrupted(input: &Input, data: &Path) -> (Numbered, Duration) {
    let annals = AnnalsProcess::start(data, &options());
    let client = annals.client("*");
    let started = Instant::now();
    command::import_all(&input.file, server(&annals, client.token().unwrap()));
    let took = started.elapsed();
    (outcome::numbered(&client, input), took)
}

fn server<'a>(annals: &'a AnnalsProcess, token: &'a str) -> Target<'a> {
    Target::Server { address: annals.address(), token }
}

/// Starts, imports from the beginning, and sees the server die; says at what.
fn crash_once(data: &Path, input: &Input, moment: Moment, whole: Duration) -> &'static str {
    match moment {
        Moment::Random(share) => {
            let mut annals = AnnalsProcess::start(data, &options());
            let import = spawn_import(&annals, input);
            std::thread::sleep(whole * u32::try_from(share).expect("below 1000") / 1000);
            assert!(annals.is_running(), "annals up ended by itself:\n{}", annals.log_tail());
            annals.kill();
            wait_import(import);
            "random"
        }
        Moment::Boundary(boundary, nth) => {
            // A boundary that one import does not reach `nth` times is tried again at the first;
            // a compaction may need some imports before its segments are due.
            let reached = [nth, 1, 1, 1]
                .iter()
                .any(|&nth| dies_at_boundary(data, input, Moment::Boundary(boundary, nth)));
            assert!(reached, "the server never reached {boundary}");
            boundary
        }
    }
}

/// Whether the armed server killed itself during start or import.
fn dies_at_boundary(data: &Path, input: &Input, moment: Moment) -> bool {
    let variable = moment.variable().expect("a boundary");
    let options = options().variable("ANNALS_CRASH_AT", &variable);
    let mut annals = match AnnalsProcess::try_start(data, &options) {
        Ok(annals) => annals,
        Err(ended) => {
            assert_eq!(ended.status.signal(), Some(SIGKILL), "{variable}: {}", ended.log);
            return true;
        }
    };
    let mut import = spawn_import(&annals, input);
    wait::until("the end of the import or of the server", wait::PATIENCE * 3, || {
        let imported = import.try_wait().expect("a child can be asked for its state").is_some();
        (imported || !annals.is_running()).then_some(())
    });
    // The last seal goes on behind the last acknowledgement.
    let started = Instant::now();
    while annals.is_running() && started.elapsed() < AFTER_IMPORT {
        std::thread::sleep(Duration::from_millis(10));
    }
    let died = !annals.is_running();
    wait_import(import);
    if died {
        let status = annals.wait_for_end(wait::PATIENCE);
        assert_eq!(status.signal(), Some(SIGKILL), "{variable}: {}", annals.log_tail());
    }
    died
}

fn spawn_import(annals: &AnnalsProcess, input: &Input) -> std::process::Child {
    let client = annals.client("*");
    let mut import = command::import_command(&input.file, server(annals, client.token().unwrap()));
    import.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    import.spawn().expect("the binary can be started")
}

/// An import whose server is gone must end by itself; it may have been through before.
fn wait_import(mut import: std::process::Child) {
    wait::until("the import to end without its server", wait::PATIENCE * 2, || {
        import.try_wait().expect("a child can be asked for its state")
    });
}

/// A whole import at last, then both comparisons.
fn check_end(data: &Path, input: &Input, expected: &Numbered) {
    let annals = AnnalsProcess::start(data, &options());
    let client = annals.client("*");
    command::import_all(&input.file, server(&annals, client.token().unwrap()));
    let found = outcome::numbered(&client, input);
    assert!(found == *expected, "other events or numbers than in an uninterrupted run");
    let (rows, counts) = (outcome::whole(&client, input), outcome::accounting(&client));
    let visible: u64 = counts.iter().filter_map(|counts| counts["visible"].as_u64()).sum();
    assert_eq!(visible, EVENTS);
    assert!(annals.stop().success());
    let copy = data.with_extension("rebuilt");
    copy_without_projection(data, &copy);
    let rebuilt = AnnalsProcess::start(&copy, &options());
    let client = rebuilt.client("*");
    wait::until("the rebuild to reach the log's end", wait::PATIENCE, || {
        (outcome::accounting(&client) == counts).then_some(())
    });
    assert!(outcome::whole(&client, input) == rows, "the rebuild shows other rows");
}

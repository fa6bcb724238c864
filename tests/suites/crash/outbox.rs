//! `kill -9` of the outbox' relay: what was committed is on the log once, whatever was sent twice.

use std::time::Duration;

use annals_tests::outbox::{Relay, committed, make_product, shown, write};
use annals_tests::postgres::Postgres;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::random::Random;
use annals_tests::{command, environment, report, wait};

/// Kills of a test run.
const KILLS: u64 = 20;

/// Relays killed one after the other while a product writes: between the log's acknowledgement and
/// the deletion of the rows, after it, and at random moments. The last one is left alone. Shown is
/// exactly what was committed, in order; what was sent twice is counted as duplicates.
#[test]
fn what_was_committed_is_shown_once_however_often_the_relay_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let token = command::token(&data, "*", &["audit:write"]);
    let to = (annals.address(), token.as_str());
    let postgres = Postgres::start();
    make_product(&postgres);
    let mut random = Random::new(environment::seed("outbox kills"));
    for round in 0..KILLS {
        let mut writer = write(&postgres, &["a", "b"], round * 10_000, 60);
        let boundary = ["outbox-appended:1", "outbox-appended:2", "outbox-committed:1", ""];
        let crash_at = boundary[usize::try_from(round % 4).unwrap()];
        let mut relay = Relay::start(&postgres, to, crash_at);
        if crash_at.is_empty() {
            std::thread::sleep(Duration::from_millis(random.below(150)));
        } else {
            // The second round of a relay comes once there are more rows.
            assert!(writer.wait().unwrap().success());
            wait::until("the relay to reach its boundary", wait::PATIENCE, || {
                if relay.is_running() && postgres.waiting() == 0 {
                    let mut more = write(&postgres, &["a", "b"], round * 10_000 + 5_000, 1);
                    assert!(more.wait().unwrap().success());
                }
                (!relay.is_running()).then_some(())
            });
        }
        relay.kill();
        assert!(writer.wait().unwrap().success());
    }
    let _last = Relay::start(&postgres, to, "");
    postgres.wait_until_taken();

    let expected = committed(&postgres);
    let mut duplicates = 0;
    for (workspace, numbers) in &expected {
        let client = annals.client(workspace);
        assert_eq!(&shown(&client, workspace), numbers, "{workspace}");
        let path = format!("/v1/workspaces/{workspace}/accounting");
        let accounting: serde_json::Value = client.get_json(&path);
        duplicates += accounting["duplicate"].as_u64().unwrap();
        assert_eq!(accounting["visible"], numbers.len(), "{workspace}");
        assert_eq!(accounting["quarantined"], 0, "{workspace}: sent again as another event");
    }
    let events: usize = expected.values().map(Vec::len).sum();
    assert!(duplicates > 0, "no kill came between the log and the deletion");
    report::line(&format!("{KILLS} kills: {events} events, {duplicates} of them sent again"));
}

//! `annals outbox`: exactly what a product has committed, in the order of each workspace.

use annals_tests::command::{self, Finished};
use annals_tests::outbox::{Relay, committed, make_product, shown, write};
use annals_tests::postgres::Postgres;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, wait};

/// A server of all workspaces, and a token that writes there.
fn server(directory: &std::path::Path) -> (AnnalsProcess, String) {
    let data = directory.join("data");
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let token = command::token(&data, "*", &["audit:write"]);
    (annals, token)
}

/// Four writers at once, a third of whose transactions are rolled back, and two relays side by
/// side: on the page is what the product's own table says, no row more or less, in the same order
/// where one writer wrote. Then the server and the database go away and come again.
#[test]
fn exactly_the_committed_rows_are_taken_in_the_order_of_each_workspace() {
    let directory = tempfile::tempdir().unwrap();
    let (annals, token) = server(directory.path());
    let postgres = Postgres::start();
    make_product(&postgres);
    let address = annals.address().to_owned();
    let relays = [(); 2].map(|()| Relay::start(&postgres, (&address, &token), ""));
    let own = [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]];
    let round = |first: u64| {
        let writers: Vec<_> = own
            .iter()
            .zip(0..)
            .map(|(own, writer)| {
                let workspaces = [own[0], own[1], "shared"];
                write(&postgres, &workspaces, first + writer * 10_000, 300)
            })
            .collect();
        for mut writer in writers {
            assert!(writer.wait().unwrap().success());
        }
    };
    round(0);
    postgres.wait_until_taken();

    let listen = address.strip_prefix("http://").map(str::to_owned);
    annals.kill();
    round(100_000);
    assert!(postgres.waiting() > 0, "nobody takes them");
    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &UpOptions { listen, ..UpOptions::default() });
    postgres.wait_until_taken();
    postgres.stop();
    postgres.start_again();
    round(200_000);
    postgres.wait_until_taken();
    for mut relay in relays {
        assert!(relay.is_running(), "it connects again");
    }

    let expected = committed(&postgres);
    assert_eq!(expected.len(), 9);
    for (workspace, mut numbers) in expected {
        let mut shown = shown(&annals.client(&workspace), &workspace);
        if workspace == "shared" {
            // Transactions at the same time have no order but that of each writer's own.
            for writer in 0..4 {
                let own = |number: &&u64| **number / 10_000 % 10 == writer;
                let own: Vec<_> = shown.iter().filter(own).collect();
                assert!(own.is_sorted(), "writer {writer} in {workspace}");
            }
            numbers.sort_unstable();
            shown.sort_unstable();
        }
        assert_eq!(shown, numbers, "{workspace}");
    }
}

/// A row that is no event neither holds its lane up nor vanishes.
#[test]
fn what_is_no_event_is_put_aside_with_its_reason() {
    let directory = tempfile::tempdir().unwrap();
    let (annals, token) = server(directory.path());
    let postgres = Postgres::start();
    let insert = |event: &str| {
        postgres.run(&format!("INSERT INTO annals_outbox (event) VALUES ('{event}')"));
    };
    insert(r#"{"workspace_id": "acme", "action": "COMMIT.n1"}"#);
    insert(r#"{"workspace_id": "acme", "action": "a.b", "typo": 1}"#);
    insert(r#"{"workspace_id": "acme", "action": "annals.mine"}"#);
    insert(r#"{"workspace_id": "acme", "action": "COMMIT.n2"}"#);
    let finished = once(&postgres, &annals, &token);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(postgres.waiting(), 0);
    assert_eq!(shown(&annals.client("acme"), "acme"), [1, 2]);
    let refused = postgres.run("SELECT id, reason FROM annals_outbox_refused ORDER BY id");
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused[0].starts_with("2|") && refused[0].contains("/typo"), "{refused:?}");
    assert!(refused[1].starts_with("3|") && refused[1].contains("/action"), "{refused:?}");
}

/// What could never be an event fails in the product's own transaction.
#[test]
fn a_row_without_a_workspace_or_an_action_is_not_inserted() {
    let postgres = Postgres::start();
    for event in [r#"{"action": "a.b"}"#, r#"{"workspace_id": "acme"}"#, "[]", "1"] {
        let statement = format!("INSERT INTO annals_outbox (event) VALUES ('{event}')");
        let finished = command::finish(postgres.psql().arg("-c").arg(&statement));
        assert_ne!(finished.code, Some(0), "{event}");
    }
    assert_eq!(postgres.waiting(), 0);
}

/// Without a database, or with a DSN that is none, it says so at once.
#[test]
fn a_database_that_is_not_there_is_told_at_the_start() {
    for (dsn, code) in [("postgresql://product@127.0.0.1:1/x", 3), ("none", 2), ("", 2)] {
        let directory = tempfile::tempdir().unwrap();
        let mut command = environment::annals();
        command.args(["outbox", "--once", "--data"]).arg(directory.path());
        let finished = command::finish(command.env("ANNALS_OUTBOX_DSN", dsn));
        assert_eq!(finished.code, Some(code), "{dsn}: {}", finished.stderr);
    }
}

/// Into an embedded log that nobody has open, without a server.
#[test]
fn it_writes_to_an_embedded_log_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let postgres = Postgres::start();
    let event = r#"{"workspace_id": "acme", "action": "COMMIT.n7"}"#;
    postgres.run(&format!("INSERT INTO annals_outbox (event) VALUES ('{event}')"));
    let mut command = environment::annals();
    command.args(["outbox", "--once", "--data"]).arg(&data);
    let finished = command::finish(command.env("ANNALS_OUTBOX_DSN", postgres.dsn()));
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let client = annals.client("acme");
    wait::until("the event", wait::PATIENCE, || (shown(&client, "acme") == [7]).then_some(()));
}

fn once(postgres: &Postgres, annals: &AnnalsProcess, token: &str) -> Finished {
    let mut command = environment::annals();
    command.args(["outbox", "--once", "--server", annals.address()]);
    command.env("ANNALS_TOKEN", token);
    command::finish(command.env("ANNALS_OUTBOX_DSN", postgres.dsn()))
}

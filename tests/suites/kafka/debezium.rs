//! The outbox by Debezium, as deploy/debezium has it: a real Kafka Connect, a real PostgreSQL.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use annals_tests::kafka::KafkaNode;
use annals_tests::list::List;
use annals_tests::postgres::Postgres;
use annals_tests::process::AnnalsProcess;
use annals_tests::{environment, ports, wait};
use serde_json::Value;

/// Transactions, of which every third is rolled back.
const TRANSACTIONS: u64 = 60;
/// A worker takes its time to start.
const PATIENCE: Duration = Duration::from_secs(180);

/// What was committed is on the page, in order, and nothing else; also what is committed while the
/// worker is killed. What it sends twice then is one event.
#[test]
fn what_is_committed_comes_through_debezium_once_and_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let kafka = KafkaNode::start();
    let options = kafka.up_on_new_topic("debezium", 4);
    let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
    let postgres = Postgres::start();
    let deploy = environment::repository().join("deploy/debezium");
    postgres.run(&std::fs::read_to_string(deploy.join("outbox.sql")).unwrap());
    let connector = connector(&deploy, &postgres, KafkaNode::topic_of(&options));
    let connector_file = directory.path().join("connector.json");
    std::fs::write(&connector_file, connector.to_string()).unwrap();
    let client = annals.client("acme");
    let list = List::of(&client, "acme");
    let shown = |count: u64| {
        wait::until("the committed events", PATIENCE, || {
            let rows = list.walk_values("", 1000);
            (rows.len() as u64 >= count).then_some(rows)
        })
    };

    let worker = Worker::start(&kafka, &connector_file, &directory.path().join("connect"));
    // From here on it sees what is committed: a row is not in the table any more then.
    wait::until("the replication slot", PATIENCE, || {
        let slots = postgres.run("SELECT confirmed_flush_lsn FROM pg_replication_slots");
        slots.iter().any(|slot| !slot.is_empty()).then_some(())
    });
    commit(&postgres, 0);
    let per_round = TRANSACTIONS - TRANSACTIONS / 3;
    assert_eq!(shown(per_round).len() as u64, per_round);
    drop(worker);
    commit(&postgres, TRANSACTIONS);
    let _worker = Worker::start(&kafka, &connector_file, &directory.path().join("connect"));
    let rows = shown(2 * per_round);

    let actions: Vec<_> = rows.iter().rev().map(|row| row["action"].as_str().unwrap()).collect();
    let expected = (0..2 * TRANSACTIONS).filter(|number| number % 3 != 2);
    let expected: Vec<_> = expected.map(|number| format!("count.n{number}")).collect();
    assert_eq!(actions, expected);
    let accounting: Value = client.get_json("/v1/workspaces/acme/accounting");
    assert_eq!(accounting["quarantined"], 0, "{accounting}");
}

/// The connector of deploy/, for these servers.
fn connector(deploy: &Path, postgres: &Postgres, topic: &str) -> Value {
    let text = std::fs::read(deploy.join("connector.json")).unwrap();
    let mut connector: Value = serde_json::from_slice(&text).unwrap();
    let config = connector["config"].as_object_mut().unwrap();
    let mut set = |name: &str, value: String| {
        assert!(config.insert(name.to_owned(), value.into()).is_some(), "{name} is not in it");
    };
    set("database.hostname", "127.0.0.1".to_owned());
    set("database.port", postgres.port().to_string());
    set("database.user", "product".to_owned());
    set("database.dbname", "postgres".to_owned());
    set("transforms.outbox.route.topic.replacement", topic.to_owned());
    connector
}

fn commit(postgres: &Postgres, first: u64) {
    for number in first..first + TRANSACTIONS {
        let end = if number % 3 == 2 { "ROLLBACK" } else { "COMMIT" };
        let id = format!("01890a5d-ac96-774b-bcce-{number:012x}");
        let event = serde_json::json!({
            "event_id": id, "workspace_id": "acme", "action": format!("count.n{number}"),
            "occurred_at": "2025-01-01T00:00:00Z", "metadata": {"name": "Žižek"}
        });
        postgres.run(&format!(
            "BEGIN; INSERT INTO annals_outbox_debezium VALUES ('{id}', 'acme', '{event}');
             DELETE FROM annals_outbox_debezium WHERE event_id = '{id}'; {end};"
        ));
    }
}

/// A worker with the connector. Killed when dropped.
struct Worker(Child);

impl Worker {
    fn start(kafka: &KafkaNode, connector: &Path, data: &Path) -> Self {
        let port = ports::free(1);
        let mut run = Command::new("bash");
        run.arg(environment::repository().join("tests/kafka/connect-up")).arg("run");
        run.arg(kafka.brokers()).arg(connector).arg(data).arg(port.to_string());
        Self(run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

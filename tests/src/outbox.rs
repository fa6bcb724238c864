//! The two sides of the outbox: a product's transactions, and `annals outbox` as a process.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::environment;
use crate::http::Http;
use crate::list::List;
use crate::postgres::Postgres;

/// Numbers of a workspace's events, in order.
pub type Numbers = BTreeMap<String, Vec<u64>>;

/// A table of the product's own, written in the same transactions: what must be on the log.
const BUSINESS: &str = "CREATE TABLE IF NOT EXISTS business (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, workspace text, number bigint)";

/// Makes the product's own table.
pub fn make_product(postgres: &Postgres) {
    postgres.run(BUSINESS);
}

/// A writer that runs so many transactions of one to five events each, every third rolled back. Its
/// events are numbered from `first` and go to the workspaces in turn.
pub fn write(postgres: &Postgres, workspaces: &[&str], first: u64, transactions: u64) -> Child {
    let mut script = String::new();
    let mut number = first;
    for transaction in 0..transactions {
        script.push_str("BEGIN;\n");
        let end = if transaction % 3 == 2 { "ROLLBACK" } else { "COMMIT" };
        for _ in 0..=transaction % 5 {
            let workspace = workspaces[usize::try_from(number).expect("small") % workspaces.len()];
            let event = format!(
                r#"{{"workspace_id": "{workspace}", "action": "{end}.n{number}",
                    "occurred_at": "2025-01-01T00:00:00Z", "metadata": {{"n": {number}.0}}}}"#
            );
            let _ = write!(
                script,
                "INSERT INTO business (workspace, number) VALUES ('{workspace}', {number});\n\
                 INSERT INTO annals_outbox (event) VALUES ('{event}');\n"
            );
            number += 1;
        }
        let _ = writeln!(script, "{end};");
    }
    let mut psql = postgres.psql();
    let mut child = psql.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("psql starts");
    let mut input = child.stdin.take().expect("stdin was asked for");
    std::thread::spawn(move || {
        // A writer whose database goes away ends early.
        let _ = std::io::Write::write_all(&mut input, script.as_bytes());
    });
    child
}

/// What the product has committed, in the order of its ids.
pub fn committed(postgres: &Postgres) -> Numbers {
    let rows = postgres.run("SELECT workspace || ' ' || number FROM business ORDER BY id");
    let mut numbers = Numbers::new();
    for row in rows {
        let (workspace, number) = row.split_once(' ').expect("two columns");
        let number = number.parse().expect("a number");
        numbers.entry(workspace.to_owned()).or_default().push(number);
    }
    numbers
}

/// What a workspace shows, in the order of arrival; nothing that was rolled back may be there.
pub fn shown(client: &Http, workspace: &str) -> Vec<u64> {
    let list = List::of(client, workspace);
    list.settle();
    // One occurred_at for all: the list's order is the reverse of the arrival.
    let rows = list.walk_values("", 1000);
    let number = |row: &Value| {
        let action = row["action"].as_str().expect("rows have actions");
        action.strip_prefix("COMMIT.n").expect("rolled back").parse().expect("a number")
    };
    rows.iter().rev().map(number).collect()
}

/// A relay from the product's database to a server, as a process of its own. Killed when dropped.
pub struct Relay(Child);

impl Relay {
    /// Starts it. `crash_at` arms a failpoint.
    pub fn start(postgres: &Postgres, (server, token): (&str, &str), crash_at: &str) -> Self {
        let mut command = environment::annals();
        command.args(["outbox", "--server", server, "--poll-ms", "5"]);
        command.env("ANNALS_OUTBOX_DSN", postgres.dsn()).env("ANNALS_TOKEN", token);
        if !crash_at.is_empty() {
            command.env("ANNALS_CRASH_AT", crash_at);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("the binary starts"))
    }

    /// SIGKILL, as a crash would.
    pub fn kill(mut self) {
        self.end();
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_none())
    }

    fn end(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.end();
    }
}

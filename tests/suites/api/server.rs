//! A server of its own for a test, with one workspace to write to.

use std::path::Path;

use annals_tests::http::{Answer, Http};
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

/// `annals up` on an empty data directory and an administrator's client.
pub struct Server {
    pub annals: AnnalsProcess,
    pub admin: Http,
    _directory: TempDir,
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(&UpOptions::default())
    }

    pub fn start_with(options: &UpOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let annals = AnnalsProcess::start(&directory.path().join("data"), options);
        let admin = annals.client("*");
        Self { annals, admin, _directory: directory }
    }

    /// The same data directory under a new process, after the old one was killed.
    pub fn restart_after_kill(self) -> Self {
        self.restart_with(&UpOptions::default(), |_| {})
    }

    /// The same, once something was done to the directory while nobody had it.
    pub fn restart_with(self, options: &UpOptions, between: impl FnOnce(&Path)) -> Self {
        let Self { annals, _directory, .. } = self;
        let data = annals.data().to_path_buf();
        annals.kill();
        between(&data);
        let annals = AnnalsProcess::start(&data, options);
        let admin = annals.client("*");
        Self { annals, admin, _directory }
    }

    /// A client that reads `acme` as this person.
    pub fn reader(&self, subject: &str) -> Http {
        let data = self.annals.data().to_str().unwrap();
        let scope = ["--workspace", "acme", "--scope", "audit:read", "--subject", subject];
        let minted = annals_tests::command::run(&[&["token", "--data", data], &scope[..]].concat());
        self.admin.with_token(Some(minted.stdout.trim()))
    }

    /// A server whose workspace `acme` has these events, in this order.
    pub fn with_events(events: &[Value]) -> Self {
        let server = Self::start();
        server.post_all(events);
        server
    }

    /// Posts events to workspace `acme`, all of which must be accepted.
    pub fn post_all(&self, events: &[Value]) {
        for chunk in events.chunks(500) {
            let batch: Vec<Value> = chunk.iter().map(|event| complete(event.clone())).collect();
            let answer = self.admin.post("/v1/events:batch", &batch.into());
            assert_eq!(answer.status, 202, "{}", answer.text());
            for item in answer.json()["items"].as_array().unwrap() {
                assert_eq!(item["status"], "accepted", "{item}");
            }
        }
        self.list().settle();
    }

    /// Posts one event to workspace `acme`, whatever the answer.
    pub fn post(&self, event: Value) -> Answer {
        post_settled(&self.admin, &complete(event))
    }

    /// Rows of workspace `acme`.
    pub fn rows(&self, query: &str) -> Vec<Value> {
        self.list().rows(query)
    }

    /// The members `metadata.n` of the rows of workspace `acme`, by which the tests tell events.
    pub fn numbers(&self, query: &str) -> Vec<u64> {
        self.rows(query).iter().map(|row| row["metadata"]["n"].as_u64().unwrap()).collect()
    }

    /// The answer of another route of workspace `acme`.
    pub fn get(&self, route: &str) -> Value {
        self.admin.get_json(&format!("/v1/workspaces/acme/{route}"))
    }

    /// Status, problem name and parameter of a refused request to a route of workspace `acme`.
    pub fn refusal_of(&self, route: &str) -> (u16, String, String) {
        let answer = self.admin.get(&format!("/v1/workspaces/acme/{route}"));
        let parameter = answer.json()["errors"][0]["parameter"].as_str().unwrap_or("").to_owned();
        (answer.status, answer.problem(), parameter)
    }

    /// The list of workspace `acme`.
    pub fn list(&self) -> List<'_> {
        List::of(&self.admin, "acme")
    }

    /// Status, problem name and parameter of a refused list query.
    pub fn refusal(&self, query: &str) -> (u16, String, String) {
        let answer = self.list().answer(query);
        let parameter = answer.json()["errors"][0]["parameter"].as_str().unwrap_or("").to_owned();
        (answer.status, answer.problem(), parameter)
    }
}

/// Posts one event, whatever the answer, and waits until pages are complete through the answer.
pub fn post_settled(client: &Http, event: &Value) -> Answer {
    let answer = client.post("/v1/events", event);
    if [200, 202].contains(&answer.status) {
        List::of(client, event["workspace_id"].as_str().unwrap()).settle();
    }
    answer
}

/// An event of workspace `acme` with an action, unless it says otherwise.
fn complete(mut event: Value) -> Value {
    let members = event.as_object_mut().expect("an event is an object");
    members.entry("workspace_id").or_insert_with(|| json!("acme"));
    members.entry("action").or_insert_with(|| json!("segment.updated"));
    event
}

/// Event `n` at second `n` of a day, to be merged with what matters to the test.
pub fn numbered(n: u64, more: Value) -> Value {
    let mut event = json!({
        "occurred_at": format!("2025-03-01T{:02}:{:02}:{:02}Z", n / 3600, n / 60 % 60, n % 60),
        "metadata": {"n": n},
    });
    let members = event.as_object_mut().expect("made above");
    members.extend(more.as_object().expect("an object").clone());
    event
}

/// A resource.
pub fn resource(kind: &str, id: &str, name: &str) -> Value {
    json!({"type": kind, "id": id, "name": name})
}

/// Event `n` on one segment of this name, each with an id of its own.
pub fn named(n: u64, name: &str) -> Value {
    numbered(n, json!({"resources": [resource("segment", &format!("s{n}"), name)]}))
}

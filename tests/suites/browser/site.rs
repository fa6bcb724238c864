//! One installation with events in it, and a browser that visits.

use annals_tests::http::Http;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{command, environment, ports, wait};
use serde_json::{Value, json};
use std::process::Command;
use tempfile::TempDir;

const WORKSPACE: &str = "acme";
/// A scenario that takes longer hangs.
const LIMIT_SECONDS: &str = "120";

/// A running installation whose workspace `acme` holds the given events.
pub struct Site {
    // Dropped first: the process must not outlive its directory.
    annals: AnnalsProcess,
    /// Pages from this port of the machine may embed the log.
    allowed_port: u16,
    events: Vec<Value>,
    _directory: TempDir,
}

impl Site {
    /// Starts it and waits until every event is on the page's list.
    pub fn with(events: Vec<Value>) -> Self {
        Self::started(events, UpOptions::recording_reads())
    }

    /// The same; every event is in a signed tree head as well.
    pub fn signed(events: Vec<Value>) -> Self {
        let options = UpOptions::recording_reads();
        let interval = "ANNALS_STORAGE_SEAL_INTERVAL_SECONDS";
        let site = Self::started(events, options.variable(interval, "1"));
        let client = site.annals.client(WORKSPACE);
        let listed = List::of(&client, WORKSPACE).answer("").json();
        for row in listed["data"].as_array().expect("a list has rows") {
            let id = row["event_id"].as_str().expect("a row has an id");
            let proof = format!("/v1/workspaces/{WORKSPACE}/events/{id}/proof");
            wait::until("a proof", wait::PATIENCE, || {
                (client.get(&proof).status == 200).then_some(())
            });
        }
        site
    }

    fn started(events: Vec<Value>, options: UpOptions) -> Self {
        let directory = TempDir::new().expect("the machine has a temporary directory");
        let allowed_port = ports::free(1);
        let origin = format!("http://127.0.0.1:{allowed_port}");
        let options = options.variable("ANNALS_HTTP_ALLOWED_ORIGINS", &origin);
        let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
        let client = annals.client(WORKSPACE);
        if !events.is_empty() {
            send(&client, &events);
        }
        let expected = u64::try_from(events.len()).expect("few events");
        wait::until("the events to be listed", wait::PATIENCE, || {
            let body = List::of(&client, WORKSPACE).answer("count=exact&limit=1").json();
            (body["total"]["value"] == expected).then_some(())
        });
        Self { annals, allowed_port, events, _directory: directory }
    }

    /// Has the scenario drive the page; fails with its words if it does not hold.
    pub fn holds(&self, scenario: &str) {
        let run = environment::repository().join("tests/browser/run.mjs");
        let site = self.description().to_string();
        let mut node = Command::new("timeout");
        node.args(["--kill-after=5", LIMIT_SECONDS, "node"]).arg(run).args([scenario, &site]);
        let finished = command::finish(&mut node);
        let held = finished.code == Some(0) && finished.stdout.contains(" held");
        assert!(held, "{scenario} ({:?}):\n{}", finished.code, finished.stderr);
    }

    /// The page's content security policy.
    pub fn policy(&self) -> String {
        let answer = self.annals.anonymous().get("/ui/");
        assert_eq!(answer.status, 200);
        answer.header("content-security-policy").to_owned()
    }

    /// What a scenario has to know.
    fn description(&self) -> Value {
        let token = |scopes: &[&str]| command::token(self.annals.data(), WORKSPACE, scopes);
        let payloads = self.events.iter().map(|event| &event["resources"][0]["name"]);
        json!({
            "address": self.annals.address(),
            "workspace": WORKSPACE,
            "token": token(&["audit:read"]),
            "writeOnlyToken": token(&["audit:write"]),
            "verifyToken": token(&["audit:read", "audit:verify"]),
            "logKey": self.annals.client(WORKSPACE).get("/v1/log/key").text(),
            "adminToken": token(&["audit:read", "audit:export", "audit:admin"]),
            "allowedPort": self.allowed_port,
            "events": self.events.len(),
            "payloads": payloads.filter(|name| name.is_string()).collect::<Vec<_>>(),
        })
    }
}

fn send(client: &Http, events: &[Value]) {
    let answer = client.post("/v1/events:batch", &Value::from(events.to_vec()));
    assert_eq!(answer.status, 202, "{}", answer.text());
    let items = answer.json()["items"].as_array().cloned().unwrap_or_default();
    assert_eq!(items.len(), events.len());
    for (item, event) in items.iter().zip(events) {
        assert_eq!(item["status"], "accepted", "{item} for {event}");
    }
}

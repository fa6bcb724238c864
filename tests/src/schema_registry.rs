//! A real schema registry (Apicurio), started by the project's own script. Never a mock.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::Http;
use crate::{command, environment, ports, wait};

/// Java takes its time to start.
const PATIENCE: Duration = Duration::from_secs(180);
/// Where it speaks Confluent's API.
const BASE: &str = "/apis/ccompat/v7";

/// A registry in memory: what it knows is gone with it. Killed when dropped.
pub struct SchemaRegistry {
    child: Child,
    port: u16,
}

impl SchemaRegistry {
    /// Starts one.
    pub fn start() -> Self {
        Self::start_at(ports::free(1))
    }

    /// Starts one at a port that somebody was told before.
    ///
    /// # Panics
    /// When it does not answer: a test of a registry never passes without one.
    pub fn start_at(port: u16) -> Self {
        let mut run = Command::new("bash");
        run.arg(environment::repository().join("tests/kafka/apicurio-up"));
        run.arg("run").arg(port.to_string());
        run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = run.spawn().expect("bash can be started");
        let registry = Self { child, port };
        let client = registry.client();
        wait::until("the schema registry", PATIENCE, || {
            let asked = client.request("GET", &format!("{BASE}/subjects"));
            client.try_send(asked).is_ok_and(|answer| answer.status == 200).then_some(())
        });
        registry
    }

    /// What a client is configured with.
    pub fn url(&self) -> String {
        Self::url_at(self.port)
    }

    /// The same of one that is started later.
    pub fn url_at(port: u16) -> String {
        format!("http://127.0.0.1:{port}{BASE}")
    }

    /// Registers an Avro schema under a subject; its id.
    ///
    /// # Panics
    /// When it is refused.
    pub fn register(&self, subject: &str, schema: &str) -> u32 {
        self.register_as(subject, &json!({ "schema": schema }))
    }

    /// The same of any kind of schema.
    ///
    /// # Panics
    /// See [`register`](Self::register).
    pub fn register_as(&self, subject: &str, body: &Value) -> u32 {
        let path = format!("{BASE}/subjects/{subject}/versions");
        let answer = self.client().post(&path, body);
        assert_eq!(answer.status, 200, "{subject}: {}", answer.text());
        let id = answer.json()["id"].as_u64().and_then(|id| u32::try_from(id).ok());
        id.expect("an id of 32 bits")
    }

    /// Freezes it: connections are taken and nothing is answered.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn client(&self) -> Http {
        Http::new(&format!("http://127.0.0.1:{}", self.port), None)
    }

    fn signal(&self, signal: &str) {
        // The script has become the server: `exec`.
        command::signal(self.child.id(), signal);
    }
}

impl Drop for SchemaRegistry {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

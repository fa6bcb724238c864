//! An event in the making.

use annals_schemas::{
    Actor, Change, Context, Event, Instant, JsonText, Outcome, Principal, Resource, WorkspaceId,
};
use serde_json::Value;

use super::DEMO_WORKSPACE;
use super::people::Person;
use super::random::Random;

const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
];

/// What happened, before it has a time and an id.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    actor: Actor,
    action: String,
    outcome: Outcome,
    resources: Vec<Resource>,
    changes: Vec<Change>,
    metadata: Option<JsonText>,
    context: Context,
}

impl Draft {
    /// A person at a browser does something.
    pub fn by_person(person: &Person, action: &str, random: &mut Random) -> Self {
        let user_agent = BROWSERS[person.id.len() % BROWSERS.len()];
        let mut draft = Self::by(person.principal(), action, "web-app", random);
        draft.context.ip = Some(person.ip.to_owned());
        draft.context.user_agent = Some(user_agent.to_owned());
        draft
    }

    /// A program, or nobody known, does something.
    pub fn by(principal: Principal, action: &str, service: &str, random: &mut Random) -> Self {
        let context = Context {
            request_id: Some(format!("req-{}", random.hex(10))),
            trace_id: Some(random.hex(16) + &random.hex(16)),
            service: Some(service.to_owned()),
            ..Context::default()
        };
        Self {
            actor: Actor { principal, on_behalf_of: None },
            action: action.to_owned(),
            outcome: Outcome::Success,
            resources: Vec::new(),
            changes: Vec::new(),
            metadata: None,
            context,
        }
    }

    pub fn on(mut self, resource: Resource) -> Self {
        self.resources.push(resource);
        self
    }

    pub fn on_behalf_of(mut self, person: &Person) -> Self {
        self.actor.on_behalf_of = Some(person.principal());
        self
    }

    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    pub fn with_ip(mut self, ip: &str) -> Self {
        self.context.ip = Some(ip.to_owned());
        self
    }

    pub fn change(mut self, path: &str, before: Option<Value>, after: Option<Value>) -> Self {
        let [before, after] = [before, after].map(|value| value.as_ref().and_then(json_text));
        self.changes.push(Change { path: path.to_owned(), before, after });
        self
    }

    pub fn metadata(mut self, metadata: &Value) -> Self {
        self.metadata = json_text(metadata);
        self
    }

    /// The event, as of a moment.
    pub fn at(self, at: Instant, random: &mut Random) -> Option<Event> {
        Some(Event {
            event_id: random.event_id(at),
            occurred_at: Some(at),
            workspace_id: WorkspaceId::new(DEMO_WORKSPACE).ok()?,
            actor: self.actor,
            action: self.action,
            explicit_kind: None,
            outcome: self.outcome,
            resources: self.resources,
            context: self.context,
            changes: self.changes,
            description: None,
            metadata: self.metadata,
            producer: None,
        })
    }
}

fn json_text(value: &Value) -> Option<JsonText> {
    JsonText::parse(&value.to_string()).ok()
}

//! From an [`Event`] to its JSON.

use serde_json::{Map, Value, json};

use crate::{Actor, Change, Context, Event, JsonText, Principal, Resource};

impl Event {
    /// The event JSON of `docs/EVENT.md`: every member, `null` where nothing was given (`kind` too
    /// if it is not explicit); `producer`, `before` and `after` only if given.
    ///
    /// `parse_event` reads the same event from it. Values in `metadata` and `changes` are as
    /// `serde_json` holds them: an integer beyond 64 bits becomes a double.
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "event_id": self.event_id,
            "occurred_at": self.occurred_at.map(|instant| instant.to_string()),
            "workspace_id": self.workspace_id.as_str(),
            "actor": actor_json(&self.actor),
            "action": self.action,
            "kind": self.explicit_kind,
            "outcome": self.outcome,
            "resources": self.resources.iter().map(resource_json).collect::<Vec<_>>(),
            "context": context_json(&self.context),
            "changes": self.changes.iter().map(change_json).collect::<Vec<_>>(),
            "description": self.description,
            "metadata": self.metadata.as_ref().map(JsonText::to_value),
        });
        if let (Some(producer), Some(members)) = (&self.producer, json.as_object_mut()) {
            let stamp = json!({"id": producer.id, "number": producer.number});
            members.insert("producer".to_owned(), stamp);
        }
        json
    }
}

impl JsonText {
    /// The text as a value.
    pub fn to_value(&self) -> Value {
        // Checked when made. `serde_json` could only object to what our reader refuses already.
        serde_json::from_str(self.as_str()).unwrap_or_else(|_| self.as_str().into())
    }
}

fn actor_json(actor: &Actor) -> Value {
    let mut members = principal_json(&actor.principal);
    let on_behalf_of = actor.on_behalf_of.as_ref().map(principal_json);
    members.insert("on_behalf_of".to_owned(), on_behalf_of.map_or(Value::Null, Value::Object));
    Value::Object(members)
}

fn principal_json(principal: &Principal) -> Map<String, Value> {
    let text = |text: &Option<String>| Value::from(text.clone());
    let members = [
        ("kind", Value::from(principal.kind.as_str())),
        ("id", text(&principal.id)),
        ("name", text(&principal.name)),
        ("email", text(&principal.email)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn resource_json(resource: &Resource) -> Value {
    json!({"type": resource.resource_type, "id": resource.id, "name": resource.name})
}

fn context_json(context: &Context) -> Value {
    json!({
        "ip": context.ip,
        "user_agent": context.user_agent,
        "request_id": context.request_id,
        "trace_id": context.trace_id,
        "service": context.service,
        "origin": context.origin,
    })
}

fn change_json(change: &Change) -> Value {
    let mut members = Map::new();
    members.insert("path".to_owned(), change.path.clone().into());
    for (name, text) in [("before", &change.before), ("after", &change.after)] {
        if let Some(text) = text {
            members.insert(name.to_owned(), text.to_value());
        }
    }
    Value::Object(members)
}

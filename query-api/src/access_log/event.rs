//! The event that stands for accesses.

use annals_schemas::{
    Actor, ActorKind, Context, Event, Instant, JsonText, Outcome, Principal, WorkspaceId,
};
use annals_service::access::CallerKind;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::AccessKind;
use super::window::{Key, Reader, Window};

/// Characters of an id, a name or an address that are kept.
const MAX_CHARACTERS: usize = 200;
/// Says who wrote the event.
const SERVICE: &str = "annals";

/// The event of a window with accesses in it. `None` only for a workspace that cannot be.
pub(super) fn of_window(key: &Key, window: &Window) -> Option<Event> {
    let metadata = json!({
        "count": window.count,
        "first_at": instant(window.first_at).to_string(),
        "last_at": instant(window.last_at).to_string(),
        "filters_sha256": window.filters_sha256(),
        "routes": window.routes,
    });
    of_one(&key.workspace, &key.reader, key.kind, window.last_at, &metadata)
}

/// The event of one access with details of its own.
pub(super) fn of_one(
    workspace: &str,
    reader: &Reader,
    kind: AccessKind,
    at_micros: i64,
    details: &Value,
) -> Option<Event> {
    let actor = Principal {
        kind: match reader.kind {
            CallerKind::User => ActorKind::User,
            CallerKind::ApiKey => ActorKind::ApiKey,
        },
        id: Some(plain(&reader.subject)).filter(|id| !id.is_empty()),
        name: reader.name.as_deref().map(plain),
        email: reader.email.as_deref().map(plain),
    };
    let none = || Value::Object(Map::new());
    let details = if details.is_object() { details.clone() } else { none() };
    Some(Event {
        event_id: Uuid::now_v7(),
        occurred_at: Some(instant(at_micros)),
        workspace_id: WorkspaceId::new(workspace).ok()?,
        actor: Actor { principal: actor, on_behalf_of: None },
        action: kind.action().into(),
        explicit_kind: None,
        outcome: Outcome::Success,
        resources: Vec::new(),
        context: Context { service: Some(SERVICE.to_owned()), ..Context::default() },
        changes: Vec::new(),
        description: None,
        metadata: JsonText::parse(&details.to_string()).ok(),
        producer: None,
    })
}

fn instant(micros: i64) -> Instant {
    Instant::from_micros(micros).unwrap_or(Instant::MIN)
}

/// What a token says of its bearer must not make the record one that is refused.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use annals_schemas::Limits;

    use super::*;
    use crate::access_log::FilterHash;

    #[test]
    fn whatever_a_token_says_the_event_keeps_the_rules() {
        for text in ["", "u1", "\0\n\u{202e}x", &"é".repeat(5_000)] {
            let owned = Some(text.to_owned());
            let reader = Reader {
                kind: CallerKind::User,
                subject: text.to_owned(),
                name: owned.clone(),
                email: owned,
            };
            let key = Key { workspace: "acme".into(), reader, kind: AccessKind::Viewed };
            let mut window = Window::opened_at(0);
            window.add(1_000_000, "events", FilterHash::of("/events", "actor=u1"));
            let event = of_window(&key, &window).unwrap();
            event.check(&Limits::GATEWAY).unwrap();
            let metadata: Value =
                serde_json::from_str(event.metadata.as_ref().unwrap().as_str()).unwrap();
            assert_eq!(metadata["count"], 1);
            assert_eq!(metadata["last_at"], "1970-01-01T00:00:01.000000Z");
        }
    }
}

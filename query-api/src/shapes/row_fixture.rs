//! Rows with everything that they may have, and with the least, for tests.

use annals_schemas::{Event, Instant, JsonText, Limits, Position, Resource, parse_event_value};
use annals_store::{Clock, ResourceNow, Row};
use serde_json::json;

/// An event with, or without, everything that may be there.
fn event(is_full: bool) -> Event {
    let full = json!({
        "event_id": "01930000-0000-7000-8000-00abcdef0123",
        "occurred_at": "2026-10-25T01:30:00.000123Z", "workspace_id": "acme",
        "actor": {"kind": "user", "id": "u1", "name": "Ana \"A\"", "email": "a@x.example",
            "on_behalf_of": {"kind": "user", "id": "u2"}},
        "action": "segment.updated", "outcome": "denied",
        "resources": [{"type": "segment", "id": "s\\1", "name": "VIP é"},
            {"type": "segment", "id": "s2"}],
        "context": {"ip": "::1", "service": "crm"},
        "changes": [{"path": "name", "before": null, "after": [1.5, "x\n"]}, {"path": "b"}],
        "description": "tab\tand \"this\"", "metadata": {"a": {"b": 1e3}},
    });
    let least = json!({"event_id": "01930000-0000-7000-8000-00abcdef0123",
        "workspace_id": "acme", "action": "ping"});
    let given = if is_full { full } else { least };
    let mut event = parse_event_value(&given, &Limits::HARD, uuid::Uuid::nil).unwrap();
    if is_full {
        event.metadata = Some(JsonText::parse(" {\"a\":\r\n 1.50} ").unwrap());
    }
    event
}

/// Its row, with or without everything that may be true of it.
pub(super) fn row(is_full: bool) -> Row {
    let event = event(is_full);
    let now = |(at, _): (usize, &Resource)| ResourceNow {
        current_name: (at == 0).then(|| "VIP \\ EU".into()),
        deleted: at == 1,
        matched_name: (at == 1).then(|| "Old".into()),
    };
    let at = Instant::parse("2026-10-25T01:31:00Z").unwrap();
    Row {
        resources: event.resources.iter().enumerate().map(now).collect(),
        seq: u64::MAX,
        recorded_at: at,
        effective_at: event.occurred_at.unwrap_or(at),
        clock: Clock::Producer,
        late_by_seconds: 60,
        position: Position { partition: 3, offset: 1 << 60 },
        actor_former: is_full,
        on_behalf_of_former: !is_full,
        event: Box::new(event),
    }
}

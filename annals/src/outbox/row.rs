//! A row of the outbox, and the event that it is.

use annals_schemas::{Event, Instant, Limits, parse_event};
use uuid::Uuid;

/// A committed row.
pub(super) struct Row {
    pub(super) id: i64,
    /// Counts unless the event has its own.
    pub(super) event_id: String,
    /// Likewise; microseconds since 1970.
    pub(super) occurred_at_us: i64,
    /// Event JSON.
    pub(super) event: String,
}

impl Row {
    /// The event; the same whenever the row is read. The error names every fault.
    pub(super) fn event(&self) -> Result<Event, String> {
        let id = Uuid::parse_str(&self.event_id).map_err(|error| error.to_string())?;
        let parsed = parse_event(self.event.as_bytes(), &Limits::HARD, || id);
        let mut event = parsed.map_err(|violation| crate::sink::describe(&violation))?;
        event.occurred_at = event.occurred_at.or_else(|| Instant::from_micros(self.occurred_at_us));
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(event: &str) -> Row {
        Row {
            id: 1,
            event_id: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
            occurred_at_us: 1_792_891_800_000_123,
            event: event.to_owned(),
        }
    }

    #[test]
    fn columns_count_unless_the_event_has_its_own() {
        let event = row(r#"{"workspace_id": "acme", "action": "a.b"}"#).event().unwrap();
        assert_eq!(event.event_id.to_string(), "01890a5d-ac96-774b-bcce-b302099a8057");
        assert_eq!(event.occurred_at.unwrap().to_string(), "2026-10-25T01:30:00.000123Z");
        let own = r#"{"workspace_id": "acme", "action": "a.b",
            "occurred_at": "2020-01-01T00:00:00Z",
            "event_id": "68aba266-c4d6-506e-a705-71a4fba7b1ed"}"#;
        let event = row(own).event().unwrap();
        assert_eq!(event.event_id.to_string(), "68aba266-c4d6-506e-a705-71a4fba7b1ed");
        assert_eq!(event.occurred_at.unwrap().to_string(), "2020-01-01T00:00:00.000000Z");
    }

    #[test]
    fn what_is_no_event_says_why() {
        let error = row(r#"{"workspace_id": "acme", "action": "a.b", "typo": 1}"#).event();
        assert!(error.unwrap_err().contains("/typo"));
    }
}

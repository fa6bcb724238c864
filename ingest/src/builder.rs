//! An event put together step by step.

use annals_schemas::{
    Change, Context, Event, Instant, InvalidWorkspaceId, JsonText, Kind, Outcome, Principal,
    Resource, SchemaViolation, WorkspaceId,
};
use serde::Serialize;

use crate::changes::changes_between;
use crate::record::undated_event;

/// Builds an event: who did what, on what.
///
/// ```
/// # use annals_ingest::{EventBuilder, Principal};
/// # #[derive(serde::Serialize)]
/// # struct Segment { name: &'static str, countries: Vec<&'static str> }
/// let before = Segment { name: "VIP", countries: vec!["FR"] };
/// let after = Segment { name: "VIP", countries: vec!["FR", "DE"] };
/// let event = EventBuilder::new("acme", "segment.updated")?
///     .by(Principal::user("u1").named("Ana"))
///     .on("segment", "s9", Some("VIP"))
///     .changed(&before, &after)?
///     .build();
/// assert_eq!(event.changes[0].path, "countries");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct EventBuilder(Event);

/// Why something is no part of an event.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Serde cannot write it as JSON.
    #[error("it cannot be written as JSON")]
    Unwritable(#[from] serde_json::Error),
    /// Metadata that is no JSON object.
    #[error("metadata must be a JSON object")]
    NoObject,
    /// It is no JSON that events may hold: too deep, or a number that fits no double.
    #[error("it is no JSON of an event: {0}")]
    Unfit(SchemaViolation),
}

impl EventBuilder {
    /// An event with a fresh id (UUIDv7), of an unknown actor, at the time when it is emitted.
    ///
    /// # Errors
    /// When the id is none of a workspace.
    pub fn new(workspace: &str, action: impl Into<String>) -> Result<Self, InvalidWorkspaceId> {
        Ok(Self(undated_event(WorkspaceId::new(workspace)?, action)))
    }

    /// When it happened, by this machine's clock. Otherwise it is the time when it is emitted.
    #[must_use]
    pub fn at(mut self, at: Instant) -> Self {
        self.0.occurred_at = Some(at);
        self
    }

    /// Who did it.
    #[must_use]
    pub fn by(mut self, principal: Principal) -> Self {
        self.0.actor.principal = principal;
        self
    }

    /// For whom it was done.
    #[must_use]
    pub fn on_behalf_of(mut self, principal: Principal) -> Self {
        self.0.actor.on_behalf_of = Some(principal);
        self
    }

    /// A resource it was done on; the first is the one that counts as changed.
    #[must_use]
    pub fn on(
        mut self,
        resource_type: impl Into<String>,
        id: impl Into<String>,
        name: Option<&str>,
    ) -> Self {
        let (resource_type, id, name) = (resource_type.into(), id.into(), name.map(str::to_owned));
        self.0.resources.push(Resource { resource_type, id, name });
        self
    }

    /// What the action does, where its name does not tell.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.0.explicit_kind = Some(kind);
        self
    }

    /// How it went.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    /// Where it came from: request, trace, address.
    #[must_use]
    pub fn context(mut self, context: Context) -> Self {
        self.0.context = context;
        self
    }

    /// A sentence for people.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// The fields in which two states of the resource differ, each with its value before and
    /// after. Of a field that only one of them has the other side is absent.
    ///
    /// # Errors
    /// When serde cannot write one of them as JSON that events may hold.
    pub fn changed<T: Serialize + ?Sized>(
        mut self,
        before: &T,
        after: &T,
    ) -> Result<Self, BuildError> {
        let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
        for (path, before, after) in changes_between(&before, &after) {
            let text = |value: Option<&serde_json::Value>| value.map(json_text).transpose();
            let (before, after) = (text(before)?, text(after)?);
            self.0.changes.push(Change { path, before, after });
        }
        Ok(self)
    }

    /// Anything else, as a JSON object.
    ///
    /// # Errors
    /// When serde cannot write it as JSON that events may hold, or writes no object.
    pub fn metadata<T: Serialize + ?Sized>(mut self, metadata: &T) -> Result<Self, BuildError> {
        let metadata = serde_json::to_value(metadata)?;
        if !metadata.is_object() {
            return Err(BuildError::NoObject);
        }
        self.0.metadata = Some(json_text(&metadata)?);
        Ok(self)
    }

    /// The event. Whether it keeps the limits is checked by the recorder.
    pub fn build(self) -> Event {
        self.0
    }
}

fn json_text(value: &serde_json::Value) -> Result<JsonText, BuildError> {
    JsonText::parse(&value.to_string()).map_err(BuildError::Unfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_in_the_event() {
        let event = EventBuilder::new("acme", "segment.updated")
            .unwrap()
            .at(Instant::from_millis_clamped(5))
            .by(Principal::api_key("k1"))
            .on_behalf_of(Principal::user("u1").named("Ana").email("ana@acme.test"))
            .on("segment", "s1", Some("VIP"))
            .on("model", "m1", None)
            .outcome(Outcome::Success)
            .changed(&serde_json::json!({"a": 1}), &serde_json::json!({"a": null, "b": [2]}))
            .unwrap()
            .metadata(&serde_json::json!({"ticket": 7}))
            .unwrap()
            .build();
        assert!(event.check(&annals_schemas::Limits::GATEWAY).is_ok());
        let behalf = event.actor.on_behalf_of.as_ref().unwrap();
        assert_eq!(
            (behalf.id.as_deref(), behalf.email.as_deref()),
            (Some("u1"), Some("ana@acme.test"))
        );
        assert_eq!(event.resources[1].id, "m1");
        let changes: Vec<_> = event
            .changes
            .iter()
            .map(|change| {
                let text =
                    |json: &Option<JsonText>| json.as_ref().map(|json| json.as_str().to_owned());
                (change.path.as_str(), text(&change.before), text(&change.after))
            })
            .collect();
        let text = |json: &str| Some(json.to_owned());
        assert_eq!(changes, [("a", text("1"), text("null")), ("b", None, text("[2]"))]);
    }

    #[test]
    fn what_is_no_event_is_told_where_it_is_given() {
        assert!(EventBuilder::new("", "a.b").is_err());
        let mut deep = serde_json::json!(1);
        for _ in 0..40 {
            deep = serde_json::json!({ "a": deep });
        }
        let builder = EventBuilder::new("acme", "a.b").unwrap();
        assert!(matches!(builder.clone().metadata(&deep), Err(BuildError::Unfit(_))));
        assert!(matches!(builder.metadata(&[1]), Err(BuildError::NoObject)));
    }
}

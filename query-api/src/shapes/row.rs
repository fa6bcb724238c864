//! One event as a row.

use annals_schemas::{JsonText, Labels, Position};
use annals_store::{ResourceNow, Row};
use memchr::memchr2;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::principal::PrincipalShape;
use crate::openapi::{ClockName, KindName, OutcomeName};

/// One event.
#[derive(Serialize, ToSchema)]
#[schema(as = Row)]
pub(crate) struct RowShape {
    pub(crate) event_id: String,
    pub(crate) seq: u64,
    pub(crate) occurred_at: Option<String>,
    pub(crate) recorded_at: String,
    pub(crate) effective_at: String,
    #[schema(value_type = ClockName, inline)]
    pub(crate) clock: &'static str,
    pub(crate) late_by_seconds: i64,
    pub(crate) action: String,
    pub(crate) action_label: String,
    #[schema(value_type = KindName, inline)]
    pub(crate) kind: &'static str,
    #[schema(value_type = OutcomeName, inline)]
    pub(crate) outcome: &'static str,
    pub(crate) actor: ActorShape,
    pub(crate) resources: Vec<ResourceShape>,
    pub(crate) context: ContextShape,
    pub(crate) changes: Vec<ChangeShape>,
    pub(crate) description: Option<String>,
    #[schema(value_type = Object)]
    pub(crate) metadata: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<PositionShape>,
}

/// Somebody and what is known of them.
#[derive(Serialize, ToSchema)]
#[schema(as = Actor)]
pub(crate) struct ActorShape {
    #[serde(flatten)]
    pub(crate) principal: PrincipalShape,
    pub(crate) on_behalf_of: Option<PrincipalShape>,
}

/// What was acted on.
#[derive(Serialize, ToSchema)]
#[schema(as = Resource)]
pub(crate) struct ResourceShape {
    pub(crate) r#type: String,
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) current_name: Option<String>,
    pub(crate) deleted: bool,
    pub(crate) matched_name: Option<String>,
}

/// Where it came from.
#[derive(Serialize, ToSchema)]
#[schema(as = Context)]
pub(crate) struct ContextShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
}

/// One changed field.
#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
pub(crate) struct ChangeShape {
    pub(crate) path: String,
    /// Absent when the field was not there; `null` when it was null.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) before: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) after: Option<Box<RawValue>>,
}

/// A place in the log; for verifiers and administrators.
#[derive(Serialize, ToSchema)]
#[schema(as = Position)]
pub(crate) struct PositionShape {
    pub(crate) partition: u32,
    pub(crate) offset: u64,
}

impl From<Position> for PositionShape {
    fn from(position: Position) -> Self {
        Self { partition: position.partition, offset: position.offset }
    }
}

impl RowShape {
    /// `language` is the request's `Accept-Language`.
    pub(crate) fn new(
        row: Row,
        labels: &Labels,
        language: Option<&str>,
        with_position: bool,
    ) -> Self {
        let kind = row.event.kind().as_str();
        let event = row.event;
        let resources = event.resources.into_iter().zip(row.resources);
        Self {
            event_id: event.event_id.to_string(),
            seq: row.seq,
            occurred_at: event.occurred_at.map(|at| at.to_string()),
            recorded_at: row.recorded_at.to_string(),
            effective_at: row.effective_at.to_string(),
            clock: row.clock.as_str(),
            late_by_seconds: row.late_by_seconds,
            action_label: labels.label(&event.action, language),
            action: event.action,
            kind,
            outcome: event.outcome.as_str(),
            actor: ActorShape {
                principal: PrincipalShape::at_event(event.actor.principal, row.actor_former),
                on_behalf_of: event
                    .actor
                    .on_behalf_of
                    .map(|other| PrincipalShape::at_event(other, row.on_behalf_of_former)),
            },
            resources: resources.map(|(resource, now)| ResourceShape::new(resource, now)).collect(),
            context: ContextShape {
                ip: event.context.ip,
                user_agent: event.context.user_agent,
                request_id: event.context.request_id,
                trace_id: event.context.trace_id,
                service: event.context.service,
                origin: event.context.origin,
            },
            changes: event
                .changes
                .into_iter()
                .map(|change| ChangeShape {
                    path: change.path,
                    before: change.before.as_ref().map(raw),
                    after: change.after.as_ref().map(raw),
                })
                .collect(),
            description: event.description,
            metadata: event.metadata.as_ref().map_or_else(empty_object, raw),
            position: with_position.then(|| row.position.into()),
        }
    }

    /// The event's identity, and everything of the row that does not follow from the event.
    pub(crate) fn changing(&self) -> impl Serialize + '_ {
        let status = |principal: &PrincipalShape| principal.status;
        let actor = (status(&self.actor.principal), self.actor.on_behalf_of.as_ref().map(status));
        let resources: Vec<_> = self
            .resources
            .iter()
            .map(|now| (now.current_name.as_deref(), now.deleted, now.matched_name.as_deref()))
            .collect();
        let given = (&self.action_label, self.position.is_some());
        (&self.event_id, self.seq, &self.recorded_at, given, actor, resources)
    }

    /// Appends the row as JSON on one line, without its end. Within strings line ends are escaped:
    /// those that are there are white space in what was given as JSON, and become blanks.
    pub(crate) fn write_line(&self, out: &mut Vec<u8>) {
        let mut from = out.len();
        serde_json::to_writer(&mut *out, self).expect("a row is plain data");
        while let Some(at) = memchr2(b'\n', b'\r', &out[from..]) {
            out[from + at] = b' ';
            from += at + 1;
        }
    }
}

impl ResourceShape {
    fn new(resource: annals_schemas::Resource, now: ResourceNow) -> Self {
        Self {
            r#type: resource.resource_type,
            id: resource.id,
            name: resource.name,
            current_name: now.current_name,
            deleted: now.deleted,
            matched_name: now.matched_name,
        }
    }
}

fn raw(text: &JsonText) -> Box<RawValue> {
    RawValue::from_string(text.as_str().to_owned()).expect("checked as JSON when it was decoded")
}

fn empty_object() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).expect("an empty object is JSON")
}

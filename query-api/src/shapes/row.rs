//! One event as a row, as the document describes it: [`RowText`](super::RowText) writes it.

use annals_schemas::Position;
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

//! Refused records.

use annals_store::RefusedRow;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;

use super::page::PageLinks;
use super::row::PositionShape;
use crate::openapi::ReasonName;

/// Refused records, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuarantineAnswer {
    pub(crate) data: Vec<QuarantinedRow>,
    pub(crate) page: PageLinks,
}

/// A record that is no event.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuarantinedRow {
    position: PositionShape,
    recorded_at: String,
    #[schema(value_type = ReasonName, inline)]
    reason: &'static str,
    detail: String,
    event_id: Option<String>,
    bytes_base64: Option<String>,
}

impl From<RefusedRow> for QuarantinedRow {
    fn from(row: RefusedRow) -> Self {
        Self {
            position: row.position.into(),
            recorded_at: row.recorded_at.to_string(),
            reason: row.refusal.reason.as_str(),
            detail: row.refusal.detail,
            event_id: row.refusal.event_id.map(|id| id.to_string()),
            bytes_base64: row.record.value.map(|value| STANDARD.encode(value)),
        }
    }
}

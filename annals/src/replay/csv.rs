//! A record as a line of CSV: RFC 4180, CRLF, formula-safe cells as in the API's exports.

use annals_query_api::write_csv_cell;
use annals_schemas::{Event, Instant};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::judge::{Judged, Outcome};

const COLUMNS: &str = "status,partition,offset,recorded_at,event_id,occurred_at,workspace_id,\
    action,kind,outcome,actor_kind,actor_id,actor_name,actor_email,on_behalf_of_id,resource_type,\
    resource_id,resource_name,resources_json,changes_json,ip,user_agent,request_id,trace_id,\
    service,origin,description,metadata_json,reason,detail,bytes_base64";
/// Columns of an event, and of a refusal.
const EVENT_COLUMNS: usize = 24;
const REFUSAL_COLUMNS: usize = 3;

/// The first line.
pub(super) fn write_header(out: &mut Vec<u8>) {
    out.extend_from_slice(COLUMNS.as_bytes());
    out.extend_from_slice(b"\r\n");
}

pub(super) fn write(judged: &Judged<'_>, out: &mut Vec<u8>) {
    let record = judged.record;
    let recorded_at = Instant::from_millis_clamped(record.timestamp_ms).to_string();
    let (partition, offset) = (record.position.partition, record.position.offset);
    let place = [judged.status().to_owned(), partition.to_string(), offset.to_string()];
    place.iter().chain([&recorded_at]).for_each(|cell| write_csv_cell(cell, out));
    let no_event = || Default::default();
    let event = judged.event().map_or_else(no_event, |event| event_cells(&event.to_event()));
    event.iter().for_each(|cell| write_csv_cell(cell, out));
    let refusal: [String; REFUSAL_COLUMNS] = match &judged.outcome {
        Outcome::Quarantined(refusal) => [
            refusal.reason.to_string(),
            refusal.detail.clone(),
            record.value.as_deref().map(|bytes| STANDARD.encode(bytes)).unwrap_or_default(),
        ],
        _ => Default::default(),
    };
    refusal.iter().for_each(|cell| write_csv_cell(cell, out));
    // The last cell's comma.
    out.pop();
    out.extend_from_slice(b"\r\n");
}

fn event_cells(event: &Event) -> [String; EVENT_COLUMNS] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let actor = &event.actor.principal;
    let other = event.actor.on_behalf_of.as_ref();
    let first = event.resources.first();
    let context = &event.context;
    let json = event.to_json();
    let member = |name: &str| match &json[name] {
        Value::Null => String::new(),
        value => value.to_string(),
    };
    let kind = event.explicit_kind.map(|kind| kind.as_str()).unwrap_or_default();
    [
        event.event_id.to_string(),
        event.occurred_at.map(|at| at.to_string()).unwrap_or_default(),
        event.workspace_id.to_string(),
        event.action.clone(),
        kind.to_owned(),
        event.outcome.as_str().to_owned(),
        actor.kind.as_str().to_owned(),
        text(&actor.id),
        text(&actor.name),
        text(&actor.email),
        other.map(|other| text(&other.id)).unwrap_or_default(),
        first.map(|resource| resource.resource_type.clone()).unwrap_or_default(),
        first.map(|resource| resource.id.clone()).unwrap_or_default(),
        first.map(|resource| text(&resource.name)).unwrap_or_default(),
        json!(json["resources"]).to_string(),
        json!(json["changes"]).to_string(),
        text(&context.ip),
        text(&context.user_agent),
        text(&context.request_id),
        text(&context.trace_id),
        text(&context.service),
        text(&context.origin),
        text(&event.description),
        member("metadata"),
    ]
}

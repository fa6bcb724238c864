//! From one posted item to a record, or to the reason why not.

use std::collections::BTreeMap;

use annals_schemas::{
    ActionPattern, Event, FieldError, Labels, Limits, NewRecord, Reason, SchemaViolation,
    WorkspaceId, content_hash, is_reserved_action, new_record, parse_cloud_event,
    parse_cloud_event_binary, parse_event,
};
use annals_service::access::{Access, Caller, Scope};
use annals_service::problem::ProblemKind;
use serde::Deserialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use super::action_schemas::ActionSchemas;
use super::body::Item;
use crate::events_lost::EventsLost;

/// An item that may go to the log.
pub(super) struct Admitted {
    pub workspace_id: WorkspaceId,
    pub event_id: Uuid,
    /// Whether the id is of our making, and so cannot be known.
    pub id_assigned: bool,
    /// What the event says; see `annals_schemas::content_hash`.
    pub content_hash: [u8; 32],
    /// Content hash of the first item before it in this request with the same workspace and id.
    pub first_hash: Option<[u8; 32]>,
    pub record: NewRecord,
}

/// An item that is refused.
#[derive(Debug)]
pub(super) struct Refused {
    pub event_id: Option<Uuid>,
    pub kind: ProblemKind,
    pub detail: String,
    pub errors: Vec<FieldError>,
}

/// What `actions.json` says, and its schemas ready for use.
pub(super) type Rules<'a> = (&'a Labels, &'a ActionSchemas);

/// Parses and authorises the items of one request, in order, holds them against the schemas of
/// their actions, and masks what is secret.
pub(super) fn admit(
    items: &[Item],
    caller: &Caller,
    (limits, rules): (&Limits, Option<Rules<'_>>),
    traceparent: Option<&str>,
) -> Vec<Result<Admitted, Refused>> {
    let mut seen = BTreeMap::new();
    let mut admit_one = |item: &Item| {
        let (mut event, id_assigned) = parse(item, limits)?;
        authorise(&event, caller)?;
        if let Some((actions, schemas)) = rules {
            schemas.check(actions, &event).map_err(|errors| unlike_its_action(&event, errors))?;
            actions.mask(&mut event);
        }
        let identity = (event.workspace_id.clone(), event.event_id);
        let content_hash = content_hash(&event);
        let first_hash = seen.get(&identity).copied();
        seen.entry(identity).or_insert(content_hash);
        Ok(Admitted {
            workspace_id: event.workspace_id.clone(),
            event_id: event.event_id,
            id_assigned,
            content_hash,
            first_hash,
            record: new_record(&event, traceparent),
        })
    };
    items.iter().map(&mut admit_one).collect()
}

fn parse(item: &Item, limits: &Limits) -> Result<(Event, bool), Refused> {
    let mut id_assigned = false;
    let mut assign = || {
        id_assigned = true;
        Uuid::now_v7()
    };
    let parsed = match item {
        Item::Json(json) if is_cloud_event(json) => parse_cloud_event(json, limits),
        Item::Json(json) => parse_event(json, limits, &mut assign),
        Item::CloudEvent(json) => parse_cloud_event(json, limits),
        Item::Binary { attributes, content_type, data } => parse_cloud_event_binary(
            |name| attributes.get(name).map(String::as_str),
            content_type.as_deref(),
            data,
            limits,
        ),
    };
    match parsed {
        Ok(event) => Ok((event, id_assigned)),
        Err(violation) => Err(refused(violation)),
    }
}

/// Whether an object has a member `specversion`: the same rule as on the topic.
fn is_cloud_event(json: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        specversion: Option<IgnoredAny>,
    }
    // Most events do not hold the word at all, and are not parsed twice.
    json.windows(11).any(|window| window == b"specversion")
        && serde_json::from_slice::<Probe>(json).is_ok_and(|probe| probe.specversion.is_some())
}

fn authorise(event: &Event, caller: &Caller) -> Result<(), Refused> {
    let refuse = |kind, detail: &str, errors| {
        let event_id = Some(event.event_id);
        Err(Refused { event_id, kind, detail: detail.to_owned(), errors })
    };
    match caller.may(event.workspace_id.as_str(), Scope::Write) {
        Access::Granted => {}
        Access::NotFound => {
            return refuse(ProblemKind::NotFound, "there is no such workspace", Vec::new());
        }
        Access::Forbidden => {
            return refuse(ProblemKind::Forbidden, "scope audit:write is needed", Vec::new());
        }
    }
    // A key of some actions tells of their losses too.
    if EventsLost::is_told_by(event) {
        return Ok(());
    }
    if is_reserved_action(&event.action) {
        let detail = "actions starting with `audit_log.` or `annals.` are Annals' own";
        let error = FieldError { pointer: "/action".to_owned(), detail: detail.to_owned() };
        return refuse(ProblemKind::SchemaViolation, detail, vec![error]);
    }
    if !may_write(caller, &event.action) {
        return refuse(ProblemKind::Forbidden, "this key may not write this action", Vec::new());
    }
    Ok(())
}

/// Whether the caller may write an event with this action: any, unless some were named.
fn may_write(caller: &Caller, action: &str) -> bool {
    let covers = |pattern: &String| ActionPattern::of(pattern).covers(action);
    caller.actions.is_empty() || caller.actions.iter().any(covers)
}

/// The answer to an event whose id was used before for another one. It is on the log all the same,
/// and in quarantine.
pub(super) fn conflict(event_id: Uuid) -> Refused {
    let detail = format!("event {event_id} was recorded before with other content");
    let error = FieldError { pointer: "/event_id".to_owned(), detail: detail.clone() };
    let kind = ProblemKind::SchemaViolation;
    Refused { event_id: Some(event_id), kind, detail, errors: vec![error] }
}

/// The answer to an event that is none of those that its action may have.
fn unlike_its_action(event: &Event, errors: Vec<FieldError>) -> Refused {
    let detail = format!("the schema of action {} does not allow it", event.action);
    let (event_id, kind) = (Some(event.event_id), ProblemKind::SchemaViolation);
    Refused { event_id, kind, detail, errors }
}

fn refused(violation: SchemaViolation) -> Refused {
    // An event over the size limit as a whole is the one fault of size with a name of its own.
    let too_large = violation.reason == Reason::OverLimit
        && violation.errors.iter().all(|error| error.pointer.is_empty());
    let kind = if too_large { ProblemKind::PayloadTooLarge } else { ProblemKind::SchemaViolation };
    Refused {
        event_id: violation.event_id,
        kind,
        detail: violation.to_string(),
        errors: violation.errors,
    }
}

//! An event that was split, checked where its texts stand.
//!
//! Guarantees: what [`checked_avro_event`] gives or refuses, [`lend_body`] accepts or refuses
//! within [`Limits::HARD`], with the same words. What is found plain here it surely accepts; it is
//! asked about everything else.

use super::reader::{BrokenBytes, Reader};
use super::split::fields_of_rest;
use super::{Trailing, lend_body, split_avro_event, split_single_object};
use crate::json::{is_plain_object, is_plain_value};
use crate::shape::{change_value_depth, metadata_depth};
use crate::text::{TextRule, accepts_workspace};
use crate::{
    EventHead, EventRest, HeadPrincipal, HeadResource, Instant, Limits, RestChange, SchemaViolation,
};

const LIMITS: &Limits = &Limits::HARD;

/// The parts of an Avro single object of schema v1; `None` unless it is as this crate encodes it.
pub(crate) fn checked_avro_event(
    value: &[u8],
) -> Result<Option<(EventHead<'_>, EventRest<'_>)>, SchemaViolation> {
    let Some((head, rest)) = split_avro_event(value) else { return Ok(None) };
    let mut reader = Reader::new(rest);
    let Ok(Some(rest)) = fields_of_rest(&mut reader) else { return Ok(None) };
    let is_plain = is_plain_head(&head) && is_plain_rest(&rest) && has_plain_end(&mut reader);
    if !is_plain && let Some((_, body)) = split_single_object(value) {
        lend_body(body, Trailing::Refused, LIMITS)?;
    }
    Ok(Some((head, rest)))
}

fn is_plain_head(head: &EventHead<'_>) -> bool {
    let is_resource = |resource: &HeadResource<'_>| {
        TextRule::IDENTIFIER.accepts(resource.resource_type)
            && TextRule::IDENTIFIER.accepts(resource.id)
            && is_plain(resource.name, TextRule::name(LIMITS))
    };
    head.occurred_at.is_none_or(|at| Instant::from_micros(at).is_some())
        && accepts_workspace(head.workspace_id, LIMITS)
        && is_plain_principal(&head.actor)
        && head.on_behalf_of.as_ref().is_none_or(is_plain_principal)
        && TextRule::action(LIMITS).accepts(head.action)
        && head.resources.iter().all(is_resource)
}

fn is_plain_principal(principal: &HeadPrincipal<'_>) -> bool {
    is_plain(principal.id, TextRule::SHORT)
        && is_plain(principal.name, TextRule::name(LIMITS))
        && is_plain(principal.email, TextRule::PERSONAL)
}

fn is_plain_rest(rest: &EventRest<'_>) -> bool {
    let [ip, user_agent, others @ ..] = rest.context;
    is_plain(ip, TextRule::PERSONAL)
        && is_plain(user_agent, TextRule::USER_AGENT)
        && others.into_iter().all(|text| is_plain(text, TextRule::SHORT))
        && rest.changes.iter().all(is_plain_change)
        && is_plain(rest.description, TextRule::DESCRIPTION)
        && rest.metadata.is_none_or(|json| is_plain_object(json, metadata_depth(LIMITS)))
}

fn is_plain_change(change: &RestChange<'_>) -> bool {
    let is_value = |json: &[u8]| is_plain_value(json, change_value_depth(LIMITS));
    TextRule::SHORT.accepts(change.path)
        && change.before.is_none_or(is_value)
        && change.after.is_none_or(is_value)
}

fn is_plain(text: Option<&[u8]>, rule: TextRule) -> bool {
    text.is_none_or(|text| rule.accepts(text))
}

/// Whether the producer's stamp, or none, ends the event.
fn has_plain_end(reader: &mut Reader<'_>) -> bool {
    let mut stamp = || {
        Ok::<_, BrokenBytes>(match reader.is_present()? {
            true => TextRule::IDENTIFIER.accepts(reader.bytes()?) && reader.long()? >= 1,
            false => true,
        })
    };
    stamp().is_ok_and(|is_plain| is_plain) && reader.is_at_end()
}

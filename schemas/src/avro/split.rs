//! An Avro event taken apart: what a store has elsewhere too, and the rest; and put together again.
//!
//! Guarantees: whatever [`split_avro_event`] gives, [`join_avro_event`] makes the same bytes of,
//! if the bytes were this crate's own encoding. Others may encode differently (blocks of arrays,
//! another fingerprint): who relies on the bytes compares them. Deliberately not here: checks of
//! what the texts may be.

use smallvec::SmallVec;

use super::encode::Writer;
use super::reader::{BrokenBytes, Reader};
use super::{FINGERPRINT_V1, SINGLE_OBJECT_MARK, split_single_object};
use crate::event_ids::parse_event_id;
use crate::shape::MAX_CHANGES;
use crate::{
    ActorKind, EventHead, EventRest, HeadPrincipal, HeadResource, Kind, Limits, Outcome, RestChange,
};

/// The head of an Avro single object of schema v1, and the bytes after it (context, changes,
/// description, metadata, producer); `None` for anything that is not as this crate encodes it.
pub fn split_avro_event(value: &[u8]) -> Option<(EventHead<'_>, &[u8])> {
    let (fingerprint, body) = split_single_object(value)?;
    if fingerprint != FINGERPRINT_V1 {
        return None;
    }
    let mut reader = Reader::new(body);
    let head = head(&mut reader).ok().flatten()?;
    Some((head, reader.rest()))
}

/// Appends the Avro single object of schema v1 with this head and this rest.
pub fn join_avro_event(head: &EventHead<'_>, rest: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&SINGLE_OBJECT_MARK);
    out.extend_from_slice(&FINGERPRINT_V1);
    let mut writer = Writer { bytes: std::mem::take(out) };
    writer.head(head);
    *out = writer.bytes;
    out.extend_from_slice(rest);
}

fn head<'a>(reader: &mut Reader<'a>) -> Result<Option<EventHead<'a>>, BrokenBytes> {
    let Some(event_id) = parse_event_id(reader.text()?) else { return Ok(None) };
    let occurred_at = if reader.is_present()? { Some(reader.long()?) } else { None };
    let workspace_id = reader.bytes()?;
    let actor = principal(reader)?;
    let on_behalf_of = if reader.is_present()? { Some(principal(reader)?) } else { None };
    let action = reader.bytes()?;
    let explicit_kind = match reader.is_present()? {
        true => Some(Kind::ALL[reader.index(Kind::ALL.len(), "no such kind")?]),
        false => None,
    };
    let outcome = Outcome::ALL[reader.index(Outcome::ALL.len(), "no such outcome")?];
    let resources = one_block(reader, Limits::HARD.resources, resource)?;
    let Some(resources) = resources else { return Ok(None) };
    Ok(Some(EventHead {
        event_id,
        occurred_at,
        workspace_id,
        actor,
        on_behalf_of,
        action,
        explicit_kind,
        outcome,
        resources,
    }))
}

/// The fields between the head and the producer's stamp; `None` unless the changes stand in one
/// block.
pub(super) fn fields_of_rest<'a>(
    reader: &mut Reader<'a>,
) -> Result<Option<EventRest<'a>>, BrokenBytes> {
    let mut context = [None; _];
    if reader.is_present()? {
        for value in &mut context {
            *value = reader.optional_bytes()?;
        }
    }
    let Some(changes) = one_block(reader, MAX_CHANGES, change)? else { return Ok(None) };
    let (description, metadata) = (reader.optional_bytes()?, reader.optional_bytes()?);
    Ok(Some(EventRest { context, changes, description, metadata }))
}

fn principal<'a>(reader: &mut Reader<'a>) -> Result<HeadPrincipal<'a>, BrokenBytes> {
    let kind = ActorKind::ALL[reader.index(ActorKind::ALL.len(), "no such actor kind")?];
    let (id, name, email) =
        (reader.optional_bytes()?, reader.optional_bytes()?, reader.optional_bytes()?);
    Ok(HeadPrincipal { kind, id, name, email })
}

fn resource<'a>(reader: &mut Reader<'a>) -> Result<HeadResource<'a>, BrokenBytes> {
    let (resource_type, id) = (reader.bytes()?, reader.bytes()?);
    Ok(HeadResource { resource_type, id, name: reader.optional_bytes()? })
}

fn change<'a>(reader: &mut Reader<'a>) -> Result<RestChange<'a>, BrokenBytes> {
    let path = reader.bytes()?;
    Ok(RestChange { path, before: reader.optional_bytes()?, after: reader.optional_bytes()? })
}

/// The items of an array; `None` unless they stand in one block, and are not too many.
fn one_block<'a, T>(
    reader: &mut Reader<'a>,
    max: usize,
    item: impl Fn(&mut Reader<'a>) -> Result<T, BrokenBytes>,
) -> Result<Option<SmallVec<[T; 1]>>, BrokenBytes> {
    let count = usize::try_from(reader.long()?).ok();
    let Some(count) = count.filter(|count| *count <= max) else { return Ok(None) };
    let mut items = SmallVec::with_capacity(count);
    for _ in 0..count {
        items.push(item(reader)?);
    }
    let is_one_block = count == 0 || reader.long()? == 0;
    Ok(is_one_block.then_some(items))
}

//! An event from its head and the rest of its bytes, read for people again and again.
//!
//! Guarantees: of what decoded once the same event. Rules, JSON among them, were looked at then and
//! are not looked at a second time; bytes that no longer follow the schema, and texts that are no
//! UTF-8, give nothing.

use super::reader::{BrokenBytes, Reader};
use crate::{
    Actor, Change, Context, Event, EventHead, HeadResource, Instant, JsonText, ProducerStamp,
    WorkspaceId,
};

/// JSON's white space.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];
/// Changes for which room is made before they are read.
const ROOM_FOR_CHANGES: u64 = 16;

/// The event of a head and the rest of its bytes, as [`split_avro_event`](super::split_avro_event)
/// gives them of an event that was decoded before: its rules are not looked at a second time.
/// `None` if the bytes are no such rest.
pub fn event_of_parts(
    head: &EventHead<'_>,
    workspace_id: WorkspaceId,
    rest: &[u8],
) -> Option<Event> {
    let mut reader = Reader::new(rest);
    let Rest { context, changes, description, metadata, producer } =
        Rest::read(&mut reader).ok().filter(|_| reader.is_at_end())?;
    Some(Event {
        event_id: head.event_id,
        occurred_at: match head.occurred_at {
            Some(at) => Some(Instant::from_micros(at)?),
            None => None,
        },
        workspace_id,
        actor: Actor {
            principal: head.actor.own()?,
            on_behalf_of: match head.on_behalf_of {
                Some(other) => Some(other.own()?),
                None => None,
            },
        },
        action: str::from_utf8(head.action).ok()?.to_owned(),
        explicit_kind: head.explicit_kind,
        outcome: head.outcome,
        resources: head.resources.iter().copied().map(HeadResource::own).collect::<Option<_>>()?,
        context,
        changes,
        description,
        metadata,
        producer,
    })
}

/// The fields after the resources.
pub(super) struct Rest {
    pub(super) context: Context,
    pub(super) changes: Vec<Change>,
    pub(super) description: Option<String>,
    pub(super) metadata: Option<JsonText>,
    pub(super) producer: Option<ProducerStamp>,
}

impl Rest {
    fn read(reader: &mut Reader<'_>) -> Result<Self, BrokenBytes> {
        Ok(Self {
            context: if reader.is_present()? { context(reader)? } else { Context::default() },
            changes: changes(reader)?,
            description: owned(reader)?,
            metadata: reader.optional_text()?.and_then(metadata),
            producer: if reader.is_present()? { Some(producer(reader)?) } else { None },
        })
    }
}

fn context(reader: &mut Reader<'_>) -> Result<Context, BrokenBytes> {
    Ok(Context {
        ip: owned(reader)?,
        user_agent: owned(reader)?,
        request_id: owned(reader)?,
        trace_id: owned(reader)?,
        service: owned(reader)?,
        origin: owned(reader)?,
    })
}

fn changes(reader: &mut Reader<'_>) -> Result<Vec<Change>, BrokenBytes> {
    let mut changes = Vec::new();
    loop {
        let block = reader.block_count()?;
        if block == 0 {
            return Ok(changes);
        }
        changes.reserve(usize::try_from(block.min(ROOM_FOR_CHANGES)).unwrap_or(0));
        for _ in 0..block {
            changes.push(Change {
                path: reader.text()?.to_owned(),
                before: reader.optional_text()?.map(json),
                after: reader.optional_text()?.map(json),
            });
        }
    }
}

fn producer(reader: &mut Reader<'_>) -> Result<ProducerStamp, BrokenBytes> {
    let id = reader.text()?.to_owned();
    Ok(ProducerStamp { id, number: reader.long()?.unsigned_abs() })
}

fn owned(reader: &mut Reader<'_>) -> Result<Option<String>, BrokenBytes> {
    Ok(reader.optional_text()?.map(str::to_owned))
}

/// A text that was JSON when it was decoded.
fn json(text: &str) -> JsonText {
    JsonText::new_checked(text.trim_matches(SPACE).to_owned())
}

/// An object, or null; an empty one counts as no metadata.
fn metadata(text: &str) -> Option<JsonText> {
    let text = text.trim_matches(SPACE);
    let members = text.strip_prefix('{')?.trim_start_matches(SPACE);
    (!members.starts_with('}')).then(|| JsonText::new_checked(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, encode_avro, parse_event, split_avro_event};

    fn read(metadata: &str) -> Option<String> {
        let json = br#"{"event_id": "01930000-0000-7000-8000-00abcdef0123", "workspace_id": "acme",
            "action": "a", "changes": [{"path": "p", "before": null, "after": [1, 2]}]}"#;
        let mut event = parse_event(json, &Limits::HARD, uuid::Uuid::nil).unwrap();
        event.metadata = Some(JsonText::new_checked(metadata.to_owned()));
        let bytes = encode_avro(&event);
        let (head, rest) = split_avro_event(&bytes).unwrap();
        let back = event_of_parts(&head, event.workspace_id.clone(), rest).unwrap();
        assert_eq!(back.changes, event.changes);
        back.metadata.map(|text| text.as_str().to_owned())
    }

    #[test]
    fn metadata_is_what_decoding_makes_of_it() {
        assert_eq!(read("{\"a\": {} }").as_deref(), Some("{\"a\": {} }"));
        assert_eq!(read(" \n{\"a\":1}\t").as_deref(), Some("{\"a\":1}"));
        for nothing in ["null", "{}", " { } ", "{\n}"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn endless_changes_end_with_the_bytes() {
        let mut rest = vec![0];
        rest.extend_from_slice(&[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
        assert!(Rest::read(&mut Reader::new(&rest)).is_err());
    }
}

//! An event from its head and the rest of its bytes, read for people again and again.
//!
//! Guarantees: of what decoded once the same event. Rules, JSON among them, were looked at then and
//! are not looked at a second time; bytes that no longer follow the schema, and texts that are no
//! UTF-8, give nothing.

use smallvec::SmallVec;

use super::reader::{BrokenBytes, Reader};
use crate::{
    ChangeView, ContextView, Event, EventHead, EventView, Instant, JsonView, PrincipalView,
    ProducerView, ResourceView, WorkspaceId,
};

/// JSON's white space.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];
/// Changes for which room is made before they are read.
const ROOM_FOR_CHANGES: u64 = 16;

/// The event of a head and the rest of its bytes; see [`EventView::of_parts`].
pub fn event_of_parts(
    head: &EventHead<'_>,
    workspace_id: WorkspaceId,
    rest: &[u8],
) -> Option<Event> {
    EventView::of_parts(head, rest).map(|event| event.to_event(workspace_id))
}

impl<'a> EventView<'a> {
    /// The event of a head and the rest of its bytes, as
    /// [`split_avro_event`](super::split_avro_event) gives them of an event that was decoded
    /// before: its rules are not looked at a second time. `None` if the bytes are no such rest.
    pub fn of_parts<'h: 'a>(head: &EventHead<'h>, rest: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(rest);
        let Rest { context, changes, description, metadata, producer } =
            Rest::read(&mut reader).ok().filter(|_| reader.is_at_end())?;
        Some(Self {
            event_id: head.event_id,
            occurred_at: match head.occurred_at {
                Some(at) => Some(Instant::from_micros(at)?),
                None => None,
            },
            actor: PrincipalView::of(head.actor)?,
            on_behalf_of: match head.on_behalf_of {
                Some(other) => Some(PrincipalView::of(other)?),
                None => None,
            },
            action: str::from_utf8(head.action).ok()?,
            explicit_kind: head.explicit_kind,
            outcome: head.outcome,
            resources: head
                .resources
                .iter()
                .copied()
                .map(ResourceView::of)
                .collect::<Option<_>>()?,
            context,
            changes,
            description,
            metadata,
            producer,
        })
    }
}

/// The fields after the resources.
struct Rest<'a> {
    context: ContextView<'a>,
    changes: SmallVec<[ChangeView<'a>; 1]>,
    description: Option<&'a str>,
    metadata: Option<JsonView<'a>>,
    producer: Option<ProducerView<'a>>,
}

impl<'a> Rest<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, BrokenBytes> {
        Ok(Self {
            context: match reader.is_present()? {
                true => context(reader)?,
                false => ContextView::default(),
            },
            changes: changes(reader)?,
            description: reader.optional_text()?,
            metadata: reader.optional_text()?.and_then(metadata),
            producer: if reader.is_present()? { Some(producer(reader)?) } else { None },
        })
    }
}

fn context<'a>(reader: &mut Reader<'a>) -> Result<ContextView<'a>, BrokenBytes> {
    Ok(ContextView {
        ip: reader.optional_text()?,
        user_agent: reader.optional_text()?,
        request_id: reader.optional_text()?,
        trace_id: reader.optional_text()?,
        service: reader.optional_text()?,
        origin: reader.optional_text()?,
    })
}

fn changes<'a>(reader: &mut Reader<'a>) -> Result<SmallVec<[ChangeView<'a>; 1]>, BrokenBytes> {
    let mut changes = SmallVec::new();
    loop {
        let block = reader.block_count()?;
        if block == 0 {
            return Ok(changes);
        }
        changes.reserve(usize::try_from(block.min(ROOM_FOR_CHANGES)).unwrap_or(0));
        for _ in 0..block {
            changes.push(ChangeView {
                path: reader.text()?,
                before: reader.optional_text()?.map(json),
                after: reader.optional_text()?.map(json),
            });
        }
    }
}

fn producer<'a>(reader: &mut Reader<'a>) -> Result<ProducerView<'a>, BrokenBytes> {
    Ok(ProducerView { id: reader.text()?, number: reader.long()?.unsigned_abs() })
}

/// A text that was JSON when it was decoded.
fn json(text: &str) -> JsonView<'_> {
    JsonView::new_checked(text.trim_matches(SPACE))
}

/// An object, or null; an empty one counts as no metadata.
fn metadata(text: &str) -> Option<JsonView<'_>> {
    let text = text.trim_matches(SPACE);
    let members = text.strip_prefix('{')?.trim_start_matches(SPACE);
    (!members.starts_with('}')).then(|| JsonView::new_checked(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JsonText, Limits, encode_avro, parse_event, split_avro_event};

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

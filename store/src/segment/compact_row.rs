//! A visible row without what its columns and its workspace's catalog say already.
//!
//! Guarantees: only a record that comes back byte for byte gets this form; it is put together
//! again when it is written, and any other is kept whole. `3 | head | what the flags leave open |
//! rest of the Avro body`, numbers and texts as postcard writes them (docs/SEGMENT_FORMAT.md).
//! Nothing in it depends on the segment it lies in, except [`ACTOR_AS_IN_LAYER`] and
//! [`OTHER_AS_IN_LAYER`], which a merge looks at. Deliberately not here: where facts come from.

use std::sync::{Arc, LazyLock};

use annals_schemas::{
    EventHead, EventView, HeadPrincipal, Header, Position, Record, SCHEMA_HEADER, TimestampType,
    join_avro_event,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::row_facts::RowFacts;
use crate::fold::FoldedRow;

/// First byte; verdicts of rows kept whole are 0 to 2.
pub(super) const MARK: u8 = 3;

/// The event id is of version 7 and its time is `occurred_at`: ten bytes are kept.
const ID_OF_TIME: u8 = 1;
/// The record before it in the partition has the offset before.
const FOLLOWS: u8 = 2;
/// `occurred_at` is what the row is ordered by.
const OCCURRED_AS_ORDERED: u8 = 4;
/// The actor's name and e-mail are those in the layer of the row's own segment.
pub(super) const ACTOR_AS_IN_LAYER: u8 = 8;
/// The same of who is acted for.
pub(super) const OTHER_AS_IN_LAYER: u8 = 16;
/// The producer gave the kind.
const KIND_GIVEN: u8 = 32;
/// The headers are those of the SDK and the gateway.
const USUAL_HEADERS: u8 = 64;

const MICROS_PER_MILLI: i64 = 1_000;
/// Of a UUID of version 7: the bytes after its time.
const ID_REST_BYTES: usize = 10;
const ID_TIME_BYTES: usize = 16 - ID_REST_BYTES;

/// What every compact row begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) flags: u8,
    pub(super) offset: u64,
    /// By how much the offset exceeds that of the previous record of the key; 0 if there is none.
    previous_of_key: u64,
    /// When it was recorded, in milliseconds after the time the row is ordered by.
    recorded_after_ms: i64,
}

/// Name and e-mail.
pub(super) type ProfileBytes<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);
type HeaderBytes<'a> = (&'a str, Option<&'a serde_bytes::Bytes>);

/// A compact row, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CompactRow<'a> {
    pub(super) start: Start,
    pub(super) previous: Option<u64>,
    id: IdBytes<'a>,
    occurred_at: Option<i64>,
    /// `None`: as in the layer.
    actor: Option<ProfileBytes<'a>>,
    other: Option<ProfileBytes<'a>>,
    headers: Option<Vec<HeaderBytes<'a>>>,
    rest: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IdBytes<'a> {
    Whole(&'a [u8]),
    Rest(&'a [u8]),
}

/// Appends the compact form of a row, if its record comes back from it. `event` is the row's, taken
/// apart; `scratch` is room for that test.
pub(crate) fn write_compact(
    row: &FoldedRow,
    event: (&EventHead<'_>, &[u8]),
    facts: &RowFacts<'_>,
    scratch: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> bool {
    let start = out.len();
    let is_written = compact(row, event, facts, out).is_some_and(|()| {
        // What is published must give the log's bytes back for ever: seen before it is written.
        comes_back(row, facts, &out[start..], scratch)
    });
    if !is_written {
        out.truncate(start);
    }
    is_written
}

fn compact(
    row: &FoldedRow,
    (head, rest): (&EventHead<'_>, &[u8]),
    facts: &RowFacts<'_>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let record = &row.record;
    let offset = record.position.offset;
    let ordered_ms = facts.key.effective_at.div_euclid(MICROS_PER_MILLI);
    let other = head.on_behalf_of.as_ref().map(profile);
    let is = |holds: bool, flag: u8| if holds { flag } else { 0 };
    let follows = row.previous.is_some() && row.previous == offset.checked_sub(1);
    let has_usual_headers = is_usual(&record.headers);
    let flags = is(is_of_time(head), ID_OF_TIME)
        | is(follows, FOLLOWS)
        | is(head.occurred_at == Some(facts.key.effective_at), OCCURRED_AS_ORDERED)
        | is(profile(&head.actor) == profile(&facts.head.actor), ACTOR_AS_IN_LAYER)
        | is(other == facts.head.on_behalf_of.as_ref().map(profile), OTHER_AS_IN_LAYER)
        | is(head.explicit_kind.is_some(), KIND_GIVEN)
        | is(has_usual_headers, USUAL_HEADERS);
    let start = Start {
        flags,
        offset,
        previous_of_key: row.previous_of_key.map_or(0, |previous| offset - previous),
        recorded_after_ms: record.timestamp_ms.checked_sub(ordered_ms)?,
    };
    let headers = (!has_usual_headers).then(|| record.headers.iter().map(header_bytes).collect());
    let id = head.event_id.as_bytes();
    CompactRow {
        start,
        previous: row.previous,
        id: if is_of_time(head) { IdBytes::Rest(&id[ID_TIME_BYTES..]) } else { IdBytes::Whole(id) },
        occurred_at: head.occurred_at,
        actor: Some(profile(&head.actor)),
        other,
        headers,
        rest,
    }
    .append(out);
    Some(())
}

fn comes_back(row: &FoldedRow, facts: &RowFacts<'_>, bytes: &[u8], value: &mut Vec<u8>) -> bool {
    let Some(compact) = CompactRow::read(bytes) else { return false };
    value.clear();
    compact.join(facts, value);
    let record = &row.record;
    let headers = match &compact.headers {
        None => is_usual(&record.headers),
        Some(list) => list.iter().copied().eq(record.headers.iter().map(header_bytes)),
    };
    headers
        && record.value.as_deref() == Some(value)
        && record.key.as_deref() == Some(facts.head.workspace_id)
        && record.timestamp_type == TimestampType::LogAppendTime
        && record.timestamp_ms == compact.timestamp_ms(facts)
        && (row.previous, row.previous_of_key)
            == (compact.previous, compact.start.previous_of_key())
}

impl Start {
    pub(super) fn previous_of_key(&self) -> Option<u64> {
        Some(self.previous_of_key).filter(|by| *by > 0).map(|by| self.offset.wrapping_sub(by))
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl<'a> CompactRow<'a> {
    /// The flags of a compact row's bytes; none of any other's.
    pub(super) fn flags(bytes: &[u8]) -> u8 {
        match bytes {
            [MARK, flags, ..] => *flags,
            _ => 0,
        }
    }

    /// Takes a row's bytes apart; `None` if they are no compact row.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[MARK])?;
        let (start, rest) = postcard::take_from_bytes::<Start>(rest).ok()?;
        let (previous, rest) = match start.has(FOLLOWS) {
            true => (start.offset.checked_sub(1), rest),
            false => postcard::take_from_bytes::<Option<u64>>(rest).ok()?,
        };
        let (id, rest) = match start.has(ID_OF_TIME) {
            true => {
                rest.split_at_checked(ID_REST_BYTES).map(|(id, rest)| (IdBytes::Rest(id), rest))
            }
            false => rest.split_at_checked(16).map(|(id, rest)| (IdBytes::Whole(id), rest)),
        }?;
        let (occurred_at, rest) = match start.has(OCCURRED_AS_ORDERED) {
            true => (None, rest),
            false => postcard::take_from_bytes(rest).ok()?,
        };
        let (actor, rest) = take_unless(start.has(ACTOR_AS_IN_LAYER), rest)?;
        let (other, rest) = take_unless(start.has(OTHER_AS_IN_LAYER), rest)?;
        let (headers, rest) = take_unless(start.has(USUAL_HEADERS), rest)?;
        Some(Self { start, previous, id, occurred_at, actor, other, headers, rest })
    }

    /// Appends the bytes; what the flags say is left out.
    fn append(&self, out: &mut Vec<u8>) {
        out.push(MARK);
        push(&self.start, out);
        if !self.start.has(FOLLOWS) {
            push(&self.previous, out);
        }
        let (IdBytes::Whole(id) | IdBytes::Rest(id)) = self.id;
        out.extend_from_slice(id);
        if !self.start.has(OCCURRED_AS_ORDERED) {
            push(&self.occurred_at, out);
        }
        if !self.start.has(ACTOR_AS_IN_LAYER) {
            push(&self.actor.unwrap_or_default(), out);
        }
        if !self.start.has(OTHER_AS_IN_LAYER) {
            push(&self.other.unwrap_or_default(), out);
        }
        if !self.start.has(USUAL_HEADERS) {
            push(&self.headers.as_deref().unwrap_or_default(), out);
        }
        out.extend_from_slice(self.rest);
    }

    /// Appends the same row with name and e-mail written out, for those that are given.
    pub(super) fn append_with(
        mut self,
        actor: Option<ProfileBytes<'a>>,
        other: Option<ProfileBytes<'a>>,
        out: &mut Vec<u8>,
    ) {
        for (written_out, own, flag) in [
            (actor, &mut self.actor, ACTOR_AS_IN_LAYER),
            (other, &mut self.other, OTHER_AS_IN_LAYER),
        ] {
            if written_out.is_some() {
                *own = written_out;
                self.start.flags &= !flag;
            }
        }
        self.append(out);
    }

    /// Identity of the event of a row that is ordered by this time.
    pub(super) fn event_id(&self, effective_at: i64) -> Uuid {
        let mut bytes = [0; 16];
        match self.id {
            IdBytes::Whole(id) => bytes.copy_from_slice(id),
            IdBytes::Rest(id) => {
                let at = if self.start.has(OCCURRED_AS_ORDERED) {
                    effective_at
                } else {
                    self.occurred_at.unwrap_or(0)
                };
                let millis = at.div_euclid(MICROS_PER_MILLI).to_be_bytes();
                bytes[..ID_TIME_BYTES].copy_from_slice(&millis[8 - ID_TIME_BYTES..]);
                bytes[ID_TIME_BYTES..].copy_from_slice(id);
            }
        }
        Uuid::from_bytes(bytes)
    }

    /// The event; what the record would decode to. `None` if the bytes are no row's.
    pub(super) fn event<'f>(&'f self, facts: &'f RowFacts<'_>) -> Option<EventView<'f>> {
        EventView::of_parts(&self.head(facts), self.rest)
    }

    /// The record as it came from the log.
    pub(super) fn record(&self, facts: &RowFacts<'_>, partition: u32) -> Record {
        let mut value = Vec::with_capacity(self.rest.len() + 512);
        self.join(facts, &mut value);
        let owned = |(name, value): &HeaderBytes<'_>| Header {
            name: (*name).to_owned(),
            value: value.map(|value| Bytes::copy_from_slice(value)),
        };
        Record {
            position: Position { partition, offset: self.start.offset },
            timestamp_ms: self.timestamp_ms(facts),
            timestamp_type: TimestampType::LogAppendTime,
            key: Some(Bytes::copy_from_slice(facts.head.workspace_id)),
            value: Some(value.into()),
            headers: match &self.headers {
                None => usual_headers(),
                Some(headers) => headers.iter().map(owned).collect(),
            },
        }
    }

    pub(super) fn timestamp_ms(&self, facts: &RowFacts<'_>) -> i64 {
        let ordered_ms = facts.key.effective_at.div_euclid(MICROS_PER_MILLI);
        ordered_ms.wrapping_add(self.start.recorded_after_ms)
    }

    /// Appends the event's Avro bytes.
    fn join(&self, facts: &RowFacts<'_>, out: &mut Vec<u8>) {
        join_avro_event(&self.head(facts), self.rest, out);
    }

    /// The head of the event.
    fn head<'f>(&'f self, facts: &'f RowFacts<'_>) -> EventHead<'f> {
        let RowFacts { head, kind, key } = facts;
        let as_ordered = self.start.has(OCCURRED_AS_ORDERED);
        EventHead {
            event_id: self.event_id(key.effective_at),
            occurred_at: if as_ordered { Some(key.effective_at) } else { self.occurred_at },
            workspace_id: head.workspace_id,
            actor: named(head.actor, self.actor),
            on_behalf_of: head.on_behalf_of.map(|other| named(other, self.other)),
            action: head.action,
            explicit_kind: self.start.has(KIND_GIVEN).then_some(*kind),
            outcome: head.outcome,
            resources: head.resources.iter().copied().collect(),
        }
    }
}

/// A principal with the row's own name and e-mail, where it has them.
fn named<'a>(principal: HeadPrincipal<'a>, own: Option<ProfileBytes<'a>>) -> HeadPrincipal<'a> {
    let (name, email) = own.unwrap_or((principal.name, principal.email));
    HeadPrincipal { name, email, ..principal }
}

fn profile<'a>(principal: &HeadPrincipal<'a>) -> ProfileBytes<'a> {
    (principal.name, principal.email)
}

/// Whether an event's id is of version 7 and its time that at which the event occurred.
fn is_of_time(head: &EventHead<'_>) -> bool {
    let millis = head.occurred_at.map(|at| at.div_euclid(MICROS_PER_MILLI));
    let time = millis.filter(|millis| millis >> (8 * ID_TIME_BYTES) == 0).map(i64::to_be_bytes);
    time.is_some_and(|time| head.event_id.as_bytes().starts_with(&time[8 - ID_TIME_BYTES..]))
}

/// The headers of what the SDK and the gateway append, without a trace.
const USUAL: [(&str, &[u8]); 2] = [("content-type", b"application/avro"), (SCHEMA_HEADER, b"1")];

fn is_usual(headers: &[Header]) -> bool {
    let is = |(header, (name, value)): (&Header, (&str, &[u8]))| {
        header.name == name && header.value.as_deref() == Some(value)
    };
    headers.len() == USUAL.len() && headers.iter().zip(USUAL).all(is)
}

fn usual_headers() -> Arc<[Header]> {
    static HEADERS: LazyLock<Arc<[Header]>> = LazyLock::new(|| {
        USUAL.iter().map(|(name, value)| Header::new(*name, Bytes::from_static(value))).collect()
    });
    HEADERS.clone()
}

fn header_bytes(header: &Header) -> HeaderBytes<'_> {
    (&header.name, header.value.as_deref().map(serde_bytes::Bytes::new))
}

fn push(value: &impl Serialize, out: &mut Vec<u8>) {
    *out = postcard::to_extend(value, std::mem::take(out)).expect("a row is plain data");
}

/// What stands at the beginning of the bytes, and the rest, unless a flag says that it was left
/// out.
fn take_unless<'a, T: Deserialize<'a>>(
    is_left_out: bool,
    bytes: &'a [u8],
) -> Option<(Option<T>, &'a [u8])> {
    if is_left_out {
        return Some((None, bytes));
    }
    postcard::take_from_bytes(bytes).ok().map(|(value, rest)| (Some(value), rest))
}

//! Confluent's framing: `00`, the id of a schema in a registry, the Avro body.
//!
//! What stands behind an id is not known here: [`FramedSchemas`] is asked, and has to give for ever
//! the answer by which the record was folded first.

use crate::avro::FINGERPRINT_V1;
use crate::avro::SINGLE_OBJECT_MARK;
use crate::decode::{Form, checked_value, form};
use crate::{Offset, Record, SchemaReading};

/// How a framed value begins.
pub(crate) const FRAMING_MARK: u8 = 0;
/// Mark and id.
const FRAME_BYTES: usize = 5;

/// The id of a schema in a registry.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct SchemaId(pub u32);

impl std::fmt::Display for SchemaId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Knows what ids stand for.
pub trait FramedSchemas {
    /// Whether a registry counts for a record at this offset.
    fn counts_at(&self, offset: Offset) -> bool;

    /// How the schema of an id is read that the record at this offset bears; `None` if the registry
    /// had none. Asked only where one counts.
    fn find(&self, id: SchemaId, offset: Offset) -> Option<SchemaReading>;
}

/// No registry at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRegistry;

impl FramedSchemas for NoRegistry {
    fn counts_at(&self, _: Offset) -> bool {
        false
    }

    fn find(&self, _: SchemaId, _: Offset) -> Option<SchemaReading> {
        None
    }
}

/// For records that are known to be events: every event's schema begins with the fields of v1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Accepted;

impl FramedSchemas for Accepted {
    fn counts_at(&self, _: Offset) -> bool {
        true
    }

    fn find(&self, _: SchemaId, _: Offset) -> Option<SchemaReading> {
        Some(SchemaReading::EventV1AndMore)
    }
}

/// The id that a record's value is framed with; `None` for every other form, and for a value that
/// is cut off within the frame or over the limits: those need no schema to be refused.
pub fn framed_schema_id(record: &Record) -> Option<SchemaId> {
    if record.value.as_deref()?.first() != Some(&FRAMING_MARK) {
        return None;
    }
    let value = checked_value(record).ok()?;
    (form(record, value) == Form::ByFirstByte).then_some(())?;
    split_framed(value).map(|(id, _)| id)
}

/// Id and body of a framed value.
pub(crate) fn split_framed(value: &[u8]) -> Option<(SchemaId, &[u8])> {
    let (frame, body) = value.split_at_checked(FRAME_BYTES)?;
    let (mark, id) = frame.split_first()?;
    let id = u32::from_be_bytes(*id.first_chunk()?);
    (*mark == FRAMING_MARK).then_some((SchemaId(id), body))
}

/// The Avro single object of schema v1 in Confluent's framing; `None` if it is none.
pub fn reframe_avro(single_object: &[u8], id: SchemaId) -> Option<Vec<u8>> {
    let body = single_object.strip_prefix(&SINGLE_OBJECT_MARK)?.strip_prefix(&FINGERPRINT_V1)?;
    let mut framed = Vec::with_capacity(FRAME_BYTES + body.len());
    framed.push(FRAMING_MARK);
    framed.extend_from_slice(&id.0.to_be_bytes());
    framed.extend_from_slice(body);
    Some(framed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_big_endian_and_a_shorter_value_has_none() {
        let value = [0, 0, 0, 1, 2, 9];
        assert_eq!(split_framed(&value), Some((SchemaId(258), &value[5..])));
        assert_eq!(split_framed(&value[..5]), Some((SchemaId(258), &[][..])));
        assert_eq!(split_framed(&value[..4]), None);
        assert_eq!(split_framed(&[1, 0, 0, 1, 2, 9]), None);
    }

    #[test]
    fn only_a_single_object_of_schema_v1_is_framed_anew() {
        let object = [&SINGLE_OBJECT_MARK[..], &FINGERPRINT_V1, b"body"].concat();
        assert_eq!(reframe_avro(&object, SchemaId(258)).unwrap(), b"\0\0\0\x01\x02body");
        assert_eq!(reframe_avro(&object[1..], SchemaId(1)), None);
        assert_eq!(reframe_avro(b"{}", SchemaId(1)), None);
    }
}

//! An event that was checked where it stands.
//!
//! A fold looks at the head of an event only. Where that can be read from the record's own value,
//! nothing of the event is copied. Guarantees: [`check_record_with`] accepts and refuses exactly
//! what [`decode_with`] does, with the same words: one decoder does both.

use std::ops::Range;

use uuid::Uuid;

use crate::avro::checked_avro_event;
use crate::decode::{Form, checked_value, form};
use crate::{
    Event, EventHead, EventRest, FramedSchemas, LogId, NoRegistry, Record, Refusal, decode_with,
    split_avro_event,
};

/// An event within the limits.
#[derive(Debug)]
pub enum CheckedEvent {
    /// Its head stands in the record's value as [`split_avro_event`] reads it.
    InPlace {
        /// Identity.
        event_id: Uuid,
        /// Where the workspace's id stands in the value.
        workspace_id: Range<usize>,
    },
    /// Any other form, decoded.
    Decoded(Box<Event>),
}

/// Checks the event that a record holds, where no registry counts.
pub fn check_record(record: &Record, log_id: &LogId) -> Result<CheckedEvent, Refusal> {
    check_record_with(record, log_id, &NoRegistry)
}

/// Checks the event that a record holds as [`decode_with`] does.
pub fn check_record_with(
    record: &Record,
    log_id: &LogId,
    schemas: &impl FramedSchemas,
) -> Result<CheckedEvent, Refusal> {
    if let Some((head, _)) = checked_parts(record)? {
        let value = record.value.as_deref().unwrap_or_default();
        let (event_id, workspace_id) = (head.event_id, range_within(value, head.workspace_id));
        return Ok(CheckedEvent::InPlace { event_id, workspace_id });
    }
    decode_with(record, log_id, schemas).map(|event| CheckedEvent::Decoded(Box::new(event)))
}

/// The parts of the event that a record holds, checked, where they can be read from its value;
/// `None` where [`decode_with`] has to be asked.
pub fn checked_parts(record: &Record) -> Result<Option<(EventHead<'_>, EventRest<'_>)>, Refusal> {
    let value = checked_value(record)?;
    match form(record, value) {
        Form::Avro => Ok(checked_avro_event(value)?),
        _ => Ok(None),
    }
}

impl CheckedEvent {
    /// Identity.
    pub fn event_id(&self) -> Uuid {
        match self {
            Self::InPlace { event_id, .. } => *event_id,
            Self::Decoded(event) => event.event_id,
        }
    }

    /// The workspace. `record` is the one that was checked.
    ///
    /// # Panics
    /// If it is another record.
    pub fn workspace_id<'a>(&'a self, record: &'a Record) -> &'a str {
        match self {
            Self::InPlace { workspace_id, .. } => {
                let value = record.value.as_deref().unwrap_or_default();
                let text = value.get(workspace_id.clone()).map(str::from_utf8);
                text.and_then(Result::ok).expect("the value was read before")
            }
            Self::Decoded(event) => event.workspace_id.as_str(),
        }
    }

    /// The head. `record` is the one that was checked.
    ///
    /// # Panics
    /// If it is another record.
    pub fn head<'a>(&'a self, record: &'a Record) -> EventHead<'a> {
        match self {
            Self::InPlace { .. } => {
                let value = record.value.as_deref().unwrap_or_default();
                split_avro_event(value).expect("the value was read before").0
            }
            Self::Decoded(event) => (&**event).into(),
        }
    }
}

/// Where a text that lies within these bytes starts and ends.
fn range_within(bytes: &[u8], text: &[u8]) -> Range<usize> {
    let start = text.as_ptr().addr() - bytes.as_ptr().addr();
    start..start + text.len()
}

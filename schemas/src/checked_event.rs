//! An event that was checked where it stands.
//!
//! A fold looks at the head of an event only. Where that can be read from the record's own value,
//! nothing of the event is copied. Guarantees: [`check_record_with`] accepts and refuses exactly
//! what [`decode_with`] does, with the same words: one decoder does both.

use uuid::Uuid;

use crate::avro::checked_avro_event;
use crate::decode::{Form, checked_value, form};
use crate::{
    Event, EventHead, EventRest, FramedSchemas, HeadPlaces, LogId, NoRegistry, Record, Refusal,
    decode_with,
};

/// An event within the limits.
#[derive(Debug)]
pub enum CheckedEvent {
    /// Its head stands in the record's value as [`split_avro_event`](crate::split_avro_event) reads
    /// it.
    InPlace(HeadPlaces),
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
        return Ok(CheckedEvent::InPlace(HeadPlaces::of(&head, value)));
    }
    decode_with(record, log_id, schemas).map(|event| CheckedEvent::Decoded(Box::new(event)))
}

/// The parts of the event that a record holds, checked, where they can be read from its value;
/// `None` where [`decode_with`] has to be asked.
pub fn checked_parts(record: &Record) -> Result<Option<(EventHead<'_>, EventRest<'_>)>, Refusal> {
    let value = checked_value(record)?;
    match form(record, value) {
        Form::Avro => checked_avro_event(value).map_err(Refusal::from),
        _ => Ok(None),
    }
}

impl CheckedEvent {
    /// Identity.
    pub fn event_id(&self) -> Uuid {
        match self {
            Self::InPlace(places) => places.event_id,
            Self::Decoded(event) => event.event_id,
        }
    }

    /// The workspace. `record` is the one that was checked.
    ///
    /// # Panics
    /// If it is another record.
    pub fn workspace_id<'a>(&'a self, record: &'a Record) -> &'a str {
        match self {
            Self::InPlace(places) => {
                let value = record.value.as_deref().unwrap_or_default();
                let text = str::from_utf8(places.workspace_id.text(value));
                text.expect("the value was read before")
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
            Self::InPlace(places) => places.head(record.value.as_deref().unwrap_or_default()),
            Self::Decoded(event) => (&**event).into(),
        }
    }
}

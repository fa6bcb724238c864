//! The event and its contract: types, wire forms, limits, ids, positions, the checkpoint algebra.
//!
//! Guarantees: everything here is pure. No I/O, no clock, no randomness beyond what a caller passes
//! in, no async. Decoding never panics, whatever the bytes. What a function accepts at fold
//! version 1 it accepts for ever: a rebuild years later must reach the same rows.
//!
//! Deliberately not here: storage, transport, HTTP shapes of answers (see `query-api`).

mod action_pattern;
mod avro;
mod check;
mod checked_event;
mod checkpoint;
mod cloud_events;
mod content_hash;
mod decode;
mod event;
mod event_head;
mod event_ids;
mod event_json;
mod event_rest;
mod event_view;
mod field_path;
mod framing;
mod head_places;
mod hex;
mod ids;
mod instant;
mod json;
mod kind;
mod labels;
mod lent_event;
mod limits;
mod new_record;
mod offset_range;
mod partitioner;
mod pieces;
mod place;
mod pointer;
mod position;
mod record;
mod refusal;
mod rfc3339;
mod schema_ref;
mod shape;
mod text;
mod violation;
mod words;
mod writer_schema;

pub use action_pattern::{ActionPattern, InvalidActionPattern};
pub use avro::{
    SCHEMA_HEADER, SCHEMA_V1, encode_avro, event_of_parts, join_avro_event, split_avro_event,
};
pub use check::is_reserved_action;
pub use checked_event::{CheckedEvent, check_record, check_record_with, checked_parts};
pub use checkpoint::{Checkpoint, CheckpointDelta, CheckpointError};
pub use cloud_events::{parse_cloud_event, parse_cloud_event_binary};
pub use content_hash::{canonical_event, content_hash};
pub use decode::{decode, decode_again, decode_with, lend_with};
pub use event::{
    Action, Actor, ActorKind, Change, Context, Event, JsonText, Kind, Outcome, Principal,
    ProducerStamp, Resource,
};
pub use event_head::{EventHead, HeadPrincipal, HeadResource};
pub use event_ids::{EVENT_ID_NAMESPACE, cloud_event_id, positional_event_id};
pub use event_json::{parse_event, parse_event_value};
pub use event_rest::{CONTEXT_MEMBERS, EventRest, RestChange};
pub use event_view::{
    ChangeView, ContextView, EventView, JsonView, PrincipalView, ProducerView, ResourceView,
};
pub use field_path::FieldPath;
pub use framing::{FramedSchemas, NoRegistry, SchemaId, framed_schema_id, reframe_avro};
pub use head_places::HeadPlaces;
pub use hex::hex;
pub use ids::{InvalidWorkspaceId, LogId, WorkspaceId};
pub use instant::{Instant, InvalidInstant};
pub use json::{ObjectWriter, write_objects};
pub use kind::kind_of_action;
pub use labels::{ActionEntry, Labels, LabelsError, humanise};
pub use lent_event::LentEvent;
pub use limits::{BATCH_MAX_BYTES, BATCH_MAX_EVENTS, HEADERS_MAX_BYTES, LimitTooHigh, Limits};
pub use new_record::{checked_record, new_record};
pub use offset_range::OffsetRange;
pub use partitioner::partition_of;
pub use pieces::Pieces;
pub use place::check_place;
pub use pointer::push_step;
pub use position::{Offset, Partition, Position};
pub use record::{Header, NewRecord, Record, TimestampType};
pub use refusal::{Reason, Refusal};
pub use schema_ref::SchemaRef;
pub use violation::{FieldError, MAX_FIELD_ERRORS, SchemaViolation};
pub use words::{strip_unescaped, unescaped_length};
pub use writer_schema::{SCHEMA_MAX_BYTES, SchemaReading, schema_reading};

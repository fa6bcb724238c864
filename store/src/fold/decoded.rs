//! A record with everything that can be computed from it alone, outside any lock.
//!
//! Not the content hash: only an event whose id was seen before is asked for it.

use annals_schemas::partition_of;
use annals_schemas::{Event, LogId, Record, Refusal, WorkspaceId, check_place, decode};

use crate::evidence::digest_or_zero;
use crate::segment::id_hash;

/// A record, decoded and hashed.
#[derive(Debug)]
pub struct Decoded {
    pub(crate) record: Record,
    /// The workspace whose key this validly is: legal id, in the right partition.
    pub(crate) owner: Option<WorkspaceId>,
    pub(crate) outcome: Result<Box<DecodedEvent>, Refusal>,
    /// SHA-256 of the value, as an entry has it.
    pub(crate) value_digest: [u8; 32],
}

/// An event at its place in the log, with the hash it is looked for by.
#[derive(Debug)]
pub(crate) struct DecodedEvent {
    pub(crate) event: Event,
    /// `segment::id_hash` of workspace and event id.
    pub(crate) id_hash: u64,
}

impl Decoded {
    /// Decodes a record of a log with this many partitions.
    pub fn new(record: Record, log_id: &LogId, partitions: u32) -> Self {
        let outcome = decode(&record, log_id).and_then(|event| {
            check_place(&record, &event, partitions)?;
            // check_place passed, so the record's key is the event's workspace.
            let id_hash = id_hash(event.workspace_id.as_str(), event.event_id.as_bytes());
            Ok(Box::new(DecodedEvent { event, id_hash }))
        });
        // The key of a well-placed event is its workspace's.
        let owner = match &outcome {
            Ok(decoded) => Some(decoded.event.workspace_id.clone()),
            Err(_) => owner_of(&record, partitions),
        };
        let value_digest = digest_or_zero(record.value.as_deref());
        Self { record, owner, outcome, value_digest }
    }
}

/// The workspace whose valid key a record has, in its partition.
fn owner_of(record: &Record, partitions: u32) -> Option<WorkspaceId> {
    let key = record.key.as_deref()?;
    let is_here = partition_of(key, partitions) == record.position.partition;
    is_here.then(|| WorkspaceId::from_key(key)).flatten()
}

//! A record with everything that can be computed from it alone, outside any lock.

use annals_schemas::{Event, LogId, Record, Refusal, WorkspaceId, check_place, decode};
use annals_schemas::{content_hash, partition_of};

use crate::segment::id_hash;

/// A record, decoded and hashed.
#[derive(Debug)]
pub struct Decoded {
    pub(crate) record: Record,
    /// The workspace whose key this validly is: legal id, in the right partition.
    pub(crate) owner: Option<WorkspaceId>,
    pub(crate) outcome: Result<Box<DecodedEvent>, Refusal>,
}

/// An event at its place in the log, with its two hashes.
#[derive(Debug)]
pub(crate) struct DecodedEvent {
    pub(crate) event: Event,
    pub(crate) content_hash: [u8; 32],
    /// `segment::id_hash` of workspace and event id.
    pub(crate) id_hash: u64,
}

impl Decoded {
    /// Decodes a record of a log with this many partitions.
    pub fn new(record: Record, log_id: &LogId, partitions: u32) -> Self {
        let here = record.position.partition;
        let owner = record
            .key
            .as_deref()
            .filter(|key| partition_of(key, partitions) == here)
            .and_then(WorkspaceId::from_key);
        let outcome = decode(&record, log_id).and_then(|event| {
            check_place(&record, &event, partitions)?;
            let content_hash = content_hash(&event);
            // check_place passed, so the record's key is the event's workspace.
            let id_hash = id_hash(event.workspace_id.as_str(), event.event_id.as_bytes());
            Ok(Box::new(DecodedEvent { event, content_hash, id_hash }))
        });
        Self { record, owner, outcome }
    }
}

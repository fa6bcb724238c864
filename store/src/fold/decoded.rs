//! A record with everything that can be computed from it alone, outside any lock.

use annals_schemas::{Event, LogId, Record, Refusal, WorkspaceId, check_place, decode};
use annals_schemas::{content_hash, partition_of};

/// A record, decoded and hashed.
#[derive(Debug)]
pub struct Decoded {
    pub(crate) record: Record,
    /// The workspace whose key this validly is: legal id, in the right partition.
    pub(crate) owner: Option<WorkspaceId>,
    pub(crate) outcome: Result<(Box<Event>, [u8; 32]), Refusal>,
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
            let hash = content_hash(&event);
            Ok((Box::new(event), hash))
        });
        Self { record, owner, outcome }
    }
}

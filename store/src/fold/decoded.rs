//! A record with what can be computed from it alone, outside any lock.
//!
//! Not the content hash: only an event whose id was seen before is asked for it. Nor the digest of
//! its value, which costs less for several records at once.

use annals_schemas::{
    CheckedEvent, FramedSchemas, LogId, NoRegistry, Record, Refusal, WorkspaceId, check_place,
    check_record_with, partition_of,
};

use crate::evidence::digests_or_zero;
use crate::segment::id_hash;

/// A record, checked.
#[derive(Debug)]
pub struct Decoded {
    pub(crate) record: Record,
    /// Whether its key validly is a workspace's: a legal id, in the right partition.
    pub(crate) has_owner: bool,
    pub(crate) outcome: Result<FoundEvent, Refusal>,
}

/// An event at its place in the log, with the hash it is looked for by.
#[derive(Debug)]
pub(crate) struct FoundEvent {
    pub(crate) event: CheckedEvent,
    /// `segment::id_hash` of workspace and event id.
    pub(crate) id_hash: u64,
}

impl Decoded {
    /// Checks a record of a log with this many partitions, in front of which is no registry.
    pub fn new(record: Record, log_id: &LogId, partitions: u32) -> Self {
        Self::with_schemas(record, log_id, partitions, &NoRegistry)
    }

    /// The same where values may be framed: by what the partition's ruling says of their schemas.
    pub fn with_schemas(
        record: Record,
        log_id: &LogId,
        partitions: u32,
        schemas: &impl FramedSchemas,
    ) -> Self {
        let outcome = check_record_with(&record, log_id, schemas).and_then(|event| {
            let event_id = event.event_id();
            let workspace_id = event.workspace_id(&record);
            check_place(&record, (event_id, workspace_id), partitions)?;
            let id_hash = id_hash(workspace_id, event_id.as_bytes());
            Ok(FoundEvent { event, id_hash })
        });
        // The key of a well-placed event is its workspace's.
        let has_owner = outcome.is_ok() || has_owner(&record, partitions);
        Self { record, has_owner, outcome }
    }

    /// SHA-256 of each one's value, as entries have it. Of several at once it costs less.
    pub(crate) fn value_digests(all: &[Self]) -> Vec<[u8; 32]> {
        digests_or_zero(all.iter().map(|decoded| decoded.record.value.as_deref())).collect()
    }

    /// The hash by which its event is looked for.
    pub(crate) fn id_hash(&self) -> Option<u64> {
        self.outcome.as_ref().ok().map(|found| found.id_hash)
    }

    /// The workspace whose key the record validly has.
    pub(crate) fn owner(&self) -> Option<&str> {
        self.record
            .key
            .as_deref()
            .filter(|_| self.has_owner)
            .and_then(|key| str::from_utf8(key).ok())
    }
}

/// Whether a record's key is one of a workspace, in its partition.
fn has_owner(record: &Record, partitions: u32) -> bool {
    let Some(key) = record.key.as_deref() else { return false };
    let is_here = partition_of(key, partitions) == record.position.partition;
    is_here && WorkspaceId::from_key(key).is_some()
}

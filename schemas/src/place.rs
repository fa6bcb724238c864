//! Whether a record stands where its event belongs: key and partition.

use uuid::Uuid;

use crate::{Reason, Record, Refusal, partition_of};

/// Checks that the record key is the event's workspace id, and that the record stands in that
/// key's partition. Otherwise some other partition could hold the same workspace, and its sequence
/// would not be one. The event is told by its id and its workspace.
pub fn check_place(
    record: &Record,
    (event_id, workspace): (Uuid, &str),
    partitions: u32,
) -> Result<(), Refusal> {
    let refused = |reason, detail| Refusal { reason, detail, event_id: Some(event_id) };
    let Some(key) = record.key.as_deref() else {
        let detail = format!("the record has no key; send the workspace id `{workspace}` as key");
        return Err(refused(Reason::KeyMismatch, detail));
    };
    if key != workspace.as_bytes() {
        let found = crate::text::cut(&String::from_utf8_lossy(key));
        let detail = format!(
            "the record key is `{found}`, the event's workspace is `{workspace}`; send the \
             workspace id as key"
        );
        return Err(refused(Reason::KeyMismatch, detail));
    }
    let (found, expected) = (record.position.partition, partition_of(key, partitions));
    if found != expected {
        let detail = format!(
            "key `{workspace}` belongs to partition {expected} of {partitions}, the record stands \
             in {found}; set partitioner=murmur2_random in the client (librdkafka and kcat use \
             CRC32 by default)"
        );
        return Err(refused(Reason::WrongPartition, detail));
    }
    Ok(())
}

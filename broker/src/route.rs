//! Which partition a record belongs to: the contract's one rule, for all implementations.

use annals_schemas::{NewRecord, Partition};

/// The partition of the record's key; 0 without a key.
pub(crate) fn partition_of(record: &NewRecord, partitions: u32) -> Partition {
    record.key.as_deref().map_or(0, |key| annals_schemas::partition_of(key, partitions))
}

/// Bytes a new record holds: key, value and headers, without fixed fields.
pub(crate) fn size_bytes(record: &NewRecord) -> usize {
    let length = |bytes: &Option<bytes::Bytes>| bytes.as_ref().map_or(0, bytes::Bytes::len);
    let headers: usize = record.headers.iter().map(|h| h.name.len() + length(&h.value)).sum();
    length(&record.key) + length(&record.value) + headers
}

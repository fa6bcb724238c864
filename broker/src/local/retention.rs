//! Which files of a partition may go: whole files, the oldest first, never the last one.

use annals_schemas::Offset;

use super::Retention;
use super::partition::Shared;
use super::segment::{FILE_HEAD_BYTES, Segment};

/// Takes the expired files away from the readers and answers them, for removal.
pub(super) fn take_expired(shared: &Shared, retention: &Retention, now_ms: i64) -> Vec<Segment> {
    shared.change(|segments| {
        let expired = (0..segments.len() - 1)
            .take_while(|&index| is_expired(&segments[index..], retention, now_ms))
            .count();
        segments.drain(..expired).collect()
    })
}

/// Takes the files that end at or before this offset away from the readers and answers them, for
/// removal.
pub(super) fn take_before(shared: &Shared, before: Offset) -> Vec<Segment> {
    shared.change(|segments| {
        let released = segments.partition_point(|segment| segment.end <= before);
        segments.drain(..released.min(segments.len() - 1)).collect()
    })
}

fn is_expired(oldest_first: &[Segment], retention: &Retention, now_ms: i64) -> bool {
    let Some((oldest, rest)) = oldest_first.split_first() else { return false };
    let too_old = retention.max_age.is_some_and(|max_age| {
        let max_age_ms = i64::try_from(max_age.as_millis()).unwrap_or(i64::MAX);
        oldest.last_timestamp_ms < now_ms.saturating_sub(max_age_ms)
    });
    let kept_bytes: u64 = rest.iter().map(|segment| segment.end_byte - FILE_HEAD_BYTES).sum();
    too_old || retention.max_bytes.is_some_and(|max_bytes| kept_bytes >= max_bytes)
}

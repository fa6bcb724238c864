//! This crate's metrics, recorded per request or batch. No workspace and no actor in labels.

use metrics::{counter, gauge};

/// Records a posted request's items by outcome.
#[cfg(feature = "gateway")]
pub(crate) fn posted(
    accepted: usize,
    duplicate: usize,
    rejected: usize,
    took: std::time::Duration,
) {
    for (outcome, count) in
        [("accepted", accepted), ("duplicate", duplicate), ("rejected", rejected)]
    {
        counter!("annals_ingest_events_total", "outcome" => outcome).increment(count as u64);
    }
    metrics::histogram!("annals_ingest_request_seconds").record(took.as_secs_f64());
}

/// Records a request refused for want of room.
#[cfg(feature = "gateway")]
pub(crate) fn overloaded() {
    counter!("annals_ingest_overloaded_total").increment(1);
}

/// Records events that a recorder delivered.
pub(crate) fn delivered(events: u64) {
    counter!("annals_ingest_recorder_delivered_total").increment(events);
}

/// Records how many events a recorder has in its spool.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
pub(crate) fn spooled(events: u64) {
    gauge!("annals_ingest_recorder_spooled").set(events as f64);
}

/// Records events that a recorder lost.
pub(crate) fn lost(events: u64) {
    counter!("annals_ingest_recorder_lost_total").increment(events);
}

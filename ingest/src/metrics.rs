//! This crate's metrics, recorded per request or batch. No workspace and no actor in labels.

use std::time::Duration;

use metrics::{counter, histogram};

/// Records a posted request's items by outcome.
pub(crate) fn posted(accepted: usize, duplicate: usize, rejected: usize, took: Duration) {
    for (outcome, count) in
        [("accepted", accepted), ("duplicate", duplicate), ("rejected", rejected)]
    {
        counter!("annals_ingest_events_total", "outcome" => outcome).increment(count as u64);
    }
    histogram!("annals_ingest_request_seconds").record(took.as_secs_f64());
}

/// Records a request refused for want of room.
pub(crate) fn overloaded() {
    counter!("annals_ingest_overloaded_total").increment(1);
}

/// Records events that a recorder delivered.
pub(crate) fn delivered(events: usize) {
    counter!("annals_ingest_recorder_delivered_total").increment(events as u64);
}

/// Records events that a recorder had to drop.
pub(crate) fn lost(events: u64) {
    counter!("annals_ingest_recorder_lost_total").increment(events);
}

//! This crate's metrics, recorded per batch, without workspace labels.

use annals_store::Counts;
use metrics::{counter, gauge, histogram};

use crate::registry::{Answer, Away};

pub(crate) fn folded(counts: Counts) {
    for (verdict, records) in [
        ("visible", counts.visible),
        ("duplicate", counts.duplicate),
        ("quarantined", counts.quarantined),
    ] {
        counter!("annals_projector_records_total", "verdict" => verdict).increment(records);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge shows magnitudes")]
pub(crate) fn tail_bytes(bytes: usize) {
    gauge!("annals_projector_tail_bytes").set(bytes as f64);
}

pub(crate) fn sealed(length_bytes: u64, seconds: f64) {
    counter!("annals_projector_sealed_bytes_total").increment(length_bytes);
    histogram!("annals_projector_seal_seconds").record(seconds);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge shows magnitudes")]
pub(crate) fn live_segments(segments: usize) {
    gauge!("annals_projector_live_segments").set(segments as f64);
}

/// Sealed and compacted bytes over sealed bytes is the write amplification.
pub(crate) fn compacted(length_bytes: u64, seconds: f64) {
    counter!("annals_projector_compacted_bytes_total").increment(length_bytes);
    histogram!("annals_projector_compaction_seconds").record(seconds);
}

pub(crate) fn removed(segments: usize) {
    counter!("annals_projector_removed_segments_total").increment(segments as u64);
}

pub(crate) fn names_fed(names: u64, seconds: f64) {
    counter!("annals_projector_names_fed_total").increment(names);
    histogram!("annals_projector_names_feed_seconds").record(seconds);
}

pub(crate) fn reopened() {
    counter!("annals_projector_reopened_total").increment(1);
}

/// A question to the schema registry was answered, or not.
pub(crate) fn registry_asked(answer: &Result<Answer, Away>) {
    let outcome = match answer {
        Ok(Answer::Schema(_)) => "found",
        Ok(Answer::Unknown) => "unknown",
        Err(_) => "away",
    };
    counter!("annals_projector_registry_requests_total", "outcome" => outcome).increment(1);
}

pub(crate) fn ruled(schemas: usize) {
    counter!("annals_projector_rulings_total").increment(1);
    counter!("annals_projector_schemas_resolved_total").increment(schemas as u64);
}

/// Partitions that stand still until a schema is resolved.
#[expect(clippy::cast_precision_loss, reason = "a gauge shows magnitudes")]
pub(crate) fn waiting_for_schema(partitions: usize) {
    gauge!("annals_projector_partitions_waiting_for_schema").set(partitions as f64);
}

//! This crate's metrics, recorded per batch, without workspace labels.

use annals_store::Counts;
use metrics::{counter, gauge, histogram};

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

pub(crate) fn sealed(seconds: f64) {
    histogram!("annals_projector_seal_seconds").record(seconds);
}

pub(crate) fn reopened() {
    counter!("annals_projector_reopened_total").increment(1);
}

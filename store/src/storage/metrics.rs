//! Metrics of the storage layer, recorded per object.

use metrics::{counter, gauge};

#[expect(clippy::cast_precision_loss, reason = "a gauge shows magnitudes")]
pub(super) fn cache_bytes(bytes: u64) {
    gauge!("annals_store_cache_bytes").set(bytes as f64);
}

pub(super) fn cache_hit() {
    counter!("annals_store_cache_hits_total").increment(1);
}

pub(super) fn cache_downloaded(bytes: u64) {
    counter!("annals_store_cache_downloads_total").increment(1);
    counter!("annals_store_cache_downloaded_bytes_total").increment(bytes);
}

//! This crate's metrics. No workspace and no actor in labels.

use metrics::{counter, gauge};

/// Records a read refused because none of those running ended in time.
pub(crate) fn read_refused() {
    counter!("annals_query_api_reads_refused_total").increment(1);
}

/// Records access records that the log has.
pub(crate) fn access_records_written(records: u64) {
    counter!("annals_query_api_access_records_total", "outcome" => "written").increment(records);
}

/// Records access records that there was no room for, or that the log refuses for good.
pub(crate) fn access_records_lost(records: u64) {
    counter!("annals_query_api_access_records_total", "outcome" => "lost").increment(records);
}

/// Tells how many access records wait for the log.
pub(crate) fn access_records_waiting(records: usize) {
    #[expect(clippy::cast_precision_loss, reason = "ten thousand at most")]
    gauge!("annals_query_api_access_records_waiting").set(records as f64);
}

/// Records a request refused because its caller or workspace had made too many.
pub(crate) fn rate_limited() {
    counter!("annals_query_api_rate_limited_total").increment(1);
}

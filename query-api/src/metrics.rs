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

/// Records an export refused because too many are running.
pub(crate) fn export_refused() {
    counter!("annals_query_api_exports_refused_total").increment(1);
}

/// An export while it runs: counted as running, and as cut unless it is finished.
pub(crate) struct ExportRunning(&'static str);

impl ExportRunning {
    pub(crate) fn start() -> Self {
        gauge!("annals_query_api_exports_running").increment(1.0);
        Self("cut")
    }

    /// It was sent whole, with so many rows.
    pub(crate) fn finished(mut self, rows: u64) {
        self.0 = "finished";
        counter!("annals_query_api_exported_rows_total").increment(rows);
    }
}

impl Drop for ExportRunning {
    fn drop(&mut self) {
        gauge!("annals_query_api_exports_running").decrement(1.0);
        counter!("annals_query_api_exports_total", "outcome" => self.0).increment(1);
    }
}

/// Records how many readers follow a feed.
pub(crate) fn followers(count: usize) {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    gauge!("annals_query_api_followers").set(count as f64);
}

/// Records a follower refused because there are too many.
pub(crate) fn follower_refused() {
    counter!("annals_query_api_followers_refused_total").increment(1);
}

//! This crate's metrics, recorded per batch. Labels: the implementation only.

use std::time::Duration;

use metrics::{counter, histogram};

/// Records one group commit of the embedded log.
pub(crate) fn local_commit(records: usize, bytes: usize, took: Duration) {
    counter!("annals_broker_appended_records_total", "log" => "local").increment(records as u64);
    counter!("annals_broker_appended_bytes_total", "log" => "local").increment(bytes as u64);
    histogram!("annals_broker_commit_seconds", "log" => "local").record(took.as_secs_f64());
}

/// Records the outcome of one `append_all` to Kafka.
#[cfg(feature = "kafka")]
pub(crate) fn kafka_append(acknowledged: usize, failed: usize, took: Duration) {
    counter!("annals_broker_appended_records_total", "log" => "kafka")
        .increment(acknowledged as u64);
    counter!("annals_broker_failed_records_total", "log" => "kafka").increment(failed as u64);
    histogram!("annals_broker_commit_seconds", "log" => "kafka").record(took.as_secs_f64());
}

/// Records a partition of the embedded log that a failure closed for writing.
pub(crate) fn local_closed() {
    counter!("annals_broker_partitions_closed_total", "log" => "local").increment(1);
}

/// Records a partition of the embedded log that was opened again after a failure.
pub(crate) fn local_reopened() {
    counter!("annals_broker_partitions_reopened_total", "log" => "local").increment(1);
}

/// Records one non-empty poll.
pub(crate) fn polled(log: &'static str, records: usize) {
    counter!("annals_broker_polled_records_total", "log" => log).increment(records as u64);
}

/// Records files that retention removed.
pub(crate) fn local_expired(files: usize) {
    counter!("annals_broker_expired_files_total", "log" => "local").increment(files as u64);
}

/// Records a producer that had to be made anew after a fatal error.
#[cfg(feature = "kafka")]
pub(crate) fn kafka_producer_recreated() {
    counter!("annals_broker_producer_recreated_total", "log" => "kafka").increment(1);
}

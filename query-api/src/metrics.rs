//! This crate's metrics. No workspace and no actor in labels.

use metrics::counter;

/// Records a read refused because none of those running ended in time.
pub(crate) fn read_refused() {
    counter!("annals_query_api_reads_refused_total").increment(1);
}

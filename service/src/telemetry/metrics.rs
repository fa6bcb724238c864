//! The process's metrics in Prometheus' text format.

use crate::shutdown::Shutdown;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// The text's media type.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Histogram samples are gathered at least this often, so that they cannot pile up unscraped.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// Upper bounds of all histograms in seconds, from 50 µs to 30 s.
const SECONDS_BUCKETS: [f64; 18] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Why metrics could not start.
#[derive(Debug, thiserror::Error)]
#[error("metrics cannot be recorded")]
pub struct MetricsError(#[source] metrics_exporter_prometheus::BuildError);

/// Reads what the process has recorded.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Becomes the process's recorder. Once per process.
    pub fn install() -> Result<Self, MetricsError> {
        let handle = builder()?.install_recorder().map_err(MetricsError)?;
        Ok(Self { handle })
    }

    /// Everything recorded so far.
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }

    /// The answer to a scrape, for a route such as `/metrics`.
    pub fn response(&self) -> axum::response::Response {
        use axum::response::IntoResponse;
        ([(axum::http::header::CONTENT_TYPE, CONTENT_TYPE)], self.render()).into_response()
    }

    /// Keeps memory bounded while nobody scrapes; runs until `shutdown` is raised.
    pub async fn upkeep(self, shutdown: Shutdown) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(UPKEEP_INTERVAL) => self.handle.run_upkeep(),
                () = shutdown.requested() => return,
            }
        }
    }
}

fn builder() -> Result<PrometheusBuilder, MetricsError> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    PrometheusBuilder::new().set_buckets_for_metric(seconds, &SECONDS_BUCKETS).map_err(MetricsError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_is_rendered() {
        let recorder = builder().unwrap().build_recorder();
        let metrics = Metrics { handle: recorder.handle() };
        ::metrics::with_local_recorder(&recorder, || {
            ::metrics::counter!("annals_service_test_total").increment(3);
            ::metrics::histogram!("annals_service_test_seconds").record(0.02);
        });
        let text = metrics.render();
        assert!(text.contains("annals_service_test_total 3"), "{text}");
        assert!(text.contains("annals_service_test_seconds_bucket{le=\"0.025\"} 1"), "{text}");
        assert!(text.contains("annals_service_test_seconds_bucket{le=\"0.01\"} 0"), "{text}");
    }
}

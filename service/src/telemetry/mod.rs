//! What an operator sees: log lines on stderr, metrics as text.

mod logs;
mod metrics;

pub use logs::{LogError, start_logs};
pub use metrics::{Metrics, MetricsError};

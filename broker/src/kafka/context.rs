//! What librdkafka has to say, in our log: a bounded number of lines while brokers are down.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;

/// Lines of one kind that get through in each period.
const LINES: u32 = 3;
const PERIOD: Duration = Duration::from_secs(30);

/// A client context that limits log lines: librdkafka repeats itself about 17 times a second
/// while brokers are away.
#[derive(Default)]
pub(super) struct QuietContext {
    budget: Mutex<Budget>,
}

#[derive(Default)]
struct Budget {
    since: Option<Instant>,
    passed: u32,
    held_back: u64,
}

impl QuietContext {
    /// Answers how many lines were held back before this one, if this one may pass.
    fn admit(&self, now: Instant) -> Option<u64> {
        let mut budget = self.budget.lock();
        if budget.since.is_none_or(|since| now.duration_since(since) >= PERIOD) {
            budget.since = Some(now);
            budget.passed = 0;
        }
        if budget.passed >= LINES {
            budget.held_back += 1;
            return None;
        }
        budget.passed += 1;
        Some(std::mem::take(&mut budget.held_back))
    }

    /// Logs an event that a consumer got instead of a record.
    pub fn note(&self, error: &KafkaError) {
        if let Some(held_back) = self.admit(Instant::now()) {
            tracing::warn!(%error, held_back, "kafka");
        }
    }
}

impl ClientContext for QuietContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        // One set of properties goes to all clients: that some do not concern one is no news.
        if facility == "CONFWARN" {
            return;
        }
        match level {
            RDKafkaLogLevel::Debug | RDKafkaLogLevel::Info | RDKafkaLogLevel::Notice => {
                tracing::debug!(facility, "{message}");
            }
            _ => {
                if let Some(held_back) = self.admit(Instant::now()) {
                    tracing::warn!(facility, held_back, "{message}");
                }
            }
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if let Some(held_back) = self.admit(Instant::now()) {
            tracing::warn!(%error, held_back, "{reason}");
        }
    }
}

impl ConsumerContext for QuietContext {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_lines_a_period_pass_and_the_rest_are_counted() {
        let context = QuietContext::default();
        let start = Instant::now();
        let passed: Vec<_> =
            (0..100).filter_map(|i| context.admit(start + Duration::from_millis(i))).collect();
        assert_eq!(passed, [0, 0, 0]);
        assert_eq!(context.admit(start + PERIOD), Some(97));
    }
}

//! Counting boundaries, and ending the process at the one that was asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use annals_broker::{Appended, BrokerError, Consumer, Log, LogDescription, Producer};
use annals_schemas::{NewRecord, Offset, Partition};
use annals_store::BoundaryHook;
use async_trait::async_trait;

static REACHED: AtomicU64 = AtomicU64::new(0);

/// Counts one boundary; at the wanted one the process ends without any clean-up.
pub(crate) fn reached(boundary: &str) {
    let Some(wanted) = annals_service::environment::variable("ANNALS_CRASH_AT") else { return };
    let Some((name, nth)) = wanted.split_once(':') else { return };
    if name != boundary {
        return;
    }
    let count = REACHED.fetch_add(1, Ordering::SeqCst) + 1;
    if nth.parse() == Ok(count) {
        tracing::warn!(boundary, count, "failpoint: ending the process");
        let own = std::process::id().to_string();
        let _ = std::process::Command::new("kill").args(["-9", &own]).status();
        std::process::abort();
    }
}

/// The store's boundaries.
pub(crate) fn hook() -> BoundaryHook {
    BoundaryHook::new(|boundary| reached(boundary.as_str()))
}

/// A log with boundaries around its appends.
pub(crate) fn wrap(log: Arc<dyn Log>) -> Arc<dyn Log> {
    Arc::new(FailingLog(log))
}

struct FailingLog(Arc<dyn Log>);

#[async_trait]
impl Log for FailingLog {
    fn write_trouble(&self) -> Option<String> {
        self.0.write_trouble()
    }

    fn description(&self) -> &LogDescription {
        self.0.description()
    }

    fn producer(&self) -> Arc<dyn Producer> {
        Arc::new(FailingProducer(self.0.producer()))
    }

    fn consumer(&self) -> Result<Box<dyn Consumer>, BrokerError> {
        self.0.consumer()
    }

    async fn log_start(&self, partition: Partition) -> Result<Offset, BrokerError> {
        self.0.log_start(partition).await
    }

    async fn high_watermark(&self, partition: Partition) -> Result<Offset, BrokerError> {
        self.0.high_watermark(partition).await
    }

    async fn offset_at_time(
        &self,
        partition: Partition,
        timestamp_ms: i64,
    ) -> Result<Offset, BrokerError> {
        self.0.offset_at_time(partition, timestamp_ms).await
    }
}

struct FailingProducer(Arc<dyn Producer>);

#[async_trait]
impl Producer for FailingProducer {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        reached("log-appended");
        let outcomes = self.0.append_all(records).await;
        reached("group-committed");
        outcomes
    }
}

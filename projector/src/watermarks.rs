//! When the log's end was last asked for, and where it was: the base of `complete_through`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use annals_broker::Log;
use annals_schemas::{Instant, Offset, Partition};
use parking_lot::Mutex;

/// Least pause between two rounds over all partitions.
const ROUND_PAUSE: Duration = Duration::from_millis(50);
/// A pause is so many times as long as the round before it: asking a broker must not keep it from
/// its work.
const PAUSE_PER_ROUND: u32 = 20;

/// Per partition: a moment, and the high watermark asked for after it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watermarks(Arc<Mutex<BTreeMap<Partition, (Instant, Offset)>>>);

impl Watermarks {
    pub(crate) fn get(&self, partition: Partition) -> Option<(Instant, Offset)> {
        self.0.lock().get(&partition).copied()
    }

    /// Asks round after round, for as long as the future is polled.
    pub(crate) async fn keep_asking(
        self,
        log: Arc<dyn Log>,
        now: Arc<dyn Fn() -> Instant + Send + Sync>,
    ) {
        let partitions = log.description().partitions;
        loop {
            let started = std::time::Instant::now();
            for partition in 0..partitions {
                // INV-10: the clock is read first, so that everything acknowledged before that
                // moment lies below the watermark.
                let at = now();
                match log.high_watermark(partition).await {
                    Ok(offset) => {
                        self.0.lock().insert(partition, (at, offset));
                    }
                    Err(error) => tracing::debug!(partition, %error, "no high watermark"),
                }
            }
            tokio::time::sleep(ROUND_PAUSE.max(started.elapsed() * PAUSE_PER_ROUND)).await;
        }
    }
}

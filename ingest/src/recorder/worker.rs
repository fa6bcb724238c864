//! The recorder's thread: takes what waits, appends it, tries again what the log could not take.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use annals_broker::Producer;
use annals_schemas::{Event, NewRecord};
use tokio::sync::watch;

use super::RecorderOptions;
use super::progress::Progress;
use crate::metrics;
use annals_schemas::new_record;

/// An event that waits.
pub(super) struct Queued {
    pub event: Event,
    pub bytes: usize,
}

/// A record on its way.
struct Pending {
    record: NewRecord,
    bytes: usize,
}

/// The thread's state.
pub(super) struct Worker {
    producer: Arc<dyn Producer>,
    inbox: Receiver<Queued>,
    progress: Arc<Progress>,
    stopped: watch::Receiver<bool>,
    options: RecorderOptions,
}

impl Worker {
    pub fn new(
        producer: Arc<dyn Producer>,
        inbox: Receiver<Queued>,
        progress: Arc<Progress>,
        stopped: watch::Receiver<bool>,
        options: RecorderOptions,
    ) -> Self {
        Self { producer, inbox, progress, stopped, options }
    }

    /// Runs until every sender is gone and nothing waits, or until told to stop.
    pub fn run(mut self) {
        // Also when the producer panics: those who wait for us must not wait for ever.
        let _ended = EndGuard(Arc::clone(&self.progress));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                tracing::error!(%error, "the recorder has no runtime: events are lost");
                return;
            }
        };
        while let Ok(first) = self.inbox.recv() {
            let batch = self.gather(first);
            runtime.block_on(self.deliver(batch));
        }
        // A blocked producer's tasks must not hold the host's end back.
        runtime.shutdown_background();
    }

    fn gather(&self, first: Queued) -> VecDeque<Pending> {
        let more = self.inbox.try_iter().take(self.options.batch_events.saturating_sub(1));
        let queued = std::iter::once(first).chain(more);
        let mut refused = (0, 0);
        let mut batch = VecDeque::new();
        for Queued { event, bytes } in queued {
            match event.check(&self.options.limits) {
                Ok(()) => batch.push_back(Pending { record: new_record(&event, None), bytes }),
                Err(violation) => {
                    tracing::warn!(reason = %violation.reason, "an emitted event is none: lost");
                    refused = (refused.0 + 1, refused.1 + bytes);
                }
            }
        }
        if refused.0 > 0 {
            self.progress.settle(0, refused.0, refused.1);
        }
        batch
    }

    /// Appends the batch. What the log could not take for now goes again, before anything newer.
    async fn deliver(&mut self, mut batch: VecDeque<Pending>) {
        let mut pause = self.options.first_pause;
        while !batch.is_empty() {
            let records = batch.iter().map(|pending| pending.record.clone()).collect();
            let producer = Arc::clone(&self.producer);
            let outcomes = tokio::select! {
                biased;
                () = stop(&mut self.stopped) => return self.give_up(&batch),
                outcomes = producer.append_all(records) => outcomes,
            };
            let before = batch.len();
            batch = self.settle(batch, &outcomes);
            if batch.len() == before {
                if self.pause(pause).await {
                    return self.give_up(&batch);
                }
                pause = (pause * 2).min(self.options.max_pause);
            } else {
                pause = self.options.first_pause;
            }
        }
    }

    /// Answers what has to go again.
    fn settle(
        &self,
        batch: VecDeque<Pending>,
        outcomes: &[Result<annals_broker::Appended, annals_broker::BrokerError>],
    ) -> VecDeque<Pending> {
        let (mut delivered, mut lost, mut bytes) = (0, 0, 0);
        let mut again = VecDeque::new();
        for (index, pending) in batch.into_iter().enumerate() {
            match outcomes.get(index) {
                Some(Ok(_)) => delivered += 1,
                Some(Err(error)) if error.is_retryable() => {
                    again.push_back(pending);
                    continue;
                }
                Some(Err(error)) => {
                    tracing::warn!(%error, "the log refuses an event for good: lost");
                    lost += 1;
                }
                None => lost += 1,
            }
            bytes += pending.bytes;
        }
        metrics::delivered(usize::try_from(delivered).unwrap_or(usize::MAX));
        if delivered + lost > 0 {
            self.progress.settle(delivered, lost, bytes);
        }
        again
    }

    /// Waits; answers whether to stop.
    async fn pause(&mut self, pause: Duration) -> bool {
        tokio::time::timeout(pause, stop(&mut self.stopped)).await.is_ok()
    }

    /// Counts everything that is left as lost.
    fn give_up(&self, batch: &VecDeque<Pending>) {
        let mut lost = batch.len() as u64;
        let mut bytes: usize = batch.iter().map(|pending| pending.bytes).sum();
        for queued in self.inbox.try_iter() {
            lost += 1;
            bytes += queued.bytes;
        }
        self.progress.settle(0, lost, bytes);
    }
}

/// Ends when the recorder wants its thread to end.
async fn stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the recorder itself is gone.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

struct EndGuard(Arc<Progress>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.end();
    }
}

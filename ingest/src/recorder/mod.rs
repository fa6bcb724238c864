//! The producer SDK: hands events to a thread of its own, which takes them to the log.
//!
//! Guarantees: [`Recorder::emit`] never blocks unless its host asked for it, and never panics;
//! queue and spool are bounded; what is lost is counted, shows as a gap in the events' own numbers,
//! and is told by an event; events of one workspace keep their order. `docs/SDK.md` has the design.
//! Deliberately not here: what an event means, and duplicates (the fold removes them).

mod deadlines;
mod error;
mod front;
mod losses;
mod options;
mod overflow;
mod pending;
mod progress;
mod queue;
mod settlement;
mod size;
mod sync;
mod thread;
mod worker;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use annals_broker::Producer;
use annals_schemas::{Event, ProducerStamp};
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

pub use error::{NotSafe, StartError};
#[cfg(feature = "http")]
pub(crate) use front::Outcome;
pub use options::{RecorderOptions, SpoolOptions};
pub use overflow::Overflow;

use self::deadlines::{Answer, Answered, Deadlines};
use self::front::Front;
use self::losses::Loss;
use self::pending::Queued;
use self::queue::{Bounds, Inlet};
use self::settlement::Settlement;
use self::worker::{State, Worker};
use crate::record::now;

/// Room that is given back is looked for at least this often.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Records events from within a product's own process. Share it in an `Arc`; dropping it waits
/// until everything is safe, up to the deadline in its options.
///
/// After a `fork` only the parent has its thread. In the child every event is lost at once, and
/// counted; nothing waits, and the parent's spool is not touched: start a recorder there.
pub struct Recorder {
    /// `None` only while dropping.
    running: Option<Running>,
    settlement: Settlement,
    options: RecorderOptions,
    /// This instance, in `producer.id`.
    id: String,
    next_number: AtomicU64,
    /// The process that has its thread.
    process: u32,
}

/// What reaches the threads of a recorder.
struct Running {
    inlet: Inlet<Queued>,
    stop: watch::Sender<bool>,
    worker: JoinHandle<()>,
    deadlines: Deadlines,
}

impl Recorder {
    /// Starts the thread. It has a small runtime of its own and never touches the host's. What an
    /// earlier recorder left in the spool goes to the log first.
    ///
    /// # Errors
    /// `Thread` when the system gives none; `Spool` when another process holds the spool or its
    /// directory cannot be used.
    pub fn start(
        producer: Arc<dyn Producer>,
        options: RecorderOptions,
    ) -> Result<Self, StartError> {
        Self::before(Front::Log(producer), options)
    }

    /// The same through a gateway. What it refuses (an event over its limits, a workspace that the
    /// key does not open, an action that it may not write) is lost, and told.
    ///
    /// # Errors
    /// See [`start`](Self::start).
    #[cfg(feature = "http")]
    pub fn start_through_gateway(
        gateway: crate::client::GatewayClient,
        options: RecorderOptions,
    ) -> Result<Self, StartError> {
        Self::before(Front::Gateway(gateway), options)
    }

    fn before(front: Front, options: RecorderOptions) -> Result<Self, StartError> {
        let settlement = Settlement::default();
        let bounds = Bounds {
            events: options.queue_events.clamp(1, Semaphore::MAX_PERMITS),
            bytes: options.queue_bytes,
        };
        let (inlet, inbox) = queue::queue(bounds, &settlement.progress);
        let (stop, stopped) = watch::channel(false);
        let id = Uuid::now_v7().to_string();
        let worker = thread::spawn(Worker {
            front,
            inbox,
            settlement: settlement.clone(),
            stopped,
            options: options.clone(),
            id: id.clone(),
            spool: None,
            state: State::new(&options),
        })?;
        let deadlines = Deadlines::start(options.durable_deadline)?;
        let running = Some(Running { inlet, stop, worker, deadlines });
        let (next_number, process) = (AtomicU64::new(1), std::process::id());
        Ok(Self { running, settlement, options, id, next_number, process })
    }

    /// Queues the event, stamped with this recorder's id, a running number, and the present time if
    /// it has none. Without room, or once the thread has ended, what [`Overflow`] says for its
    /// action happens.
    pub fn emit(&self, event: Event) {
        let Some(running) = self.running_here() else {
            return self.settlement.progress.lose(1);
        };
        let overflow = self.options.overflow_of(&event.action);
        let Some(mut unqueued) = running.offer(self.stamp(event, overflow, None)) else { return };
        if overflow == Overflow::Block {
            let started = Instant::now();
            while started.elapsed() < self.options.block_deadline {
                self.settlement.progress.wait_room(LOOK_EVERY);
                match running.offer(unqueued) {
                    Some(again) => unqueued = again,
                    None => return,
                }
            }
        }
        self.lose(&unqueued);
    }

    /// Queues the event and answers once it is on the log, or on disk in the spool; without room in
    /// the queue at once, and after [`RecorderOptions::durable_deadline`] in any case. The answer
    /// may be awaited on any runtime, or not at all.
    ///
    /// # Errors
    /// See [`NotSafe`]: the action that it stands for should not go on.
    pub fn emit_durable(
        &self,
        event: Event,
    ) -> impl Future<Output = Result<(), NotSafe>> + Send + use<> {
        let answered = self.offer_durable(event);
        async move { answered?.await.unwrap_or(Err(NotSafe::Ended)) }
    }

    fn offer_durable(&self, event: Event) -> Result<Answered, NotSafe> {
        let Some(running) = self.running_here() else {
            self.settlement.progress.lose(1);
            return Err(NotSafe::Forked);
        };
        let (answer, answered) = running.deadlines.answer();
        match running.offer(self.stamp(event, Overflow::Spool, Some(answer))) {
            None => Ok(answered),
            Some(unqueued) => {
                self.lose(&unqueued);
                Err(NotSafe::NoRoom)
            }
        }
    }

    /// Events lost so far: no room, refused for good, or not safe when the recorder ended.
    pub fn lost(&self) -> u64 {
        self.settlement.progress.lost()
    }

    /// Events that the log has acknowledged, those of the spool included, and among these what told
    /// of losses.
    pub fn delivered(&self) -> u64 {
        self.settlement.progress.delivered()
    }

    /// Events in the spool that the log has not acknowledged.
    pub fn spooled(&self) -> u64 {
        self.settlement.progress.spooled()
    }

    /// Blocks until as many events are safe or lost as were emitted before this call, at most so
    /// long; while the log takes everything or nothing those are the same. Answers whether it is.
    /// Not for async code: run it on a thread that may block.
    pub fn flush(&self, deadline: Duration) -> bool {
        self.running_here().is_some() && self.settlement.progress.wait_settled(deadline)
    }

    /// `None` in a process that was forked from the one that started the recorder. There a lock may
    /// be held for ever by a thread that is not there: nothing that takes one may be touched.
    fn running_here(&self) -> Option<&Running> {
        self.running.as_ref().filter(|_| self.is_here())
    }

    fn is_here(&self) -> bool {
        self.process == std::process::id()
    }

    fn stamp(&self, mut event: Event, overflow: Overflow, answer: Option<Answer>) -> Queued {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        event.producer = Some(ProducerStamp { id: self.id.clone(), number });
        // It may lie in the spool for long: the log's time would be another.
        event.occurred_at = event.occurred_at.or_else(now);
        let bytes = size::size_bytes(&event);
        Queued { event, number, bytes, overflow, answer }
    }

    fn lose(&self, queued: &Queued) {
        self.settlement.progress.lose(1);
        let loss = Loss::of(queued.number, &queued.event);
        self.settlement.losses.add(&queued.event.workspace_id, loss);
    }
}

impl Running {
    /// Queues an event; gives it back if there is no room.
    fn offer(&self, queued: Queued) -> Option<Queued> {
        let bytes = queued.bytes;
        self.inlet.offer(queued, bytes)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let Some(running) = self.running.take() else { return };
        if !self.is_here() {
            // Its threads are the parent's.
            return std::mem::forget(running);
        }
        let Running { inlet, stop, worker, deadlines: _deadlines } = running;
        // Without an inlet the worker ends once everything is safe, and losses are told.
        drop(inlet);
        let progress = &self.settlement.progress;
        progress.wait_ended(self.options.drop_deadline);
        // Whatever is left is given up and counted.
        stop.send_replace(true);
        if progress.wait_ended(Duration::from_secs(1)) {
            let _ = worker.join();
        }
    }
}

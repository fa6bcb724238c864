//! The producer SDK: hands events to a thread of its own, which takes them to the log.
//!
//! Guarantees: [`Recorder::emit`] never blocks unless its host asked for it, and never panics;
//! queue and spool are bounded; what is lost is counted, shows as a gap in the events' own numbers,
//! and is told by an event; events of one workspace keep their order. `docs/SDK.md` has the design.
//! Deliberately not here: what an event means, and duplicates (the fold removes them).

mod error;
mod front;
mod losses;
mod options;
mod overflow;
mod pending;
mod progress;
mod settlement;
mod worker;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use annals_broker::Producer;
use annals_schemas::{Event, ProducerStamp};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use uuid::Uuid;

pub use error::{NotSafe, StartError};
#[cfg(feature = "http")]
pub(crate) use front::Outcome;
pub use options::{RecorderOptions, SpoolOptions};
pub use overflow::Overflow;

use self::front::Front;
use self::losses::Loss;
use self::pending::{Answer, Queued};
use self::progress::Progress;
use self::settlement::Settlement;
use self::worker::{State, Worker};
use crate::record::now;
use crate::spool::Spool;

/// Room that is given back is looked for at least this often.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Records events from within a product's own process. Share it in an `Arc`; dropping it waits
/// until everything is safe, up to the deadline in its options.
pub struct Recorder {
    /// `None` only while dropping.
    queue: Option<mpsc::Sender<Queued>>,
    settlement: Settlement,
    stop: watch::Sender<bool>,
    worker: Option<JoinHandle<()>>,
    options: RecorderOptions,
    /// This instance, in `producer.id`.
    id: String,
    next_number: AtomicU64,
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
        let (queue, inbox) = mpsc::channel(options.queue_events.clamp(1, Semaphore::MAX_PERMITS));
        let (stop, stopped) = watch::channel(false);
        let settlement = Settlement::default();
        let id = Uuid::now_v7().to_string();
        let worker = Worker {
            front,
            inbox,
            settlement: settlement.clone(),
            stopped,
            options: options.clone(),
            id: id.clone(),
            spool: None,
            state: State::new(&options),
        };
        let worker = spawn(worker)?;
        let (queue, worker) = (Some(queue), Some(worker));
        let next_number = AtomicU64::new(1);
        Ok(Self { queue, settlement, stop, worker, options, id, next_number })
    }

    /// Queues the event, stamped with this recorder's id, a running number, and the present time if
    /// it has none. Without room, or
    /// once the thread has ended, what [`Overflow`] says for its action happens.
    pub fn emit(&self, event: Event) {
        let overflow = self.options.overflow_of(&event.action);
        let Some(mut unqueued) = self.offer(self.stamp(event, overflow, None)) else { return };
        if overflow == Overflow::Block {
            let started = Instant::now();
            while started.elapsed() < self.options.block_deadline {
                self.settlement.progress.wait_room(LOOK_EVERY);
                match self.offer(unqueued) {
                    Some(again) => unqueued = again,
                    None => return,
                }
            }
        }
        self.lose(&unqueued);
    }

    /// Queues the event and answers once it is on the log, or on disk in the spool. Does not wait
    /// for room in the queue, but for as long as neither takes it: give it a deadline of your own.
    /// The answer may be awaited on any runtime, or not at all.
    ///
    /// # Errors
    /// See [`NotSafe`]: the action that it stands for should not go on.
    pub fn emit_durable(
        &self,
        event: Event,
    ) -> impl Future<Output = Result<(), NotSafe>> + Send + use<> {
        let (answer, answered) = oneshot::channel();
        let unqueued = self.offer(self.stamp(event, Overflow::Spool, Some(answer)));
        if let Some(unqueued) = unqueued {
            self.lose(&unqueued);
            if let Some(answer) = unqueued.answer {
                let _ = answer.send(Err(NotSafe::NoRoom));
            }
        }
        async move { answered.await.unwrap_or(Err(NotSafe::Ended)) }
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
        self.settlement.progress.wait_settled(deadline)
    }

    fn stamp(&self, mut event: Event, overflow: Overflow, answer: Option<Answer>) -> Queued {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        event.producer = Some(ProducerStamp { id: self.id.clone(), number });
        // It may lie in the spool for long: the log's time would be another.
        event.occurred_at = event.occurred_at.or_else(now);
        let bytes = size_bytes(&event);
        Queued { event, number, bytes, overflow, answer }
    }

    /// Queues an event; gives it back if there is no room.
    fn offer(&self, queued: Queued) -> Option<Queued> {
        let (progress, bytes) = (&self.settlement.progress, queued.bytes);
        let Some(queue) = &self.queue else { return Some(queued) };
        if !progress.reserve(bytes, self.options.queue_bytes) {
            return Some(queued);
        }
        match queue.try_send(queued) {
            Ok(()) => {
                progress.queued();
                None
            }
            Err(unqueued) => {
                progress.release(bytes);
                Some(unqueued.into_inner())
            }
        }
    }

    fn lose(&self, queued: &Queued) {
        self.settlement.progress.lose(1);
        let loss = Loss::of(queued.number, &queued.event);
        self.settlement.losses.add(&queued.event.workspace_id, loss);
    }
}

/// Starts the thread; returns once its spool is open.
fn spawn(mut worker: Worker) -> Result<JoinHandle<()>, StartError> {
    let (opened, opening) = std::sync::mpsc::channel();
    let run = move || {
        // Also when the producer panics: those who wait for us must not wait for ever.
        let _ended = EndGuard(Arc::clone(&worker.settlement.progress));
        // Made and dropped here: a host that is async itself may drop none on its threads.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                let _ = opened.send(Err(StartError::Thread(error)));
                return;
            }
        };
        let spool = worker.options.spool.clone();
        let spool = runtime.block_on(async {
            match spool {
                Some(options) => Spool::open(&options).await.map(Some),
                None => Ok(None),
            }
        });
        match spool {
            Ok(spool) => worker.spool = spool,
            Err(error) => {
                let _ = opened.send(Err(StartError::Spool(error)));
                return;
            }
        }
        let _ = opened.send(Ok(()));
        runtime.block_on(worker.run());
        drop(worker);
        // A blocked producer's tasks must not hold the host's end back.
        runtime.shutdown_background();
    };
    let thread = std::thread::Builder::new().name("annals-recorder".to_owned()).spawn(run);
    let thread = thread.map_err(StartError::Thread)?;
    let ended = |_| std::io::Error::other("the recorder's thread ended");
    opening.recv().map_err(ended).map_err(StartError::Thread)??;
    Ok(thread)
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Without a sender the worker ends once everything is safe, and losses are told.
        self.queue = None;
        let progress = &self.settlement.progress;
        progress.wait_ended(self.options.drop_deadline);
        // Whatever is left is given up and counted.
        self.stop.send_replace(true);
        if let Some(worker) = self.worker.take()
            && progress.wait_ended(Duration::from_secs(1))
        {
            let _ = worker.join();
        }
    }
}

struct EndGuard(Arc<Progress>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What an event takes in memory, roughly: its texts and what holds them.
fn size_bytes(event: &Event) -> usize {
    const FIXED: usize = 512;
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let principal = |p: &annals_schemas::Principal| text(&p.id) + text(&p.name) + text(&p.email);
    let json = |j: &Option<annals_schemas::JsonText>| j.as_ref().map_or(0, |j| j.as_str().len());
    let resource =
        |r: &annals_schemas::Resource| 96 + r.resource_type.len() + r.id.len() + text(&r.name);
    let change = |c: &annals_schemas::Change| 96 + c.path.len() + json(&c.before) + json(&c.after);
    let context = &event.context;
    let context = [
        &context.ip,
        &context.user_agent,
        &context.request_id,
        &context.trace_id,
        &context.service,
        &context.origin,
    ];
    FIXED
        + event.action.len()
        + principal(&event.actor.principal)
        + event.actor.on_behalf_of.as_ref().map_or(0, principal)
        + event.resources.iter().map(resource).sum::<usize>()
        + event.changes.iter().map(change).sum::<usize>()
        + context.into_iter().map(text).sum::<usize>()
        + text(&event.description)
        + json(&event.metadata)
}

//! The producer SDK: hands events to a thread of its own, which appends them to the log.
//!
//! Guarantees: [`Recorder::emit`] never blocks and never panics; the queue is bounded in events and
//! bytes; what is dropped is counted, and shows as a gap in the events' own numbers; one thread's
//! events of one workspace keep their order as long as the log takes them.
//! Deliberately not here: durability on this machine. What is queued when the process dies is lost.

mod options;
mod progress;
mod worker;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use annals_broker::Producer;
use annals_schemas::{Event, ProducerStamp};
use tokio::sync::watch;
use uuid::Uuid;

pub use options::RecorderOptions;

use self::progress::Progress;
use self::worker::{Queued, Worker};

/// Records events from within a product's own process. Share it in an `Arc`; dropping it flushes,
/// up to the deadline in its options.
pub struct Recorder {
    /// `None` only while dropping.
    queue: Option<SyncSender<Queued>>,
    progress: Arc<Progress>,
    stop: watch::Sender<bool>,
    worker: Option<JoinHandle<()>>,
    options: RecorderOptions,
    /// This instance, in `producer.id`.
    id: String,
    next_number: AtomicU64,
}

impl Recorder {
    /// Starts the thread. It has a small runtime of its own and never touches the host's.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(producer: Arc<dyn Producer>, options: RecorderOptions) -> std::io::Result<Self> {
        let (queue, inbox) = sync_channel(options.queue_events.max(1));
        let (stop, stopped) = watch::channel(false);
        let progress = Arc::new(Progress::default());
        let worker = Worker::new(producer, inbox, Arc::clone(&progress), stopped, options.clone());
        let worker = std::thread::Builder::new()
            .name("annals-recorder".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self {
            queue: Some(queue),
            progress,
            stop,
            worker: Some(worker),
            options,
            id: Uuid::now_v7().to_string(),
            next_number: AtomicU64::new(1),
        })
    }

    /// Queues the event, stamped with this recorder's id and a running number. Without room, or
    /// once the thread has ended, it is dropped and counted.
    pub fn emit(&self, mut event: Event) {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        event.producer = Some(ProducerStamp { id: self.id.clone(), number });
        let bytes = size_bytes(&event);
        if !self.progress.reserve(bytes, self.options.queue_bytes) {
            self.progress.drop_unqueued();
            return;
        }
        let queued = Queued { event, bytes };
        let taken = self.queue.as_ref().is_some_and(|queue| queue.try_send(queued).is_ok());
        if !taken {
            self.progress.release(bytes);
            self.progress.drop_unqueued();
        }
    }

    /// Events dropped so far: no room, refused for good by the log, or given up at the end.
    pub fn lost(&self) -> u64 {
        self.progress.lost()
    }

    /// Events that the log has acknowledged.
    pub fn delivered(&self) -> u64 {
        self.progress.delivered()
    }

    /// Blocks until everything emitted before this call is delivered or lost, at most so long.
    /// Answers whether it is. Not for async code: run it on a thread that may block.
    pub fn flush(&self, deadline: Duration) -> bool {
        self.progress.wait_settled(deadline)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Without a sender the worker ends once its inbox is empty.
        self.queue = None;
        self.progress.wait_settled(self.options.drop_deadline);
        // Whatever is left is given up and counted.
        self.stop.send_replace(true);
        if let Some(worker) = self.worker.take()
            && self.progress.wait_ended(Duration::from_secs(1))
        {
            let _ = worker.join();
        }
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

//! How far a recorder is: what waits, what is safe, what was lost.

use std::time::{Duration, Instant};

use super::sync::{AtomicU64, AtomicUsize, Condvar, Mutex, Ordering};

/// A deadline may be any: a clock has an end.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// Counters shared by the emitting threads and the worker.
#[derive(Default)]
pub(super) struct Progress {
    waiting_bytes: AtomicUsize,
    /// Taken by the queue.
    queued: AtomicU64,
    /// Received from it.
    received: AtomicU64,
    lost: AtomicU64,
    /// Of the lost ones: those that the metrics have been told of.
    published: AtomicU64,
    delivered: AtomicU64,
    spooled: AtomicU64,
    /// Safe or lost, of those that were queued; under a lock for those who wait.
    settled: Mutex<Settled>,
    changed: Condvar,
}

#[derive(Default)]
struct Settled {
    events: u64,
    ended: bool,
}

impl Progress {
    /// Takes room for an event, if there is any. Never waits.
    pub fn reserve(&self, bytes: usize, max_bytes: usize) -> bool {
        let fits = |waiting: usize| waiting.checked_add(bytes).filter(|sum| *sum <= max_bytes);
        self.waiting_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    /// Gives back the room of an event that was not queued after all.
    pub fn release(&self, bytes: usize) {
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Counts an event that is in the queue now.
    pub fn queued(&self) {
        self.queued.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts events that were received from the queue.
    pub fn received(&self, events: u64) {
        self.received.fetch_add(events, Ordering::Relaxed);
    }

    /// Counts lost events. Also called by threads that emit: the metrics, whose recorder is the
    /// host's and may take locks, are told by [`publish`](Self::publish).
    pub fn lose(&self, events: u64) {
        self.lost.fetch_add(events, Ordering::Relaxed);
    }

    /// Tells the metrics what was lost since they were told last. Only the worker does.
    pub fn publish(&self) {
        let lost = self.lost();
        let told = self.published.swap(lost, Ordering::Relaxed);
        if lost > told {
            crate::metrics::lost(lost - told);
        }
    }

    /// Counts events that the log has acknowledged.
    pub fn deliver(&self, events: u64) {
        self.delivered.fetch_add(events, Ordering::Relaxed);
        crate::metrics::delivered(events);
    }

    /// Says how many events the spool holds.
    pub fn hold(&self, events: u64) {
        self.spooled.store(events, Ordering::Relaxed);
        crate::metrics::spooled(events);
    }

    /// Gives back the room of queued events that are safe or lost.
    pub fn settle(&self, events: u64, bytes: usize) {
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.settled.lock().events += events;
        self.changed.notify_all();
    }

    /// Says that the worker does nothing more, and receives nothing more: what it has received and
    /// not settled is lost.
    pub fn end(&self) {
        let mut settled = self.settled.lock();
        settled.ended = true;
        let left = self.received.load(Ordering::Relaxed).saturating_sub(settled.events);
        self.lose(left);
        drop(settled);
        self.changed.notify_all();
    }

    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    pub fn spooled(&self) -> u64 {
        self.spooled.load(Ordering::Relaxed)
    }

    /// Waits until all that is queued now is settled.
    pub fn wait_settled(&self, deadline: Duration) -> bool {
        let target = self.queued.load(Ordering::SeqCst);
        self.wait(deadline, |settled| settled.events >= target || settled.ended)
            && self.settled.lock().events >= target
    }

    /// Waits until the worker has ended.
    pub fn wait_ended(&self, deadline: Duration) -> bool {
        self.wait(deadline, |settled| settled.ended)
    }

    /// Waits until some room was given back, at most so long.
    pub fn wait_room(&self, at_most: Duration) {
        let mut settled = self.settled.lock();
        self.changed.wait_for(&mut settled, at_most);
    }

    fn wait(&self, deadline: Duration, done: impl Fn(&Settled) -> bool) -> bool {
        let started = Instant::now();
        let mut settled = self.settled.lock();
        while !done(&settled) {
            let left = deadline.saturating_sub(started.elapsed());
            if left.is_zero() {
                return false;
            }
            self.changed.wait_for(&mut settled, left.min(LONGEST_WAIT));
        }
        true
    }
}

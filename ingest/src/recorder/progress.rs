//! How far a recorder is: what waits, what was delivered, what was lost.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// Counters shared by the emitting threads and the worker.
#[derive(Default)]
pub(super) struct Progress {
    waiting_bytes: AtomicUsize,
    queued: AtomicU64,
    lost: AtomicU64,
    delivered: AtomicU64,
    /// Delivered or lost, of those that were queued; under a lock for those who wait.
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
        let took =
            self.waiting_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok();
        if took {
            self.queued.fetch_add(1, Ordering::SeqCst);
        }
        took
    }

    /// Gives back the room of an event that was not queued after all.
    pub fn release(&self, bytes: usize) {
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.queued.fetch_sub(1, Ordering::SeqCst);
    }

    /// Counts an event that found no room.
    pub fn drop_unqueued(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        crate::metrics::lost(1);
    }

    /// Counts queued events that are done with, one way or the other.
    pub fn settle(&self, delivered: u64, lost: u64, bytes: usize) {
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.delivered.fetch_add(delivered, Ordering::Relaxed);
        self.lost.fetch_add(lost, Ordering::Relaxed);
        if lost > 0 {
            crate::metrics::lost(lost);
        }
        self.settled.lock().events += delivered + lost;
        self.changed.notify_all();
    }

    /// Says that the worker does nothing more.
    pub fn end(&self) {
        self.settled.lock().ended = true;
        self.changed.notify_all();
    }

    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
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

    fn wait(&self, deadline: Duration, done: impl Fn(&Settled) -> bool) -> bool {
        let until = Instant::now() + deadline;
        let mut settled = self.settled.lock();
        while !done(&settled) {
            if self.changed.wait_until(&mut settled, until).timed_out() {
                return done(&settled);
            }
        }
        true
    }
}

//! The queue between the threads that emit and the recorder's own, bounded in events and in bytes.
//!
//! Guarantees: `offer` never waits and takes no lock; what it took is received exactly once, unless
//! the receiving side is gone; bytes that wait never exceed their bound. `tests/model/` tries the
//! orders in which threads may run. Deliberately not here: what happens to what finds no room.

use super::progress::Progress;
use super::sync::{Arc, channel};

/// How much may wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Events in the queue.
    pub events: usize,
    /// Bytes of events that are in the queue or on their way.
    pub bytes: usize,
}

/// Where events go in. Shared by all threads that emit.
pub(super) struct Inlet<T> {
    channel: channel::Sender<T>,
    max_bytes: usize,
    progress: Arc<Progress>,
}

/// Where they come out.
pub(super) struct Outlet<T> {
    channel: channel::Receiver<T>,
    progress: Arc<Progress>,
}

/// A queue, which counts in `progress`.
pub(super) fn queue<T>(bounds: Bounds, progress: &Arc<Progress>) -> (Inlet<T>, Outlet<T>) {
    let (sender, receiver) = channel::channel(bounds.events);
    let (here, there) = (Arc::clone(progress), Arc::clone(progress));
    let inlet = Inlet { channel: sender, max_bytes: bounds.bytes, progress: here };
    (inlet, Outlet { channel: receiver, progress: there })
}

impl<T> Inlet<T> {
    /// Takes an event of this size; gives it back if there is no room, or nobody receives.
    pub fn offer(&self, event: T, bytes: usize) -> Option<T> {
        if !self.progress.reserve(bytes, self.max_bytes) {
            return Some(event);
        }
        match self.channel.try_send(event) {
            Ok(()) => {
                self.progress.queued();
                None
            }
            Err(unqueued) => {
                self.progress.release(bytes);
                Some(unqueued.into_inner())
            }
        }
    }
}

impl<T> Outlet<T> {
    /// Waits for events and takes some of them, at most so many; 0 once the inlet is gone and the
    /// queue empty. Dropping it half way takes nothing.
    pub async fn receive(&mut self, into: &mut Vec<T>, at_most: usize) -> usize {
        let received = self.channel.recv_many(into, at_most).await;
        self.progress.received(received as u64);
        received
    }

    /// Takes nothing any more, and gives what is in the queue. An event that a thread is just
    /// putting there is among it, or that thread gets it back.
    pub async fn close(&mut self, at_once: usize) -> Vec<T> {
        self.channel.close();
        let mut rest = Vec::new();
        while self.receive(&mut rest, at_once).await > 0 {}
        rest
    }
}

//! What `tokio::sync::mpsc` promises, as far as the queue relies on it: a bounded channel whose
//! sender takes room first and puts its value there in a second step, so that a receiver may close
//! it between the two. Receiving blocks the model's thread.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use loom::sync::Arc;

use super::sync::{Condvar, Mutex};

pub(super) struct Sender<T>(Arc<Shared<T>>);

pub(super) struct Receiver<T>(Arc<Shared<T>>);

/// What found no room, or nobody who receives.
pub(super) struct Unsent<T>(T);

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    values: VecDeque<T>,
    /// Neither taken by a value nor by a sender on its way.
    room: usize,
    capacity: usize,
    closed: bool,
}

pub(super) fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let state = State { values: VecDeque::new(), room: capacity, capacity, closed: false };
    let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::default() });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

impl<T> Unsent<T> {
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Sender<T> {
    pub fn try_send(&self, value: T) -> Result<(), Unsent<T>> {
        let mut state = self.0.state.lock();
        if state.closed || state.room == 0 {
            return Err(Unsent(value));
        }
        state.room -= 1;
        drop(state);
        self.0.state.lock().values.push_back(value);
        self.0.changed.notify_all();
        Ok(())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.state.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl<T> Receiver<T> {
    pub async fn recv_many(&mut self, into: &mut Vec<T>, at_most: usize) -> usize {
        let mut state = self.0.state.lock();
        loop {
            let taken = at_most.min(state.values.len());
            if taken > 0 {
                into.extend(state.values.drain(..taken));
                state.room += taken;
                return taken;
            }
            if state.closed && state.room == state.capacity {
                return 0;
            }
            self.0.changed.wait_for(&mut state, Duration::MAX);
        }
    }

    pub fn close(&mut self) {
        self.0.state.lock().closed = true;
    }
}

/// What a future gives that never waits for anything but its thread.
pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a model's channel blocks instead"),
    }
}

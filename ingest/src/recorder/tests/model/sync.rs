//! Loom's locks and atomics, in the form in which the product uses parking_lot's and std's.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

pub(super) use loom::sync::Arc;
pub(super) use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub(super) use super::channel;

#[derive(Default)]
pub(super) struct Mutex<T>(loom::sync::Mutex<T>);

/// `None` only while its thread waits.
pub(super) struct Guard<'a, T>(Option<loom::sync::MutexGuard<'a, T>>);

#[derive(Default)]
pub(super) struct Condvar(loom::sync::Condvar);

impl<T> Mutex<T> {
    pub fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub fn lock(&self) -> Guard<'_, T> {
        Guard(Some(self.0.lock().unwrap()))
    }
}

impl Condvar {
    /// Waits until it is woken: a wake-up that is missed is a deadlock, which loom finds.
    pub fn wait_for<T>(&self, guard: &mut Guard<'_, T>, _at_most: Duration) {
        let held = guard.0.take().unwrap();
        guard.0 = Some(self.0.wait(held).unwrap());
    }

    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().unwrap()
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().unwrap()
    }
}

//! One fixture for all tests of a suite that run at the same time.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

/// Makes its value when the first user asks and drops it with the last one. A plain static would
/// never be dropped, and a server behind it would outlive the suite.
pub struct Shared<T> {
    current: Mutex<Weak<T>>,
}

impl<T> Shared<T> {
    /// Nothing made yet.
    pub const fn new() -> Self {
        Self { current: Mutex::new(Weak::new()) }
    }

    /// The value in use, or a new one. Others wait while it is made.
    pub fn get(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let mut current = self.current.lock();
        if let Some(value) = current.upgrade() {
            return value;
        }
        let value = Arc::new(make());
        *current = Arc::downgrade(&value);
        value
    }
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self::new()
    }
}

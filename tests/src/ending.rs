//! What tells a thread beside a test to end.

use std::sync::atomic::{AtomicBool, Ordering};

/// Sets the flag when it is dropped, also when the test fails: whoever waits for it would go on
/// for ever.
pub struct Ending<'a>(pub &'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

//! What keeps the log from taking appends: the failure of the last group, for a while.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::BrokerError;

/// How long a failure is told when nobody appends any more: whoever watches readiness may have
/// turned the producers away, and then no append would ever succeed.
const TOLD_FOR: Duration = Duration::from_secs(8);

/// Set by the writer, read by `/readyz`.
#[derive(Debug, Default)]
pub(super) struct Trouble(Mutex<Option<(Instant, String)>>);

impl Trouble {
    /// Notes how a group of appends ended.
    pub fn note(&self, failure: Option<&BrokerError>) {
        *self.0.lock() = failure.map(|error| (Instant::now(), error.to_string()));
    }

    /// The failure, unless an append has succeeded since or it is long ago.
    pub fn current(&self) -> Option<String> {
        let noted = self.0.lock();
        let fresh = noted.as_ref().filter(|(at, _)| at.elapsed() < TOLD_FOR);
        fresh.map(|(_, reason)| reason.clone())
    }
}

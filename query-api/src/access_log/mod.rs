//! Reads are recorded: who looked at a workspace, when and how often, in that workspace's own log.
//!
//! The first access of a reader is written at once; what follows within a minute is counted and
//! written together when the minute is over (docs/ACCESS.md). Recording never waits and never
//! fails a read. While the log is away counting goes on in the same windows, so that what is kept
//! grows with the number of readers and not with what they do. Deliberately not here: who may read
//! (`access`), and hiding the records (`parameters::filter`).

mod event;
mod kind;
mod outbox;
mod window;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_broker::Producer;
use annals_schemas::{Event, WorkspaceId};
use annals_service::access::Caller;
use annals_service::clock::SharedClock;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::Notify;

pub use kind::AccessKind;
use outbox::Outbox;
pub use window::FilterHash;
use window::{Key, Reader, Window};

/// How long accesses are counted together.
const WINDOW_MICROS: i64 = 60_000_000;
/// Readers counted at the same time; those beyond it are lost, and said to be.
const MAX_WINDOWS: usize = 50_000;
/// Readers of one workspace among them: the others are for its neighbours.
const MAX_WINDOWS_EACH: usize = MAX_WINDOWS / 2;
/// How often windows are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// How long the last records may take when the process ends.
const CLOSING_TIMEOUT: Duration = Duration::from_secs(3);

/// Writes accesses into the log. Cheap to clone.
#[derive(Clone)]
pub struct AccessLog(Arc<Shared>);

struct Shared {
    producer: Option<Arc<dyn Producer>>,
    clock: SharedClock,
    state: Mutex<State>,
    waiting: Notify,
}

#[derive(Default)]
struct State {
    windows: HashMap<Key, Window>,
    outbox: Outbox,
}

impl State {
    /// Whether one more reader of this workspace may be counted.
    fn has_room(&self, workspace: &str) -> bool {
        let of_workspace = |key: &&Key| key.workspace == workspace;
        // Counted only when there are enough that it matters.
        self.windows.len() < MAX_WINDOWS_EACH
            || self.windows.len() < MAX_WINDOWS
                && self.windows.keys().filter(of_workspace).count() < MAX_WINDOWS_EACH
    }
}

/// One access.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// What was done.
    pub kind: AccessKind,
    /// Where: the route's name, such as `facets`.
    pub route: &'a str,
    /// A hash of what was asked.
    pub filter: FilterHash,
}

impl AccessLog {
    /// Records through this producer. `run` has to run beside it.
    pub fn new(producer: Arc<dyn Producer>, clock: SharedClock) -> Self {
        Self::with(Some(producer), clock)
    }

    /// Records nothing: the operator has said so.
    pub fn off(clock: SharedClock) -> Self {
        Self::with(None, clock)
    }

    fn with(producer: Option<Arc<dyn Producer>>, clock: SharedClock) -> Self {
        let (state, waiting) = (Mutex::default(), Notify::new());
        Self(Arc::new(Shared { producer, clock, state, waiting }))
    }

    /// Notes an access of a reader: written at once if it is the first of its minute.
    pub fn record(&self, reader: &Caller, workspace: &WorkspaceId, access: Access<'_>) {
        if self.0.producer.is_none() {
            return;
        }
        let now = self.0.clock.unix_micros();
        let key = Key {
            workspace: workspace.as_str().to_owned(),
            reader: Reader::of(reader),
            kind: access.kind,
        };
        let mut state = self.0.state.lock();
        if let Some(window) = state.windows.get_mut(&key) {
            window.add(now, access.route, access.filter);
            return;
        }
        if !state.has_room(&key.workspace) {
            state.outbox.lose();
            return;
        }
        let State { windows, outbox } = &mut *state;
        let mut first = Window::opened_at(now);
        first.add(now, access.route, access.filter);
        // Without room it is counted with what follows, and written after the minute.
        let written = event::of_window(&key, &first).is_some_and(|event| outbox.push(&event));
        windows.insert(key, if written { Window::opened_at(now) } else { first });
        drop(state);
        self.0.waiting.notify_one();
    }

    /// Writes an access with details of its own, never counted together with others.
    pub fn record_alone(
        &self,
        reader: &Caller,
        workspace: &WorkspaceId,
        kind: AccessKind,
        details: &Value,
    ) {
        if self.0.producer.is_none() {
            return;
        }
        let now = self.0.clock.unix_micros();
        let reader = Reader::of(reader);
        let event = event::of_one(workspace.as_str(), &reader, kind, now, details);
        let mut state = self.0.state.lock();
        if !event.is_some_and(|event: Event| state.outbox.push(&event)) {
            state.outbox.lose();
        }
        drop(state);
        self.0.waiting.notify_one();
    }

    /// What `/readyz` tells: nothing while records are written as they come.
    pub fn trouble(&self) -> Option<String> {
        let state = self.0.state.lock();
        let waiting = state.outbox.len();
        let counted = state.windows.values().filter(|window| window.count > 0).count();
        match (state.outbox.is_stuck(), state.outbox.lost()) {
            (false, 0) => None,
            (false, lost) => Some(format!("{lost} access records were lost")),
            (true, lost) => Some(format!(
                "the log is away: {waiting} access records wait, {counted} readers are counted, \
                 {lost} records were lost"
            )),
        }
    }

    /// Writes what waits, and windows whose minute is over. For ever.
    pub async fn run(&self) {
        let Some(producer) = &self.0.producer else { return std::future::pending().await };
        let mut looked_at = Instant::now();
        loop {
            let _ = tokio::time::timeout(LOOK_INTERVAL, self.0.waiting.notified()).await;
            // All windows are looked at: not at each first read.
            if looked_at.elapsed() >= LOOK_INTERVAL {
                self.close_windows(false);
                looked_at = Instant::now();
            }
            if let Some(pause) = self.write(&**producer).await {
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// Writes everything, within a few seconds: the process ends.
    pub async fn close(&self) {
        let Some(producer) = &self.0.producer else { return };
        self.close_windows(true);
        let write = async {
            while !self.0.state.lock().outbox.is_empty() {
                if let Some(pause) = self.write(&**producer).await {
                    tokio::time::sleep(pause).await;
                }
            }
        };
        if tokio::time::timeout(CLOSING_TIMEOUT, write).await.is_err() {
            let left = self.0.state.lock().outbox.len();
            tracing::error!(left, "access records could not be written before the end");
        }
    }

    /// Turns windows into records. While the log is away they stay open.
    fn close_windows(&self, all: bool) {
        let now = self.0.clock.unix_micros();
        let mut state = self.0.state.lock();
        let State { windows, outbox } = &mut *state;
        if outbox.is_stuck() && !all {
            return;
        }
        windows.retain(|key, window| {
            if !all && !window.is_over(now, WINDOW_MICROS) {
                return true;
            }
            if window.count == 0 {
                return false;
            }
            if event::of_window(key, window).is_some_and(|event| outbox.push(&event)) {
                *window = Window::opened_at(now);
            }
            true
        });
    }

    /// Appends the next records; how long to wait if the log did not take them.
    async fn write(&self, producer: &dyn Producer) -> Option<Duration> {
        let batch = self.0.state.lock().outbox.next_batch();
        if batch.is_empty() {
            return None;
        }
        let outcomes = outbox::append(producer, &batch).await;
        self.0.state.lock().outbox.settle(&outcomes)
    }
}

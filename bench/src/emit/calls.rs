//! Many calls of one thing, each timed on both clocks, with the memory that they take.

use std::time::Duration;

use annals_ingest::new_event;
use annals_schemas::{Event, Instant, JsonText, Resource, WorkspaceId};
use hdrhistogram::Histogram;

use crate::report::{Memory, ShortClock, memory_bytes, micros};

/// Events emitted on end: half of what the queue holds. They are made before the clock starts.
const RUN: usize = 5_000;
/// Memory is looked at after so many runs.
const LOOK_EVERY: usize = 20;
/// Longest call that is told from a longer one, in nanoseconds.
const LONGEST_NS: u64 = 60_000_000_000;

/// What calls have taken, in histograms of a size that does not grow with their number.
pub(super) struct Calls {
    wall: Histogram<u64>,
    cpu: Histogram<u64>,
    peak_memory_bytes: u64,
}

impl Calls {
    pub fn new() -> Result<Self, hdrhistogram::CreationError> {
        let histogram = || Histogram::new_with_max(LONGEST_NS, 3);
        Ok(Self { wall: histogram()?, cpu: histogram()?, peak_memory_bytes: 0 })
    }

    /// Emits so many events in runs, with a rest after each.
    pub fn make(&mut self, calls: u64, emit: impl Fn(Event), rest: impl Fn()) {
        let clock = ShortClock::new();
        for (number, start) in (0..calls).step_by(RUN).enumerate() {
            let events: Vec<Event> = (start..calls.min(start + RUN as u64)).map(event).collect();
            for event in events {
                let spent = clock.measure(|| emit(event)).1;
                self.wall.saturating_record(nanos(spent.wall));
                self.cpu.saturating_record(nanos(spent.cpu));
            }
            if number % LOOK_EVERY == 0 {
                let now = memory_bytes(Memory::Anonymous);
                self.peak_memory_bytes = self.peak_memory_bytes.max(now);
            }
            rest();
        }
    }

    /// What this share of calls did not exceed, in microseconds.
    pub fn wall(&self, share: f64) -> String {
        micros(Duration::from_nanos(self.wall.value_at_quantile(share)))
    }

    /// The same of the thread's own time.
    pub fn cpu(&self, share: f64) -> String {
        micros(Duration::from_nanos(self.cpu.value_at_quantile(share)))
    }

    /// The mean of the thread's own time.
    pub fn cpu_mean(&self) -> Duration {
        Duration::from_secs_f64(self.cpu.mean() / 1e9)
    }

    /// Calls that a thread can make in a second of its own time.
    pub fn per_second(&self) -> u128 {
        Duration::from_secs(1).as_nanos() / self.cpu_mean().as_nanos().max(1)
    }

    /// The most that this process held, not backed by files.
    pub fn peak_memory_bytes(&self) -> u64 {
        self.peak_memory_bytes
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn event(number: u64) -> Event {
    let workspace = WorkspaceId::new("acme").expect("a legal id");
    let at = Instant::from_millis_clamped(1_700_000_000_000);
    let mut event = new_event(workspace, "segment.updated", at);
    event.actor.principal.id = Some(format!("u{}", number % 2_000));
    event.resources = vec![Resource {
        resource_type: "segment".to_owned(),
        id: format!("s{number}"),
        name: Some("Customers of the north-east".to_owned()),
    }];
    let metadata = format!(r#"{{"reason":"{}","attempt":{number}}}"#, "x".repeat(120));
    event.metadata = JsonText::parse(&metadata).ok();
    event
}

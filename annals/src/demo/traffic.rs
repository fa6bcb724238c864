//! What goes on happening in the demo's workspace while somebody looks on.

use annals_schemas::{Event, Instant};

use super::history::DemoHistory;
use super::random::Random;
use super::story::Story;

/// Shortest pause between two live events, in milliseconds.
const PAUSE_MIN_MS: u64 = 700;
/// Spread of the pause above the shortest one, in milliseconds; the mean is about two seconds.
const PAUSE_SPREAD_MS: u64 = 2_600;

/// Live events, in the world that the history of the same seed and moment leaves behind.
#[derive(Debug)]
pub struct DemoTraffic {
    story: Story,
    pauses: Random,
}

impl DemoTraffic {
    /// Continues the history of that seed.
    ///
    /// After a restart it starts from that history again, with other dice: it does not know what an
    /// earlier run renamed or deleted, but what it makes bears ids of its own.
    pub fn new(seed: u64, now: Instant) -> Self {
        let mut history = DemoHistory::new(seed, now);
        history.by_ref().for_each(drop);
        let mut story = history.into_story();
        story.begin_run(seed ^ now.micros().cast_unsigned());
        Self { story, pauses: Random::new(!seed) }
    }

    /// The event that happens at this moment. Whoever looks on shall see people at work, so it is
    /// office hours always.
    pub fn next_event(&mut self, at: Instant) -> Option<Event> {
        self.story.step(at, true)
    }

    /// How long to wait before the next event, in milliseconds.
    pub fn next_pause_ms(&mut self) -> u64 {
        PAUSE_MIN_MS + self.pauses.below(PAUSE_SPREAD_MS)
    }
}

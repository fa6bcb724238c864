//! The last thirty days of the demo's workspace.

use annals_schemas::{Event, Instant};

use super::random::Random;
use super::story::Story;

/// Events of a history.
const EVENTS: usize = 2_000;
/// Days it goes back.
const DAYS: u64 = 30;
/// Share of the history, in thousandths, after which a person's account is removed.
const PARTING: usize = 620;
/// Thousandths of the history during which a destination is down.
const OUTAGE: std::ops::Range<usize> = 800..815;

const MICROS_PER_MINUTE: i64 = 60_000_000;
const MINUTES_PER_DAY: u64 = 24 * 60;

/// Iterates about 2,000 events in order of their times, all before `now`.
#[derive(Debug)]
pub struct DemoHistory {
    story: Story,
    times: Vec<Instant>,
    next: usize,
}

impl DemoHistory {
    /// The history that a seed gives as of a moment.
    pub fn new(seed: u64, now: Instant) -> Self {
        let mut random = Random::new(seed);
        let times = times_before(now, &mut random);
        Self { story: Story::new(random), times, next: 0 }
    }

    /// The workspace as it stands at the point reached.
    pub(super) fn into_story(self) -> Story {
        self.story
    }
}

impl Iterator for DemoHistory {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let at = *self.times.get(self.next)?;
        let thousandths = self.next * 1_000 / self.times.len();
        let parting = self.next == self.times.len() * PARTING / 1_000;
        self.next += 1;
        self.story.outage = OUTAGE.contains(&thousandths);
        if parting {
            return self.story.part(at);
        }
        self.story.set_up(at).or_else(|| self.story.step(at, in_office_hours(at)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let rest = self.times.len() - self.next;
        (rest, Some(rest))
    }
}

/// Monday to Friday, 07:00 to 18:00 UTC.
pub(super) fn in_office_hours(at: Instant) -> bool {
    let minutes = at.micros().div_euclid(MICROS_PER_MINUTE);
    let day = minutes.div_euclid(MINUTES_PER_DAY.cast_signed());
    let hour = minutes.rem_euclid(MINUTES_PER_DAY.cast_signed()) / 60;
    // 1970-01-01 was a Thursday, day 3 of a week that starts on Monday.
    (day + 3).rem_euclid(7) < 5 && (7..18).contains(&hour)
}

/// Moments in order, five in six of them in office hours.
fn times_before(now: Instant, random: &mut Random) -> Vec<Instant> {
    let micros_per_day = MINUTES_PER_DAY * MICROS_PER_MINUTE.unsigned_abs();
    let mut times = Vec::with_capacity(EVENTS);
    while times.len() < EVENTS {
        let back = random.below(DAYS * micros_per_day);
        let at = now.plus_micros(-back.cast_signed());
        if in_office_hours(at) || random.percent(10) {
            times.push(at);
        }
    }
    times.sort_unstable();
    times
}

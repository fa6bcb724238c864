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

/// Friday, 16:00: the hour it always is for the team when the history ends. Its rhythm of days and
/// weekends hangs on the distance to the end alone, so that a seed tells the same story about the
/// same things whenever it is told.
const TEAM_CLOCK_AT_END_MICROS: i64 = 1_792_771_200_000_000;

const MICROS_PER_MINUTE: i64 = 60_000_000;
const MINUTES_PER_DAY: u64 = 24 * 60;

/// Iterates about 2,000 events in order of their times, all before `now`.
#[derive(Debug)]
pub struct DemoHistory {
    story: Story,
    now: Instant,
    /// Microseconds before now, falling.
    distances: Vec<i64>,
    next: usize,
}

impl DemoHistory {
    /// The history that a seed gives as of a moment.
    pub fn new(seed: u64, now: Instant) -> Self {
        let mut random = Random::new(seed);
        let distances = distances(&mut random);
        Self { story: Story::new(random), now, distances, next: 0 }
    }

    /// The workspace as it stands at the point reached.
    pub(super) fn into_story(self) -> Story {
        self.story
    }
}

impl Iterator for DemoHistory {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let distance = *self.distances.get(self.next)?;
        let at = self.now.plus_micros(-distance);
        let thousandths = self.next * 1_000 / self.distances.len();
        let parting = self.next == self.distances.len() * PARTING / 1_000;
        self.next += 1;
        self.story.outage = OUTAGE.contains(&thousandths);
        if parting {
            return self.story.part(at);
        }
        self.story.set_up(at).or_else(|| self.story.step(at, in_office_hours(distance)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let rest = self.distances.len() - self.next;
        (rest, Some(rest))
    }
}

/// Monday to Friday, 07:00 to 18:00, on the team's clock.
fn in_office_hours(distance_micros: i64) -> bool {
    let at_micros = TEAM_CLOCK_AT_END_MICROS - distance_micros;
    let minutes = at_micros.div_euclid(MICROS_PER_MINUTE);
    let day = minutes.div_euclid(MINUTES_PER_DAY.cast_signed());
    let hour = minutes.rem_euclid(MINUTES_PER_DAY.cast_signed()) / 60;
    // 1970-01-01 was a Thursday, day 3 of a week that starts on Monday.
    (day + 3).rem_euclid(7) < 5 && (7..18).contains(&hour)
}

/// Falling distances to the end, most of them in office hours.
fn distances(random: &mut Random) -> Vec<i64> {
    let micros_per_day = MINUTES_PER_DAY * MICROS_PER_MINUTE.unsigned_abs();
    let mut distances = Vec::with_capacity(EVENTS);
    while distances.len() < EVENTS {
        let distance = random.below(DAYS * micros_per_day).cast_signed();
        if in_office_hours(distance) || random.percent(10) {
            distances.push(distance);
        }
    }
    distances.sort_unstable_by_key(|&distance| std::cmp::Reverse(distance));
    distances
}

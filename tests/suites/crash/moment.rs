//! When a server is killed.

use annals_tests::random::Random;

/// The places between two steps of a commit where the binary can kill itself.
pub const BOUNDARIES: [&str; 10] = [
    "log-appended",
    "group-committed",
    "segment-written",
    "segment-synced",
    "manifest-created",
    "segment-opened",
    "compaction-written",
    "compaction-synced",
    "compaction-published",
    "compaction-opened",
];

/// One kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The nth time that the server reaches a boundary; it kills itself there.
    Boundary(&'static str, u64),
    /// This share of the time that a whole import takes, in thousandths; the suite kills it.
    Random(u64),
}

impl Moment {
    /// The moments of one data directory: each boundary once, and some random ones, shuffled.
    pub fn schedule(random: &mut Random, random_kills: u64) -> Vec<Self> {
        let mut moments = Vec::new();
        for boundary in BOUNDARIES {
            moments.push(Self::Boundary(boundary, 1 + random.below(3)));
        }
        for _ in 0..random_kills {
            moments.push(Self::Random(random.below(1000)));
        }
        for at in (1..moments.len()).rev() {
            let other = random.below(at as u64 + 1);
            moments.swap(at, usize::try_from(other).expect("an index"));
        }
        moments
    }

    /// The variable that arms the binary's failpoint.
    pub fn variable(&self) -> Option<String> {
        match self {
            Self::Boundary(boundary, nth) => Some(format!("{boundary}:{nth}")),
            Self::Random(_) => None,
        }
    }
}

//! Time spent: of the processor, by this whole process or one thread, and of the wall.

use std::ops::AddAssign;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Started {
    cpu: Duration,
    wall: Instant,
}

/// What lies between two moments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    /// Processor time of all threads of this process.
    pub(crate) cpu: Duration,
    /// Time passed.
    pub(crate) wall: Duration,
}

impl Started {
    /// This moment.
    pub(crate) fn now() -> Self {
        Self { cpu: time(ClockId::ProcessCPUTime), wall: Instant::now() }
    }

    /// What has been spent since.
    pub(crate) fn spent(self) -> Spent {
        let cpu = time(ClockId::ProcessCPUTime).saturating_sub(self.cpu);
        Spent { cpu, wall: self.wall.elapsed() }
    }
}

impl AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.cpu += other.cpu;
        self.wall += other.wall;
    }
}

/// Measures short work on this thread. Asking for processor time takes a fifth of a microsecond
/// itself, which is measured once and left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShortClock {
    own: Duration,
}

impl ShortClock {
    /// Measures itself.
    pub(crate) fn new() -> Self {
        let empty = Self { own: Duration::ZERO };
        let own = (0..10_000).map(|_| empty.measure(|| ()).1.cpu).min().unwrap_or_default();
        Self { own }
    }

    /// What came of the work, and the time of this thread and of the wall that it took.
    pub(crate) fn measure<T>(self, work: impl FnOnce() -> T) -> (T, Spent) {
        let wall = Instant::now();
        let cpu = time(ClockId::ThreadCPUTime);
        let result = work();
        let cpu = time(ClockId::ThreadCPUTime).saturating_sub(cpu).saturating_sub(self.own);
        let wall = wall.elapsed().saturating_sub(2 * self.own);
        (result, Spent { cpu, wall })
    }
}

fn time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let seconds = Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0));
    seconds + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// Named steps of one work, with what each has taken so far.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<(&'static str, Spent)>);

impl Steps {
    /// Adds what has passed since a moment to a step.
    pub(crate) fn add(&mut self, step: &'static str, started: Started) {
        let spent = started.spent();
        match self.0.iter_mut().find(|(name, _)| *name == step) {
            Some((_, sum)) => *sum += spent,
            None => self.0.push((step, spent)),
        }
    }

    /// In the order of first appearance.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, Spent)> {
        self.0.iter().copied()
    }

    /// All steps together.
    pub(crate) fn sum(&self) -> Spent {
        let mut sum = Spent::default();
        self.0.iter().for_each(|(_, spent)| sum += *spent);
        sum
    }
}

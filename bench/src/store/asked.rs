//! Asking the questions of a shape over and over, and taking the time.

use std::error::Error;
use std::time::{Duration, Instant};

use super::engine::Engine;
use super::question::Question;
use super::topics::Shape;
use super::ways::Ask;
use crate::report::{Samples, ShortClock, Timings};

/// Rounds over the instances of a shape: at least two, at most 25, until the time is up.
const ROUNDS: (usize, usize) = (2, 25);
const SHAPE_TIME: Duration = Duration::from_secs(2);
/// Times that a random filter is asked.
const RUNS: usize = 3;

/// What a shape's questions came to.
pub(super) struct Asked {
    /// Mean of what was found.
    pub(super) found: f64,
    /// Each question, each time but the first.
    pub(super) timings: Timings,
    /// Each question's first time, of the thread.
    pub(super) first: Samples,
}

impl Asked {
    /// Asks each question once, then all of them in rounds.
    pub(super) fn of(engine: &Engine, shape: &Shape, ask: Ask) -> Result<Self, Box<dyn Error>> {
        let readers: Vec<_> =
            shape.questions.iter().map(|question| engine.reader(&question.workspace)).collect();
        let all = || readers.iter().zip(&shape.questions);
        let (clock, mut found, mut first) = (ShortClock::new(), 0, Samples::default());
        for (index, (reader, question)) in all().enumerate() {
            let (answer, spent) = clock.measure(|| ask(reader, question));
            found += answer?;
            if !shape.questions[..index].contains(question) {
                first.push(spent.cpu);
            }
        }
        let (began, mut timings) = (Instant::now(), Timings::default());
        for round in 0..ROUNDS.1 {
            if round >= ROUNDS.0 && began.elapsed() > SHAPE_TIME {
                break;
            }
            for (reader, question) in all() {
                let (answer, spent) = clock.measure(|| ask(reader, question));
                answer?;
                timings.push(spent);
            }
        }
        Ok(Self { found: found as f64 / shape.questions.len().max(1) as f64, timings, first })
    }
}

/// Asks each of many questions three times on end: every time, and the best of each.
pub(super) fn thrice(
    engine: &Engine,
    questions: &[Question],
    ask: Ask,
) -> Result<(Timings, Samples), Box<dyn Error>> {
    let (clock, mut every, mut best) = (ShortClock::new(), Timings::default(), Samples::default());
    for question in questions {
        let reader = engine.reader(&question.workspace);
        let mut least = Duration::MAX;
        for _ in 0..RUNS {
            let (answer, spent) = clock.measure(|| ask(&reader, question));
            answer?;
            least = least.min(spent.cpu);
            every.push(spent);
        }
        best.push(least);
    }
    Ok((every, best))
}

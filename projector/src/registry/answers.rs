//! Questions under way and what came of them: asked on tasks of their own, so that a registry that
//! does not answer holds up nobody but who waits for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use annals_schemas::SchemaId;
use annals_service::clock::SharedClock;
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use super::{Answer, Away, SchemaSource};
use crate::metrics;

/// How long it is remembered that there was no such schema. Short: fresh records wait for the next.
const UNKNOWN_REMEMBERED: Duration = Duration::from_secs(1);
/// How long it is remembered that the registry was away: less than the first rest of a partition.
const AWAY_REMEMBERED: Duration = Duration::from_millis(150);
/// So many questions are under way at once.
const ASKED_AT_ONCE: usize = 8;
/// Ids remembered, with schemas of up to 256 KiB; beyond it all that are answered are forgotten.
const REMEMBERED: usize = 256;

/// What became of a question.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// This, to a question put at the time, in milliseconds since 1970.
    Answered(Answer, i64),
    /// The registry is away, or has not answered yet.
    Waiting(Away),
}

/// A question: under way while it has no answer.
struct Question {
    answer: Option<Answered>,
}

struct Answered {
    /// Milliseconds since 1970, by this machine's clock: compared with those of records.
    asked_ms: i64,
    at: Instant,
    answer: Result<Answer, Away>,
}

/// Asks, and remembers.
#[derive(Clone)]
pub(super) struct Answers {
    source: Arc<dyn SchemaSource>,
    clock: SharedClock,
    questions: Arc<Mutex<HashMap<SchemaId, Question>>>,
    under_way: Arc<Semaphore>,
    answered: Arc<Notify>,
}

impl Answers {
    pub(super) fn of(source: Arc<dyn SchemaSource>, clock: SharedClock) -> Self {
        let under_way = Arc::new(Semaphore::new(ASKED_AT_ONCE));
        Self { source, clock, questions: Arc::default(), under_way, answered: Arc::default() }
    }

    /// What the registry says of these ids; after `patience` at the latest, and then without those
    /// that have no answer yet. Their questions go on.
    pub(super) async fn ask(
        &self,
        ids: impl Iterator<Item = SchemaId> + Clone,
        patience: Duration,
    ) -> HashMap<SchemaId, Said> {
        let deadline = Instant::now() + patience;
        ids.clone().for_each(|id| self.begin(id));
        loop {
            // Before looking, so that an answer in between is not missed.
            let answered = self.answered.notified();
            if self.are_answered(ids.clone()) {
                break;
            }
            if tokio::time::timeout_at(deadline, answered).await.is_err() {
                break;
            }
        }
        let questions = self.questions.lock();
        ids.map(|id| (id, said(questions.get(&id)))).collect()
    }

    /// Starts a question unless it is under way, or answered a short while ago.
    fn begin(&self, id: SchemaId) {
        let mut questions = self.questions.lock();
        if questions.get(&id).is_some_and(Question::is_good) {
            return;
        }
        if questions.len() >= REMEMBERED {
            questions.retain(|_, question| question.answer.is_none());
        }
        questions.insert(id, Question { answer: None });
        drop(questions);
        let Self { source, clock, questions, under_way, answered } = self.clone();
        tokio::spawn(async move {
            let _one_of_few = under_way.acquire().await;
            let asked_ms = clock.unix_micros().div_euclid(1000);
            let answer = source.schema(id).await;
            metrics::registry_asked(&answer);
            let answer = Answered { asked_ms, at: Instant::now(), answer };
            questions.lock().insert(id, Question { answer: Some(answer) });
            answered.notify_waiters();
        });
    }

    fn are_answered(&self, mut ids: impl Iterator<Item = SchemaId>) -> bool {
        let questions = self.questions.lock();
        ids.all(|id| questions.get(&id).is_some_and(|question| question.answer.is_some()))
    }
}

impl Question {
    fn is_good(&self) -> bool {
        let Some(Answered { at, answer, .. }) = &self.answer else { return true };
        match answer {
            Ok(Answer::Schema(_)) => true,
            Ok(Answer::Unknown) => at.elapsed() < UNKNOWN_REMEMBERED,
            Err(_) => at.elapsed() < AWAY_REMEMBERED,
        }
    }
}

fn said(question: Option<&Question>) -> Said {
    let answered = question.and_then(|question| question.answer.as_ref());
    match answered {
        Some(Answered { answer: Ok(answer), asked_ms, .. }) => {
            Said::Answered(answer.clone(), *asked_ms)
        }
        Some(Answered { answer: Err(away), .. }) => Said::Waiting(away.clone()),
        None => Said::Waiting(Away { detail: "the registry has not answered yet".to_owned() }),
    }
}

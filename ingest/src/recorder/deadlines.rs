//! Answers to callers of `emit_durable`, each within a deadline.
//!
//! Guarantees: a caller is answered once, at the deadline at the latest, also while the recorder's
//! own thread is held by a disk or a client that does not return, and after the recorder is gone.
//! Deliberately not here: what becomes of the event; after its deadline it is still on its way.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::oneshot;

use super::{NotSafe, StartError};

/// A deadline may be any: a clock has an end.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

type Sender = oneshot::Sender<Result<(), NotSafe>>;
/// What the caller waits for; an error of the channel says that the recorder ended.
pub(super) type Answered = oneshot::Receiver<Result<(), NotSafe>>;

/// Answers the caller of `emit_durable`: whoever comes first, the worker or the deadline. Dropped
/// unused it says that the recorder ended.
pub(super) struct Answer(Arc<Mutex<Option<Sender>>>);

/// The thread that keeps the deadlines: it does nothing else, so that nothing holds it.
pub(super) struct Deadlines(Arc<Shared>);

struct Shared {
    after: Duration,
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

/// All have the same deadline from when they came: the first to come is the first to be late. As
/// many at most as there are events in the queue and on their way.
#[derive(Default)]
struct Waiting {
    answers: VecDeque<(Instant, Weak<Mutex<Option<Sender>>>)>,
    ended: bool,
}

impl Answer {
    /// Answers, if nobody has.
    pub fn give(self, outcome: Result<(), NotSafe>) {
        give(&self.0, outcome);
    }
}

fn give(answer: &Mutex<Option<Sender>>, outcome: Result<(), NotSafe>) {
    let sender = answer.lock().take();
    if let Some(sender) = sender {
        // Who no longer waits need not know.
        let _ = sender.send(outcome);
    }
}

impl Deadlines {
    /// Starts the thread.
    pub fn start(after: Duration) -> Result<Self, StartError> {
        let (waiting, changed) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { after, waiting, changed });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("annals-deadlines".to_owned());
        thread.spawn(move || theirs.keep()).map_err(StartError::Thread)?;
        Ok(Self(shared))
    }

    /// An answer that is due from now on, and what its caller waits for.
    pub fn answer(&self) -> (Answer, Answered) {
        let (sender, receiver) = oneshot::channel();
        let answer = Answer(Arc::new(Mutex::new(Some(sender))));
        let mut waiting = self.0.waiting.lock();
        waiting.forget_given();
        waiting.answers.push_back((Instant::now(), Arc::downgrade(&answer.0)));
        let is_first = waiting.answers.len() == 1;
        drop(waiting);
        if is_first {
            self.0.changed.notify_one();
        }
        (answer, receiver)
    }
}

impl Shared {
    fn keep(&self) {
        let mut waiting = self.waiting.lock();
        loop {
            waiting.forget_given();
            let Some((since, answer)) = waiting.answers.front() else {
                if waiting.ended {
                    return;
                }
                self.changed.wait(&mut waiting);
                continue;
            };
            let left = self.after.saturating_sub(since.elapsed());
            if !left.is_zero() {
                self.changed.wait_for(&mut waiting, left.min(LONGEST_WAIT));
                continue;
            }
            let late = answer.upgrade();
            waiting.answers.pop_front();
            if let Some(answer) = late {
                // Its waker is the host's code.
                MutexGuard::unlocked(&mut waiting, || give(&answer, Err(NotSafe::Late)));
            }
        }
    }
}

impl Waiting {
    /// Forgets the oldest ones that have been answered.
    fn forget_given(&mut self) {
        while self.answers.front().is_some_and(|(_, answer)| answer.strong_count() == 0) {
            self.answers.pop_front();
        }
    }
}

impl Drop for Deadlines {
    fn drop(&mut self) {
        // The thread goes on for those who still wait.
        self.0.waiting.lock().ended = true;
        self.0.changed.notify_one();
    }
}

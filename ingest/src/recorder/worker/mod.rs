//! The recorder's thread: takes what waits to the log, or to the spool while the log does not take
//! it, and what is in the spool to the log (docs/SDK.md has the ways).

mod spooling;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use annals_schemas::Record;
use tokio::sync::watch;

use super::front::{Front, Outcome};
use super::pending::{Claim, Pending, Queued};
use super::queue::Outlet;
use super::settlement::Settlement;
use super::{NotSafe, Overflow, RecorderOptions};
use crate::spool::Spool;

/// The thread's state.
pub(super) struct Worker {
    pub front: Front,
    pub inbox: Outlet<Queued>,
    pub settlement: Settlement,
    pub stopped: watch::Receiver<bool>,
    pub options: RecorderOptions,
    /// The recorder's, for the events that tell of losses.
    pub id: String,
    pub spool: Option<Spool>,
    pub state: State,
}

/// Where it is on its way.
pub(super) struct State {
    /// What neither log nor spool has taken yet: nothing is received before it is gone.
    kept: Vec<Pending>,
    /// Taken from the spool, not delivered yet.
    unacknowledged: VecDeque<Record>,
    pause: Duration,
    /// When losses were told last.
    told: Option<Instant>,
    /// Since when there has been no spool that there should be.
    without_spool: Option<Instant>,
    /// Whether the recorder is gone and the queue empty.
    is_closed: bool,
}

impl State {
    pub fn new(options: &RecorderOptions) -> Self {
        let pause = options.first_pause;
        let (kept, unacknowledged) = (Vec::new(), VecDeque::new());
        Self { kept, unacknowledged, pause, told: None, without_spool: None, is_closed: false }
    }

    fn without_spool_for(&self, time: Duration) -> bool {
        self.without_spool.is_some_and(|since| since.elapsed() >= time)
    }
}

impl Worker {
    /// Runs until the recorder is gone and everything is safe, or until told to stop.
    pub async fn run(&mut self) {
        self.note_spooled();
        while !*self.stopped.borrow() {
            self.settlement.progress.publish();
            self.renew_spool().await;
            let kept = std::mem::take(&mut self.state.kept);
            if !kept.is_empty() && self.has_backlog() {
                self.keep_safe(kept).await;
            } else if !kept.is_empty() {
                // The spool has no room for it: it waits for the answer, and is not sent anew.
                self.deliver(kept, None).await;
            }
            if self.state.kept.is_empty() && !self.go_on().await {
                return;
            }
            if self.has_backlog() {
                self.work_off().await;
            } else if !self.state.kept.is_empty() {
                self.back_off().await;
            }
        }
        self.give_up().await;
    }

    /// Takes the next batch to the log while nothing has to go before it; answers whether there
    /// will be more.
    async fn go_on(&mut self) -> bool {
        if self.has_backlog() {
            // What is in the spool is safe.
            return !self.state.is_closed;
        }
        let mut stopped = self.stopped.clone();
        let batch = tokio::select! {
            biased;
            batch = self.receive() => batch,
            () = stop(&mut stopped) => return true,
        };
        let patience = self.options.spool.as_ref().map(|spool| spool.after);
        self.deliver(batch, patience).await;
        !self.state.is_closed || !self.state.kept.is_empty()
    }

    /// The next batch, what there is to tell first. Empty if everything in it was refused, and once
    /// the recorder is gone. Dropping it half way loses nothing.
    async fn receive(&mut self) -> Vec<Pending> {
        let mut queued = Vec::new();
        let until_telling = self.until_telling();
        tokio::select! {
            biased;
            received = self.inbox.receive(&mut queued, self.options.batch_events.max(1)) => {
                self.state.is_closed = received == 0;
            }
            () = wait(until_telling) => {}
        }
        let mut batch = Vec::with_capacity(queued.len());
        if self.state.is_closed || self.until_telling() == Some(Duration::ZERO) {
            self.state.told = Some(Instant::now());
            for (workspace, loss) in self.settlement.losses.take() {
                batch.push(Pending::telling(workspace, loss, &self.id));
            }
        }
        batch.extend(queued.into_iter().filter_map(|queued| self.prepare(queued)));
        batch
    }

    /// How long until losses are to be told; `None` if there are none. Not each by itself: under
    /// [`Overflow::Drop`] what tells of them would take the room that they do not.
    fn until_telling(&self) -> Option<Duration> {
        let since = self.state.told.map_or(Duration::MAX, |told| told.elapsed());
        let left = self.options.tell_every.saturating_sub(since);
        self.settlement.losses.are_some().then_some(left)
    }

    /// The record of an event, its secrets masked; `None` for what is no event.
    fn prepare(&self, mut queued: Queued) -> Option<Pending> {
        if let Some(actions) = &self.options.actions {
            actions.mask(&mut queued.event);
        }
        let (claim, record) = queued.encode(&self.options.limits);
        match record {
            Ok(record) => Some(Pending { record, claim }),
            Err(violation) => {
                tracing::warn!(reason = %violation.reason, "an emitted event is none: lost");
                let detail = violation.reason.to_string();
                self.settlement.lost(vec![claim], NotSafe::Refused { detail });
                None
            }
        }
    }

    /// Takes a batch to the log; what that has not acknowledged in time goes to the spool, or is
    /// kept.
    async fn deliver(&mut self, batch: Vec<Pending>, patience: Option<Duration>) {
        if batch.is_empty() {
            return;
        }
        let records = batch.iter().map(|pending| pending.record.clone()).collect();
        let front = self.front.clone();
        let outcomes = tokio::select! {
            biased;
            () = stop(&mut self.stopped) => Vec::new(),
            outcomes = front.take(records) => outcomes,
            () = wait(patience) => Vec::new(),
        };
        let rest = self.settle(batch, &outcomes);
        if rest.is_empty() {
            self.state.pause = self.options.first_pause;
        } else if self.spool.is_some() {
            self.keep_safe(rest).await;
        } else {
            self.state.kept = rest;
        }
    }

    /// Answers what has to go again.
    fn settle(&self, batch: Vec<Pending>, outcomes: &[Outcome]) -> Vec<Pending> {
        let (mut delivered, mut again, mut failed) = (Vec::new(), Vec::new(), None);
        for (index, pending) in batch.into_iter().enumerate() {
            match outcomes.get(index) {
                Some(Outcome::Taken) => delivered.push(pending.claim),
                Some(Outcome::Never(why)) => self.refused(pending.claim, why),
                Some(Outcome::Later(why)) => {
                    failed.get_or_insert(why.as_str());
                    again.push(pending);
                }
                // Whether the log has it is open: it must not be called lost.
                None => {
                    let claim = Claim { overflow: Overflow::Spool, ..pending.claim };
                    again.push(Pending { claim, ..pending });
                }
            }
        }
        if !delivered.is_empty() {
            self.settlement.delivered(delivered);
        }
        self.note_failure(failed);
        again
    }

    fn refused(&self, claim: Claim, why: &str) {
        tracing::warn!(why, "an event is refused for good: lost");
        self.settlement.lost(vec![claim], NotSafe::Refused { detail: why.to_owned() });
    }

    /// Says once for each time that it is away why the log takes nothing.
    fn note_failure(&self, failed: Option<&str>) {
        if let Some(why) = failed.filter(|_| self.state.pause == self.options.first_pause) {
            tracing::warn!(why, "the log does not take events: they wait");
        }
    }

    /// Waits for something while new events go to the spool. `None`: told to stop.
    async fn meanwhile<T>(&mut self, something: impl Future<Output = T>) -> Option<T> {
        let mut something = std::pin::pin!(something);
        let mut stopped = self.stopped.clone();
        loop {
            let may_receive =
                self.spool.is_some() && self.state.kept.is_empty() && !self.state.is_closed;
            tokio::select! {
                biased;
                () = stop(&mut stopped) => return None,
                done = &mut something => return Some(done),
                batch = self.receive(), if may_receive => self.keep_safe(batch).await,
            }
            if self.state.is_closed && self.state.kept.is_empty() && self.has_backlog() {
                // Everything is safe: the next start goes on from the spool.
                return None;
            }
        }
    }

    /// Pauses after nothing got on.
    async fn back_off(&mut self) {
        let pause = self.state.pause;
        self.state.pause = (pause * 2).min(self.options.max_pause);
        self.meanwhile(tokio::time::sleep(pause)).await;
    }

    /// What is not safe by now goes to the spool if it can, and is lost otherwise.
    async fn give_up(&mut self) {
        let mut rest = std::mem::take(&mut self.state.kept);
        let queued = self.inbox.close(self.options.batch_events.max(1)).await;
        rest.extend(queued.into_iter().filter_map(|queued| self.prepare(queued)));
        // By batches: the spool may have room for some of it.
        while !rest.is_empty() && self.spool.is_some() && self.state.kept.is_empty() {
            let after = rest.split_off(rest.len().min(self.options.batch_events.max(1)));
            self.keep_safe(std::mem::replace(&mut rest, after)).await;
        }
        rest.append(&mut self.state.kept);
        self.settlement.lost(claims(rest), NotSafe::Ended);
    }

    /// Receives nothing any more; what is in the queue is lost. After [`run`](Self::run), also if
    /// that panicked.
    pub async fn end(&mut self) {
        let queued = self.inbox.close(self.options.batch_events.max(1)).await;
        let queued = queued.into_iter().map(|queued| queued.split().1).collect();
        self.settlement.lost(queued, NotSafe::Ended);
        self.settlement.progress.publish();
    }
}

fn claims(all: Vec<Pending>) -> Vec<Claim> {
    all.into_iter().map(|pending| pending.claim).collect()
}

/// Ends when the recorder wants its thread to end.
async fn stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the recorder itself is gone.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Ends after this time, if there is one.
async fn wait(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

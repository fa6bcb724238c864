//! The recorder's thread: takes what waits to the log, or to the spool while the log does not take
//! it, and what is in the spool to the log (docs/SDK.md has the ways).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use annals_broker::BrokerError;
use annals_schemas::{LogId, NewRecord, Record, decode};
use tokio::sync::{mpsc, watch};

use super::front::{Front, Outcome};
use super::losses::Loss;
use super::pending::{Pending, Queued};
use super::settlement::Settlement;
use super::{NotSafe, Overflow, RecorderOptions};
use crate::events_lost;
use crate::spool::Spool;

/// The thread's state.
pub(super) struct Worker {
    pub front: Front,
    pub inbox: mpsc::Receiver<Queued>,
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
    /// Whether the recorder is gone and the queue empty.
    is_closed: bool,
}

impl State {
    pub fn new(options: &RecorderOptions) -> Self {
        let pause = options.first_pause;
        let (kept, unacknowledged) = (Vec::new(), VecDeque::new());
        Self { kept, unacknowledged, pause, told: None, is_closed: false }
    }
}

impl Worker {
    /// Runs until the recorder is gone and everything is safe, or until told to stop.
    pub async fn run(&mut self) {
        self.note_spooled();
        while !*self.stopped.borrow() {
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
            received = self.inbox.recv_many(&mut queued, self.options.batch_events.max(1)) => {
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
        let checked = queued.event.check(&self.options.limits);
        let pending = queued.encode();
        let Err(violation) = checked else { return Some(pending) };
        tracing::warn!(reason = %violation.reason, "an emitted event is none: lost");
        let detail = violation.reason.to_string();
        self.settlement.lost(vec![pending], NotSafe::Refused { detail });
        None
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
                Some(Outcome::Taken) => delivered.push(pending),
                Some(Outcome::Never(why)) => self.refused(pending, why),
                Some(Outcome::Later(why)) => {
                    failed.get_or_insert(why.as_str());
                    again.push(pending);
                }
                // Whether the log has it is open: it must not be called lost.
                None => again.push(Pending { overflow: Overflow::Spool, ..pending }),
            }
        }
        if !delivered.is_empty() {
            self.settlement.delivered(delivered);
        }
        self.note_failure(failed);
        again
    }

    fn refused(&self, pending: Pending, why: &str) {
        tracing::warn!(why, "an event is refused for good: lost");
        self.settlement.lost(vec![pending], NotSafe::Refused { detail: why.to_owned() });
    }

    /// Makes events safe on disk; what finds no room there is kept.
    async fn keep_safe(&mut self, batch: Vec<Pending>) {
        let Some(spool) = &mut self.spool else {
            self.state.kept.extend(batch);
            return;
        };
        let (batch, dropped): (Vec<_>, Vec<_>) = batch.into_iter().partition(Pending::may_spool);
        if !dropped.is_empty() {
            self.settlement.lost(dropped, NotSafe::NoRoom);
        }
        if batch.is_empty() {
            return;
        }
        let records = batch.iter().map(|pending| pending.record.clone()).collect();
        let outcomes = spool.append(records).await;
        let mut safe = Vec::new();
        for (pending, outcome) in batch.into_iter().zip(outcomes) {
            match Outcome::of(outcome) {
                Outcome::Taken => safe.push(pending),
                Outcome::Never(why) => self.refused(pending, &why),
                Outcome::Later(_) => self.state.kept.push(pending),
            }
        }
        self.note_spooled();
        self.settlement.safe(safe);
    }

    /// Takes a batch from the spool to the log, while what is new joins at its end.
    async fn work_off(&mut self) {
        if self.state.unacknowledged.is_empty() {
            let next = match &mut self.spool {
                Some(spool) => spool.next(self.options.batch_events).await,
                None => return,
            };
            match next {
                Ok(records) => self.state.unacknowledged = records.into(),
                Err(error @ BrokerError::Corrupt { .. }) => return self.leave_spool(&error).await,
                Err(error) => {
                    tracing::warn!(%error, "the spool cannot be read for now");
                    return self.back_off().await;
                }
            }
        }
        let records = self.state.unacknowledged.iter().map(to_new).collect();
        let front = self.front.clone();
        let attempt = async move { front.take(records).await };
        let Some(outcomes) = self.meanwhile(attempt).await else { return };
        if self.settle_spooled(&outcomes) {
            self.state.pause = self.options.first_pause;
        } else {
            self.back_off().await;
        }
    }

    /// Answers whether anything got on.
    fn settle_spooled(&mut self, outcomes: &[Outcome]) -> bool {
        let records = std::mem::take(&mut self.state.unacknowledged);
        let before = records.len();
        let (mut delivered, mut after, mut failed) = (0, 0, None);
        for (index, record) in records.into_iter().enumerate() {
            after = record.position.offset + 1;
            match outcomes.get(index) {
                Some(Outcome::Taken) => delivered += 1,
                Some(Outcome::Never(why)) => self.refused_later(&record, why),
                Some(Outcome::Later(why)) => {
                    failed.get_or_insert(why.as_str());
                    self.state.unacknowledged.push_back(record);
                }
                None => self.state.unacknowledged.push_back(record),
            }
        }
        if delivered > 0 {
            self.settlement.progress.deliver(delivered);
        }
        self.note_failure(failed);
        let first = self.state.unacknowledged.front();
        let before_this = first.map_or(after, |record| record.position.offset);
        let got_on = self.state.unacknowledged.len() < before;
        if let Some(spool) = &mut self.spool
            && got_on
        {
            spool.acknowledge(before_this);
        }
        self.note_spooled();
        got_on
    }

    fn refused_later(&self, record: &Record, why: &str) {
        tracing::warn!(why, "an event is refused for good: lost");
        let Ok(event) = decode(record, &LogId([0; 16])) else { return };
        // What tells of losses is none of the host's events.
        if event.action == events_lost::ACTION {
            return;
        }
        self.settlement.progress.lose(1);
        // Numbers of an earlier recorder on this spool would be told as this one's.
        if let Some(stamp) = event.producer.as_ref().filter(|stamp| stamp.id == self.id) {
            self.settlement.losses.add(&event.workspace_id, Loss::of(stamp.number, &event));
        }
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

    /// A spool that cannot be read any further is set aside.
    async fn leave_spool(&mut self, error: &BrokerError) {
        let (Some(spool), Some(options)) = (self.spool.take(), &self.options.spool) else { return };
        self.settlement.progress.lose(spool.len());
        match spool.begin_anew(options, error).await {
            Ok(spool) => self.spool = Some(spool),
            Err(error) => tracing::error!(%error, "the recorder goes on without a spool"),
        }
        self.note_spooled();
    }

    /// What is not safe by now goes to the spool if it can, and is lost otherwise.
    async fn give_up(&mut self) {
        let mut rest = std::mem::take(&mut self.state.kept);
        while let Ok(queued) = self.inbox.try_recv() {
            rest.extend(self.prepare(queued));
        }
        // By batches: the spool may have room for some of it.
        while !rest.is_empty() && self.spool.is_some() && self.state.kept.is_empty() {
            let after = rest.split_off(rest.len().min(self.options.batch_events.max(1)));
            self.keep_safe(std::mem::replace(&mut rest, after)).await;
        }
        rest.append(&mut self.state.kept);
        self.settlement.lost(rest, NotSafe::Ended);
    }

    fn has_backlog(&self) -> bool {
        self.spool.as_ref().is_some_and(|spool| !spool.is_empty())
    }

    fn note_spooled(&self) {
        self.settlement.progress.hold(self.spool.as_ref().map_or(0, Spool::len));
    }
}

/// The same record once more: the log in front gives it another place.
fn to_new(record: &Record) -> NewRecord {
    let Record { key, value, headers, .. } = record;
    NewRecord { key: key.clone(), value: value.clone(), headers: headers.clone() }
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

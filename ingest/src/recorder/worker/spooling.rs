//! The worker's ways to the spool, and from it to the log.

use std::time::{Duration, Instant};

use annals_broker::BrokerError;
use annals_schemas::{LogId, NewRecord, Record, decode};

use super::super::NotSafe;
use super::super::front::Outcome;
use super::super::losses::Loss;
use super::super::pending::Pending;
use super::{Worker, claims};
use crate::events_lost;
use crate::spool::Spool;

/// A spool that could not be made is tried again so often.
const RENEW_EVERY: Duration = Duration::from_secs(1);

impl Worker {
    /// Makes events safe on disk; what finds no room there is kept.
    pub(super) async fn keep_safe(&mut self, batch: Vec<Pending>) {
        let Some(spool) = &mut self.spool else {
            self.state.kept.extend(batch);
            return;
        };
        let may_spool = |pending: &Pending| pending.claim.may_spool();
        let (batch, dropped): (Vec<_>, Vec<_>) = batch.into_iter().partition(may_spool);
        if !dropped.is_empty() {
            self.settlement.lost(claims(dropped), NotSafe::NoRoom);
        }
        if batch.is_empty() {
            return;
        }
        let records = batch.iter().map(|pending| pending.record.clone()).collect();
        let outcomes = spool.append(records).await;
        let mut safe = Vec::new();
        for (pending, outcome) in batch.into_iter().zip(outcomes) {
            match Outcome::of(outcome) {
                Outcome::Taken => safe.push(pending.claim),
                Outcome::Never(why) => self.refused(pending.claim, &why),
                Outcome::Later(_) => self.state.kept.push(pending),
            }
        }
        self.note_spooled();
        self.settlement.safe(safe);
    }

    /// Takes a batch from the spool to the log, while what is new joins at its end.
    pub(super) async fn work_off(&mut self) {
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

    /// Removes the files of a spool that has done its work, and tries again to have one once a
    /// second after that failed.
    pub(super) async fn renew_spool(&mut self) {
        let Some(options) = &self.options.spool else { return };
        let renewed = match self.spool.take_if(|spool| spool.is_spent()) {
            Some(spool) => spool.renew(options).await,
            None if self.spool.is_none() && self.state.without_spool_for(RENEW_EVERY) => {
                Spool::open(options).await
            }
            None => return,
        };
        self.keep_spool(renewed);
    }

    fn keep_spool(&mut self, spool: Result<Spool, BrokerError>) {
        self.state.without_spool = None;
        match spool {
            Ok(spool) => self.spool = Some(spool),
            Err(error) => {
                tracing::error!(%error, "the recorder is without a spool for now");
                self.state.without_spool = Some(Instant::now());
            }
        }
        self.note_spooled();
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

    /// A spool that cannot be read any further is set aside.
    async fn leave_spool(&mut self, error: &BrokerError) {
        let (Some(spool), Some(options)) = (self.spool.take(), &self.options.spool) else { return };
        self.settlement.progress.lose(spool.len());
        let anew = spool.begin_anew(options, error).await;
        self.keep_spool(anew);
    }

    pub(super) fn has_backlog(&self) -> bool {
        self.spool.as_ref().is_some_and(|spool| !spool.is_empty())
    }

    pub(super) fn note_spooled(&self) {
        self.settlement.progress.hold(self.spool.as_ref().map_or(0, Spool::len));
    }
}

/// The same record once more: the log in front gives it another place.
fn to_new(record: &Record) -> NewRecord {
    let Record { key, value, headers, .. } = record;
    NewRecord { key: key.clone(), value: value.clone(), headers: headers.to_vec() }
}

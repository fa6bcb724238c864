//! Reads assigned partitions; woken by the writer, or by looking at the published end every
//! 20 milliseconds when another process writes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{Offset, Partition, Position, Record};
use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::Readers;
use super::partition::Place;
use crate::{BrokerError, Consumer, metrics};

/// How often another process's log is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Record bytes after which a poll is full, whatever `max_records` says.
const POLL_BYTES: usize = 8 << 20;

/// A consumer of the embedded log.
pub(super) struct LocalConsumer {
    readers: Arc<Readers>,
    changed: watch::Receiver<()>,
    assigned: BTreeMap<Partition, Assigned>,
    /// The partition that was read last: the others go first next time.
    last_read: Partition,
}

struct Assigned {
    place: Place,
    paused: bool,
}

impl LocalConsumer {
    pub fn new(readers: Arc<Readers>) -> Self {
        let changed = readers.changed.subscribe();
        Self { readers, changed, assigned: BTreeMap::new(), last_read: 0 }
    }

    /// The places to read from now, in turn.
    fn ready(&self) -> Vec<(Partition, Place)> {
        let is_ready = |&(&partition, assigned): &(&Partition, &Assigned)| {
            !assigned.paused
                && self
                    .readers
                    .partition(partition)
                    .is_ok_and(|p| p.is_ready(assigned.place.offset()))
        };
        let next = self.assigned.range(self.last_read.saturating_add(1)..);
        let turn = next.chain(self.assigned.range(..=self.last_read));
        turn.filter(is_ready)
            .map(|(&partition, assigned)| (partition, assigned.place.clone()))
            .collect()
    }

    /// Reads on another thread, as files may be slow. Nothing is taken into account before the
    /// answer is here, so that a poll dropped meanwhile loses nothing.
    async fn read(&mut self, max_records: usize) -> Result<Vec<Record>, BrokerError> {
        let places = self.ready();
        if places.is_empty() || max_records == 0 {
            return Ok(Vec::new());
        }
        let readers = Arc::clone(&self.readers);
        let read = tokio::task::spawn_blocking(move || read_places(&readers, places, max_records));
        let (records, places) = read.await.map_err(|error| BrokerError::Io {
            operation: "reading the embedded log".to_owned(),
            detail: error.to_string(),
        })??;
        for (partition, place) in places {
            if let Some(assigned) = self.assigned.get_mut(&partition) {
                assigned.place = place;
                self.last_read = partition;
            }
        }
        metrics::polled("local", records.len());
        Ok(records)
    }

    fn set_paused(&mut self, partition: Partition, paused: bool) -> Result<(), BrokerError> {
        let assigned = self.assigned.get_mut(&partition);
        assigned.ok_or_else(|| BrokerError::not_assigned(partition))?.paused = paused;
        Ok(())
    }
}

type Read = (Vec<Record>, Vec<(Partition, Place)>);

/// An error is told only when nothing was read before it.
fn read_places(
    readers: &Readers,
    places: Vec<(Partition, Place)>,
    max_records: usize,
) -> Result<Read, BrokerError> {
    let mut records = Vec::new();
    let mut reached = Vec::new();
    let mut failed = None;
    let mut bytes = 0;
    for (partition, mut place) in places {
        let shared = readers.partition(partition)?;
        while records.len() < max_records && bytes < POLL_BYTES {
            match shared.read(&mut place, max_records - records.len()) {
                Ok(more) if more.is_empty() => break,
                Ok(more) => {
                    bytes += more.iter().map(Record::size_bytes).sum::<usize>();
                    records.extend(more);
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        reached.push((partition, place));
        if records.len() >= max_records || bytes >= POLL_BYTES {
            break;
        }
    }
    match failed {
        Some(error) if records.is_empty() => Err(error),
        _ => Ok((records, reached)),
    }
}

#[async_trait]
impl Consumer for LocalConsumer {
    fn assign(&mut self, from: &[Position]) -> Result<(), BrokerError> {
        for position in from {
            self.readers.partition(position.partition)?;
        }
        let start =
            |p: &Position| (p.partition, Assigned { place: Place::at(p.offset), paused: false });
        self.assigned = from.iter().map(start).collect();
        Ok(())
    }

    async fn poll(
        &mut self,
        max_records: usize,
        wait: Duration,
    ) -> Result<Vec<Record>, BrokerError> {
        let deadline = Instant::now() + wait;
        loop {
            // Marked as seen before looking, so that an append between look and wait wakes us.
            self.changed.borrow_and_update();
            self.readers.refresh()?;
            let records = self.read(max_records).await?;
            let now = Instant::now();
            if !records.is_empty() || now >= deadline {
                return Ok(records);
            }
            if self.readers.follows() {
                tokio::time::sleep_until(deadline.min(now + LOOK_EVERY)).await;
            } else {
                // The sender lives in `readers`: waiting ends by a change or by the deadline.
                let _ = timeout_at(deadline, self.changed.changed()).await;
            }
        }
    }

    fn position(&self, partition: Partition) -> Option<Offset> {
        self.assigned.get(&partition).map(|assigned| assigned.place.offset())
    }

    fn pause(&mut self, partition: Partition) -> Result<(), BrokerError> {
        self.set_paused(partition, true)
    }

    fn resume(&mut self, partition: Partition) -> Result<(), BrokerError> {
        self.set_paused(partition, false)
    }
}

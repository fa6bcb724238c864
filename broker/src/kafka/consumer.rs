//! Reads assigned partitions of the topic. Progress is the caller's: nothing is committed here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{Offset, Partition, Position, Record, TimestampType};
use async_trait::async_trait;
use futures::FutureExt as _;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::{Offset as KafkaOffset, Timestamp, TopicPartitionList};
use tokio::time::{Instant, timeout_at};

use super::KafkaOptions;
use super::cluster::{Cluster, signed, unsigned};
use super::context::QuietContext;
use super::failure::{broker_error, is_out_of_range, is_passing};
use super::farewell::Farewell;
use super::texts::Texts;
use crate::{BrokerError, Consumer, metrics};

/// How long records of other partitions are waited for while one is out of range.
const PATIENCE_OUT_OF_RANGE: Duration = Duration::from_millis(100);

type Client = Farewell<StreamConsumer<QuietContext>>;

/// A consumer. Each assignment gets a native client of its own: nothing of the one before can
/// come late.
pub(super) struct KafkaConsumer {
    options: Arc<KafkaOptions>,
    cluster: Cluster,
    partitions: u32,
    client: Option<Client>,
    assigned: BTreeMap<Partition, Assigned>,
    /// The client has said that some offset is not in the log, not yet which.
    some_out_of_range: bool,
    /// A fatal error: the next poll makes a client anew, from the positions reached.
    fatal: bool,
}

struct Assigned {
    next: Offset,
    /// Of its own: what a partition still holds keeps no other's memory.
    texts: Texts,
    paused: bool,
    out_of_range: Option<BrokerError>,
}

impl KafkaConsumer {
    pub fn new(options: Arc<KafkaOptions>, cluster: Cluster, partitions: u32) -> Self {
        Self {
            options,
            cluster,
            partitions,
            client: None,
            assigned: BTreeMap::new(),
            some_out_of_range: false,
            fatal: false,
        }
    }

    /// Starts a client at the positions reached.
    fn start(&mut self) -> Result<(), BrokerError> {
        self.client = None;
        let start = || -> KafkaResult<Client> {
            let config = self.options.consumer_config();
            let client: StreamConsumer<_> = config.create_with_context(QuietContext::default())?;
            let client = Farewell::of(client);
            let mut list = TopicPartitionList::new();
            for (&partition, assigned) in &self.assigned {
                let offset = i64::try_from(assigned.next).unwrap_or(i64::MAX);
                let offset = KafkaOffset::Offset(offset);
                list.add_partition_offset(&self.options.topic, signed(partition), offset)?;
            }
            client.assign(&list)?;
            let paused = self.assigned.iter().filter(|(_, assigned)| assigned.paused);
            let paused = self.list(paused.map(|(&partition, _)| partition));
            if paused.count() > 0 {
                client.pause(&paused)?;
            }
            Ok(client)
        };
        self.client = Some(start().map_err(|error| self.failure(&error))?);
        self.fatal = false;
        Ok(())
    }

    fn list(&self, partitions: impl IntoIterator<Item = Partition>) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition(&self.options.topic, signed(partition));
        }
        list
    }

    fn failure(&self, error: &KafkaError) -> BrokerError {
        broker_error(error, &self.options.topic)
    }

    /// Takes what is there, waiting for the first record until the deadline. The only wait is for
    /// one event that the client keeps if we are dropped: nothing gets lost.
    async fn take(&mut self, max_records: usize, deadline: Instant) -> Taken {
        let mut taken = Taken::default();
        let Some(client) = &self.client else { return taken };
        let mut wait_over = false;
        while taken.records.len() < max_records {
            let event = if taken.records.is_empty() && !wait_over {
                let event = timeout_at(deadline, client.recv()).await.ok();
                wait_over = event.is_none();
                event
            } else {
                client.recv().now_or_never()
            };
            match event {
                Some(Ok(message)) => taken.records.extend(accept(&mut self.assigned, &message)),
                Some(Err(error)) => {
                    if self.note(&error) {
                        taken.error = Some(error);
                        break;
                    }
                    taken.away = Some(error);
                }
                None => break,
            }
        }
        taken
    }

    /// Looks at an event that is no record; answers whether it ends the poll.
    fn note(&self, error: &KafkaError) -> bool {
        if let Some(client) = &self.client {
            client.context().note(error);
        }
        let passing = error.rdkafka_error_code().is_some_and(is_passing);
        !passing
    }

    /// Finds out which partitions are out of range, and remembers it. If none is any more, the
    /// client starts again at the positions reached, as it has given one up.
    async fn find_out_of_range(&mut self) -> Result<(), BrokerError> {
        let suspects: Vec<_> = self
            .assigned
            .iter()
            .filter(|(_, assigned)| assigned.out_of_range.is_none())
            .map(|(&partition, assigned)| (partition, assigned.next))
            .collect();
        let mut found = false;
        for (partition, asked) in suspects {
            let (start, end) = self.cluster.watermarks(partition).await?;
            if !(start..=end).contains(&asked)
                && let Some(assigned) = self.assigned.get_mut(&partition)
            {
                let error = BrokerError::OffsetOutOfRange { partition, asked, start, end };
                assigned.out_of_range = Some(error);
                found = true;
            }
        }
        self.some_out_of_range = false;
        if found { Ok(()) } else { self.start() }
    }

    fn out_of_range(&self) -> Option<BrokerError> {
        let active = self.assigned.values().filter(|assigned| !assigned.paused);
        active.into_iter().find_map(|assigned| assigned.out_of_range.clone())
    }

    /// Moves past offsets without a record (control records, aborted ones) that the client has
    /// passed.
    fn follow_holes(&mut self) {
        let Some(Ok(reached)) = self.client.as_ref().map(|client| client.position()) else {
            return;
        };
        for element in reached.elements() {
            let partition = u32::try_from(element.partition()).unwrap_or_default();
            if let KafkaOffset::Offset(offset) = element.offset()
                && let Some(assigned) = self.assigned.get_mut(&partition)
            {
                assigned.next = assigned.next.max(unsigned(offset));
            }
        }
    }

    fn set_paused(&mut self, partition: Partition, paused: bool) -> Result<(), BrokerError> {
        let list = self.list([partition]);
        let assigned = self.assigned.get_mut(&partition);
        assigned.ok_or_else(|| BrokerError::not_assigned(partition))?.paused = paused;
        let Some(client) = &self.client else { return Ok(()) };
        let done = if paused { client.pause(&list) } else { client.resume(&list) };
        done.map_err(|error| self.failure(&error))
    }
}

/// What one look at the client brought.
#[derive(Default)]
struct Taken {
    records: Vec<Record>,
    /// An event that the caller must hear of.
    error: Option<KafkaError>,
    /// The last sign that brokers are away.
    away: Option<KafkaError>,
}

/// The record, unless it is before the position (an offset is delivered once).
fn accept(
    assigned: &mut BTreeMap<Partition, Assigned>,
    message: &BorrowedMessage<'_>,
) -> Option<Record> {
    let partition = u32::try_from(message.partition()).ok()?;
    let position = Position { partition, offset: unsigned(message.offset()) };
    let assigned = assigned.get_mut(&partition).filter(|a| a.next <= position.offset)?;
    assigned.next = position.offset + 1;
    let (timestamp_ms, timestamp_type) = match message.timestamp() {
        Timestamp::LogAppendTime(ms) => (ms, TimestampType::LogAppendTime),
        Timestamp::CreateTime(ms) => (ms, TimestampType::CreateTime),
        Timestamp::NotAvailable => (0, TimestampType::CreateTime),
    };
    Some(Record {
        position,
        timestamp_ms,
        timestamp_type,
        key: message.key().map(|key| assigned.texts.key(key)),
        value: message.payload().map(|value| assigned.texts.value(value)),
        headers: message.headers().map(|of| assigned.texts.headers(of)).unwrap_or_default(),
    })
}

#[async_trait]
impl Consumer for KafkaConsumer {
    fn assign(&mut self, from: &[Position]) -> Result<(), BrokerError> {
        if let Some(unknown) = from.iter().find(|p| p.partition >= self.partitions) {
            return Err(BrokerError::no_such_partition(unknown.partition, self.partitions));
        }
        let start = |p: &Position| {
            let (next, texts) = (p.offset, Texts::new());
            (p.partition, Assigned { next, texts, paused: false, out_of_range: None })
        };
        self.assigned = from.iter().map(start).collect();
        self.some_out_of_range = false;
        self.start()
    }

    async fn poll(
        &mut self,
        max_records: usize,
        wait: Duration,
    ) -> Result<Vec<Record>, BrokerError> {
        let deadline = Instant::now() + wait;
        if self.fatal {
            self.start()?;
        }
        if self.client.is_none() {
            tokio::time::sleep_until(deadline).await;
            return Ok(Vec::new());
        }
        loop {
            if self.some_out_of_range {
                self.find_out_of_range().await?;
            }
            let refused = self.out_of_range();
            let until = match refused {
                Some(_) => deadline.min(Instant::now() + PATIENCE_OUT_OF_RANGE),
                None => deadline,
            };
            let taken = self.take(max_records, until).await;
            let fatal = matches!(taken.error, Some(KafkaError::MessageConsumptionFatal(_)));
            let code = taken.error.as_ref().and_then(KafkaError::rdkafka_error_code);
            let out_of_range = code.is_some_and(is_out_of_range);
            self.fatal |= fatal;
            self.some_out_of_range |= out_of_range;
            self.follow_holes();
            if !taken.records.is_empty() {
                metrics::polled("kafka", taken.records.len());
                return Ok(taken.records);
            }
            match (taken.error, refused, taken.away) {
                (Some(_), _, _) if out_of_range => {}
                (Some(error), _, _) if fatal => {
                    return Err(BrokerError::Unavailable { detail: error.to_string() });
                }
                (Some(error), _, _) => return Err(self.failure(&error)),
                (None, Some(refused), _) => return Err(refused),
                (None, None, Some(away)) => return Err(self.failure(&away)),
                (None, None, None) => return Ok(Vec::new()),
            }
        }
    }

    fn position(&self, partition: Partition) -> Option<Offset> {
        self.assigned.get(&partition).map(|assigned| assigned.next)
    }

    fn pause(&mut self, partition: Partition) -> Result<(), BrokerError> {
        self.set_paused(partition, true)
    }

    fn resume(&mut self, partition: Partition) -> Result<(), BrokerError> {
        self.set_paused(partition, false)
    }
}

//! Appends to the topic: idempotent, acknowledged by all in-sync replicas, bounded.

use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_schemas::{NewRecord, Position};
use async_trait::async_trait;
use parking_lot::Mutex;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{Header as KafkaHeader, OwnedHeaders};
use rdkafka::producer::future_producer::{Delivery, OwnedDeliveryResult};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _};

use super::KafkaOptions;
use super::cluster::{signed, unsigned};
use super::context::QuietContext;
use super::failure::broker_error;
use super::farewell::Farewell;
use crate::{Appended, BrokerError, Producer, metrics, route};

/// Largest record, key, value and headers together; room for the frame is on top.
const MAX_RECORD_BYTES: usize = 1 << 20;
/// Pauses while the client's queue is full.
const FULL_PAUSE: Duration = Duration::from_millis(5);

type Client = Farewell<FutureProducer<QuietContext>>;

/// A producer. The client behind it is made at the first append, and anew after a fatal error.
pub(super) struct KafkaProducer {
    options: Arc<KafkaOptions>,
    partitions: u32,
    client: Mutex<Option<Arc<Client>>>,
}

impl KafkaProducer {
    pub fn new(options: Arc<KafkaOptions>, partitions: u32) -> Self {
        Self { options, partitions, client: Mutex::new(None) }
    }

    fn client(&self) -> Result<Arc<Client>, BrokerError> {
        let mut client = self.client.lock();
        if let Some(client) = client.as_ref() {
            return Ok(Arc::clone(client));
        }
        let made = self.options.producer_config().create_with_context(QuietContext::default());
        let made = Arc::new(Farewell::of(made.map_err(|error| self.failure(&error))?));
        *client = Some(Arc::clone(&made));
        Ok(made)
    }

    /// Hands one record to the client, waiting while its queue is full. The wait keeps the order,
    /// as the records after this one wait too.
    async fn enqueue(
        &self,
        client: &Client,
        record: &NewRecord,
        deadline: Instant,
    ) -> Result<DeliveryFuture, BrokerError> {
        let size_bytes = route::size_bytes(record);
        if size_bytes > MAX_RECORD_BYTES {
            return Err(BrokerError::TooLarge { size_bytes, limit_bytes: MAX_RECORD_BYTES });
        }
        loop {
            match client.send_result(self.to_kafka(record)) {
                Ok(delivery) => return Ok(delivery),
                Err((KafkaError::MessageProduction(Code::QueueFull), _))
                    if Instant::now() < deadline =>
                {
                    tokio::time::sleep(FULL_PAUSE).await;
                }
                Err((error, _)) => return Err(self.failure(&error)),
            }
        }
    }

    fn to_kafka<'a>(&'a self, record: &'a NewRecord) -> FutureRecord<'a, [u8], [u8]> {
        let partition = route::partition_of(record, self.partitions);
        let mut message = FutureRecord::to(&self.options.topic).partition(signed(partition));
        message.key = record.key.as_deref();
        message.payload = record.value.as_deref();
        if !record.headers.is_empty() {
            let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
            for header in &record.headers {
                let value = header.value.as_deref();
                headers = headers.insert(KafkaHeader { key: &header.name, value });
            }
            message.headers = Some(headers);
        }
        message
    }

    fn failure(&self, error: &KafkaError) -> BrokerError {
        match error.rdkafka_error_code() {
            Some(Code::MessageSizeTooLarge | Code::InvalidMessageSize) => BrokerError::TooLarge {
                size_bytes: MAX_RECORD_BYTES,
                limit_bytes: MAX_RECORD_BYTES,
            },
            _ => broker_error(error, &self.options.topic),
        }
    }

    /// After a fatal error the client takes nothing more: the next append makes another one.
    fn replace_if_fatal(&self, used: &Arc<Client>) {
        let Some((code, reason)) = used.client().fatal_error() else { return };
        let mut client = self.client.lock();
        if client.as_ref().is_some_and(|current| Arc::ptr_eq(current, used)) {
            tracing::error!(%code, reason, "the kafka producer is made anew after a fatal error");
            metrics::kafka_producer_recreated();
            *client = None;
        }
    }

    fn outcome(&self, delivered: OwnedDeliveryResult) -> Result<Appended, BrokerError> {
        match delivered {
            Ok(Delivery { partition, offset, timestamp }) => {
                let partition = u32::try_from(partition).unwrap_or_default();
                let position = Position { partition, offset: unsigned(offset) };
                Ok(Appended { position, timestamp_ms: timestamp.to_millis() })
            }
            Err((error, _)) => Err(self.failure(&error)),
        }
    }
}

#[async_trait]
impl Producer for KafkaProducer {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        let started = Instant::now();
        let client = match self.client() {
            Ok(client) => client,
            Err(error) => return vec![Err(error); records.len()],
        };
        let deadline = started + self.options.delivery_timeout;
        let mut deliveries = Vec::with_capacity(records.len());
        for record in &records {
            deliveries.push(self.enqueue(&client, record, deadline).await);
        }
        let mut outcomes = Vec::with_capacity(records.len());
        for delivery in deliveries {
            outcomes.push(match delivery {
                Ok(delivery) => match delivery.await {
                    Ok(delivered) => self.outcome(delivered),
                    Err(_) => Err(BrokerError::Unavailable {
                        detail: "the client ended before the delivery was known".to_owned(),
                    }),
                },
                Err(error) => Err(error),
            });
        }
        let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        if failed > 0 {
            self.replace_if_fatal(&client);
        }
        metrics::kafka_append(outcomes.len() - failed, failed, started.elapsed());
        outcomes
    }
}

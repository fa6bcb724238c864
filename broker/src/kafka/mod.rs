//! The log on Apache Kafka, through librdkafka. The only place that imports it.
//!
//! Guarantees: appends are idempotent and acknowledged by all in-sync replicas; reading starts
//! where it is told, never elsewhere, checks checksums, and sees committed records only; a topic
//! whose settings would break a promise is refused at connecting. Every queue is bounded.
//! Deliberately not here: durability beyond what the cluster is set up for (replication 3 and
//! `min.insync.replicas=2` in production), groups that share partitions, and topic ids, which the
//! client library does not tell.

mod cluster;
mod consumer;
mod context;
mod deferred;
mod failure;
mod farewell;
mod options;
mod producer;
pub mod suite;
mod texts;

use std::sync::Arc;

use annals_schemas::{Offset, Partition};
use async_trait::async_trait;

pub use deferred::DeferredProducer;
pub use options::KafkaOptions;

use self::cluster::Cluster;
use self::consumer::KafkaConsumer;
use self::producer::KafkaProducer;
use crate::{BrokerError, Consumer, Log, LogDescription, Producer};

/// One topic.
pub struct KafkaLog {
    options: Arc<KafkaOptions>,
    cluster: Cluster,
    description: LogDescription,
    producer: Arc<KafkaProducer>,
}

impl KafkaLog {
    /// Connects and checks the topic.
    ///
    /// # Errors
    /// `Unavailable` when no broker answers in time, `TopicMissing`, `TopicUnfit` (timestamps by
    /// producers, or compaction), `Configuration` for a property that is refused or unknown.
    pub async fn connect(options: KafkaOptions) -> Result<Self, BrokerError> {
        let options = Arc::new(options);
        let cluster = Cluster::new(Arc::clone(&options))?;
        let description = cluster.describe().await?;
        cluster.check_settings().await?;
        let partitions = description.partitions;
        let producer = Arc::new(KafkaProducer::new(Arc::clone(&options), partitions));
        Ok(Self { options, cluster, description, producer })
    }
}

/// Makes the topic with the settings that Annals needs: LogAppendTime, no compaction, no expiry.
///
/// # Errors
/// `Configuration` if it exists already or the cluster refuses, `Unavailable` when out of reach.
pub async fn create_topic(
    options: KafkaOptions,
    partitions: u32,
    replication: u32,
) -> Result<(), BrokerError> {
    Cluster::new(Arc::new(options))?.create_topic(partitions, replication).await
}

#[async_trait]
impl Log for KafkaLog {
    fn description(&self) -> &LogDescription {
        &self.description
    }

    fn producer(&self) -> Arc<dyn Producer> {
        Arc::clone(&self.producer) as Arc<dyn Producer>
    }

    fn consumer(&self) -> Result<Box<dyn Consumer>, BrokerError> {
        let (options, cluster) = (Arc::clone(&self.options), self.cluster.clone());
        Ok(Box::new(KafkaConsumer::new(options, cluster, self.description.partitions)))
    }

    async fn log_start(&self, partition: Partition) -> Result<Offset, BrokerError> {
        Ok(self.cluster.watermarks(self.known(partition)?).await?.0)
    }

    async fn high_watermark(&self, partition: Partition) -> Result<Offset, BrokerError> {
        Ok(self.cluster.watermarks(self.known(partition)?).await?.1)
    }

    async fn offset_at_time(
        &self,
        partition: Partition,
        timestamp_ms: i64,
    ) -> Result<Offset, BrokerError> {
        match self.cluster.offset_at_time(self.known(partition)?, timestamp_ms).await? {
            Some(offset) => Ok(offset),
            None => self.high_watermark(partition).await,
        }
    }
}

impl KafkaLog {
    fn known(&self, partition: Partition) -> Result<Partition, BrokerError> {
        let partitions = self.description.partitions;
        let known = (partition < partitions).then_some(partition);
        known.ok_or_else(|| BrokerError::no_such_partition(partition, partitions))
    }
}

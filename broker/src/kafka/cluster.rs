//! Questions to the cluster: topic, settings, watermarks, times. None blocks the async threads.

use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{Offset, Partition};
use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::KafkaOptions;
use super::context::QuietContext;
use super::failure::{broker_error, from_code};
use super::farewell::Farewell;
use crate::{BrokerError, LogDescription};

/// A client for questions, shared.
#[derive(Clone)]
pub(super) struct Cluster {
    admin: Arc<Farewell<AdminClient<QuietContext>>>,
    options: Arc<KafkaOptions>,
}

impl Cluster {
    pub fn new(options: Arc<KafkaOptions>) -> Result<Self, BrokerError> {
        options.check()?;
        let admin = options.admin_config().create_with_context(QuietContext::default());
        let admin = admin.map_err(|error| broker_error(&error, &options.topic))?;
        Ok(Self { admin: Arc::new(Farewell::of(admin)), options })
    }

    /// What the topic is, if it exists.
    pub async fn describe(&self) -> Result<LogDescription, BrokerError> {
        self.ask(|cluster, timeout| {
            let client = cluster.admin.inner();
            let topic = &cluster.options.topic;
            let metadata = client
                .fetch_metadata(Some(topic), timeout)
                .map_err(|error| broker_error(&error, topic))?;
            let found = metadata.topics().iter().find(|found| found.name() == topic);
            let found = found.ok_or_else(|| BrokerError::TopicMissing { topic: topic.clone() })?;
            if let Some(error) = found.error() {
                let code = Code::from(error);
                return Err(from_code(code, topic, &code));
            }
            Ok(LogDescription {
                topic: topic.clone(),
                partitions: u32::try_from(found.partitions().len()).unwrap_or(u32::MAX),
                cluster_id: client.fetch_cluster_id(timeout),
                // The client library does not tell; a re-created topic is told from its records.
                topic_id: None,
            })
        })
        .await
    }

    /// Refuses a topic whose settings would break a promise.
    pub async fn check_settings(&self) -> Result<(), BrokerError> {
        let topic = &self.options.topic;
        let specifier = ResourceSpecifier::Topic(topic);
        let described = self.admin.describe_configs([&specifier], &self.admin_options()).await;
        let mut described = described.map_err(|error| broker_error(&error, topic))?;
        let resource = described.pop().unwrap_or(Err(Code::UnknownTopicOrPartition));
        let resource = resource.map_err(|code| from_code(code, topic, &code))?;
        check_setting(&resource, topic, "message.timestamp.type", "LogAppendTime", |found| {
            found == "LogAppendTime"
        })?;
        check_setting(&resource, topic, "cleanup.policy", "delete", |found| {
            !found.split(',').any(|policy| policy.trim() == "compact")
        })
    }

    /// Makes the topic with the settings that Annals needs.
    pub async fn create_topic(&self, partitions: u32, replication: u32) -> Result<(), BrokerError> {
        let topic = &self.options.topic;
        let count = |what: &str, number: u32| {
            i32::try_from(number).ok().filter(|number| *number > 0).ok_or_else(|| {
                let detail = format!("{number} is no number of {what}");
                BrokerError::Configuration { setting: what.to_owned(), detail }
            })
        };
        let replication = TopicReplication::Fixed(count("replication", replication)?);
        let new = NewTopic::new(topic, count("partitions", partitions)?, replication)
            .set("message.timestamp.type", "LogAppendTime")
            .set("cleanup.policy", "delete")
            .set("retention.ms", "-1")
            .set("retention.bytes", "-1")
            .set("max.message.bytes", "2097152");
        let made = self.admin.create_topics([&new], &self.admin_options()).await;
        let mut made = made.map_err(|error| broker_error(&error, topic))?;
        match made.pop() {
            Some(Err((_, Code::TopicAlreadyExists))) => Err(BrokerError::Configuration {
                setting: "topic".to_owned(),
                detail: format!("{topic} exists already"),
            }),
            Some(Err((_, code))) => Err(from_code(code, topic, &code)),
            _ => Ok(()),
        }
    }

    /// First readable offset and high watermark of a partition.
    pub async fn watermarks(&self, partition: Partition) -> Result<(Offset, Offset), BrokerError> {
        self.ask(move |cluster, timeout| {
            let topic = &cluster.options.topic;
            let asked = cluster.admin.inner().fetch_watermarks(topic, signed(partition), timeout);
            let (low, high) = asked.map_err(|error| broker_error(&error, topic))?;
            Ok((unsigned(low), unsigned(high)))
        })
        .await
    }

    /// First offset of this time or later; `None` past the end.
    pub async fn offset_at_time(
        &self,
        partition: Partition,
        timestamp_ms: i64,
    ) -> Result<Option<Offset>, BrokerError> {
        self.ask(move |cluster, timeout| {
            let topic = &cluster.options.topic;
            let look_up = || -> KafkaResult<Option<Offset>> {
                // Asked rarely: a client of its own, without group, for one question.
                let consumer: BaseConsumer<QuietContext> =
                    cluster.options.admin_config().create_with_context(QuietContext::default())?;
                let mut times = TopicPartitionList::new();
                let time = KafkaOffset::Offset(timestamp_ms.max(0));
                times.add_partition_offset(topic, signed(partition), time)?;
                let found = consumer.offsets_for_times(times, timeout)?;
                Ok(found.elements().first().and_then(|element| match element.offset() {
                    KafkaOffset::Offset(offset) => u64::try_from(offset).ok(),
                    _ => None,
                }))
            };
            look_up().map_err(|error| broker_error(&error, topic))
        })
        .await
    }

    fn admin_options(&self) -> AdminOptions {
        let timeout = Some(self.options.request_timeout);
        AdminOptions::new().request_timeout(timeout).operation_timeout(timeout)
    }

    /// Runs a blocking question on a thread that may block.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Self, Duration) -> Result<T, BrokerError> + Send + 'static,
    ) -> Result<T, BrokerError> {
        let cluster = self.clone();
        let timeout = self.options.request_timeout;
        let answer = tokio::task::spawn_blocking(move || question(&cluster, timeout)).await;
        answer.unwrap_or(Err(BrokerError::Closed))
    }
}

fn check_setting(
    resource: &ConfigResource,
    topic: &str,
    setting: &str,
    needed: &str,
    fits: impl FnOnce(&str) -> bool,
) -> Result<(), BrokerError> {
    let found = resource.get(setting).and_then(|entry| entry.value.as_deref());
    match found {
        Some(value) if fits(value) => Ok(()),
        _ => Err(BrokerError::TopicUnfit {
            topic: topic.to_owned(),
            setting: setting.to_owned(),
            found: found.unwrap_or("(not told)").to_owned(),
            needed: needed.to_owned(),
        }),
    }
}

/// A partition as Kafka counts them.
pub(super) fn signed(partition: Partition) -> i32 {
    i32::try_from(partition).unwrap_or(i32::MAX)
}

/// An offset as we count them.
pub(super) fn unsigned(offset: i64) -> Offset {
    u64::try_from(offset).unwrap_or(0)
}

//! How to reach Kafka, and the client settings that follow from the promises.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::ClientConfig;

use crate::BrokerError;

/// Settings of [`super::KafkaLog::connect`] and [`super::create_topic`].
#[derive(Debug, Clone)]
pub struct KafkaOptions {
    /// `HOST:PORT,…` to begin with.
    pub brokers: String,
    /// The topic.
    pub topic: String,
    /// Consumer group, for authorisation and lag tools; progress is kept elsewhere.
    pub group: String,
    /// librdkafka settings passed through (SASL, TLS, tuning); those that carry a promise are
    /// refused by name.
    pub properties: BTreeMap<String, String>,
    /// How long metadata questions may take.
    pub request_timeout: Duration,
    /// How long an append is tried before it fails with `Unavailable`.
    pub delivery_timeout: Duration,
}

impl KafkaOptions {
    /// The usual settings for this cluster and topic.
    pub fn new(brokers: impl Into<String>, topic: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            topic: topic.into(),
            group: "annals".to_owned(),
            properties: BTreeMap::new(),
            request_timeout: Duration::from_secs(10),
            delivery_timeout: Duration::from_secs(30),
        }
    }

    /// Refuses properties that would break a promise, and those that are options of their own.
    pub fn check(&self) -> Result<(), BrokerError> {
        let own = OWN.iter().map(|(name, why)| (*name, *why));
        let promised = COMMON.iter().chain(PRODUCER).chain(CONSUMER);
        let promised =
            promised.filter(|s| s.fixed).map(|s| (s.name, "Annals relies on its own value"));
        let aliases = ALIASES.iter().map(|name| (*name, "Annals relies on its own value"));
        for (name, why) in own.chain(promised).chain(aliases) {
            if self.properties.contains_key(name) {
                return Err(BrokerError::Configuration {
                    setting: format!("kafka.properties.{name}"),
                    detail: format!("it cannot be set here: {why}"),
                });
            }
        }
        Ok(())
    }

    /// Settings of a client that only asks and administers.
    pub(super) fn admin_config(&self) -> ClientConfig {
        // A watermark query uses this client's isolation level: it must see what consumers see.
        let mut config = self.config(&[]);
        config.set("isolation.level", "read_committed");
        config
    }

    pub(super) fn producer_config(&self) -> ClientConfig {
        let mut config = self.config(PRODUCER);
        let timeout_ms = self.delivery_timeout.as_millis().max(1).to_string();
        config.set("message.timeout.ms", timeout_ms);
        config
    }

    pub(super) fn consumer_config(&self) -> ClientConfig {
        let mut config = self.config(CONSUMER);
        config.set("group.id", &self.group);
        config
    }

    fn config(&self, settings: &[Setting]) -> ClientConfig {
        let mut config = ClientConfig::new();
        let tunable = |setting: &&Setting| !setting.fixed;
        for setting in COMMON.iter().chain(settings).filter(tunable) {
            config.set(setting.name, setting.value);
        }
        for (name, value) in &self.properties {
            config.set(name, value);
        }
        for setting in COMMON.iter().chain(settings).filter(|setting| setting.fixed) {
            config.set(setting.name, setting.value);
        }
        config.set("bootstrap.servers", &self.brokers);
        config
    }
}

/// A client setting of ours; a fixed one carries a promise.
struct Setting {
    name: &'static str,
    value: &'static str,
    fixed: bool,
}

const fn fixed(name: &'static str, value: &'static str) -> Setting {
    Setting { name, value, fixed: true }
}

const fn tunable(name: &'static str, value: &'static str) -> Setting {
    Setting { name, value, fixed: false }
}

const COMMON: &[Setting] = &[
    // A topic made on the fly would have the wrong settings.
    fixed("allow.auto.create.topics", "false"),
    tunable("client.id", "annals"),
    tunable("socket.keepalive.enable", "true"),
    tunable("reconnect.backoff.max.ms", "2000"),
];

const PRODUCER: &[Setting] = &[
    fixed("enable.idempotence", "true"),
    fixed("acks", "all"),
    // The partition is computed here; this only says the same.
    fixed("partitioner", "murmur2_random"),
    fixed("message.max.bytes", "1114112"),
    // The default of 1 GiB would take the host's memory while brokers are down.
    tunable("queue.buffering.max.kbytes", "32768"),
    tunable("queue.buffering.max.messages", "100000"),
    tunable("compression.type", "zstd"),
    tunable("linger.ms", "2"),
];

const CONSUMER: &[Setting] = &[
    fixed("auto.offset.reset", "error"),
    fixed("enable.auto.commit", "false"),
    fixed("enable.auto.offset.store", "false"),
    fixed("check.crcs", "true"),
    fixed("isolation.level", "read_committed"),
    fixed("enable.partition.eof", "false"),
    tunable("queued.max.messages.kbytes", "16384"),
    tunable("fetch.wait.max.ms", "500"),
    tunable("fetch.message.max.bytes", "1048576"),
];

/// Properties that are options of their own, or would load code or lose data quietly.
const OWN: &[(&str, &str)] = &[
    ("bootstrap.servers", "brokers are an option of their own"),
    ("metadata.broker.list", "brokers are an option of their own"),
    ("group.id", "the group is an option of its own"),
    ("message.timeout.ms", "the delivery timeout is an option of its own"),
    ("delivery.timeout.ms", "the delivery timeout is an option of its own"),
    ("transactional.id", "nothing here rests on transactions"),
    ("plugin.library.paths", "it would load code"),
    ("test.mock.num.brokers", "a mock cluster keeps nothing"),
    ("topic.blacklist", "it would hide the topic"),
    ("retries", "idempotence needs its own value"),
    ("message.send.max.retries", "idempotence needs its own value"),
];

/// Other names of fixed settings.
const ALIASES: &[&str] = &["request.required.acks", "default.topic.config"];

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> KafkaOptions {
        let mut options = KafkaOptions::new("localhost:1", "t");
        options.properties.insert(name.to_owned(), value.to_owned());
        options
    }

    #[test]
    fn settings_that_carry_a_promise_are_refused_by_name() {
        let names = [
            "enable.idempotence",
            "acks",
            "request.required.acks",
            "partitioner",
            "auto.offset.reset",
            "enable.auto.commit",
            "enable.auto.offset.store",
            "check.crcs",
            "isolation.level",
            "bootstrap.servers",
            "plugin.library.paths",
            "test.mock.num.brokers",
        ];
        for name in names {
            let error = with(name, "1").check().unwrap_err().to_string();
            assert!(error.starts_with(&format!("kafka.properties.{name}: ")), "{error}");
        }
    }

    #[test]
    fn other_settings_pass_through_to_every_client() {
        let options = with("sasl.username", "annals");
        options.check().unwrap();
        let configs =
            [options.admin_config(), options.producer_config(), options.consumer_config()];
        for config in configs {
            assert_eq!(config.get("sasl.username"), Some("annals"));
            config.create_native_config().unwrap();
        }
        let tuned = with("linger.ms", "50");
        tuned.check().unwrap();
        assert_eq!(tuned.producer_config().get("linger.ms"), Some("50"));
    }
}

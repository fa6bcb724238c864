//! A real single-node Kafka, started by the project's own script. Never a mock.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;

use crate::command::{self, Finished};
use crate::environment;
use crate::ports;
use crate::process::UpOptions;
use crate::shared::Shared;

/// The variable that names the topic.
const TOPIC: &str = "ANNALS_KAFKA_TOPIC";

/// The broker takes one port and the controller the next.
const PORTS: u16 = 2;

/// A running broker; stopped with the last user. The script stops it too if this process is gone.
pub struct KafkaNode {
    directory: TempDir,
    port: u16,
}

impl KafkaNode {
    /// The broker of this suite.
    ///
    /// # Panics
    /// When it cannot be started: a suite on Kafka never passes without Kafka.
    pub fn shared() -> Arc<Self> {
        static NODE: Shared<KafkaNode> = Shared::new();
        NODE.get(Self::start)
    }

    /// A broker for one test, which may stop it.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let node = Self { directory, port: ports::free(PORTS) };
        node.start_again();
        node
    }

    /// Starts it again after [`KafkaNode::stop`], on the same port with the same data.
    pub fn start_again(&self) {
        let finished = self.script("start", &["-w", &std::process::id().to_string()]);
        assert_eq!(finished.code, Some(0), "kafka-up: {}{}", finished.stdout, finished.stderr);
        crate::report::line(finished.stdout.trim());
    }

    /// Stops it: connections are refused from now on.
    pub fn stop(&self) {
        let finished = self.script("stop", &[]);
        assert_eq!(finished.code, Some(0), "kafka-up stop: {}", finished.stderr);
    }

    /// `HOST:PORT`.
    pub fn brokers(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Creates a topic of its own through `annals topic create`; how to start `annals up` on it.
    pub fn up_on_new_topic(&self, name: &str, partitions: u32) -> UpOptions {
        let topic = format!("{name}-{}", next_number());
        let brokers = self.brokers();
        let partitions = partitions.to_string();
        let mut create = environment::annals();
        create.args(["topic", "create", "--kafka", &brokers, "--partitions", &partitions]);
        create.env(TOPIC, &topic);
        let finished = command::finish(&mut create);
        assert_eq!(finished.code, Some(0), "annals topic create: {}", finished.stderr);
        let options = UpOptions { kafka: Some(brokers), ..UpOptions::default() };
        options.variable(TOPIC, &topic)
    }

    /// The topic that these options name.
    pub fn topic_of(options: &UpOptions) -> &str {
        let found = options.variables.iter().find(|(name, _)| name == TOPIC);
        found.map(|(_, topic)| topic.as_str()).expect("options made by `up_on_new_topic`")
    }

    /// Changes a setting of a topic, with Kafka's own tool.
    pub fn alter_topic(&self, topic: &str, setting: &str) {
        let finished = self.script("alter", &["-t", topic, "-c", setting]);
        assert_eq!(
            finished.code,
            Some(0),
            "kafka-up alter: {}{}",
            finished.stdout,
            finished.stderr
        );
    }

    /// Puts one record of any bytes on a topic with kcat, past everything of ours.
    pub fn put(&self, record: &RawRecord<'_>) {
        let file = self.directory.path().join(format!("record-{}", next_number()));
        let value = record.value.unwrap_or_default();
        let mut kcat = Command::new("kcat");
        kcat.args(["-P", "-b", &self.brokers(), "-t", record.topic]);
        match record.partition {
            Some(partition) => kcat.args(["-p", &partition.to_string()]),
            None => kcat.args(["-X", "partitioner=murmur2_random"]),
        };
        kcat.args(record.headers.iter().flat_map(|header| ["-H", header]));
        if value.is_empty() {
            // kcat passes over an empty file, but not over a line with nothing behind the key.
            let line = format!("{}|\n", record.key.expect("nothing at all cannot be sent"));
            std::fs::write(&file, line).expect("a temporary file can be written");
            kcat.args(["-K", "|", "-l"]).args(record.value.is_none().then_some("-Z"));
        } else {
            std::fs::write(&file, value).expect("a temporary file can be written");
            kcat.args(record.key.iter().flat_map(|key| ["-k", key]));
        }
        let finished = command::finish(kcat.arg(&file));
        assert_eq!(finished.code, Some(0), "kcat: {}", finished.stderr);
    }

    /// Runs the script for this node.
    fn script(&self, verb: &str, more: &[&str]) -> Finished {
        let script: PathBuf = environment::repository().join("tests/kafka/kafka-up");
        let mut run = Command::new("bash");
        run.arg(script).arg(verb).args(["-p", &self.port.to_string(), "-d"]);
        command::finish(run.arg(self.directory.path().join("node")).args(more))
    }
}

impl Drop for KafkaNode {
    fn drop(&mut self) {
        let finished = self.script("wipe", &[]);
        if finished.code != Some(0) {
            crate::report::line(&format!("kafka-up wipe: {}", finished.stderr));
        }
    }
}

/// A record as another producer would write it.
pub struct RawRecord<'a> {
    /// Where to.
    pub topic: &'a str,
    /// Its key, if any.
    pub key: Option<&'a str>,
    /// The partition; chosen by Kafka's own rule if absent.
    pub partition: Option<u32>,
    /// `name=value`.
    pub headers: &'a [&'a str],
    /// Any bytes; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
}

fn next_number() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

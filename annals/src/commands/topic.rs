//! `annals topic create`.

use annals_broker::kafka::create_topic;

use crate::cli::{Cli, TopicAction, TopicArguments};
use crate::config::Config;
use crate::exit::Failure;
use crate::log::broker_failure;

#[expect(clippy::print_stderr, reason = "the command's answer")]
pub(crate) fn run(cli: &Cli, arguments: &TopicArguments) -> Result<(), Failure> {
    let TopicAction::Create { kafka, topic, partitions, replication } = &arguments.action;
    let config = Config::load(cli.config.as_deref(), &[])?;
    let mut options = config.kafka(kafka);
    if let Some(topic) = topic {
        options.topic.clone_from(topic);
    }
    let name = options.topic.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::dependency(&error))?;
    runtime
        .block_on(create_topic(options, *partitions, *replication))
        .map_err(|error| broker_failure(&error))?;
    eprintln!(
        "topic {name} has {partitions} partitions: LogAppendTime, no compaction, kept forever"
    );
    Ok(())
}

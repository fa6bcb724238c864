//! Kafka's errors in our words.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use crate::BrokerError;

/// What an error means for a topic.
pub(super) fn broker_error(error: &KafkaError, topic: &str) -> BrokerError {
    if let KafkaError::ClientConfig(_, description, name, _) = error {
        // Not the value: it may be a secret.
        let setting = format!("kafka.properties.{name}");
        return BrokerError::Configuration { setting, detail: description.clone() };
    }
    match error.rdkafka_error_code() {
        Some(code) => from_code(code, topic, error),
        None => io(topic, error),
    }
}

/// What an error code means, with the error it came in.
pub(super) fn from_code(code: Code, topic: &str, error: &dyn std::fmt::Display) -> BrokerError {
    match code {
        Code::UnknownTopicOrPartition
        | Code::UnknownTopic
        | Code::UnknownPartition
        | Code::UnknownTopicId => BrokerError::TopicMissing { topic: topic.to_owned() },
        Code::Authentication
        | Code::SaslAuthenticationFailed
        | Code::TopicAuthorizationFailed
        | Code::GroupAuthorizationFailed
        | Code::ClusterAuthorizationFailed => BrokerError::Configuration {
            setting: "kafka.properties".to_owned(),
            detail: format!("the cluster refuses this client: {error}"),
        },
        code if is_passing(code) => BrokerError::Unavailable { detail: error.to_string() },
        _ => io(topic, error),
    }
}

/// Whether the cluster may be back by itself.
pub(super) fn is_passing(code: Code) -> bool {
    matches!(
        code,
        Code::AllBrokersDown
            | Code::BrokerTransportFailure
            | Code::BrokerNotAvailable
            | Code::Resolve
            | Code::OperationTimedOut
            | Code::MessageTimedOut
            | Code::TimedOutQueue
            | Code::RequestTimedOut
            | Code::QueueFull
            | Code::LeaderNotAvailable
            | Code::NotLeaderForPartition
            | Code::NetworkException
            | Code::CoordinatorNotAvailable
            | Code::CoordinatorLoadInProgress
            | Code::NotCoordinator
            | Code::NotEnoughReplicas
            | Code::NotEnoughReplicasAfterAppend
            | Code::KafkaStorageError
            | Code::PurgeQueue
            | Code::PurgeInflight
            | Code::WaitingForCoordinator
            | Code::Retry
    )
}

/// Whether an offset is not in the log.
pub(super) fn is_out_of_range(code: Code) -> bool {
    matches!(code, Code::AutoOffsetReset | Code::OffsetOutOfRange)
}

fn io(topic: &str, error: &dyn std::fmt::Display) -> BrokerError {
    let operation = format!("topic {topic}: the request");
    BrokerError::Io { operation, detail: error.to_string() }
}

//! The log in front of a recorder: written to directly, or through the gateway.

use std::sync::Arc;

use annals_broker::{BrokerError, Producer};
use annals_schemas::NewRecord;

#[cfg(feature = "http")]
use crate::client::GatewayClient;

/// Where a recorder's records go. Cheap to clone.
#[derive(Clone)]
pub(super) enum Front {
    /// The log itself.
    Log(Arc<dyn Producer>),
    /// A gateway before it.
    #[cfg(feature = "http")]
    Gateway(GatewayClient),
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The log has it.
    Taken,
    /// Not this time; why. Whether it landed is open.
    Later(String),
    /// It will never be taken; why.
    Never(String),
}

impl Front {
    /// Takes records to the log: one outcome each, in order.
    pub async fn take(&self, records: Vec<NewRecord>) -> Vec<Outcome> {
        match self {
            Self::Log(producer) => {
                let outcomes = producer.append_all(records).await;
                outcomes.into_iter().map(|outcome| Outcome::of(outcome.map(|_| ()))).collect()
            }
            #[cfg(feature = "http")]
            Self::Gateway(gateway) => gateway.take(&records).await,
        }
    }
}

impl Outcome {
    /// What a log's answer means to a recorder. Of its errors only one is final; anything else may
    /// pass: a topic is made, a right is given, a client is made anew.
    pub fn of(outcome: Result<(), BrokerError>) -> Self {
        match outcome {
            Ok(()) => Self::Taken,
            Err(error @ BrokerError::TooLarge { .. }) => Self::Never(error.to_string()),
            Err(error) => Self::Later(error.to_string()),
        }
    }
}

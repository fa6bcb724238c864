//! The log in front of a recorder: written to directly, or through the gateway.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

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
                let count = records.len();
                match caught(producer.append_all(records)).await {
                    Some(outcomes) => outcomes
                        .into_iter()
                        .map(|outcome| Outcome::of(outcome.map(|_| ())))
                        .collect(),
                    None => vec![Outcome::Later("the log's client panicked".to_owned()); count],
                }
            }
            #[cfg(feature = "http")]
            Self::Gateway(gateway) => gateway.take(&records).await,
        }
    }
}

/// What comes of a future; `None` if it panics, which must not end the recorder's thread.
async fn caught<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    let mut poll = move |context: &mut Context<'_>| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(polled) => polled.map(Some),
            // It is not polled again.
            Err(_) => Poll::Ready(None),
        }
    };
    std::future::poll_fn(move |context| poll(context)).await
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

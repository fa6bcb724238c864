//! A producer that connects when it is first used: for hosts that start while Kafka is away.

use std::sync::Arc;

use annals_schemas::NewRecord;
use async_trait::async_trait;
use tokio::sync::OnceCell;

use super::{KafkaLog, KafkaOptions};
use crate::{Appended, BrokerError, Log as _, Producer};

/// A producer without a connection yet. Until there is one every append fails with `Unavailable`,
/// whatever the reason: a topic that is missing may be made later.
pub struct DeferredProducer {
    options: KafkaOptions,
    connected: OnceCell<Arc<dyn Producer>>,
}

impl DeferredProducer {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// `Configuration` for a property that is refused.
    pub fn new(options: KafkaOptions) -> Result<Self, BrokerError> {
        options.check()?;
        Ok(Self { options, connected: OnceCell::new() })
    }

    async fn connected(&self) -> Result<&Arc<dyn Producer>, BrokerError> {
        let connect = async || {
            let log = KafkaLog::connect(self.options.clone()).await?;
            Ok::<_, BrokerError>(log.producer())
        };
        self.connected.get_or_try_init(connect).await
    }
}

#[async_trait]
impl Producer for DeferredProducer {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        match self.connected().await {
            Ok(producer) => producer.append_all(records).await,
            Err(error) => {
                let detail = error.to_string();
                tracing::warn!(detail, "kafka is not connected yet");
                vec![Err(BrokerError::Unavailable { detail }); records.len()]
            }
        }
    }
}

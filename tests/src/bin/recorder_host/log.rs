//! The log in front of the host's recorder.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annals_broker::local::{LocalLog, LocalOptions};
use annals_broker::{Appended, BrokerError, Log as _, Producer};
use annals_ingest::{DeferredProducer, KafkaOptions};
use annals_schemas::NewRecord;
use async_trait::async_trait;

/// `up`: an embedded one in DIRECTORY/log. `away`: one that never answers. `later`: the embedded
/// one, which refuses until there is a file DIRECTORY/there. `HOST:PORT`: Kafka.
pub(crate) struct LogInFront {
    pub producer: Arc<dyn Producer>,
    /// Whether it will take everything in the end.
    pub takes: bool,
}

/// Takes appends and never answers.
struct BlackHole;

struct Later {
    sign: PathBuf,
    log: Arc<dyn Producer>,
}

impl LogInFront {
    pub fn of(word: &str, directory: &Path) -> Result<Self, Box<dyn Error>> {
        let embedded = || {
            let options = LocalOptions::default();
            LocalLog::open(&directory.join("log"), options, Arc::new(|| 0))
        };
        let producer: Arc<dyn Producer> = match word {
            "up" => embedded()?.producer(),
            "away" => Arc::new(BlackHole),
            "later" => {
                let sign = directory.join("there");
                Arc::new(Later { sign, log: embedded()?.producer() })
            }
            broker => Arc::new(DeferredProducer::new(KafkaOptions::new(broker, "events"))?),
        };
        Ok(Self { producer, takes: word == "up" || word == "later" })
    }
}

#[async_trait]
impl Producer for BlackHole {
    async fn append_all(&self, _: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        std::future::pending().await
    }
}

#[async_trait]
impl Producer for Later {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        if self.sign.exists() {
            return self.log.append_all(records).await;
        }
        let detail = "it comes later".to_owned();
        vec![Err(BrokerError::Unavailable { detail }); records.len()]
    }
}

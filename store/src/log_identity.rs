//! `log.json`: which log this store belongs to. Made once, compared at every start.

use annals_schemas::LogId;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::storage::Storage;

const PATH: &str = "log.json";

/// What the log says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogIdentity {
    /// Topic name.
    pub topic: String,
    /// Partition count: fixed, because a workspace's partition follows from it.
    pub partitions: u32,
    /// Cluster, where the log tells.
    pub cluster_id: Option<String>,
    /// Topic, where the log tells: another one after deletion and re-creation.
    pub topic_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    log_id: String,
    topic: String,
    partitions: u32,
    cluster_id: Option<String>,
    topic_id: Option<String>,
}

impl LogIdentity {
    /// Makes `log.json` if there is none, otherwise compares; the log's id either way.
    pub(crate) async fn bind(
        &self,
        storage: &Storage,
        random: fn() -> [u8; 16],
    ) -> Result<LogId, StoreError> {
        let stored = match storage.get(PATH).await? {
            Some(bytes) => bytes,
            None => {
                let document = Document {
                    format: 0,
                    log_id: LogId(random()).to_string(),
                    topic: self.topic.clone(),
                    partitions: self.partitions,
                    cluster_id: self.cluster_id.clone(),
                    topic_id: self.topic_id.clone(),
                };
                let bytes = serde_json::to_vec_pretty(&document).expect("plain data");
                storage.put_if_absent(PATH, Bytes::from(bytes)).await?;
                // Another process may have been first: what stands there counts.
                let missing = || StoreError::corrupt(PATH, 0, "created, but not there");
                storage.get(PATH).await?.ok_or_else(missing)?
            }
        };
        self.compare(&stored)
    }

    fn compare(&self, stored: &[u8]) -> Result<LogId, StoreError> {
        let document: Document = serde_json::from_slice(stored)
            .map_err(|error| StoreError::corrupt(PATH, 0, error.to_string()))?;
        if document.format > 0 {
            let found = document.format;
            return Err(StoreError::NewerFormat { path: PATH.into(), found, known: 0 });
        }
        if document.partitions != self.partitions {
            let (stored, found) = (document.partitions, self.partitions);
            return Err(StoreError::PartitionsChanged { stored, found });
        }
        let topic = (Some(document.topic), Some(self.topic.clone()));
        let pairs = [
            ("topic", topic),
            ("cluster_id", (document.cluster_id, self.cluster_id.clone())),
            ("topic_id", (document.topic_id, self.topic_id.clone())),
        ];
        for (what, pair) in pairs {
            if let (Some(stored), Some(found)) = pair
                && stored != found
            {
                return Err(StoreError::ForeignLog { what, stored, found });
            }
        }
        LogId::from_hex(&document.log_id)
            .ok_or_else(|| StoreError::corrupt(PATH, 0, "log_id is not 32 hexadecimal digits"))
    }
}

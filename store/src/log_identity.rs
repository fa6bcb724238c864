//! `log.json`: which log this store belongs to. Made once, compared at every start.

use annals_schemas::LogId;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::evidence::hex;
use crate::storage::Storage;

const PATH: &str = "log.json";
const FORMAT: u32 = 1;

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
    /// SHA-256 of the document with this member empty.
    checksum: String,
}

impl Document {
    /// Sets the checksum; the bytes of the document.
    fn finish(&mut self) -> Vec<u8> {
        self.checksum.clear();
        self.checksum = hex(&Sha256::digest(self.json()));
        self.json()
    }

    fn json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("plain data")
    }

    /// Reads a document, comparing every byte: it has to be what this program would write.
    fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = |detail: String| StoreError::corrupt(PATH, 0, detail);
        let mut document: Self =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if document.format > FORMAT {
            let (found, known) = (document.format, FORMAT);
            return Err(StoreError::NewerFormat { path: PATH.into(), found, known });
        }
        if document.finish() != bytes {
            return Err(damaged("its checksum does not match".into()));
        }
        Ok(document)
    }

    fn log_id(&self) -> Result<LogId, StoreError> {
        LogId::from_hex(&self.log_id)
            .ok_or_else(|| StoreError::corrupt(PATH, 0, "log_id is not 32 hexadecimal digits"))
    }
}

impl LogIdentity {
    /// `log.json` for this log under an id.
    pub(crate) fn document(&self, log_id: LogId) -> Bytes {
        let mut document = Document {
            format: FORMAT,
            log_id: log_id.to_string(),
            topic: self.topic.clone(),
            partitions: self.partitions,
            cluster_id: self.cluster_id.clone(),
            topic_id: self.topic_id.clone(),
            checksum: String::new(),
        };
        document.finish().into()
    }

    /// What `log.json` says, with the log's id; `None` before the first start.
    pub async fn read(storage: &Storage) -> Result<Option<(Self, LogId)>, StoreError> {
        let Some(bytes) = storage.get(PATH).await? else { return Ok(None) };
        let document = Document::read(&bytes)?;
        let log_id = document.log_id()?;
        let Document { topic, partitions, cluster_id, topic_id, .. } = document;
        Ok(Some((Self { topic, partitions, cluster_id, topic_id }, log_id)))
    }

    /// Makes `log.json` under this id, for a store that is made anew from the same log.
    pub async fn bind_to(&self, storage: &Storage, log_id: LogId) -> Result<(), StoreError> {
        storage.put_if_absent(PATH, self.document(log_id)).await.map(|_| ())
    }

    /// Makes `log.json` if there is none, otherwise compares; the log's id either way.
    pub(crate) async fn bind(
        &self,
        storage: &Storage,
        random: fn() -> [u8; 16],
    ) -> Result<LogId, StoreError> {
        let stored = match storage.get(PATH).await? {
            Some(bytes) => bytes,
            None => {
                storage.put_if_absent(PATH, self.document(LogId(random()))).await?;
                // Another process may have been first: what stands there counts.
                let missing = || StoreError::corrupt(PATH, 0, "created, but not there");
                storage.get(PATH).await?.ok_or_else(missing)?
            }
        };
        self.compare(&stored)
    }

    fn compare(&self, stored: &[u8]) -> Result<LogId, StoreError> {
        let document = Document::read(stored)?;
        let log_id = document.log_id()?;
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
        Ok(log_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> LogIdentity {
        let topic = "annals.events.v1".to_owned();
        LogIdentity { topic, partitions: 64, cluster_id: Some("c".into()), topic_id: None }
    }

    #[test]
    fn any_changed_byte_is_told_from_another_log() {
        let bytes = identity().document(LogId([7; 16]));
        assert_eq!(identity().compare(&bytes).unwrap(), LogId([7; 16]));
        for at in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1;
            let told = identity().compare(&changed).unwrap_err();
            assert!(told.to_string().contains(PATH), "byte {at}: {told}");
        }
    }
}

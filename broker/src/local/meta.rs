//! `log.meta`: who this log is. Written once, before the first partition exists.

use std::path::Path;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::files::Files;
use crate::{BrokerError, LogDescription};

const FORMAT_VERSION: u32 = 0;

/// The content of `log.meta`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meta {
    format_version: u32,
    cluster_id: String,
    topic_id: String,
    partitions: u32,
}

impl Meta {
    /// A new log's identity.
    pub fn new(partitions: u32) -> Self {
        let id = || Uuid::new_v4().simple().to_string();
        Self { format_version: FORMAT_VERSION, cluster_id: id(), topic_id: id(), partitions }
    }

    /// Reads it; `None` if there is no log here.
    pub fn read(directory: &Path) -> Result<Option<Self>, BrokerError> {
        let path = directory.join("log.meta");
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(BrokerError::io(format!("reading {}", path.display()), &error));
            }
        };
        let meta: Self = serde_json::from_slice(&bytes)
            .map_err(|error| super::partition::damaged(&path, 0, &error.to_string()))?;
        if meta.format_version == FORMAT_VERSION {
            return Ok(Some(meta));
        }
        Err(BrokerError::Configuration {
            setting: path.display().to_string(),
            detail: format!("format version {} is not known to this version", meta.format_version),
        })
    }

    /// Makes it durable. If we stop half way there is only a temporary file, and no log.
    pub fn write(&self, directory: &Path, files: &dyn Files) -> Result<(), BrokerError> {
        let path = directory.join("log.meta");
        let temporary = directory.join("log.meta.new");
        let write = || {
            let bytes = serde_json::to_vec_pretty(self)?;
            if temporary.exists() {
                files.remove(&temporary)?;
            }
            let file = files.create(&temporary)?;
            files.write_at(&file, &bytes, 0)?;
            files.sync(&file)?;
            files.rename(&temporary, &path)?;
            files.sync_directory(directory)
        };
        write().map_err(|error| BrokerError::io(format!("writing {}", path.display()), &error))
    }

    /// Refuses another number of partitions: it is fixed for the log's life.
    pub fn check_partitions(&self, asked: u32) -> Result<(), BrokerError> {
        if self.partitions == asked {
            return Ok(());
        }
        Err(BrokerError::Configuration {
            setting: "partitions".to_owned(),
            detail: format!("{asked} asked for, but this log was made with {}", self.partitions),
        })
    }

    /// What the log says of itself.
    pub fn describe(&self, topic: &str) -> LogDescription {
        LogDescription {
            topic: topic.to_owned(),
            partitions: self.partitions,
            cluster_id: Some(self.cluster_id.clone()),
            topic_id: Some(self.topic_id.clone()),
        }
    }
}

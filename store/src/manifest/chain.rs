//! Reading and extending a partition's chain.

use annals_schemas::Partition;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::Manifest;
use crate::StoreError;
use crate::evidence::hex;
use crate::segment::FORMAT;
use crate::storage::{Created, Storage};

/// How often an unclear publish is tried before the writer gives up and reopens.
const PUBLISH_TRIES: u32 = 5;

/// One partition's chain, as far as this process knows it.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    storage: Storage,
    partition: Partition,
    head: Option<Head>,
}

#[derive(Debug, Clone)]
struct Head {
    manifest: Manifest,
    sha256: String,
}

/// What became of a publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Published {
    /// Committed, by this attempt.
    Mine,
    /// Another writer's manifest stands there.
    Anothers,
}

impl Chain {
    /// Finds the head: the list, then one more look behind its end.
    pub(crate) async fn load(storage: Storage, partition: Partition) -> Result<Self, StoreError> {
        let mut chain = Self { storage, partition, head: None };
        let names = chain.storage.list(&format!("partitions/{partition}/manifests")).await?;
        if let Some(last) = names.iter().filter_map(|name| number_of(name)).max() {
            let path = chain.path(last);
            let missing = || StoreError::corrupt(&path, 0, "listed, but not there");
            let bytes = chain.storage.get(&path).await?.ok_or_else(missing)?;
            chain.head = Some(read(&path, last, &bytes)?);
        }
        while let Some(next) = chain.read_next().await? {
            chain.head = Some(next);
        }
        Ok(chain)
    }

    /// The newest manifest.
    pub(crate) fn head(&self) -> Option<&Manifest> {
        self.head.as_ref().map(|head| &head.manifest)
    }

    /// Number and previous hash of the manifest to come.
    pub(crate) fn next(&self) -> (u64, Option<String>) {
        match &self.head {
            Some(head) => (head.manifest.number + 1, Some(head.sha256.clone())),
            None => (0, None),
        }
    }

    /// Publishes the next manifest: the commit.
    ///
    /// After any unclear answer the name is read back: mine is committed, another's is not, and if
    /// nothing is there the same bytes are put again. Never skips, never doubles.
    pub(crate) async fn publish(&mut self, manifest: Manifest) -> Result<Published, StoreError> {
        let path = self.path(manifest.number);
        let bytes = Bytes::from(serde_json::to_vec_pretty(&manifest).expect("plain data"));
        let mut unclear = None;
        for _ in 0..PUBLISH_TRIES {
            let outcome = self.storage.put_if_absent(&path, bytes.clone()).await;
            if let (Ok(Created::Mine), None) = (&outcome, &unclear) {
                return Ok(self.advance(manifest, &bytes));
            }
            match self.storage.get(&path).await {
                Ok(Some(found)) if found == bytes => return Ok(self.advance(manifest, &bytes)),
                Ok(Some(_)) => return Ok(Published::Anothers),
                Ok(None) => unclear = Some(outcome.err()),
                Err(error) => unclear = Some(Some(error)),
            }
        }
        let number = manifest.number;
        let partition = self.partition;
        Err(unclear.flatten().unwrap_or(StoreError::Superseded { partition, number }))
    }

    fn advance(&mut self, manifest: Manifest, bytes: &[u8]) -> Published {
        self.head = Some(Head { manifest, sha256: hex(&Sha256::digest(bytes)) });
        Published::Mine
    }

    async fn read_next(&self) -> Result<Option<Head>, StoreError> {
        let (number, previous) = self.next();
        let path = self.path(number);
        let Some(bytes) = self.storage.get(&path).await? else { return Ok(None) };
        let head = read(&path, number, &bytes)?;
        if head.manifest.previous_sha256 != previous {
            return Err(StoreError::corrupt(&path, 0, "INV-1: it names another predecessor"));
        }
        Ok(Some(head))
    }

    fn path(&self, number: u64) -> String {
        format!("partitions/{}/manifests/{number:020}.json", self.partition)
    }
}

fn number_of(path: &str) -> Option<u64> {
    path.rsplit('/').next()?.strip_suffix(".json")?.parse().ok()
}

fn read(path: &str, number: u64, bytes: &[u8]) -> Result<Head, StoreError> {
    #[derive(serde::Deserialize)]
    struct FormatOnly {
        format: u32,
    }
    let damaged = |detail: String| StoreError::corrupt(path, 0, detail);
    let format: FormatOnly =
        serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
    if format.format > FORMAT {
        let (found, known) = (format.format, FORMAT);
        return Err(StoreError::NewerFormat { path: path.to_owned(), found, known });
    }
    let manifest: Manifest =
        serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
    if manifest.number != number {
        return Err(damaged(format!("it says it is manifest {}", manifest.number)));
    }
    manifest.check().map_err(damaged)?;
    Ok(Head { manifest, sha256: hex(&Sha256::digest(bytes)) })
}

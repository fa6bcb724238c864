//! Reading and extending a partition's chain.

use annals_schemas::Partition;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::Manifest;
use crate::StoreError;
use crate::evidence::hex;
use crate::storage::{Created, Storage};

/// How often an unclear publish is tried before the writer gives up and reopens.
const PUBLISH_TRIES: u32 = 5;

/// One partition's chain, as far as this process knows it.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub(super) storage: Storage,
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
    /// Another writer's manifest stands there, or the chain has gone on without this one.
    Anothers,
}

impl Chain {
    /// Finds the head: the list, then one more look behind its end.
    pub(crate) async fn load(storage: Storage, partition: Partition) -> Result<Self, StoreError> {
        let mut chain = Self { storage, partition, head: None };
        if let Some(last) = chain.numbers().await?.last() {
            let path = chain.path(*last);
            let missing = || StoreError::corrupt(&path, 0, "listed, but not there");
            let bytes = chain.storage.get(&path).await?.ok_or_else(missing)?;
            chain.head = Some(Head::read(&path, *last, &bytes)?);
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
    pub(crate) async fn publish(
        &mut self,
        mut manifest: Manifest,
    ) -> Result<Published, StoreError> {
        let path = self.path(manifest.number);
        let bytes = Bytes::from(manifest.finish());
        let mut unclear = None;
        for _ in 0..PUBLISH_TRIES {
            let outcome = self.storage.put_if_absent(&path, bytes.clone()).await;
            if let (Ok(Created::Mine), None) = (&outcome, &unclear) {
                return self.advance(manifest, &bytes).await;
            }
            match self.storage.get(&path).await {
                Ok(Some(found)) if found == bytes => return self.advance(manifest, &bytes).await,
                Ok(Some(_)) => return Ok(Published::Anothers),
                Ok(None) => unclear = Some(outcome.err()),
                Err(error) => unclear = Some(Some(error)),
            }
        }
        let number = manifest.number;
        let partition = self.partition;
        Err(unclear.flatten().unwrap_or(StoreError::Superseded { partition, number }))
    }

    /// Takes a manifest that now stands there as the head, unless the chain is longer already: a
    /// writer that slept until its number was published by another and removed again finds the name
    /// free, but what it creates there is no part of the chain.
    async fn advance(&mut self, manifest: Manifest, bytes: &[u8]) -> Result<Published, StoreError> {
        if self.numbers().await?.last().is_some_and(|last| *last > manifest.number) {
            return Ok(Published::Anothers);
        }
        self.head = Some(Head { manifest, sha256: hex(&Sha256::digest(bytes)) });
        Ok(Published::Mine)
    }

    async fn read_next(&self) -> Result<Option<Head>, StoreError> {
        let (number, previous) = self.next();
        let path = self.path(number);
        let Some(bytes) = self.storage.get(&path).await? else { return Ok(None) };
        let head = Head::read(&path, number, &bytes)?;
        if head.manifest.previous_sha256 != previous {
            return Err(StoreError::corrupt(&path, 0, "INV-1: it names another predecessor"));
        }
        Ok(Some(head))
    }

    /// Numbers of the manifests that are there, ascending.
    pub(super) async fn numbers(&self) -> Result<Vec<u64>, StoreError> {
        let names = self.storage.list(&format!("partitions/{}/manifests", self.partition)).await?;
        let mut numbers: Vec<u64> = names.iter().filter_map(|name| number_of(name)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    pub(crate) fn path(&self, number: u64) -> String {
        format!("partitions/{}/manifests/{number:020}.json", self.partition)
    }
}

impl Head {
    fn read(path: &str, number: u64, bytes: &[u8]) -> Result<Self, StoreError> {
        let manifest = Manifest::read(path, number, bytes)?;
        Ok(Self { manifest, sha256: hex(&Sha256::digest(bytes)) })
    }
}

fn number_of(path: &str) -> Option<u64> {
    path.rsplit('/').next()?.strip_suffix(".json")?.parse().ok()
}

//! Manifests of finished exports, one small object each, kept for 30 days.
//!
//! The storage makes them: whole or absent, durable when kept. Its name is the export's id, whose
//! first bits are its moment (UUIDv7), so that what is too old is known without reading anything.
//! Deliberately not here: what is in a manifest.

use std::sync::atomic::{AtomicUsize, Ordering};

use annals_store::{Created, Storage, StoreError};
use axum::body::Bytes;
use uuid::Uuid;

/// How long a manifest is kept.
const KEPT_SECONDS: u64 = 30 * 24 * 3600;
/// Manifests kept at most; beyond that the oldest go early.
const MAX_KEPT: usize = 100_000;
/// The first manifest that a process keeps, and each so many-th, removes old ones: listing all of
/// them is not for every export.
const TIDIED_EVERY: usize = 1_000;
const EXTENSION: &str = ".json";

/// A storage of manifests.
#[derive(Debug)]
pub(crate) struct Manifests {
    storage: Storage,
    kept: AtomicUsize,
}

impl Manifests {
    pub(crate) fn open(storage: Storage) -> Result<Self, StoreError> {
        storage.clear_staging()?;
        Ok(Self { storage, kept: AtomicUsize::new(0) })
    }

    /// Keeps a manifest; it is durable when this returns. `false` if there is one of that id.
    pub(crate) async fn keep(
        &self,
        id: Uuid,
        bytes: Vec<u8>,
        now_seconds: u64,
    ) -> Result<bool, StoreError> {
        let created = self.storage.put_if_absent(&name(id), bytes.into()).await?;
        if self.kept.fetch_add(1, Ordering::Relaxed).is_multiple_of(TIDIED_EVERY) {
            self.tidy(now_seconds).await?;
        }
        Ok(created == Created::Mine)
    }

    /// The bytes of a manifest; `None` if it is not there or too old.
    pub(crate) async fn get(
        &self,
        id: Uuid,
        now_seconds: u64,
    ) -> Result<Option<Bytes>, StoreError> {
        match is_too_old(id, now_seconds) {
            true => Ok(None),
            false => self.storage.get(&name(id)).await,
        }
    }

    /// Removes those that are too old or too many.
    async fn tidy(&self, now_seconds: u64) -> Result<(), StoreError> {
        let names = self.storage.list("").await?;
        let over = names.len().saturating_sub(MAX_KEPT);
        for (number, name) in names.iter().enumerate() {
            let id = name.strip_suffix(EXTENSION).and_then(|id| id.parse().ok());
            if number < over || id.is_some_and(|id| is_too_old(id, now_seconds)) {
                self.storage.delete(name).await?;
            }
        }
        Ok(())
    }
}

/// Sorted by name they are sorted by age.
fn name(id: Uuid) -> String {
    format!("{id}{EXTENSION}")
}

/// Ids carry their moment in their first 48 bits, in milliseconds.
fn is_too_old(id: Uuid, now_seconds: u64) -> bool {
    let made_seconds = u64::try_from(id.as_u128() >> 80).unwrap_or(0) / 1000;
    made_seconds.saturating_add(KEPT_SECONDS) < now_seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 2_000_000_000;

    fn id_at(seconds: u64) -> Uuid {
        Uuid::from_u128((u128::from(seconds) * 1000) << 80 | 7)
    }

    #[tokio::test]
    async fn a_manifest_is_kept_for_thirty_days() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Manifests::open(Storage::local(directory.path()).unwrap()).unwrap();
        assert!(open().keep(id_at(NOW), b"{}".to_vec(), NOW).await.unwrap());
        let reopened = open();
        let get = async |id, now| reopened.get(id, now).await.unwrap();
        assert_eq!(get(id_at(NOW), NOW + KEPT_SECONDS).await.unwrap(), "{}");
        assert_eq!(get(id_at(NOW), NOW + KEPT_SECONDS + 1).await, None);
        assert_eq!(get(id_at(NOW + 1), NOW).await, None);
        let later = NOW + KEPT_SECONDS + 60;
        assert!(reopened.keep(id_at(later), b"{}".to_vec(), later).await.unwrap());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    /// Each finished export listed all of them.
    #[tokio::test]
    async fn old_manifests_are_looked_for_now_and_then() {
        let manifests = Manifests::open(Storage::memory()).unwrap();
        let later = NOW + KEPT_SECONDS + 60;
        manifests.keep(id_at(NOW), Vec::new(), NOW).await.unwrap();
        for number in 1..TIDIED_EVERY as u64 {
            manifests.keep(id_at(later + number), Vec::new(), later).await.unwrap();
        }
        let there = async || manifests.storage.get(&name(id_at(NOW))).await.unwrap().is_some();
        assert!(there().await);
        manifests.keep(id_at(later), Vec::new(), later).await.unwrap();
        assert!(!there().await);
    }
}

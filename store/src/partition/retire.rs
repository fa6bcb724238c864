//! Removing what nobody needs any more: replaced segments, files nobody named, old manifests.

use std::collections::BTreeSet;

use annals_schemas::{Instant, Offset, Partition};

use super::PartitionStore;
use super::publishing::Purpose;
use crate::StoreError;
use crate::manifest::Manifest;
use crate::storage::Storage;

/// How much was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Segments.
    pub segments: usize,
    /// Manifests.
    pub manifests: usize,
}

impl PartitionStore {
    /// Removes segments that were replaced longer ago than the grace period, leftovers of crashes,
    /// and manifests older than the grace period, except every 1,024th and the head.
    ///
    /// Publishes nothing: the list of retired segments shrinks with the next manifest. Removing
    /// again what is gone is nothing, so an error or a crash in between leaves work for the next
    /// call.
    pub async fn remove_retired(&self, now: Instant) -> Result<Removed, StoreError> {
        let mut publishing = self.publishing.lock().await;
        let publishing = &mut *publishing;
        let Some(head) = publishing.chain.head() else { return Ok(Removed::default()) };
        let grace = i64::try_from(self.shared.grace.as_micros()).unwrap_or(i64::MAX);
        let before = now.plus_micros(grace.saturating_neg());
        let mut removed = Removed::default();
        let is_over = |since: Instant| since <= before;
        for retired in head.retired.iter().filter(|retired| is_over(retired.since)) {
            if !publishing.removed.contains(&retired.path) {
                self.shared.storage.delete(&retired.path).await?;
                publishing.removed.insert(retired.path.clone());
                removed.segments += 1;
            }
        }
        if publishing.has_published {
            let orphans = std::mem::take(&mut publishing.orphans);
            for path in orphans.into_iter().filter(|path| !names(head, path)) {
                tracing::info!(path, "removing a segment that no manifest names");
                self.shared.storage.delete(&path).await?;
                removed.segments += 1;
            }
        }
        removed.manifests = publishing.chain.prune(before).await?;
        Ok(removed)
    }
}

fn names(manifest: &Manifest, path: &str) -> bool {
    manifest.segments.iter().any(|segment| segment.path == path)
        || manifest.retired.iter().any(|retired| retired.path == path)
}

/// Removes sealed segments that no manifest names: left by a crash between writing and publishing.
///
/// Only ranges the chain has passed are touched; another writer's segment in the making lies
/// beyond the checkpoint. That is not so with compacted ones: those are given back, to be removed
/// once no other writer can publish them.
pub(super) async fn sweep(
    storage: &Storage,
    partition: Partition,
    manifest: Option<&Manifest>,
) -> Result<BTreeSet<String>, StoreError> {
    let mut orphans = BTreeSet::new();
    let Some(manifest) = manifest else { return Ok(orphans) };
    for path in storage.list(&format!("partitions/{partition}/segments")).await? {
        let name = path.rsplit('/').next().unwrap_or_default();
        let end = name.split('-').nth(1).and_then(|end| end.parse::<Offset>().ok());
        if names(manifest, &path) || end.is_none_or(|end| end > manifest.end) {
            continue;
        }
        if Purpose::of(&path) == Purpose::Compaction {
            orphans.insert(path);
        } else {
            tracing::info!(path, "removing a segment that no manifest names");
            storage.delete(&path).await?;
        }
    }
    Ok(orphans)
}

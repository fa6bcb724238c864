//! Removing old manifests: the head says everything, the others are for people who look back.

use annals_schemas::Instant;

use super::{Chain, Manifest};
use crate::StoreError;

/// Every so many manifests one is kept for good.
const KEPT_EACH: u64 = 1024;
/// So many are removed at once; the rest the next time.
const REMOVED_AT_ONCE: usize = 1024;

impl Chain {
    /// Removes manifests that were created before this moment, oldest first, except every 1,024th
    /// and the head. Says how many.
    ///
    /// A crash in between leaves the younger ones, for the next run.
    pub(crate) async fn prune(&self, before: Instant) -> Result<usize, StoreError> {
        let Some(head) = self.head().map(|head| head.number) else { return Ok(0) };
        let mut removed = 0;
        for number in self.numbers().await? {
            if number >= head || removed == REMOVED_AT_ONCE {
                break;
            }
            if number % KEPT_EACH == 0 {
                continue;
            }
            let path = self.path(number);
            let Some(bytes) = self.storage.get(&path).await? else { continue };
            if Manifest::read(&path, number, &bytes)?.created_at >= before {
                break;
            }
            self.storage.delete(&path).await?;
            removed += 1;
        }
        Ok(removed)
    }
}

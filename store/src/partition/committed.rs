//! What the manifests say was committed, for those who check it.

use annals_schemas::Offset;

use super::PartitionStore;
use crate::StoreError;
use crate::evidence::TreeHead;
use crate::fold::Counts;
use crate::manifest::Manifest;

/// One manifest's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The manifest's number.
    pub number: u64,
    /// Everything before this offset is projected.
    pub end: Offset,
    /// The identity's terms.
    pub counts: Counts,
    /// The tree over it.
    pub tree: TreeHead,
}

impl PartitionStore {
    /// What each manifest that is still there commits, the oldest first.
    pub async fn committed(&self) -> Result<Vec<Committed>, StoreError> {
        let chain = self.publishing.lock().await.chain.clone();
        let history = chain.history().await?;
        history.iter().map(|manifest| read(&chain.path(manifest.number), manifest)).collect()
    }

    /// What the newest manifest commits; `None` before the first.
    pub async fn newest_committed(&self) -> Result<Option<Committed>, StoreError> {
        let publishing = self.publishing.lock().await;
        let chain = &publishing.chain;
        chain.head().map(|manifest| read(&chain.path(manifest.number), manifest)).transpose()
    }
}

fn read(path: &str, manifest: &Manifest) -> Result<Committed, StoreError> {
    let tree = manifest.tree.restore();
    let tree = tree.ok_or_else(|| StoreError::corrupt(path, 0, "tree root and frontier"))?;
    let Manifest { number, end, counts, .. } = *manifest;
    Ok(Committed { number, end, counts, tree: tree.head() })
}

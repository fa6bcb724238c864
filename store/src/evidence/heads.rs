//! Signed tree heads, `partitions/<p>/heads/<20 digits of the size>`: created once, kept for ever.
//!
//! Deliberately not here: keys, and what is signed when.

use bytes::Bytes;

use crate::StoreError;
use crate::partition::PartitionStore;
use crate::storage::Created;

impl PartitionStore {
    /// Keeps a signed head of a tree of this size, unless one is kept already.
    pub async fn keep_head(&self, size: u64, note: Bytes) -> Result<Created, StoreError> {
        self.shared.storage.put_if_absent(&self.head_path(size), note).await
    }

    /// Sizes of the trees whose signed heads are kept, ascending.
    pub async fn head_sizes(&self) -> Result<Vec<u64>, StoreError> {
        let names = self.shared.storage.list(&self.heads()).await?;
        let size = |name: &String| name.rsplit('/').next()?.parse().ok();
        Ok(names.iter().filter_map(size).collect())
    }

    /// The signed head of a tree of this size, with its name.
    pub async fn head(&self, size: u64) -> Result<Option<(String, Bytes)>, StoreError> {
        let path = self.head_path(size);
        Ok(self.shared.storage.get(&path).await?.map(|bytes| (path, bytes)))
    }

    /// The signed head of the largest tree.
    pub async fn newest_head(&self) -> Result<Option<Bytes>, StoreError> {
        match self.head_sizes().await?.last() {
            Some(size) => Ok(self.head(*size).await?.map(|(_, bytes)| bytes)),
            None => Ok(None),
        }
    }

    fn heads(&self) -> String {
        format!("partitions/{}/heads", self.number())
    }

    fn head_path(&self, size: u64) -> String {
        format!("{}/{size:020}", self.heads())
    }
}

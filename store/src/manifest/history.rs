//! Looking back: every manifest that is still there.

use super::{Chain, Manifest};
use crate::StoreError;

impl Chain {
    /// The manifests from the oldest to the newest, each read and compared byte by byte. One that
    /// is removed meanwhile is left out.
    pub(crate) async fn history(&self) -> Result<Vec<Manifest>, StoreError> {
        let mut found = Vec::new();
        for number in self.numbers().await? {
            let path = self.path(number);
            if let Some(bytes) = self.storage.get(&path).await? {
                found.push(Manifest::read(&path, number, &bytes)?);
            }
        }
        Ok(found)
    }
}

//! Looking back: every manifest that is still there.

use sha2::{Digest, Sha256};

use super::{Chain, Manifest};
use crate::StoreError;
use crate::evidence::hex;

impl Chain {
    /// The manifests from the oldest to the newest, each read and compared byte by byte, and with
    /// its successor. One that is removed meanwhile is left out.
    pub(crate) async fn history(&self) -> Result<Vec<Manifest>, StoreError> {
        let mut found: Vec<Manifest> = Vec::new();
        let mut before: Option<(u64, String)> = None;
        for number in self.numbers().await? {
            let path = self.path(number);
            let Some(bytes) = self.storage.get(&path).await? else { continue };
            let manifest = Manifest::read(&path, number, &bytes)?;
            if let Some((_, sha256)) = before.filter(|(before, _)| before + 1 == number)
                && manifest.previous_sha256 != Some(sha256)
            {
                return Err(StoreError::corrupt(&path, 0, "INV-1: it names another predecessor"));
            }
            before = Some((number, hex(&Sha256::digest(&bytes))));
            found.push(manifest);
        }
        Ok(found)
    }
}

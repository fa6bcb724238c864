//! What proofs are answered from: keys, signed tree heads, tiles.
//!
//! Guarantees that nothing unsigned is served: tiles and proofs are of the newest signed head, and
//! the tiles' root is that head's, or there is no answer.

mod derived;
mod hash_tiles;
mod place;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annals_schemas::{LogId, Partition};
use annals_service::problem::{Problem, ProblemKind};
use annals_store::PartitionStore;
use annals_verify::{Checkpoint, Subtrees as _, VerifierKey, origin};
use parking_lot::Mutex;

use derived::KeptTiles;
pub(crate) use derived::TreeReader;
use hash_tiles::HashTiles;
pub(crate) use hash_tiles::{TILE_WIDTH, TilesError};
pub(crate) use place::{Tile, TileKind};

use crate::reading_room::refusal;

/// Public keys that sign under a name, the newest first.
pub type KeysOf = Arc<dyn Fn(&str) -> Vec<VerifierKey> + Send + Sync>;

/// Shared by all requests.
#[derive(Clone)]
pub struct Evidence {
    directory: PathBuf,
    keys: KeysOf,
    /// How many the log has.
    partitions: u32,
    /// Opened at first use; one proof at a time.
    tiles: Arc<Mutex<BTreeMap<Partition, Opened>>>,
}

struct Opened {
    files: HashTiles,
    kept: KeptTiles,
    /// Size of the signed tree that they were held against.
    checked: u64,
}

/// The newest signed head of a partition.
pub(crate) struct SignedHead {
    pub(crate) note: String,
    pub(crate) checkpoint: Checkpoint,
}

impl Evidence {
    /// Tiles are kept below this directory, which may be removed at any time.
    pub fn new(directory: &Path, keys: KeysOf, partitions: u32) -> Self {
        Self { directory: directory.to_owned(), keys, partitions, tiles: Arc::default() }
    }

    /// The keys of every partition's origin.
    pub(crate) fn all_keys(&self, log_id: &LogId) -> Vec<VerifierKey> {
        (0..self.partitions).flat_map(|number| (self.keys)(&origin(log_id, number))).collect()
    }

    /// The newest signed head; one that no own key has signed is none.
    pub(crate) async fn head(&self, partition: &PartitionStore) -> Result<SignedHead, Problem> {
        let newest = partition.newest_head().await.map_err(|error| refusal(&error))?;
        let missing = || Problem::new(ProblemKind::NotFound).detail("no tree head is signed yet");
        let bytes = newest.ok_or_else(missing)?;
        let keys = (self.keys)(&origin(&partition.log_id(), partition.number()));
        let note = String::from_utf8(bytes.to_vec()).map_err(|_| broken("a head is no text"))?;
        let checkpoint = Checkpoint::verified(&note, &keys, "the newest tree head");
        let checkpoint = checkpoint.map_err(|error| broken(&error.to_string()))?;
        Ok(SignedHead { note, checkpoint })
    }

    /// Runs `read` on a tree that is this head's. Blocks.
    pub(crate) fn with_tiles<T>(
        &self,
        partition: &PartitionStore,
        head: &SignedHead,
        read: impl FnOnce(&TreeReader<'_>) -> Result<T, TilesError>,
    ) -> Result<T, Problem> {
        let failed = |error: TilesError| broken(&annals_service::with_causes(&error));
        let mut all = self.tiles.lock();
        let number = partition.number();
        let opened = match all.entry(number) {
            Entry::Occupied(opened) => opened.into_mut(),
            Entry::Vacant(place) => {
                let files = HashTiles::open(&self.directory.join(number.to_string()));
                let files = files.map_err(failed)?;
                place.insert(Opened { files, kept: KeptTiles::default(), checked: 0 })
            }
        };
        let size = head.checkpoint.head.size;
        if opened.files.size() < size {
            opened.files.grow(partition, self.partitions).map_err(failed)?;
        }
        let is_checked = opened.checked == size;
        let Opened { files, kept, .. } = opened;
        let tree = TreeReader::new((files, kept), partition, self.partitions, size);
        let root = || (files.size() >= size && size > 0).then(|| tree.subtree(0, size));
        let is_signed =
            is_checked || root().and_then(Result::ok) == Some(head.checkpoint.head.root);
        if is_signed {
            let outcome = read(&tree).map_err(failed);
            opened.checked = size;
            return outcome;
        }
        opened.kept = KeptTiles::default();
        opened.files.forget().map_err(failed)?;
        Err(broken("the rows do not lead to the signed root"))
    }
}

fn broken(reason: &str) -> Problem {
    tracing::error!(reason, "no proof can be given");
    Problem::new(ProblemKind::Internal)
}

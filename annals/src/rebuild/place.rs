//! The directories of a rebuild, and how the new store takes the old one's place in one step.

use std::fs;
use std::path::{Path, PathBuf};

use annals_schemas::LogId;
use annals_store::{LogIdentity, Storage, Store};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::failpoints::reached;
use crate::sealed_places::{damage, store_options};
use crate::topic::Topic;

/// Seals that together have fewer records are merged by their number alone: nobody asks the store
/// meanwhile, and each merge writes its rows once more.
const MERGED_RECORDS_MIN: u64 = 1 << 20;

/// A store to compare with, gone when dropped.
pub(super) struct Scratch {
    store: Store,
    directory: PathBuf,
}

impl Scratch {
    pub(super) async fn make(
        data: &DataDirectory,
        identity: &LogIdentity,
        log_id: LogId,
    ) -> Result<Self, Failure> {
        let directory = data.beside_store(&format!("checking-{}", std::process::id()));
        let store = fresh(&directory, identity, log_id).await?;
        Ok(Self { store, directory })
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in nobody's way.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// A store that is to replace the live one.
pub(super) struct Rebuilt {
    store: Store,
    directory: PathBuf,
}

impl Rebuilt {
    /// Takes identity and log id over from the live store, so that every leaf stays what it is.
    pub(super) async fn make(
        config: &Config,
        data: &DataDirectory,
        live: Option<&Store>,
        topic: &Topic,
    ) -> Result<Self, Failure> {
        let known = match live {
            Some(live) => Some((live.identity().clone(), live.log_id())),
            None if config.storage.is_there(data) => {
                let storage = config.storage.open(data)?;
                LogIdentity::read(&storage).await.map_err(|error| damage(&error))?
            }
            None => None,
        };
        let description = topic.description();
        let identity = LogIdentity {
            topic: description.topic.clone(),
            partitions: description.partitions,
            cluster_id: description.cluster_id.clone(),
            topic_id: description.topic_id.clone(),
        };
        let (identity, log_id) = known.unwrap_or((identity, LogId(crate::up::random())));
        let directory = data.beside_store("rebuilding");
        // Left by a rebuild that was cut off.
        if directory.exists() {
            fs::remove_dir_all(&directory).map_err(|error| failed(&directory, &error))?;
        }
        let store = fresh(&directory, &identity, log_id).await?;
        Ok(Self { store, directory })
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Exchanges the directories; says where the old store is.
    pub(super) fn take_place(self, data: &DataDirectory) -> Result<String, Failure> {
        let Self { store, directory } = self;
        drop(store);
        let live = data.store();
        reached("rebuild-folded");
        // Derived from the old store; fed again from the new one.
        let _ = fs::remove_dir_all(data.names());
        if !live.exists() {
            fs::rename(&directory, &live).map_err(|error| failed(&live, &error))?;
            return Ok("the store is made".to_owned());
        }
        let names = (1..).map(|number| data.beside_store(&format!("replaced-{number}")));
        let old = { names }.find(|path| !path.exists()).expect("numbers do not end");
        fs::rename(&directory, &old).map_err(|error| failed(&old, &error))?;
        // If we stop here, the live store is in its place and the new one beside it.
        reached("rebuild-renamed");
        renameat_with(CWD, &old, CWD, &live, RenameFlags::EXCHANGE)
            .map_err(|error| failed(&live, &error.into()))?;
        reached("rebuild-exchanged");
        // Both names are on disk before the old one is told.
        let root = live.parent().unwrap_or(Path::new("."));
        let synced = fs::File::open(root).and_then(|directory| directory.sync_all());
        synced.map_err(|error| failed(root, &error))?;
        Ok(format!("the store is replaced, the old one is {}", old.display()))
    }
}

async fn fresh(path: &Path, identity: &LogIdentity, log_id: LogId) -> Result<Store, Failure> {
    let storage = Storage::local(path).map_err(|error| damage(&error))?;
    identity.bind_to(&storage, log_id).await.map_err(|error| damage(&error))?;
    let mut options = store_options();
    options.compaction.tiers.retain(|records| *records >= MERGED_RECORDS_MIN);
    let store = Store::open(storage, identity.clone(), options).await;
    store.map_err(|error| damage(&error))
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{}: {error}", path.display()))
}

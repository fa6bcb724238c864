//! Opening a partition from its manifest: at start, after an error, after losing a race. The same
//! code each time: recovery is the normal path.

use std::sync::Arc;

use annals_schemas::{Offset, OffsetRange, Partition, Record};
use parking_lot::{Mutex, RwLock};

use super::state::State;
use super::tail::Tail;
use super::{PartitionStore, Surroundings};
use crate::StoreError;
use crate::evidence::Entry;
use crate::fold::{FOLD_VERSION, LastRecord, Projection};
use crate::manifest::{Chain, Manifest};

/// The last record folded, to be compared with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastFolded(LastRecord);

impl LastFolded {
    /// Its offset.
    pub fn offset(&self) -> Offset {
        self.0.offset
    }
}

impl PartitionStore {
    pub(crate) async fn open(
        shared: Surroundings,
        partition: Partition,
    ) -> Result<Self, StoreError> {
        let chain = Chain::load(shared.storage.clone(), partition).await?;
        let state = load_state(&shared, partition, chain.head()).await?;
        sweep(&shared, partition, chain.head()).await?;
        Ok(Self {
            partition,
            shared,
            state: RwLock::new(state),
            chain: Mutex::new(chain),
            observed: Mutex::new(None),
        })
    }

    /// Drops everything not committed and starts again from the newest manifest: for the loser of a
    /// race between writers. `complete_through` is forgotten, because rows that were folded only
    /// here have to be folded again before it holds.
    pub async fn reopen(&self) -> Result<(), StoreError> {
        let chain = Chain::load(self.shared.storage.clone(), self.partition).await?;
        let mut fresh = load_state(&self.shared, self.partition, chain.head()).await?;
        let mut state = self.state.write();
        self.forget_observed();
        fresh.epoch = state.epoch + 1;
        *state = fresh;
        drop(state);
        *self.chain.lock() = chain;
        Ok(())
    }

    /// The last record folded; `None` before the first.
    pub fn last_folded(&self) -> Option<LastFolded> {
        self.state.read().projection.last.map(LastFolded)
    }

    /// Whether the log still holds the record that was folded.
    pub fn confirm(&self, last: &LastFolded, record: &Record) -> Result<(), StoreError> {
        let LastRecord { offset, previous, previous_of_key, leaf } = last.0;
        let entry = Entry::new(record, &self.shared.log_id, previous, previous_of_key);
        if record.position.offset == offset && entry.leaf() == leaf {
            return Ok(());
        }
        Err(StoreError::LogRewritten { partition: self.partition, offset })
    }
}

async fn load_state(
    shared: &Surroundings,
    partition: Partition,
    manifest: Option<&Manifest>,
) -> Result<State, StoreError> {
    let mut projection = Projection::new(shared.log_id);
    let Some(manifest) = manifest else {
        let tail = Tail::starting_at(0);
        return Ok(State {
            projection,
            segments: Vec::new(),
            frozen: None,
            tail,
            epoch: 0,
            started: false,
        });
    };
    let damaged = |detail: &str| {
        let path = format!("partitions/{partition}/manifests/{:020}.json", manifest.number);
        StoreError::corrupt(&path, 0, detail)
    };
    if manifest.log_id != shared.log_id.to_string() || manifest.partition != partition {
        return Err(damaged("it belongs to another log or partition"));
    }
    if manifest.fold_version > FOLD_VERSION {
        let (found, known) = (manifest.fold_version, FOLD_VERSION);
        let path = format!("fold version of partition {partition}");
        return Err(StoreError::NewerFormat { path, found, known });
    }
    let mut segments = Vec::new();
    for segment in &manifest.segments {
        let file = shared.storage.open(&segment.path).await?;
        if file.length() != segment.length {
            let detail = format!("{} bytes, the manifest says {}", file.length(), segment.length);
            return Err(StoreError::corrupt(&segment.path, 0, detail));
        }
        let range = OffsetRange { start: segment.start, end: segment.end };
        let reader = shared.open_segment(file, partition, range)?;
        reader.replay_into(&mut projection)?;
        segments.push(Arc::new(reader));
    }
    if projection.counts != manifest.counts {
        return Err(damaged("its counts differ from its segments'"));
    }
    projection.tree = manifest.tree.restore().ok_or_else(|| damaged("tree root and frontier"))?;
    let last = manifest.last_record.restore();
    projection.last = Some(last.ok_or_else(|| damaged("the last record's leaf is no hash"))?);
    let tail = Tail::starting_at(manifest.end);
    Ok(State { projection, segments, frozen: None, tail, epoch: 0, started: true })
}

/// Removes segments that no manifest names: left by a crash between writing and publishing.
///
/// Only ranges the chain has passed are touched; another writer's segment in the making lies
/// beyond the checkpoint.
async fn sweep(
    shared: &Surroundings,
    partition: Partition,
    manifest: Option<&Manifest>,
) -> Result<(), StoreError> {
    let Some(manifest) = manifest else { return Ok(()) };
    for path in shared.storage.list(&format!("partitions/{partition}/segments")).await? {
        let name = path.rsplit('/').next().unwrap_or_default();
        let end = name.split('-').nth(1).and_then(|end| end.parse::<Offset>().ok());
        let named = manifest.segments.iter().any(|segment| segment.path == path);
        if !named && end.is_some_and(|end| end <= manifest.end) {
            tracing::info!(path, "removing a segment that no manifest names");
            shared.storage.delete(&path).await?;
        }
    }
    Ok(())
}

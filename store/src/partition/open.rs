//! Opening a partition from its manifest: at start, after an error, after losing a race. The same
//! code each time: recovery is the normal path. Nothing is replayed: a segment's footer and
//! directory are read, its rows and its layers only when they are asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use annals_schemas::{Offset, Partition, Record, WorkspaceId};
use parking_lot::{Mutex, RwLock};

use super::publishing::Publishing;
use super::retire::sweep;
use super::sealed::SealedGroup;
use super::state::State;
use super::tail::Tail;
use super::{PartitionStore, Surroundings};
use crate::StoreError;
use crate::catalog::Catalog;
use crate::evidence::Entry;
use crate::fold::{Counts, FOLD_VERSION, Growth, LastRecord, Projection};
use crate::manifest::Chain;
use crate::rulings::PartitionSchemas;
use crate::segment::SegmentReader;

/// The last record folded, to be compared with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastFolded(pub(crate) LastRecord);

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
        let state = load_state(&shared, partition, &chain).await?;
        let schemas = load_schemas(&shared, partition, &chain).await?;
        let orphans = match shared.read_only {
            true => BTreeSet::new(),
            false => sweep(&shared.storage, partition, chain.head()).await?,
        };
        Ok(Self {
            partition,
            shared,
            state: RwLock::new(state),
            publishing: tokio::sync::Mutex::new(Publishing::new(chain, orphans)),
            observed: Mutex::new(None),
            names: RwLock::new(None),
            schemas: RwLock::new(schemas),
            arrivals: tokio::sync::watch::Sender::new(0),
        })
    }

    /// Drops everything not committed and starts again from the newest manifest: for the loser of a
    /// race between writers. `complete_through` is forgotten, because rows that were folded only
    /// here have to be folded again before it holds.
    pub async fn reopen(&self) -> Result<(), StoreError> {
        let mut publishing = self.publishing.lock().await;
        let chain = Chain::load(self.shared.storage.clone(), self.partition).await?;
        let mut fresh = load_state(&self.shared, self.partition, &chain).await?;
        let schemas = load_schemas(&self.shared, self.partition, &chain).await?;
        let mut state = self.state.write();
        self.forget_observed();
        fresh.epoch = state.epoch + 1;
        fresh.version = state.version + 1;
        let stale = std::mem::replace(&mut *state, fresh);
        drop(state);
        drop(stale);
        publishing.chain = chain;
        *self.schemas.write() = schemas;
        Ok(())
    }

    /// The last record folded; `None` before the first.
    pub fn last_folded(&self) -> Option<LastFolded> {
        self.state.read().projection.growth.last().map(LastFolded)
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

/// What the newest ruling says, held against the newest manifest.
async fn load_schemas(
    shared: &Surroundings,
    partition: Partition,
    chain: &Chain,
) -> Result<Arc<PartitionSchemas>, StoreError> {
    let schemas = PartitionSchemas::load(&shared.storage, partition).await?;
    let committed = chain.head().map(|head| head.schemas.as_slice()).unwrap_or_default();
    if let Some(missing) = committed.iter().find(|schema| !schemas.all().contains(schema)) {
        let path = chain.head().map(|head| chain.path(head.number)).unwrap_or_default();
        let detail = format!("it names schema {}, and the newest ruling does not", missing.id);
        return Err(StoreError::corrupt(&path, 0, detail));
    }
    Ok(Arc::new(schemas))
}

async fn load_state(
    shared: &Surroundings,
    partition: Partition,
    chain: &Chain,
) -> Result<State, StoreError> {
    let projection = Projection::new(shared.log_id);
    let Some(manifest) = chain.head() else { return Ok(State::empty(projection)) };
    let path = chain.path(manifest.number);
    let damaged = |detail: &str| StoreError::corrupt(&path, 0, detail);
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
        segments.push(Arc::new(shared.open_segment(partition, segment).await?));
    }
    let mut state = State::empty(projection);
    restore_workspaces(&mut state, &segments)?;
    state.segments = segments.into();
    state.projection.counts = manifest.counts;
    let tree = manifest.tree.restore().ok_or_else(|| damaged("tree root and frontier"))?;
    let last = manifest.last_record.restore();
    let last = last.ok_or_else(|| damaged("the last record's leaf is no hash"))?;
    state.projection.growth = Growth::after(tree, last);
    state.tail = Tail::starting_at(manifest.end);
    state.started = true;
    state.committed = manifest.end;
    Ok(state)
}

/// What a workspace's groups came to so far.
#[derive(Default)]
struct Restored {
    groups: Vec<SealedGroup>,
    last_seq: u64,
    last_offset: Option<Offset>,
    counts: Counts,
}

/// Puts together what the directories say of each workspace, oldest segment first.
fn restore_workspaces(
    state: &mut State,
    segments: &[Arc<SegmentReader>],
) -> Result<(), StoreError> {
    let mut all: BTreeMap<&str, Restored> = BTreeMap::new();
    for segment in segments {
        for (number, group) in (0..).zip(segment.groups()) {
            if group.workspace.is_empty() {
                continue;
            }
            let workspace = all.entry(&group.workspace).or_default();
            let counts = Counts {
                visible: group.visible.into(),
                duplicate: group.duplicate.into(),
                quarantined: group.quarantined.into(),
            };
            // Sequence numbers are dense: what a segment adds is what it shows.
            if workspace.last_seq + counts.visible != group.end.last_seq {
                let (id, before) = (&group.workspace, workspace.last_seq);
                let detail = format!(
                    "INV-2: workspace {id} ends at seq {}, {} rows after {before}",
                    group.end.last_seq, counts.visible
                );
                return Err(StoreError::corrupt(segment.path(), 0, detail));
            }
            workspace.groups.push(SealedGroup { segment: segment.clone(), group: number });
            workspace.last_seq = group.end.last_seq;
            workspace.last_offset = group.end.last_offset;
            workspace.counts.add(counts);
        }
    }
    for (id, restored) in all {
        let Restored { groups, last_seq, last_offset, counts } = restored;
        let first = groups.first().map(|group| group.segment.path()).unwrap_or_default();
        let workspace = WorkspaceId::new(id)
            .map_err(|_| StoreError::corrupt(first, 0, format!("{id:?} is no workspace id")))?;
        let code = state.projection.intern(workspace.as_str());
        let known = state.projection.workspace_mut(code);
        known.catalog = Catalog::over(groups.iter().map(SealedGroup::layer).collect())?;
        (known.last_seq, known.last_offset, known.counts) = (last_seq, last_offset, counts);
        // Codes are given in this order, so the place is the code.
        state.groups.push(groups.into());
    }
    Ok(())
}

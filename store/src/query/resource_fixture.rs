//! For tests of resources and type-ahead: a partition with every kind of layer, and the visible
//! events by the fold's definition.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{ActorKind, Event, Instant, Kind, LogId, Principal, Record, decode};

use super::workspace::WorkspaceReader;
use crate::catalog::OrderKey;
use crate::fixture;
use crate::fold::Decoded;
use crate::partition::{CompactionOptions, PartitionStore, Surroundings};
use crate::storage::{BoundaryHook, Storage};

pub(super) const LOG_ID: LogId = LogId([9; 16]);

/// One visible event.
pub(super) struct Known {
    pub(super) key: OrderKey,
    pub(super) event: Event,
}

/// The events of a workspace: first of an id wins, seq in log order.
pub(super) fn known_events(records: &[Record], workspace: u64) -> Vec<Known> {
    let (mut ids, mut known) = (HashSet::new(), Vec::new());
    let wanted = fixture::workspace(workspace);
    for record in records {
        let Ok(event) = decode(record, &LOG_ID) else { continue };
        let keyed = record.key.as_deref() == Some(event.workspace_id.as_str().as_bytes());
        if !keyed || event.workspace_id != wanted || !ids.insert(event.event_id) {
            continue;
        }
        let recorded = record.timestamp_ms * 1000;
        let told = event.occurred_at.map(Instant::micros);
        let effective_at = told.filter(|at| *at <= recorded + 600_000_000).unwrap_or(recorded);
        known.push(Known { key: OrderKey { effective_at, seq: known.len() as u64 + 1 }, event });
    }
    known
}

/// Whether a person has been removed by one of the events.
pub(super) fn is_former(known: &[Known], actor: &Principal) -> bool {
    actor.kind == ActorKind::User
        && known.iter().filter(|known| known.event.kind() == Kind::Delete).any(|known| {
            let first = known.event.resources.first();
            first.is_some_and(|first| {
                first.resource_type == "user" && Some(&first.id) == actor.id.as_ref()
            })
        })
}

pub(super) fn fold(store: &PartitionStore, records: &[Record]) {
    let decoded = records.iter().map(|record| Decoded::new(record.clone(), &LOG_ID, 1));
    store.fold(decoded).unwrap();
}

/// Four segments of which two have been merged, a frozen tail and a live one.
pub(super) async fn layered(records: &[Record]) -> Arc<PartitionStore> {
    let shared = Surroundings {
        storage: Storage::memory(),
        log_id: LOG_ID,
        read_only: false,
        boundary: BoundaryHook::default(),
        random: fixture::random,
        now: Arc::new(|| Instant::from_micros(1_700_000_000_000_000).unwrap()),
        grace: Duration::ZERO,
        compaction: Arc::new(CompactionOptions { tiers: vec![1000, 4000], width: 2, level: 1 }),
        recent_bytes: 4_000,
    };
    let store = PartitionStore::open(shared, 0).await.unwrap();
    let part = records.len().div_ceil(6).max(1);
    for (number, part) in records.chunks(part).enumerate() {
        fold(&store, part);
        match number {
            0..4 => {
                if let Some(job) = store.freeze() {
                    store.commit(&mut job.build(&store).unwrap()).await.unwrap();
                }
            }
            4 => drop(store.freeze()),
            _ => {}
        }
        if number == 1
            && let Some(job) = store.compact_plan()
        {
            store.commit_compaction(&mut job.build(&store).unwrap()).await.unwrap();
        }
    }
    Arc::new(store)
}

pub(super) fn reader(store: &Arc<PartitionStore>, workspace: u64) -> WorkspaceReader {
    WorkspaceReader::new(fixture::workspace(workspace), store.clone())
}

pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

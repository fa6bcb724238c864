//! Everything a reader can see of a partition, in a form that can be compared.

use annals_schemas::Record;

use crate::StoreError;
use crate::catalog::{CatalogView, OrderKey};
use crate::fixture;
use crate::fold::Status;
use crate::partition::{Accounting, Chunk, PartitionStore, Place, SealedGroup, WorkspaceLive};
use crate::rows::{Column, Rows};
use crate::segment::BlockCache;

const COLUMNS: [Column; 7] = [
    Column::Actor,
    Column::OnBehalfOf,
    Column::Action,
    Column::Kind,
    Column::Outcome,
    Column::Type,
    Column::Name,
];

/// A visible row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SeenRow {
    pub(super) key: OrderKey,
    codes: [u32; 7],
    further: Vec<(u32, u32)>,
    record: Record,
    previous: (Option<u64>, Option<u64>),
}

/// A workspace.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SeenWorkspace {
    pub(super) rows: Vec<SeenRow>,
    facts: Vec<String>,
    figures: String,
    quarantined: Vec<(u64, &'static str)>,
}

/// A partition.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) accounting: Accounting,
    pub(super) workspaces: Vec<Option<SeenWorkspace>>,
    pub(super) nobodys: Vec<(u64, &'static str)>,
}

pub(super) fn seen(store: &PartitionStore) -> Seen {
    try_seen(store).unwrap()
}

pub(super) fn try_seen(store: &PartitionStore) -> Result<Seen, StoreError> {
    let mut workspaces = Vec::new();
    for number in 0..3 {
        workspaces.push(workspace(store, fixture::workspace(number).as_str())?);
    }
    let accounting = Accounting { committed: 0, ..store.accounting() };
    Ok(Seen { accounting, workspaces, nobodys: quarantined(store, None)? })
}

#[track_caller]
pub(super) fn assert_same(store: &PartitionStore, reference: &Seen, what: &str) {
    let seen = seen(store);
    assert_eq!(seen.accounting, reference.accounting, "{what}");
    for (seen, reference) in seen.workspaces.iter().zip(&reference.workspaces) {
        let lengths = |s: &Option<SeenWorkspace>| s.as_ref().map(|s| s.rows.len());
        assert_eq!(lengths(seen), lengths(reference), "{what}");
        assert_eq!(seen, reference, "{what}");
    }
    assert_eq!(seen.nobodys, reference.nobodys, "{what}");
}

fn workspace(store: &PartitionStore, id: &str) -> Result<Option<SeenWorkspace>, StoreError> {
    let Some(sealed) = store.sealed(id) else { return Ok(None) };
    let mut rows = Vec::new();
    let mut cache = BlockCache::default();
    let catalog = sealed.catalog.view();
    for SealedGroup { segment, group } in sealed.groups.iter() {
        let columns = segment.rows(*group)?;
        for row in 0..columns.len() {
            let found = segment.record(*group, row, &catalog, &mut cache)?;
            let previous = (found.previous, found.previous_of_key);
            rows.push(seen_row(&columns, row, found.record, previous));
        }
        assert_eq!(
            columns.last_seq(),
            (0..columns.len()).map(|r| columns.key(r).seq).max().unwrap_or(0)
        );
    }
    let chunk_rows = |chunk: &Chunk| {
        (0..chunk.len())
            .map(|row| {
                let folded = chunk.record(row);
                let previous = (folded.previous, folded.previous_of_key);
                seen_row(chunk, row, folded.record.clone(), previous)
            })
            .collect::<Vec<_>>()
    };
    rows.extend(sealed.frozen.iter().flat_map(|chunk| chunk_rows(chunk)));
    let live = store.with_live(id, |live: &WorkspaceLive<'_>| {
        assert_eq!(live.version, sealed.version, "nothing moved meanwhile");
        rows.extend(live.chunks.iter().flat_map(|chunk| chunk_rows(chunk)));
        let figures = format!("{} {:?}", live.last_seq, store.figures(id));
        Ok::<_, StoreError>((facts(live.catalog)?, figures))
    });
    let (facts, figures) = live.expect("a sealed part has a live one")?;
    rows.sort_by_key(|row| row.key);
    // INV-4: each record exactly once.
    assert!(rows.is_sorted_by(|a, b| a.key < b.key), "{id}");
    let seqs = rows.iter().map(|row| row.key.seq).collect::<std::collections::BTreeSet<_>>();
    assert!(seqs.iter().copied().eq(1..=rows.len() as u64), "{id}: seqs are dense");
    let quarantined = quarantined(store, Some(id))?;
    Ok(Some(SeenWorkspace { rows, facts, figures, quarantined }))
}

fn seen_row(
    rows: &impl Rows,
    row: u32,
    record: Record,
    previous: (Option<u64>, Option<u64>),
) -> SeenRow {
    assert_eq!(rows.lower_bound(rows.key(row)), row);
    SeenRow {
        key: rows.key(row),
        codes: COLUMNS.map(|column| rows.code(column, row)),
        further: rows.further(row).iter().collect(),
        record,
        previous,
    }
}

/// Everything a catalog says, in code order.
fn facts(catalog: CatalogView<'_>) -> Result<Vec<String>, StoreError> {
    let lengths = catalog.lengths();
    let mut facts = vec![format!("{lengths:?}")];
    for code in 0..lengths.actors {
        facts.push(format!("actor {:?}", catalog.actor(code)?));
    }
    for code in 0..lengths.actions {
        facts.push(format!("action {:?}", catalog.action(code)?));
    }
    for code in 0..lengths.types {
        facts.push(format!("type {:?}", catalog.type_text(code)?));
    }
    for code in 0..lengths.resources {
        let state = catalog.resource_state(code)?;
        facts.push(format!("resource {:?} {state:?}", catalog.resource(code)?));
    }
    for code in 0..lengths.names {
        facts.push(format!("name {:?}", catalog.name(code)?));
    }
    Ok(facts)
}

/// Refused records of an owner with their reasons, in offset order.
fn quarantined(
    store: &PartitionStore,
    owner: Option<&str>,
) -> Result<Vec<(u64, &'static str)>, StoreError> {
    let sources = store.quarantined(owner, u64::MAX, usize::MAX);
    let mut found = Vec::new();
    for row in &sources.in_memory {
        if let Status::Quarantined(refusal) = &row.status {
            found.push((row.record.position.offset, refusal.reason.as_str()));
        }
    }
    let mut cache = BlockCache::default();
    for SealedGroup { segment, group } in &sources.groups {
        let named = &segment.groups()[*group as usize];
        for row in named.visible..named.visible + named.duplicate + named.quarantined {
            let stored = segment.row(*group, row, &mut cache)?;
            if let Some(refusal) = stored.refusal() {
                found.push((stored.offset, refusal.reason.as_str()));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Looks every visible event up by its id.
pub(super) fn try_locate_all(store: &PartitionStore, seen: &Seen) -> Result<(), StoreError> {
    for (number, workspace) in (0..).zip(&seen.workspaces) {
        let id = fixture::workspace(number);
        for row in workspace.iter().flat_map(|workspace| &workspace.rows) {
            let event = annals_schemas::decode(&row.record, &super::harness::LOG_ID).unwrap();
            let place = store.locate(id.as_str(), event.event_id.as_bytes())?;
            let offset = match place.expect("a visible event is found") {
                Place::Tail(row) => row.record.position.offset,
                Place::Segment(SealedGroup { segment, group }, row) => {
                    segment.row(group, row, &mut BlockCache::default())?.offset
                }
            };
            assert_eq!(offset, row.record.position.offset);
        }
        assert!(store.locate(id.as_str(), &[0xEE; 16])?.is_none());
    }
    Ok(())
}

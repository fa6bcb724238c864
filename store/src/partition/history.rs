//! Whether an event was visible before: the whole history, tails first, then every segment whose
//! id table has the event's hash.

use annals_schemas::{LogId, Record, content_hash};

use super::frozen::Frozen;
use super::sealed::Segments;
use super::tail::Tail;
use crate::StoreError;
use crate::catalog::{CatalogView, SealedCatalog};
use crate::fold::{Decoded, KnownEvent, Sighting};
use crate::segment::{BlockCache, SegmentReader, visible_event};

/// The content hash of an event's visible row in segments, if it has one there.
pub(super) type Probe = Option<[u8; 32]>;

/// Everything folded so far.
pub(super) struct History<'a> {
    pub(super) segments: &'a Segments,
    pub(super) frozen: Option<&'a Frozen>,
    pub(super) tail: &'a Tail,
    pub(super) log_id: LogId,
    /// What these segments say of the event, where they were asked before.
    pub(super) probe: Option<Probe>,
}

impl KnownEvent for History<'_> {
    fn known(
        &self,
        sighting: Sighting<'_>,
        catalog: &CatalogView<'_>,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        let Sighting { workspace, code, event_id, id_hash } = sighting;
        let tails = [Some(self.tail.events()), self.frozen.map(Frozen::events)];
        for events in tails.into_iter().flatten() {
            if let Some((row, _)) = events.get(id_hash, code, event_id) {
                return hash_of(&row.record, &self.log_id, "the tail").map(Some);
            }
        }
        match self.probe {
            Some(probe) => Ok(probe),
            None => {
                let wanted = Wanted { workspace: workspace.as_str(), event_id, id_hash };
                match find_in(self.segments, wanted, &self.log_id)? {
                    None => Ok(None),
                    Some((segment, row)) => {
                        hash_in_segment(segment, &row, catalog, &self.log_id).map(Some)
                    }
                }
            }
        }
    }
}

/// Content hash of a visible row's record. It is computed when it is asked for: almost no event
/// comes twice.
fn hash_of(record: &Record, log_id: &LogId, path: &str) -> Result<[u8; 32], StoreError> {
    visible_event(record, log_id, path).map(|event| content_hash(&event))
}

/// Asks the segments for the events of records before the lock is taken: for each record what they
/// say of it. `catalog` gives the sealed catalog of a workspace. An error is `None`: the fold asks
/// again and meets it in its place.
pub(super) fn probe(
    segments: &Segments,
    records: &[Decoded],
    log_id: &LogId,
    catalog: impl Fn(&str) -> Option<SealedCatalog>,
) -> Vec<Option<Probe>> {
    let Ok(tables) = segments.iter().map(|segment| segment.ids()).collect::<Result<Vec<_>, _>>()
    else {
        return vec![None; records.len()];
    };
    let hashes: Vec<Option<u64>> = records.iter().map(Decoded::id_hash).collect();
    let mut is_candidate = vec![false; records.len()];
    // Table by table: look-ups that do not wait for each other overlap their cache misses.
    for table in &tables {
        for (hash, is_candidate) in hashes.iter().zip(&mut is_candidate) {
            *is_candidate |= hash.is_some_and(|hash| table.contains(hash));
        }
    }
    let known = records.iter().zip(hashes).zip(is_candidate);
    known
        .map(|((decoded, hash), is_candidate)| match is_candidate {
            true => probe_one(segments, decoded, log_id, &catalog),
            false => hash.map(|_| None),
        })
        .collect()
}

fn probe_one(
    segments: &Segments,
    decoded: &Decoded,
    log_id: &LogId,
    catalog: impl Fn(&str) -> Option<SealedCatalog>,
) -> Option<Probe> {
    let found = decoded.outcome.as_ref().ok()?;
    let event_id = found.event.event_id();
    let wanted = Wanted {
        workspace: found.event.workspace_id(&decoded.record),
        event_id: event_id.as_bytes(),
        id_hash: found.id_hash,
    };
    let Some((segment, row)) = find_in(segments, wanted, log_id).ok()? else { return Some(None) };
    let catalog = catalog(wanted.workspace)?;
    hash_in_segment(segment, &row, &catalog.view(), log_id).ok().map(Some)
}

fn find_in<'s>(
    segments: &'s Segments,
    wanted: Wanted<'_>,
    log_id: &LogId,
) -> Result<Option<(&'s SegmentReader, FoundRow)>, StoreError> {
    // Newest first: what is sent twice is mostly sent twice soon.
    for segment in segments.iter().rev() {
        if let Some(found) = find(segment, wanted, log_id)? {
            return Ok(Some((segment, found)));
        }
    }
    Ok(None)
}

fn hash_in_segment(
    segment: &SegmentReader,
    FoundRow { group, row }: &FoundRow,
    catalog: &CatalogView<'_>,
    log_id: &LogId,
) -> Result<[u8; 32], StoreError> {
    let found = segment.record(*group, *row, catalog, &mut BlockCache::default())?;
    hash_of(&found.record, log_id, segment.path())
}

/// An event that is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) workspace: &'a str,
    pub(super) event_id: &'a [u8; 16],
    /// `segment::id_hash` of the two.
    pub(super) id_hash: u64,
}

/// Where a visible row is in its segment.
pub(super) struct FoundRow {
    pub(super) group: u32,
    pub(super) row: u32,
}

/// The visible row of an event in a segment.
///
/// The table knows hashes only: the event's id is read from the row and compared.
pub(super) fn find(
    segment: &SegmentReader,
    wanted: Wanted<'_>,
    log_id: &LogId,
) -> Result<Option<FoundRow>, StoreError> {
    for (group, row) in segment.candidates(wanted.id_hash)? {
        let named = segment.groups().get(group as usize);
        if named.is_none_or(|named| named.workspace != wanted.workspace) {
            continue;
        }
        if segment.event_id(group, row, log_id, &mut BlockCache::default())?.as_bytes()
            == wanted.event_id
        {
            return Ok(Some(FoundRow { group, row }));
        }
    }
    Ok(None)
}

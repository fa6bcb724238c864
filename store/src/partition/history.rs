//! Whether an event was visible before: the whole history, tails first, then every segment whose
//! id table has the event's hash.

use annals_schemas::{Event, LogId, Partition, content_hash, decode};

use super::frozen::Frozen;
use super::sealed::Segments;
use super::tail::Tail;
use crate::StoreError;
use crate::fold::{Decoded, KnownEvent, Sighting};
use crate::segment::{BlockCache, SegmentReader};

/// The content hash of an event's visible row in segments, if it has one there.
pub(super) type Probe = Option<[u8; 32]>;

/// Everything folded so far.
pub(super) struct History<'a> {
    pub(super) segments: &'a Segments,
    pub(super) frozen: Option<&'a Frozen>,
    pub(super) tail: &'a Tail,
    pub(super) origin: (Partition, LogId),
    /// What these segments say of the event, where they were asked before.
    pub(super) probe: Option<Probe>,
}

impl KnownEvent for History<'_> {
    fn known(&self, sighting: Sighting<'_>) -> Result<Option<[u8; 32]>, StoreError> {
        let Sighting { workspace, code, event_id, id_hash } = sighting;
        let tails = [Some(self.tail.events()), self.frozen.map(Frozen::events)];
        for events in tails.into_iter().flatten() {
            if let Some((_, visible)) = events.get(id_hash, code, event_id) {
                return Ok(Some(visible.content_hash));
            }
        }
        match self.probe {
            Some(probe) => Ok(probe),
            None => {
                let wanted = Wanted { workspace: workspace.as_str(), event_id, id_hash };
                known_in(self.segments, wanted, self.origin)
            }
        }
    }
}

/// Asks the segments for a record's event before the lock is taken. An error is `None`: the fold
/// asks again and meets it in its place.
pub(super) fn probe(
    segments: &Segments,
    decoded: &Decoded,
    origin: (Partition, LogId),
) -> Option<Probe> {
    let found = decoded.outcome.as_ref().ok()?;
    let event = &found.event;
    let wanted = Wanted {
        workspace: event.workspace_id.as_str(),
        event_id: event.event_id.as_bytes(),
        id_hash: found.id_hash,
    };
    known_in(segments, wanted, origin).ok()
}

fn known_in(
    segments: &Segments,
    wanted: Wanted<'_>,
    origin: (Partition, LogId),
) -> Result<Probe, StoreError> {
    // Newest first: what is sent twice is mostly sent twice soon.
    for segment in segments.iter().rev() {
        if let Some(found) = find(segment, wanted, origin)? {
            return Ok(Some(content_hash(&found.event)));
        }
    }
    Ok(None)
}

/// An event that is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) workspace: &'a str,
    pub(super) event_id: &'a [u8; 16],
    /// `segment::id_hash` of the two.
    pub(super) id_hash: u64,
}

/// A visible row.
pub(super) struct FoundRow {
    pub(super) group: u32,
    pub(super) row: u32,
    event: Event,
}

/// The visible row of an event in a segment.
///
/// The table knows hashes only, and neither the id nor the content is stored beside the row: the
/// event is decoded again from the record kept verbatim, and its id compared.
pub(super) fn find(
    segment: &SegmentReader,
    wanted: Wanted<'_>,
    (partition, log_id): (Partition, LogId),
) -> Result<Option<FoundRow>, StoreError> {
    for (group, row) in segment.candidates(wanted.id_hash)? {
        let named = segment.groups().get(group as usize);
        if named.is_none_or(|named| named.workspace != wanted.workspace) {
            continue;
        }
        let stored = segment.row(group, row, &mut BlockCache::default())?;
        let offset = stored.offset;
        let event = decode(&stored.into_record(partition), &log_id).map_err(|refusal| {
            let detail = format!("visible row at offset {offset} no longer decodes: {refusal}");
            StoreError::corrupt(segment.path(), 0, detail)
        })?;
        if event.event_id.as_bytes() == wanted.event_id {
            return Ok(Some(FoundRow { group, row, event }));
        }
    }
    Ok(None)
}

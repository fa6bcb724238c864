//! Two stores leaf by leaf: where they part.

use annals_schemas::{Offset, OffsetRange};
use annals_store::{Entry, MarkedEntry, PartitionStore, SealedSegment};

use crate::exit::Failure;
use crate::sealed_places::damage;

/// Offset of the first record whose entry differs; `None` if one store is the beginning of the
/// other.
pub(super) fn first_difference(
    live: &PartitionStore,
    fresh: &PartitionStore,
) -> Result<Option<Offset>, Failure> {
    let (mut live, mut fresh) = (Entries::of(live), Entries::of(fresh));
    while let (Some(stored), Some(folded)) = (live.next()?, fresh.next()?) {
        if stored != folded {
            return Ok(Some(stored.fields().offset.min(folded.fields().offset)));
        }
    }
    Ok(None)
}

/// Entries in the order of the log, a stretch in memory at a time.
struct Entries<'a> {
    store: &'a PartitionStore,
    segments: std::vec::IntoIter<SealedSegment>,
    reading: Option<(SealedSegment, std::vec::IntoIter<OffsetRange>)>,
    entries: std::vec::IntoIter<MarkedEntry>,
}

impl<'a> Entries<'a> {
    fn of(store: &'a PartitionStore) -> Self {
        let segments = store.sealed_segments().into_iter();
        Self { store, segments, reading: None, entries: Vec::new().into_iter() }
    }

    fn next(&mut self) -> Result<Option<Entry>, Failure> {
        loop {
            if let Some((entry, _)) = self.entries.next() {
                return Ok(Some(entry));
            }
            if let Some((segment, stretches)) = &mut self.reading
                && let Some(stretch) = stretches.next()
            {
                // Whether a key chains is in the entries already: any count of partitions will do.
                let entries = segment.entries_in(stretch, &self.store.log_id(), 1);
                self.entries = entries.map_err(|error| damage(&error))?.into_iter();
                continue;
            }
            let Some(segment) = self.segments.next() else { return Ok(None) };
            let stretches = segment.stretches().into_iter();
            self.reading = Some((segment, stretches));
        }
    }
}

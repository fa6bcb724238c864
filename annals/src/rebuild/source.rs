//! Where a partition's records come from: segments for what the topic has lost, then the topic.

use annals_schemas::{Offset, OffsetRange, Record};
use annals_store::{PartitionStore, SealedPlace, SealedSegment};
use indicatif::ProgressBar;

use crate::exit::Failure;
use crate::record_bar::record_bar;
use crate::sealed_places::damage;
use crate::topic::{Topic, TopicReader};

/// Records read from a segment at once.
const SEGMENT_RECORDS: usize = 1024;

/// How many records came from where.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) from_topic: u64,
    pub(super) from_segments: u64,
}

/// The records of a partition in order, up to a fixed end.
pub(super) struct Source {
    /// Segments with records before the topic's start, the last one first.
    segments: Vec<SealedSegment>,
    current: Option<(SealedSegment, Vec<SealedPlace>, usize)>,
    before: Offset,
    topic: TopicReader,
    bar: ProgressBar,
    pub(super) counted: Counted,
}

impl Source {
    /// `live` has the records that the topic no longer holds; `end` is the topic's unless given.
    pub(super) async fn open(
        topic: &Topic,
        live: Option<&PartitionStore>,
        partition: u32,
        end: Option<Offset>,
    ) -> Result<Self, Failure> {
        let held = topic.range(partition).await?;
        let end = end.unwrap_or(held.end);
        let committed = live.map_or(0, |live| live.accounting().committed);
        if held.start > committed && held.start > 0 || held.end < end {
            return Err(Failure::no(format!(
                "OffsetGap: partition {partition}: the log holds {}..{}, segments end at \
                 {committed}",
                held.start, held.end
            )));
        }
        let mut segments = live.map(PartitionStore::sealed_segments).unwrap_or_default();
        segments.retain(|segment| segment.range().start < held.start);
        let start = segments.first().map_or(held.start, |segment| segment.range().start);
        segments.reverse();
        let topic = topic.read(partition, OffsetRange { start: held.start, end })?;
        let (before, counted) = (held.start, Counted::default());
        let bar = record_bar(end.saturating_sub(start));
        Ok(Self { segments, current: None, before, topic, bar, counted })
    }

    /// The next records; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Record>>, Failure> {
        let (records, from) = match self.next_sealed()? {
            Some(records) => (Some(records), &mut self.counted.from_segments),
            None => (self.topic.next().await?, &mut self.counted.from_topic),
        };
        let read = records.as_ref().map_or(0, Vec::len) as u64;
        *from += read;
        self.bar.inc(read);
        Ok(records)
    }

    fn next_sealed(&mut self) -> Result<Option<Vec<Record>>, Failure> {
        loop {
            if let Some((segment, places, done)) = &mut self.current {
                let part = &places[*done..places.len().min(*done + SEGMENT_RECORDS)];
                if !part.is_empty() {
                    *done += part.len();
                    let records = segment.records(part).map_err(|error| damage(&error))?;
                    return Ok(Some(records.into_iter().map(|sealed| sealed.record).collect()));
                }
            }
            let Some(segment) = self.segments.pop() else { return Ok(None) };
            let mut places = segment.places().map_err(|error| damage(&error))?;
            places.retain(|place| place.offset < self.before);
            self.current = Some((segment, places, 0));
        }
    }
}

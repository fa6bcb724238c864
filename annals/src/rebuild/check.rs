//! The topic folded beside the live store, and compared: the verdict and seq of every record, and
//! counts and root at every manifest that is still there. The first difference ends it; the first
//! record whose leaf differs is named then, however much later that showed.

use annals_schemas::{Offset, Record, hex};
use annals_store::{Committed, PartitionStore, Store};

use super::difference::first_difference;
use super::fold::Folding;
use super::source::{Counted, Source};
use crate::exit::Failure;
use crate::sealed_places::{SealedPlaces, damage};
use crate::topic::Topic;

/// Compares one partition; says what was equal.
pub(super) async fn partition(
    topic: &Topic,
    live: &PartitionStore,
    scratch: &Store,
    seal_bytes: usize,
) -> Result<String, Failure> {
    let number = live.number();
    let committed = live.committed().await.map_err(|error| damage(&error))?;
    let end = committed.last().map_or(0, |last| last.end);
    let fresh = scratch.partition(number).map_err(|error| damage(&error))?;
    let folding = Folding::new(topic, &fresh, seal_bytes);
    let mut source = match Source::open(topic, Some(live), number, Some(end)).await {
        Ok(source) => source,
        Err(gap) if gap.is_no() => return Err(explained(topic, live, &folding, gap).await?),
        Err(failure) => return Err(failure),
    };
    let manifests = committed.len();
    let mut check = Check {
        live,
        fresh: &fresh,
        folding,
        places: SealedPlaces::of(live),
        committed: committed.into_iter().peekable(),
    };
    check.whole(&mut source).await?;
    let Counted { from_topic, from_segments } = source.counted;
    Ok(format!(
        "partition {number}: {} records and {manifests} manifests are equal; {from_topic} records \
         came from the topic, {from_segments} from segments",
        from_topic + from_segments
    ))
}

/// A topic that ends too early may differ before that.
async fn explained(
    topic: &Topic,
    live: &PartitionStore,
    folding: &Folding<'_>,
    gap: Failure,
) -> Result<Failure, Failure> {
    let number = live.number();
    let end = topic.range(number).await?.end;
    let Ok(mut source) = Source::open(topic, Some(live), number, Some(end)).await else {
        return Ok(gap);
    };
    while let Some(records) = source.next().await? {
        folding.fold(records).await?;
    }
    folding.seal().await?;
    let found = first_difference(live, folding.partition())?;
    Ok(found.map_or(gap.clone(), |offset| gap.explains(&another(number, offset))))
}

/// That a record is not the store's.
pub(super) fn another(partition: u32, offset: Offset) -> String {
    format!("partition {partition}, offset {offset}: the topic has another record than the store")
}

struct Check<'a> {
    live: &'a PartitionStore,
    fresh: &'a PartitionStore,
    folding: Folding<'a>,
    places: SealedPlaces,
    committed: std::iter::Peekable<std::vec::IntoIter<Committed>>,
}

impl Check<'_> {
    /// Everything there is; a difference is told by the first record that differs.
    async fn whole(&mut self, source: &mut Source) -> Result<(), Failure> {
        let outcome = self.compare(source).await;
        let Err(found) = outcome else { return Ok(()) };
        self.folding.seal().await?;
        match first_difference(self.live, self.fresh)? {
            Some(offset) => Err(found.explains(&another(self.fresh.number(), offset))),
            None => Err(found),
        }
    }

    async fn compare(&mut self, source: &mut Source) -> Result<(), Failure> {
        while let Some(records) = source.next().await? {
            self.take(records).await?;
        }
        self.end()
    }

    /// Folds records up to each manifest's end, and compares there.
    async fn take(&mut self, mut records: Vec<Record>) -> Result<(), Failure> {
        while let Some(first) = records.first() {
            while let Some(passed) =
                self.committed.next_if(|committed| committed.end <= first.position.offset)
            {
                self.compare_head(&passed)?;
            }
            let end = self.committed.peek().map_or(u64::MAX, |committed| committed.end);
            let cut = records.partition_point(|record| record.position.offset < end);
            let rest = records.split_off(cut);
            self.fold(std::mem::replace(&mut records, rest)).await?;
        }
        Ok(())
    }

    async fn fold(&mut self, records: Vec<Record>) -> Result<(), Failure> {
        for (offset, verdict) in self.folding.fold(records).await? {
            let partition = self.fresh.number();
            let place = self.places.next()?;
            if let Some(place) = place.filter(|place| place.offset < offset) {
                let offset = place.offset;
                return Err(Failure::no(format!(
                    "partition {partition}, offset {offset}: it is in the store and not in the \
                     topic"
                )));
            }
            let found = place.filter(|place| place.offset == offset).map(|place| place.verdict);
            if found != Some(verdict) {
                let stored = found.map_or("missing".to_owned(), |found| found.to_string());
                return Err(Failure::no(format!(
                    "partition {partition}, offset {offset}: it is {verdict}, in the store {stored}"
                )));
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Failure> {
        while let Some(passed) = self.committed.next() {
            self.compare_head(&passed)?;
        }
        match self.places.next()? {
            None => Ok(()),
            Some(place) => Err(Failure::no(format!(
                "partition {}, offset {}: it is in the store and not in the topic",
                self.fresh.number(),
                place.offset
            ))),
        }
    }

    fn compare_head(&self, committed: &Committed) -> Result<(), Failure> {
        let fresh = self.fresh.accounting();
        if (fresh.counts, fresh.tree) == (committed.counts, committed.tree) {
            return Ok(());
        }
        Err(Failure::no(format!(
            "partition {}, manifest {}, before offset {}: root {} with {:?}, the manifest says {} \
             with {:?}",
            self.fresh.number(),
            committed.number,
            committed.end,
            hex(&fresh.tree.root),
            fresh.counts,
            hex(&committed.tree.root),
            committed.counts
        )))
    }
}

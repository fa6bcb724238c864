//! A partition folded anew, and led to every tree head that was signed of it: a topic that does not
//! lead there is not what was signed, and nothing is put in the store's place.

use annals_schemas::{LogId, Partition, Record};
use annals_store::{PartitionStore, Storage, TreeHead};
use annals_verify::{Checkpoint, origin};
use bytes::Bytes;

use super::check::another;
use super::difference::first_difference;
use super::fold::Folding;
use super::source::{Counted, Source};
use crate::exit::Failure;
use crate::sealed_places::damage;
use crate::topic::Topic;

/// A head that was signed.
pub(super) struct Signed {
    size: u64,
    head: TreeHead,
    path: String,
    note: Bytes,
}

/// Folds everything there is, seals it and takes the signed heads over; says what was done.
pub(super) async fn fold(
    topic: &Topic,
    (before, signed): (Option<&PartitionStore>, Vec<Signed>),
    folding: Folding<'_>,
) -> Result<String, Failure> {
    let into = folding.partition();
    let number = into.number();
    let mut source = Source::open(topic, before, number, None).await?;
    let mut anew = Anew { folding, into, signed: &signed, folded: 0 };
    let outcome = anew.whole(&mut source).await;
    anew.folding.seal().await?;
    if let (Err(failure), Some(before)) = (&outcome, before)
        && let Some(offset) = first_difference(before, into)?
    {
        return Err(failure.explains(&another(number, offset)));
    }
    outcome?;
    // Kept for ever: they hold for the new store too.
    for Signed { size, note, .. } in signed {
        into.keep_head(size, note).await.map_err(|error| damage(&error))?;
    }
    let Counted { from_topic, from_segments } = source.counted;
    Ok(format!(
        "partition {number}: {} records folded, {from_topic} from the topic, {from_segments} from \
         segments",
        from_topic + from_segments
    ))
}

/// What was signed of a partition, smallest first; read from the files alone, since a store that
/// can be opened no more has heads too. Whose signature it is does not matter here: a root that is
/// reached anew is right whoever signed it.
pub(super) async fn signed_heads(
    storage: &Storage,
    log_id: &LogId,
    partition: Partition,
) -> Result<Vec<Signed>, Failure> {
    let mut signed = Vec::new();
    let paths = storage.list(&format!("partitions/{partition}/heads")).await;
    for path in paths.map_err(|error| damage(&error))? {
        let note = storage.get(&path).await.map_err(|error| damage(&error))?.unwrap_or_default();
        let read = std::str::from_utf8(&note).ok().and_then(Checkpoint::unverified);
        let size = path.rsplit('/').next().and_then(|name| name.parse::<u64>().ok());
        let is_of = |read: &Checkpoint| {
            Some(read.head.size) == size && read.origin == origin(log_id, partition)
        };
        let read = read.filter(is_of);
        let read = read.ok_or_else(|| Failure::no(format!("{path}: it is no head of this log")))?;
        signed.push(Signed { size: read.head.size, head: read.head, path, note });
    }
    Ok(signed)
}

struct Anew<'a> {
    folding: Folding<'a>,
    into: &'a PartitionStore,
    /// Those that are not reached yet.
    signed: &'a [Signed],
    folded: u64,
}

impl Anew<'_> {
    async fn whole(&mut self, source: &mut Source) -> Result<(), Failure> {
        while let Some(mut records) = source.next().await? {
            while !records.is_empty() {
                let rest = records.split_off(self.until_next_head(&records));
                self.folded += records.len() as u64;
                self.folding.fold(records).await?;
                self.compare()?;
                records = rest;
            }
        }
        match self.signed.first() {
            None => Ok(()),
            Some(Signed { size, path, .. }) => Err(Failure::no(format!(
                "partition {}: a tree of {size} records was signed ({path}), there are {}",
                self.into.number(),
                self.folded
            ))),
        }
    }

    /// How many of these may be folded before a root has to be compared.
    fn until_next_head(&self, records: &[Record]) -> usize {
        let next = self.signed.first().map_or(u64::MAX, |signed| signed.size - self.folded);
        usize::try_from(next).unwrap_or(usize::MAX).min(records.len())
    }

    fn compare(&mut self) -> Result<(), Failure> {
        let Some((signed, rest)) = self.signed.split_first() else { return Ok(()) };
        if signed.size > self.folded {
            return Ok(());
        }
        self.signed = rest;
        if self.into.accounting().tree == signed.head {
            return Ok(());
        }
        Err(Failure::no(format!(
            "partition {}: the first {} records have another root than was signed in {}",
            self.into.number(),
            signed.size,
            signed.path
        )))
    }
}

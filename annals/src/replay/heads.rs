//! The topic held against tree heads that somebody has kept: every entry made anew from the raw
//! records alone, and the root compared at each head's size.

use annals_schemas::{LogId, OffsetRange, Partition, Record};
use annals_verify::{Chain, Checkpoint, is_workspace_key, origin};

use super::progress::say;
use crate::cli::ReplayArguments;
use crate::exit::Failure;
use crate::verify::{failure, kept, keys};

/// Heads of any partition of one log.
pub(super) struct KeptHeads {
    heads: Vec<(String, Checkpoint)>,
    log_id: Option<LogId>,
}

impl KeptHeads {
    /// Those that were given. The log's id is theirs: no store is needed.
    pub(super) fn read(arguments: &ReplayArguments) -> Result<Self, Failure> {
        let keys = keys::given(&arguments.key).map_err(|error| failure(&error))?;
        let heads = kept::read(&arguments.checkpoint, &keys).map_err(|error| failure(&error))?;
        let ids = heads.iter().map(|(name, head)| {
            let id = head.origin.split('/').nth(1).and_then(LogId::from_hex);
            id.ok_or_else(|| Failure::usage(format!("{name}: it is no head of a partition")))
        });
        let ids: Vec<LogId> = ids.collect::<Result<_, _>>()?;
        match ids.iter().all(|id| id == &ids[0]) {
            true => Ok(Self { heads, log_id: ids.first().copied() }),
            false => Err(Failure::usage("the heads given are of different logs")),
        }
    }

    /// Of the log that the heads are of.
    pub(super) fn log_id(&self) -> Option<LogId> {
        self.log_id
    }

    /// Every head is of a partition that the topic has.
    pub(super) fn check_partitions(&self, partitions: u32) -> Result<(), Failure> {
        let Some(log_id) = self.log_id else { return Ok(()) };
        let origins: Vec<String> = (0..partitions).map(|number| origin(&log_id, number)).collect();
        match self.heads.iter().find(|(_, head)| !origins.contains(&head.origin)) {
            None => Ok(()),
            Some((name, head)) => Err(Failure::no(format!(
                "{name}: it is a head of {}, the topic has {partitions} partitions",
                head.origin
            ))),
        }
    }

    /// What one partition has to lead to; `None` if there is no head of it.
    pub(super) fn of(
        &self,
        partition: Partition,
        partitions: u32,
        held: OffsetRange,
    ) -> Result<Option<Climb>, Failure> {
        let Some(log_id) = self.log_id else { return Ok(None) };
        let origin = origin(&log_id, partition);
        let own = self.heads.iter().filter(|(_, head)| head.origin == origin);
        let mut heads: Vec<_> = own.cloned().collect();
        heads.sort_by_key(|(_, head)| std::cmp::Reverse(head.head.size));
        if heads.is_empty() {
            return Ok(None);
        }
        if held.start > 0 {
            // Entries name the record before: whoever lacks the first one cannot make them.
            return Err(Failure::no(format!(
                "OffsetGap: partition {partition} begins at offset {}, a head covers all records \
                 from the first one: annals rebuild --check",
                held.start
            )));
        }
        let chain = Chain::default();
        Ok(Some(Climb { partition, partitions, log_id, heads, chain }))
    }
}

/// The tree of one partition, growing.
pub(super) struct Climb {
    partition: Partition,
    partitions: u32,
    log_id: LogId,
    /// Not reached yet, the smallest last.
    heads: Vec<(String, Checkpoint)>,
    chain: Chain,
}

impl Climb {
    /// The next record.
    pub(super) fn take(&mut self, record: &Record) -> Result<(), Failure> {
        let offset = record.position.offset;
        let key = record.key.as_deref();
        let is_chained = is_workspace_key(key, self.partition, self.partitions);
        self.chain.append(record, &self.log_id, is_chained);
        let tree = self.chain.tree();
        let size = tree.head_size();
        while let Some((name, kept)) = self.heads.pop_if(|(_, kept)| kept.head.size == size) {
            if kept.head != tree.head() {
                return Err(Failure::no(format!(
                    "partition {}, offset {offset}: the {size} records up to here have another \
                     root than {name}",
                    self.partition
                )));
            }
            say(&format!("partition {}: the first {size} records lead to {name}", self.partition));
        }
        Ok(())
    }

    /// After the last record.
    pub(super) fn end(mut self) -> Result<(), Failure> {
        match self.heads.pop() {
            None => Ok(()),
            Some((name, kept)) => Err(Failure::no(format!(
                "partition {}: a tree of {} records was signed ({name}), the topic has {}",
                self.partition,
                kept.head.size,
                self.chain.tree().head_size()
            ))),
        }
    }
}

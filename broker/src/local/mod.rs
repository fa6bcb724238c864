//! The embedded log: durable, segmented files in one directory, one writing process.
//!
//! Guarantees: an acknowledged append survives `kill -9` and, at [`Fsync::Always`], a power cut;
//! nobody reads beyond what has been fsynced; a failed fsync closes its partition for writing until
//! it has been opened again from disk; damage is an error that names file and byte, unless
//! it is the tail of an unfinished write, which opening cuts. `docs/LOCAL_LOG.md` has the design.
//! Deliberately not here: replication, compaction, and reading by key.

mod appender;
mod consumer;
mod directory_lock;
mod files;
mod follower;
mod frame;
mod meta;
mod options;
mod partition;
mod partition_writer;
mod producer;
mod published;
mod recovery;
mod retention;
mod scan;
mod segment;
mod trouble;
mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;

use annals_schemas::{Offset, Partition};
use async_trait::async_trait;
use tokio::sync::watch;

pub use options::{Fsync, LocalOptions, Retention};

use self::consumer::LocalConsumer;
use self::directory_lock::DirectoryLock;
use self::files::{Files, SystemFiles};
use self::follower::Follower;
use self::meta::Meta;
use self::partition::Shared;
use self::partition_writer::PartitionWriter;
use self::producer::{LocalProducer, ReadOnlyProducer};
use self::trouble::Trouble;
use self::writer::Writer;
use crate::{BrokerError, Clock, Consumer, Log, LogDescription, Producer};

/// The embedded log in a directory. Dropping it and its producers ends the writer and the lock.
pub struct LocalLog {
    description: LogDescription,
    readers: Arc<Readers>,
    /// `None` when opened read-only.
    producer: Option<Arc<LocalProducer>>,
    trouble: Arc<Trouble>,
}

/// What consumers share.
struct Readers {
    partitions: Vec<Arc<Shared>>,
    followers: Vec<Follower>,
    changed: watch::Sender<()>,
}

impl LocalLog {
    /// Opens the log, or makes it, as its only writer. `clock` gives the records their time.
    ///
    /// # Errors
    /// `Locked` while another process holds it; `Corrupt` for damage that is no torn tail;
    /// `Configuration` for another partition count than it was made with, or a bad option.
    pub fn open(
        directory: &Path,
        options: LocalOptions,
        clock: Clock,
    ) -> Result<Self, BrokerError> {
        Self::open_with(directory, options, clock, Arc::new(SystemFiles))
    }

    fn open_with(
        directory: &Path,
        options: LocalOptions,
        clock: Clock,
        files: Arc<dyn Files>,
    ) -> Result<Self, BrokerError> {
        options.check()?;
        let failed =
            |e: std::io::Error| BrokerError::io(format!("opening {}", directory.display()), &e);
        std::fs::create_dir_all(directory).map_err(failed)?;
        let lock = DirectoryLock::take(directory)?;
        let meta = match Meta::read(directory)? {
            Some(meta) => meta,
            None => {
                let meta = Meta::new(options.partitions);
                meta.write(directory, files.as_ref())?;
                meta
            }
        };
        meta.check_partitions(options.partitions)?;
        let description = meta.describe(&options.topic);
        let open = |number| {
            let own = partition_directory(directory, number);
            PartitionWriter::open(number, own, Arc::clone(&files), options.reopen_every)
        };
        let writers = (0..options.partitions).map(open).collect::<Result<Vec<_>, _>>()?;
        // Before the first acknowledgement: a power cut must not take the partitions' directories.
        files.sync_directory(directory).map_err(failed)?;
        let changed = watch::Sender::new(());
        let max_waiting_bytes = options.max_waiting_bytes;
        let syncs_late = options.fsync != Fsync::Always;
        let trouble = Arc::new(Trouble::default());
        let (told, noted) = (changed.clone(), Arc::clone(&trouble));
        let writer = Writer { writers, options, clock, files, changed: told, trouble: noted, lock };
        let partitions = writer.shared();
        let (commands, inbox) = mpsc::channel();
        let thread = writer::spawn(writer, inbox).map_err(failed)?;
        let producer = LocalProducer::new(commands, thread, max_waiting_bytes, syncs_late);
        Ok(Self {
            description,
            readers: Arc::new(Readers { partitions, followers: Vec::new(), changed }),
            producer: Some(Arc::new(producer)),
            trouble,
        })
    }

    /// Opens a log for reading, up to its published end, while another process may write it.
    /// Writes nothing into the directory; appends are refused.
    ///
    /// # Errors
    /// `TopicMissing` if there is no log here, `Corrupt` for damage before the published end.
    pub fn open_read_only(directory: &Path, topic: &str) -> Result<Self, BrokerError> {
        let missing = || BrokerError::TopicMissing { topic: directory.display().to_string() };
        let description = Meta::read(directory)?.ok_or_else(missing)?.describe(topic);
        let open = |number| Follower::open(&partition_directory(directory, number), number);
        let followers = (0..description.partitions).map(open).collect::<Result<Vec<_>, _>>()?;
        let partitions = followers.iter().map(|follower| Arc::clone(follower.shared())).collect();
        let changed = watch::Sender::new(());
        let readers = Arc::new(Readers { partitions, followers, changed });
        Ok(Self { description, readers, producer: None, trouble: Arc::default() })
    }

    /// Tells that nothing of a partition before this offset will be read again: whole files before
    /// it are removed soon, the last one never. Does nothing on a log opened read-only.
    pub fn release(&self, partition: Partition, before: Offset) {
        if let Some(producer) = &self.producer {
            producer.release(partition, before);
        }
    }

    /// Bytes that the files of a partition take, as far as readers may see them.
    pub fn stored_bytes(&self, partition: Partition) -> Result<u64, BrokerError> {
        Ok(self.readers.partition(partition)?.stored_bytes())
    }

    /// Whether there is a log in this directory.
    pub fn exists(directory: &Path) -> bool {
        directory.join("log.meta").is_file()
    }
}

impl Readers {
    fn partition(&self, number: Partition) -> Result<&Arc<Shared>, BrokerError> {
        let partitions = self.partitions.len();
        self.partitions.get(number as usize).ok_or_else(|| {
            BrokerError::no_such_partition(number, u32::try_from(partitions).unwrap_or(u32::MAX))
        })
    }

    fn follows(&self) -> bool {
        !self.followers.is_empty()
    }

    /// Looks for what another process has published; nothing to do in the writing process.
    fn refresh(&self) -> Result<(), BrokerError> {
        self.followers.iter().try_for_each(Follower::refresh)
    }
}

fn partition_directory(directory: &Path, number: Partition) -> PathBuf {
    directory.join(format!("partition-{number:04}"))
}

#[async_trait]
impl Log for LocalLog {
    fn description(&self) -> &LogDescription {
        &self.description
    }

    fn producer(&self) -> Arc<dyn Producer> {
        match &self.producer {
            Some(producer) => Arc::clone(producer) as Arc<dyn Producer>,
            None => Arc::new(ReadOnlyProducer),
        }
    }

    fn consumer(&self) -> Result<Box<dyn Consumer>, BrokerError> {
        Ok(Box::new(LocalConsumer::new(Arc::clone(&self.readers))))
    }

    fn write_trouble(&self) -> Option<String> {
        self.trouble.current()
    }

    async fn log_start(&self, partition: Partition) -> Result<Offset, BrokerError> {
        self.readers.refresh()?;
        Ok(self.readers.partition(partition)?.ends().0)
    }

    async fn high_watermark(&self, partition: Partition) -> Result<Offset, BrokerError> {
        if let Some(producer) = &self.producer {
            producer.settle(partition).await?;
        }
        self.readers.refresh()?;
        Ok(self.readers.partition(partition)?.ends().1)
    }

    async fn offset_at_time(
        &self,
        partition: Partition,
        timestamp_ms: i64,
    ) -> Result<Offset, BrokerError> {
        self.readers.refresh()?;
        let shared = Arc::clone(self.readers.partition(partition)?);
        let found = tokio::task::spawn_blocking(move || shared.offset_at_time(timestamp_ms)).await;
        found.map_err(|error| BrokerError::Io {
            operation: "looking up a time".to_owned(),
            detail: error.to_string(),
        })?
    }
}

//! The store as the benchmark uses it: all calls to it stand here.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annals_index::{FeedReport, PartitionIndex, SealedNames, feed};
use annals_schemas::{Instant, Record, WorkspaceId};
use annals_store::{
    Compaction, Counts, Decoded, LogIdentity, PartitionStore, Storage, Store, StoreOptions,
    WorkspaceReader,
};
use uuid::Uuid;

use crate::report::{ShortClock, Spent, Started, Steps};

/// A seal is due at so many bytes of records.
const SEAL_BYTES: usize = 128 << 20;
/// Names are fed to the index after so many seals.
const SEALS_PER_FEED: usize = 4;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A store of one partition, and what has been done to it.
pub(super) struct Engine {
    store: Store,
    partition: Arc<PartitionStore>,
    directory: PathBuf,
    names: Option<Arc<PartitionIndex>>,
    unsealed_bytes: usize,
    /// What each step of writing took.
    pub(super) steps: Steps,
    /// How often it was sealed.
    pub(super) seals: usize,
    /// Bytes of sealed and of merged segments.
    pub(super) written_bytes: (u64, u64),
}

impl Engine {
    /// Opens what is in a directory, or begins it. Names are scanned until an index is opened.
    pub(super) async fn open(directory: &Path) -> Outcome<Self> {
        let identity =
            LogIdentity { topic: "bench".into(), partitions: 1, cluster_id: None, topic_id: None };
        let options = StoreOptions::new(|| Uuid::new_v4().into_bytes(), Arc::new(|| Instant::MIN));
        let storage = Storage::local(&directory.join("store"))?;
        let store = Store::open(storage, identity, options).await?;
        let partition = store.partition(0)?;
        Ok(Self {
            store,
            partition,
            directory: directory.to_owned(),
            names: None,
            unsealed_bytes: 0,
            steps: Steps::default(),
            seals: 0,
            written_bytes: (0, 0),
        })
    }

    /// Opens the name index, or begins it.
    pub(super) fn open_names(&mut self) -> Outcome<()> {
        let index = Arc::new(PartitionIndex::open(&self.directory.join("index"), "bench")?);
        self.partition.set_names(index.clone());
        self.names = Some(index);
        Ok(())
    }

    /// Takes the name index that another one has open.
    pub(super) fn share_names(&mut self, other: &Self) {
        if let Some(index) = &other.names {
            self.partition.set_names(index.clone());
        }
        self.names.clone_from(&other.names);
    }

    /// Builds the name index a second time, from the catalogs.
    pub(super) fn rebuild_names(&mut self) -> Outcome<FeedReport> {
        let again = Arc::new(PartitionIndex::open(&self.directory.join("index-again"), "bench")?);
        self.partition.set_names(again.clone());
        self.names = Some(again);
        Ok(self.feed()?.expect("an index was just opened"))
    }

    /// The offset of the next record.
    pub(super) fn next_offset(&self) -> u64 {
        self.partition.next_offset().unwrap_or(0)
    }

    /// Folds a batch; seals when that is due.
    pub(super) async fn append(&mut self, records: Vec<Record>) -> Outcome<()> {
        let bytes: usize = records.iter().map(Record::size_bytes).sum();
        let log_id = self.store.log_id();
        let started = Started::now();
        self.partition.fold(records.into_iter().map(|of| Decoded::new(of, &log_id, 1)))?;
        self.steps.add("decode, hash; fold: dedupe, catalog, leaf", started);
        self.unsealed_bytes += bytes;
        if self.unsealed_bytes >= SEAL_BYTES { self.seal().await } else { Ok(()) }
    }

    /// What it takes to ask the segments for these events, as folding them would, so many at a
    /// time; and how many are there. Decoding them is not in it.
    pub(super) fn ask_for(&self, records: Vec<Record>, clock: ShortClock) -> (usize, Spent) {
        const AT_ONCE: usize = 64;
        let log_id = self.store.log_id();
        let (mut found, mut spent) = (0, Spent::default());
        let mut records = records.into_iter().map(|of| Decoded::new(of, &log_id, 1)).peekable();
        while records.peek().is_some() {
            let chunk: Vec<_> = records.by_ref().take(AT_ONCE).collect();
            let (sealed, took) = clock.measure(|| self.partition.are_sealed(&chunk));
            found += sealed.into_iter().filter(|sealed| *sealed).count();
            spent += took;
        }
        (found, spent)
    }

    /// Seals what is in memory, and merges and feeds what is due then.
    pub(super) async fn seal(&mut self) -> Outcome<()> {
        self.unsealed_bytes = 0;
        let started = Started::now();
        let Some(job) = self.partition.freeze() else { return Ok(()) };
        let mut built = job.build(&self.partition)?;
        self.steps.add("build the segment", started);
        self.written_bytes.0 += built.length_bytes();
        let started = Started::now();
        self.partition.commit(&mut built).await?;
        self.steps.add("write, publish, reopen", started);
        let started = Started::now();
        drop(built);
        self.steps.add("free the tail", started);
        self.seals += 1;
        if self.seals.is_multiple_of(SEALS_PER_FEED) {
            self.feed()?;
        }
        self.compact().await
    }

    /// Seals, feeds and merges the rest, and removes what was replaced.
    pub(super) async fn finish(&mut self) -> Outcome<()> {
        self.seal().await?;
        self.feed()?;
        self.partition.remove_retired(Instant::MAX).await?;
        Ok(())
    }

    async fn compact(&mut self) -> Outcome<()> {
        while let Some(job) = self.partition.compact_plan() {
            let started = Started::now();
            let mut merged = job.build(&self.partition)?;
            let length_bytes = merged.length_bytes();
            let outcome = self.partition.commit_compaction(&mut merged).await?;
            self.steps.add("merge segments", started);
            if outcome == Compaction::GivenUp {
                return Err("a compaction was given up without another writer".into());
            }
            self.written_bytes.1 += length_bytes;
            self.partition.remove_retired(Instant::MAX).await?;
        }
        Ok(())
    }

    fn feed(&mut self) -> Outcome<Option<FeedReport>> {
        let Some(index) = &self.names else { return Ok(None) };
        let started = Started::now();
        let report = feed(index, &SealedNames(&self.partition))?;
        self.steps.add("feed the name index", started);
        Ok(Some(report))
    }

    /// How many records are visible, duplicates, quarantined.
    pub(super) fn counts(&self) -> Counts {
        self.partition.accounting().counts
    }

    /// Live segments.
    pub(super) fn segments(&self) -> usize {
        self.partition.live_segments()
    }

    /// Reads a workspace.
    pub(super) fn reader(&self, workspace: &WorkspaceId) -> WorkspaceReader {
        self.store.workspace(workspace).expect("the only partition is open")
    }
}

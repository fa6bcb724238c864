//! The one thread that writes: takes what waits, writes it, syncs, publishes, answers.
//!
//! Group commit without a timer: while one fsync runs the next appends gather, and go together.
//! An append therefore waits for at most the fsync under way and its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use annals_schemas::{NewRecord, Offset, Partition};
use tokio::sync::{OwnedSemaphorePermit, oneshot, watch};

use super::directory_lock::DirectoryLock;
use super::files::Files;
use super::partition::Shared;
use super::partition_writer::PartitionWriter;
use super::retention;
use super::segment::Segment;
use super::trouble::Trouble;
use super::{Fsync, LocalOptions};
use crate::{Appended, BrokerError, Clock, metrics, route};

/// Largest group of appends that one commit takes.
const GROUP_BYTES: usize = 4 << 20;
/// How often retention looks.
const RETENTION_EVERY: Duration = Duration::from_secs(10);

/// One outcome per record, in order.
pub(super) type Outcomes = Vec<Result<Appended, BrokerError>>;

/// What the thread is asked to do.
pub(super) enum Command {
    /// Append these; answer when they are acknowledged.
    Append {
        records: Vec<NewRecord>,
        bytes: usize,
        reply: oneshot::Sender<Outcomes>,
        /// Room among the waiting bytes, given back with the answer.
        room: OwnedSemaphorePermit,
    },
    /// Sync what was acknowledged; answer when it can be read in this partition.
    Sync(Partition, oneshot::Sender<Result<(), BrokerError>>),
    /// Remove the files of this partition that hold nothing from this offset on.
    Release(Partition, Offset),
    /// Sync and end.
    Stop,
}

/// The thread's state.
pub(super) struct Writer {
    pub writers: Vec<PartitionWriter>,
    pub options: LocalOptions,
    pub clock: Clock,
    pub files: Arc<dyn Files>,
    pub changed: watch::Sender<()>,
    pub trouble: Arc<Trouble>,
    /// Held as long as the thread lives: the directory's lock.
    pub lock: DirectoryLock,
}

impl Writer {
    /// Runs until `Stop` or until every handle is gone.
    pub fn run(mut self, commands: &Receiver<Command>) {
        let mut next_sync = Instant::now();
        let mut next_retention = Instant::now() + RETENTION_EVERY;
        self.expire();
        loop {
            let mut group = Vec::new();
            match commands.recv_timeout(self.patience(next_sync, next_retention)) {
                Ok(command) => group.push(command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            gather(commands, &mut group);
            self.reopen();
            if self.serve(group) {
                break;
            }
            if let Fsync::Interval(every) = self.options.fsync
                && next_sync <= Instant::now()
            {
                next_sync = Instant::now() + every;
                self.sync_all();
            }
            if next_retention <= Instant::now() {
                next_retention = Instant::now() + RETENTION_EVERY;
                self.expire();
            }
        }
        self.sync_all();
        drop(self.lock);
    }

    fn patience(&self, next_sync: Instant, next_retention: Instant) -> Duration {
        let syncs = matches!(self.options.fsync, Fsync::Interval(_))
            && self.writers.iter().any(PartitionWriter::is_dirty);
        let next = if syncs { next_sync.min(next_retention) } else { next_retention };
        let next = self.writers.iter().filter_map(PartitionWriter::next_try).fold(next, Ord::min);
        next.saturating_duration_since(Instant::now())
    }

    /// Serves a group; answers whether to stop.
    fn serve(&mut self, group: Vec<Command>) -> bool {
        let mut appends = Vec::new();
        let mut syncs = Vec::new();
        let mut stop = false;
        for command in group {
            match command {
                Command::Append { records, reply, room, .. } => {
                    appends.push((records, reply, room));
                }
                Command::Sync(partition, reply) => syncs.push((partition, reply)),
                Command::Release(partition, before) => self.release(partition, before),
                Command::Stop => stop = true,
            }
        }
        if !appends.is_empty() {
            self.commit(appends);
        }
        if !syncs.is_empty() {
            let synced = self.sync_all();
            for (partition, reply) in syncs {
                // A partition that does not exist is told by the lookup that follows.
                let _ = reply.send(synced.get(partition as usize).cloned().unwrap_or(Ok(())));
            }
        }
        stop
    }

    fn commit(
        &mut self,
        appends: Vec<(Vec<NewRecord>, oneshot::Sender<Outcomes>, OwnedSemaphorePermit)>,
    ) {
        let started = Instant::now();
        let now_ms = (self.clock)();
        let mut written = 0;
        let mut placed = Vec::with_capacity(appends.len());
        for (records, reply, room) in appends {
            written += records.len();
            let outcomes: Outcomes =
                records.iter().map(|record| self.place(record, now_ms)).collect();
            placed.push((outcomes, reply, room));
        }
        let bytes = self.writers.iter().map(PartitionWriter::pending_bytes).sum();
        let failures: Vec<_> =
            self.writers.iter_mut().map(|writer| writer.write(&self.options).err()).collect();
        self.changed.send_replace(());
        metrics::local_commit(written, bytes, started.elapsed());
        let refused = placed.iter().flat_map(|(outcomes, ..)| outcomes);
        let mut closed = refused.filter_map(|outcome| outcome.as_ref().err());
        let trouble = failures.iter().flatten().next();
        // Before the answers: who is refused may ask at once.
        self.trouble.note(trouble.or_else(|| closed.find(|error| error.is_retryable())));
        for (mut outcomes, reply, room) in placed {
            for outcome in &mut outcomes {
                let failure = outcome.as_ref().ok().and_then(|appended| {
                    failures.get(appended.position.partition as usize)?.clone()
                });
                if let Some(error) = failure {
                    *outcome = Err(error);
                }
            }
            // Room first: a caller that goes on at once must find it.
            drop(room);
            let _ = reply.send(outcomes);
        }
    }

    fn place(&mut self, record: &NewRecord, now_ms: i64) -> Result<Appended, BrokerError> {
        let size_bytes = super::frame::body_bytes(record);
        let limit_bytes = self.options.max_record_bytes;
        if size_bytes > limit_bytes {
            return Err(BrokerError::TooLarge { size_bytes, limit_bytes });
        }
        let partition = route::partition_of(record, self.options.partitions);
        self.writers[partition as usize].place(record, now_ms)
    }

    /// The outcome of each partition; one that fails does not keep the others.
    fn sync_all(&mut self) -> Vec<Result<(), BrokerError>> {
        let synced = self.writers.iter_mut().map(PartitionWriter::sync).collect();
        self.changed.send_replace(());
        synced
    }

    /// Opens again what a failure closed, where it is time.
    fn reopen(&mut self) {
        let reopened = self.writers.iter_mut().filter_map(|w| w.reopen_if_due().then_some(()));
        if reopened.count() > 0 {
            // Opening may have found records that readers have not seen.
            self.changed.send_replace(());
        }
    }

    /// Deletes old files. If we stop half way there are fewer old files than before, still without
    /// a gap, as the oldest goes first.
    fn expire(&mut self) {
        let Some(retention) = self.options.retention else { return };
        let now_ms = (self.clock)();
        for writer in &self.writers {
            let expired = retention::take_expired(writer.shared(), &retention, now_ms);
            metrics::local_expired(expired.len());
            self.remove_files(&expired);
        }
    }

    /// Deletes what its reader needs no more. Stopping half way leaves what `expire` leaves.
    fn release(&self, partition: Partition, before: Offset) {
        if let Some(writer) = self.writers.get(partition as usize) {
            self.remove_files(&retention::take_before(writer.shared(), before));
        }
    }

    /// Removes files, the oldest first, up to the first that stays: behind a gap the rest would be
    /// taken for damaged at the next opening.
    fn remove_files(&self, segments: &[Segment]) {
        let removed = |path: &Path| remove(self.files.as_ref(), path);
        let _ = segments.iter().all(|s| removed(&s.path) && removed(&s.index_path()));
    }
}

fn gather(commands: &Receiver<Command>, group: &mut Vec<Command>) {
    let size = |command: &Command| match command {
        Command::Append { bytes, .. } => *bytes,
        Command::Sync(..) | Command::Release(..) | Command::Stop => 0,
    };
    let mut bytes: usize = group.iter().map(size).sum();
    while bytes < GROUP_BYTES
        && let Ok(command) = commands.try_recv()
    {
        bytes += size(&command);
        group.push(command);
    }
}

/// Answers whether the file is gone.
fn remove(files: &dyn Files, path: &Path) -> bool {
    match files.remove(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(file = %path.display(), %error, "an expired file could not be removed");
            false
        }
        _ => true,
    }
}

/// Starts the thread.
pub(super) fn spawn(
    writer: Writer,
    commands: Receiver<Command>,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new()
        .name("annals-log-writer".to_owned())
        .spawn(move || writer.run(&commands))
}

impl Writer {
    /// The partitions, for readers.
    pub fn shared(&self) -> Vec<Arc<Shared>> {
        self.writers.iter().map(|writer| Arc::clone(writer.shared())).collect()
    }
}

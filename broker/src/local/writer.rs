//! The one thread that writes: takes what waits, writes it, syncs, publishes, answers.
//!
//! Group commit without a timer: while one fsync runs the next appends gather, and go together.
//! An append therefore waits for at most the fsync under way and its own.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use annals_schemas::NewRecord;
use tokio::sync::{OwnedSemaphorePermit, oneshot, watch};

use super::appender::{Appender, WriteFailure};
use super::files::Files;
use super::partition::Shared;
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
    /// Sync what was acknowledged; answer when it can be read.
    Sync(oneshot::Sender<Result<(), BrokerError>>),
    /// Sync and end.
    Stop,
}

/// The thread's state.
pub(super) struct Writer {
    pub appenders: Vec<Appender>,
    pub options: LocalOptions,
    pub clock: Clock,
    pub files: Arc<dyn Files>,
    pub changed: watch::Sender<()>,
    /// Held as long as the thread lives: the directory's lock.
    pub lock: File,
}

/// Why the writer no longer writes.
type Dead = Option<BrokerError>;

impl Writer {
    /// Runs until `Stop` or until every handle is gone.
    pub fn run(mut self, commands: &Receiver<Command>) {
        let mut dead: Dead = None;
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
            if self.serve(group, &mut dead) {
                break;
            }
            if let Fsync::Interval(every) = self.options.fsync
                && next_sync <= Instant::now()
            {
                next_sync = Instant::now() + every;
                self.sync_all(&mut dead);
            }
            if next_retention <= Instant::now() {
                next_retention = Instant::now() + RETENTION_EVERY;
                self.expire();
            }
        }
        self.sync_all(&mut dead);
        drop(self.lock);
    }

    fn patience(&self, next_sync: Instant, next_retention: Instant) -> Duration {
        let syncs = matches!(self.options.fsync, Fsync::Interval(_))
            && self.appenders.iter().any(Appender::is_dirty);
        let next = if syncs { next_sync.min(next_retention) } else { next_retention };
        next.saturating_duration_since(Instant::now())
    }

    /// Serves a group; answers whether to stop.
    fn serve(&mut self, group: Vec<Command>, dead: &mut Dead) -> bool {
        let mut appends = Vec::new();
        let mut syncs = Vec::new();
        let mut stop = false;
        for command in group {
            match command {
                Command::Append { records, reply, room, .. } => {
                    appends.push((records, reply, room));
                }
                Command::Sync(reply) => syncs.push(reply),
                Command::Stop => stop = true,
            }
        }
        if !appends.is_empty() {
            self.commit(appends, dead);
        }
        if !syncs.is_empty() {
            self.sync_all(dead);
            for reply in syncs {
                let _ = reply.send(dead.clone().map_or(Ok(()), Err));
            }
        }
        stop
    }

    fn commit(
        &mut self,
        appends: Vec<(Vec<NewRecord>, oneshot::Sender<Outcomes>, OwnedSemaphorePermit)>,
        dead: &mut Dead,
    ) {
        let started = Instant::now();
        let now_ms = (self.clock)();
        let mut written = 0;
        let mut placed = Vec::with_capacity(appends.len());
        for (records, reply, room) in appends {
            written += records.len();
            let outcomes: Outcomes =
                records.iter().map(|record| self.place(record, now_ms, dead)).collect();
            placed.push((outcomes, reply, room));
        }
        let bytes = self.appenders.iter().map(Appender::pending_bytes).sum();
        let failures: Vec<_> = self
            .appenders
            .iter_mut()
            .map(|appender| write(appender, &self.options, dead))
            .collect();
        self.changed.send_replace(());
        metrics::local_commit(written, bytes, started.elapsed());
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

    fn place(
        &mut self,
        record: &NewRecord,
        now_ms: i64,
        dead: &Dead,
    ) -> Result<Appended, BrokerError> {
        if let Some(error) = dead {
            return Err(error.clone());
        }
        let size_bytes = super::frame::body_bytes(record);
        let limit_bytes = self.options.max_record_bytes;
        if size_bytes > limit_bytes {
            return Err(BrokerError::TooLarge { size_bytes, limit_bytes });
        }
        let partition = route::partition_of(record, self.options.partitions);
        Ok(self.appenders[partition as usize].place(record, now_ms))
    }

    fn sync_all(&mut self, dead: &mut Dead) {
        for appender in &mut self.appenders {
            if dead.is_none()
                && let Err(error) = appender.sync()
            {
                die(dead, error);
            }
        }
        self.changed.send_replace(());
    }

    /// Deletes old files. If we stop half way there are fewer old files than before, still without
    /// a gap, as the oldest goes first.
    fn expire(&mut self) {
        let Some(retention) = self.options.retention else { return };
        let now_ms = (self.clock)();
        for appender in &self.appenders {
            let expired = super::retention::take_expired(appender.shared(), &retention, now_ms);
            metrics::local_expired(expired.len());
            for segment in expired {
                remove(self.files.as_ref(), &segment.path);
                remove(self.files.as_ref(), &segment.index_path());
            }
        }
    }
}

/// Writes what is pending; an error concerns every record of this group in that partition.
fn write(appender: &mut Appender, options: &LocalOptions, dead: &mut Dead) -> Option<BrokerError> {
    if let Some(error) = dead {
        return Some(error.clone());
    }
    match appender.write(options) {
        Ok(()) => None,
        Err(WriteFailure::NoSpace(error)) => Some(error),
        Err(WriteFailure::Fatal(error)) => {
            die(dead, error.clone());
            Some(error)
        }
    }
}

/// After a failed fsync nobody knows what is on disk: this handle never writes again.
fn die(dead: &mut Dead, error: BrokerError) {
    tracing::error!(%error, "the embedded log cannot be written any more; reopen it");
    *dead = Some(error);
}

fn gather(commands: &Receiver<Command>, group: &mut Vec<Command>) {
    let size = |command: &Command| match command {
        Command::Append { bytes, .. } => *bytes,
        Command::Sync(_) | Command::Stop => 0,
    };
    let mut bytes: usize = group.iter().map(size).sum();
    while bytes < GROUP_BYTES
        && let Ok(command) = commands.try_recv()
    {
        bytes += size(&command);
        group.push(command);
    }
}

fn remove(files: &dyn Files, path: &Path) {
    match files.remove(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(file = %path.display(), %error, "an expired file could not be removed");
        }
        _ => {}
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
        self.appenders.iter().map(|appender| Arc::clone(appender.shared())).collect()
    }
}

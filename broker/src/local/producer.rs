//! The appending handle: hands records to the writer thread and waits for its answer.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use annals_schemas::{NewRecord, Offset, Partition};
use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, oneshot};

use super::frame;
use super::writer::{Command, Outcomes};
use crate::{Appended, BrokerError, Producer};

/// Producer of the embedded log. Dropping the last one ends the writer, after a last sync.
pub(super) struct LocalProducer {
    commands: Sender<Command>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// One permit a KiB of records waiting for the writer.
    room: Arc<Semaphore>,
    room_kib: u32,
    syncs_late: bool,
}

impl LocalProducer {
    pub fn new(
        commands: Sender<Command>,
        thread: JoinHandle<()>,
        max_waiting_bytes: usize,
        syncs_late: bool,
    ) -> Self {
        let room_kib = kib(max_waiting_bytes);
        let room = Arc::new(Semaphore::new(room_kib as usize));
        Self { commands, thread: Mutex::new(Some(thread)), room, room_kib, syncs_late }
    }

    /// Returns once everything acknowledged of this partition can be read: only the weaker level
    /// has to wait.
    pub async fn settle(&self, partition: Partition) -> Result<(), BrokerError> {
        if !self.syncs_late {
            return Ok(());
        }
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Sync(partition, reply)).map_err(|_| BrokerError::Closed)?;
        answer.await.unwrap_or(Err(BrokerError::Closed))
    }

    /// Lets the writer remove the files that hold nothing from this offset on.
    pub fn release(&self, partition: Partition, before: Offset) {
        // A writer that has ended removes nothing: the next opening finds the files again.
        let _ = self.commands.send(Command::Release(partition, before));
    }

    async fn ask(&self, records: Vec<NewRecord>) -> Result<Outcomes, BrokerError> {
        let bytes = records.iter().map(|r| frame::HEAD_BYTES + frame::body_bytes(r)).sum();
        // One request larger than all the room takes all of it, and goes alone.
        let asked = kib(bytes).min(self.room_kib);
        let room = Arc::clone(&self.room).acquire_many_owned(asked).await;
        let room = room.map_err(|_| BrokerError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let command = Command::Append { records, bytes, reply, room };
        self.commands.send(command).map_err(|_| BrokerError::Closed)?;
        answer.await.map_err(|_| BrokerError::Closed)
    }
}

fn kib(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX >> 3).min(u32::MAX >> 3)
}

#[async_trait]
impl Producer for LocalProducer {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        let count = records.len();
        match self.ask(records).await {
            Ok(outcomes) => outcomes,
            Err(error) => vec![Err(error); count],
        }
    }
}

impl Drop for LocalProducer {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }
}

/// The producer of a log opened read-only: refuses.
pub(super) struct ReadOnlyProducer;

#[async_trait]
impl Producer for ReadOnlyProducer {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        vec![Err(BrokerError::Closed); records.len()]
    }
}

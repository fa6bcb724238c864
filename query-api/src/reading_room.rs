//! The bound on reads of the store that run at the same time.
//!
//! Reads run on the runtime's blocking threads, as do posting and folding. A page is read on the
//! thread that answers it, which saves waking another one twice, as long as one more such thread
//! reads nothing and is there for everything else. A read holds its place until it has ended, also
//! when its client has gone meanwhile: the thread is busy that long.
//! Guarantees that reads, however slow and many, leave threads to the others, and that those of
//! one workspace leave places and processors to the other workspaces, and proofs to pages.
//! Deliberately not here: the budget of a single read (`QueryLimits`).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use annals_service::problem::{Problem, ProblemKind};
use annals_store::StoreError;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::access::Reading;
use crate::metrics;
use crate::workspace_places::WorkspacePlaces;

/// Reads that run at the same time: half of the blocking threads that `annals up` has.
const CONCURRENT_READS: usize = 16;
/// How long a read waits for a place before it is answered with 429.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// When a refused client may come back.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Places for reads of the store. Cheap to share.
#[derive(Clone)]
pub(crate) struct ReadingRoom {
    places: Arc<Semaphore>,
    max_wait: Duration,
    workspaces: Arc<WorkspacePlaces>,
    /// One after the other: they share a tree that is read by one at a time.
    proofs: Arc<Semaphore>,
    /// Of each who asks for proofs one waits for that: the next is somebody else's.
    provers: Arc<WorkspacePlaces>,
    /// Places that are waited for first, in this order.
    own: Vec<Arc<Semaphore>>,
    /// How many of the threads that answer requests are reading a page.
    reading: Arc<AtomicUsize>,
}

/// What a read holds until it has ended.
type Places = (OwnedSemaphorePermit, Vec<OwnedSemaphorePermit>);

impl ReadingRoom {
    /// With so many reads of one workspace at the same time; 0 means half of the processors, which
    /// leaves the other half to its neighbours.
    pub(crate) fn with_reads_per_workspace(reads: usize) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let reads = if reads == 0 { (processors / 2).max(1) } else { reads };
        Self::new(CONCURRENT_READS, MAX_WAIT, reads)
    }

    fn new(places: usize, max_wait: Duration, places_each: usize) -> Self {
        let workspaces = Arc::new(WorkspacePlaces::new(places_each));
        let (places, proofs) = (Arc::new(Semaphore::new(places)), Arc::new(Semaphore::new(1)));
        let provers = Arc::new(WorkspacePlaces::new(1));
        let reading = Arc::new(AtomicUsize::new(0));
        Self { places, max_wait, workspaces, proofs, provers, own: Vec::new(), reading }
    }

    /// The room for one reader: its workspace's places come first.
    pub(crate) fn of(&self, reader: &Reading) -> Self {
        self.of_workspace(reader.workspace.id().as_str())
    }

    pub(crate) fn of_workspace(&self, workspace: &str) -> Self {
        Self { own: vec![self.workspaces.of(workspace)], ..self.clone() }
    }

    /// The room for tiles and proofs, of a workspace or of a caller. They wait here and not on the
    /// threads, where those that wait for each other would leave none to pages, and take no place
    /// of the workspace's pages meanwhile.
    pub(crate) fn of_proofs(&self, asked_by: &str) -> Self {
        Self { own: vec![self.provers.of(asked_by), self.proofs.clone()], ..self.clone() }
    }

    /// Runs store work off the threads that answer requests, and maps its failures.
    /// `rate-limited` when no place becomes free in time.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.run(work).await?.map_err(|error| refusal(&error))
    }

    /// Reads a page or less: what ends soon, as a rule. `rate-limited` when no place becomes free
    /// in time.
    pub(crate) async fn read_page<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let places = self.enter().await?;
        let read = match ReadingHere::begin(&self.reading) {
            Some(_reading) => work(),
            None => elsewhere(places, work).await,
        };
        read.map_err(|error| refusal(&error))
    }

    /// Runs any such work. `rate-limited` when no place becomes free in time.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let places = self.enter().await?;
        Ok(elsewhere(places, work).await)
    }

    async fn enter(&self) -> Result<Places, Problem> {
        let until = Instant::now() + self.max_wait;
        // Whoever waits for a place of its workspace must not hold one that others could use.
        let mut own = Vec::with_capacity(self.own.len());
        for places in &self.own {
            own.push(place(places, until).await?);
        }
        Ok((place(&self.places, until).await?, own))
    }
}

/// One of the threads that answer requests while it reads a page.
struct ReadingHere<'a> {
    reading: &'a AtomicUsize,
}

impl<'a> ReadingHere<'a> {
    /// None if no such thread would be left.
    fn begin(reading: &'a AtomicUsize) -> Option<Self> {
        let all = Handle::current().metrics().num_workers();
        let one_more = |reading: usize| Some(reading + 1).filter(|reading| *reading < all);
        let begun = reading.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more);
        // Not made to be thrown away: its end is counted.
        begun.ok().map(|_| Self { reading })
    }
}

impl Drop for ReadingHere<'_> {
    fn drop(&mut self) {
        self.reading.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Work on a thread of its own, which holds the places until it has ended.
async fn elsewhere<T: Send + 'static>(
    places: Places,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let read = tokio::task::spawn_blocking(move || {
        let outcome = work();
        drop(places);
        outcome
    });
    match read.await {
        Ok(outcome) => outcome,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// A place, as soon as there is one.
async fn place(places: &Arc<Semaphore>, until: Instant) -> Result<OwnedSemaphorePermit, Problem> {
    match tokio::time::timeout_at(until, places.clone().acquire_owned()).await {
        Ok(place) => Ok(place.expect("the places are never closed")),
        Err(_) => {
            metrics::read_refused();
            Err(Problem::new(ProblemKind::RateLimited)
                .detail("too many reads are running")
                .retry_after(RETRY_AFTER_SECONDS))
        }
    }
}

/// What a failed read is answered with.
pub(crate) fn refusal(error: &StoreError) -> Problem {
    if let StoreError::Restricted = error {
        let detail = "this token sees a part of the workspace, and the answer is about all of it";
        return Problem::new(ProblemKind::Forbidden).detail(detail);
    }
    if let StoreError::OverBudget { limit, .. } = error {
        let detail = format!("the query took {limit} steps; narrow the date range or filters");
        return Problem::new(ProblemKind::Timeout).detail(detail);
    }
    if let StoreError::OverTime { .. } = error {
        let detail = "the query ran for as long as it may; narrow the date range or filters";
        return Problem::new(ProblemKind::Timeout).detail(detail);
    }
    if let StoreError::NotCaughtUp { .. } = error {
        return Problem::new(ProblemKind::Behind)
            .detail("what the cursor has seen is being read again")
            .retry_after(RETRY_AFTER_SECONDS);
    }
    if let StoreError::Unavailable { .. } = error {
        return Problem::new(ProblemKind::Behind).detail("this workspace's partition is not open");
    }
    tracing::error!(error = %error, source = ?std::error::Error::source(error), "reading");
    Problem::new(ProblemKind::Internal)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};
    use std::thread;

    use axum::response::IntoResponse;
    use tokio::task::JoinHandle;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    /// A read that has begun and ends when the sender says so.
    async fn begin(room: &ReadingRoom) -> (Sender<()>, JoinHandle<Result<u32, Problem>>) {
        let (end, ended) = channel();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let room = room.clone();
        let read = tokio::spawn(async move {
            let work = move || {
                begun.send(()).unwrap();
                ended.recv().unwrap();
                Ok(7)
            };
            room.read(work).await
        });
        has_begun.await.unwrap();
        (end, read)
    }

    #[tokio::test]
    async fn without_a_place_429_says_when_to_come_back() {
        let room = ReadingRoom::new(2, SHORT, 16);
        let (first, first_read) = begin(&room).await;
        let (second, second_read) = begin(&room).await;
        let refused = room.read(|| Ok(1)).await.unwrap_err().into_response();
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()["retry-after"], "1");
        first.send(()).unwrap();
        assert_eq!(first_read.await.unwrap(), Ok(7));
        assert_eq!(room.read(|| Ok(1)).await, Ok(1), "a place is free again");
        second.send(()).unwrap();
        assert_eq!(second_read.await.unwrap(), Ok(7));
    }

    /// A workspace that reads a lot waits for itself, and its neighbours do not.
    #[tokio::test]
    async fn a_workspace_takes_its_own_places_and_no_others() {
        let room = ReadingRoom::new(4, SHORT, 1);
        let (greedy, neighbour) = (room.of_workspace("greedy"), room.of_workspace("quiet"));
        let (end, read) = begin(&greedy).await;
        let again = room.of_workspace("greedy").read(|| Ok(1)).await.unwrap_err();
        assert_eq!(again.kind(), ProblemKind::RateLimited);
        assert_eq!(neighbour.read(|| Ok(1)).await, Ok(1));
        end.send(()).unwrap();
        assert_eq!(read.await.unwrap(), Ok(7));
        assert_eq!(greedy.read(|| Ok(1)).await, Ok(1));
    }

    /// Each took a blocking thread and waited there for the one before it: as many as there are
    /// threads, and no page was answered.
    #[tokio::test]
    async fn proofs_that_wait_for_each_other_leave_places_to_pages() {
        let room = ReadingRoom::new(2, Duration::from_secs(60), 16);
        let (end, first) = begin(&room.of_proofs("acme")).await;
        let begun = Arc::new(AtomicUsize::new(0));
        let waiting: Vec<_> = (0..100)
            .map(|number| {
                let asked_by = if number % 2 == 0 { "acme" } else { "quiet" };
                let (room, begun) = (room.of_proofs(asked_by), begun.clone());
                tokio::spawn(
                    async move { room.run(move || begun.fetch_add(1, Ordering::SeqCst)).await },
                )
            })
            .collect();
        for workspace in ["acme", "quiet"].repeat(50) {
            assert_eq!(room.of_workspace(workspace).read(|| Ok(1)).await, Ok(1));
        }
        assert_eq!(begun.load(Ordering::SeqCst), 0, "one proof at a time");
        end.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(7));
        for proof in waiting {
            proof.await.unwrap().unwrap();
        }
        assert_eq!(begun.load(Ordering::SeqCst), 100);
    }

    #[tokio::test]
    async fn a_read_waits_its_turn() {
        let room = ReadingRoom::new(1, Duration::from_secs(60), 16);
        let (end, read) = begin(&room).await;
        let waiting = tokio::spawn({
            let room = room.clone();
            async move { room.read(|| Ok(1)).await }
        });
        end.send(()).unwrap();
        assert_eq!(read.await.unwrap(), Ok(7));
        assert_eq!(waiting.await.unwrap(), Ok(1));
    }

    /// The thread goes on when the client has gone; a place freed before would not be one.
    #[tokio::test]
    async fn a_client_that_leaves_does_not_free_the_place() {
        let room = ReadingRoom::new(1, SHORT, 16);
        let (end, read) = begin(&room).await;
        read.abort();
        assert!(read.await.unwrap_err().is_cancelled());
        let refused = room.read(|| Ok(1)).await.unwrap_err();
        assert_eq!(refused.kind(), ProblemKind::RateLimited);
        end.send(()).unwrap();
        let patient = ReadingRoom { max_wait: Duration::from_secs(60), ..room };
        assert_eq!(patient.read(|| Ok(1)).await, Ok(1));
    }

    #[tokio::test]
    async fn a_read_that_panics_frees_its_place() {
        let room = ReadingRoom::new(1, Duration::from_secs(60), 16);
        let panicking = tokio::spawn({
            let room = room.clone();
            async move { room.read(|| -> Result<u32, StoreError> { panic!("on purpose") }).await }
        });
        assert!(panicking.await.unwrap_err().is_panic());
        assert_eq!(room.read(|| Ok(1)).await, Ok(1));
    }

    /// One of two threads is left to everything else, whatever pages are read.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn pages_are_read_on_the_thread_that_answers_as_long_as_another_is_left() {
        let room = ReadingRoom::new(4, Duration::from_secs(60), 16);
        let (end, ended) = channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let first = tokio::spawn({
            let room = room.clone();
            async move {
                let answering = thread::current().id();
                let work = move || {
                    begun.send(()).unwrap();
                    ended.recv().unwrap();
                    Ok(thread::current().id() == answering)
                };
                room.read_page(work).await
            }
        });
        has_begun.await.unwrap();
        for _ in 0..3 {
            let room = room.clone();
            let other = tokio::spawn(async move {
                let answering = thread::current().id();
                room.read_page(move || Ok(thread::current().id() == answering)).await
            });
            assert_eq!(other.await.unwrap(), Ok(false), "the other thread is left");
        }
        end.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(true));
    }

    #[tokio::test]
    async fn the_only_thread_that_answers_reads_nothing() {
        let room = ReadingRoom::new(1, SHORT, 16);
        let answering = thread::current().id();
        let read = room.read_page(move || Ok(thread::current().id() == answering)).await;
        assert_eq!(read, Ok(false));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_page_that_panics_frees_its_place_and_its_thread() {
        let room = ReadingRoom::new(1, SHORT, 16);
        for _ in 0..3 {
            let panicking = tokio::spawn({
                let room = room.clone();
                async move {
                    room.read_page(|| -> Result<u32, StoreError> { panic!("on purpose") }).await
                }
            });
            assert!(panicking.await.unwrap_err().is_panic());
        }
        assert_eq!(room.reading.load(Ordering::Acquire), 0);
        assert_eq!(room.read_page(|| Ok(1)).await, Ok(1));
    }
}

//! One reader that goes through a workspace's rows in the order of their arrival.

use std::sync::Arc;
use std::time::Duration;

use annals_schemas::Labels;
use annals_service::problem::{Problem, ProblemKind};
use annals_store::{FeedPage, FeedRequest, Row};
use tokio::time::{Instant, sleep_until};

use super::desk::Watching;
use crate::access::Reading;
use crate::cursor::CursorError;
use crate::parameters::FeedParameters;
use crate::shapes::{RowText, SnapshotShape};
use crate::state::Served;

/// Where a reader stands, and what it asks.
pub(crate) struct Follower {
    served: Served,
    reader: Reading,
    asked: FeedParameters,
    binding: Vec<u8>,
    language: Option<String>,
    /// Every matching row up to this seq was given.
    through: u64,
    watching: Option<Watching>,
}

/// The next rows, and what they were read from.
pub(crate) struct News {
    pub(crate) rows: Vec<Row>,
    pub(crate) snapshot: SnapshotShape,
}

impl Follower {
    /// Stands at the place that was asked for.
    pub(crate) fn new(
        served: Served,
        reader: Reading,
        asked: FeedParameters,
        language: Option<String>,
    ) -> Result<Self, Problem> {
        let binding = asked.binding(reader.workspace.id().as_str());
        let now = served.api.clock.unix_seconds();
        let through = match &asked.after {
            Some(text) => served.api.cursors.open_feed(text, &binding, now).map_err(problem)?,
            None => 0,
        };
        Ok(Self { served, reader, asked, binding, language, through, watching: None })
    }

    /// The place after the rows that were given.
    pub(crate) fn token(&self) -> String {
        self.token_at(self.through)
    }

    /// The place after a row.
    pub(super) fn token_at(&self, seq: u64) -> String {
        let now = self.served.api.clock.unix_seconds();
        self.served.api.cursors.seal_feed(seq, &self.binding, now)
    }

    /// How its rows are written.
    pub(crate) fn text<'a>(&'a self, labels: &'a Labels) -> RowText<'a> {
        let with_positions = self.reader.sees_positions();
        RowText { labels, language: self.language.as_deref(), with_positions }
    }

    /// What actions are called.
    pub(crate) fn labels(&self) -> Arc<Labels> {
        self.served.api.labels.get()
    }

    /// Whether the reader may still read.
    pub(super) fn check_access(&mut self) -> Result<(), Problem> {
        let Reading { workspace, renewal, .. } = &mut self.reader;
        match renewal.ask(&self.served.api, workspace.id()) {
            true => Ok(()),
            false => Err(Problem::new(ProblemKind::Unauthenticated)),
        }
    }

    /// Whether the process is to stop.
    pub(super) fn is_stopping(&self) -> bool {
        self.served.api.shutdown.is_requested()
    }

    /// The next rows. Waits as long as there are none; then, or when the process is to stop, there
    /// are none. A page that ended early to bound its work is given as it is.
    pub(crate) async fn next(&mut self, wait: Duration) -> Result<News, Problem> {
        let deadline = Instant::now() + wait;
        let shutdown = self.served.api.shutdown.clone();
        loop {
            let with_positions = self.reader.sees_positions();
            let snapshot = SnapshotShape::before_reading(&self.reader.workspace, with_positions);
            let page = self.read().await?;
            self.through = page.through;
            let is_caught_up = page.through >= page.last_seq;
            let is_over = Instant::now() >= deadline || shutdown.is_requested();
            if !page.rows.is_empty() || !is_caught_up || is_over {
                return Ok(News { snapshot: snapshot.at(page.last_seq), rows: page.rows });
            }
            let watching = match &mut self.watching {
                Some(watching) => watching,
                none => none.insert(self.served.followers.follow(&self.reader.workspace)?),
            };
            let Reading { workspace, renewal, .. } = &mut self.reader;
            tokio::select! {
                () = watching.beyond(page.through) => self.check_access()?,
                () = renewal.ended(&self.served.api, workspace.id()) => {
                    return Err(Problem::new(ProblemKind::Unauthenticated));
                }
                () = sleep_until(deadline) => {}
                () = shutdown.requested() => {}
            }
        }
    }

    async fn read(&self) -> Result<FeedPage, Problem> {
        let workspace = self.reader.workspace.clone();
        let filter = self.asked.filter.asked.clone();
        let (after, limit) = (self.through, self.asked.limit);
        let limits = self.served.api.query_limits;
        let work = move || {
            workspace.feed(&FeedRequest { filter: &filter, after, limit, budget: limits.begin() })
        };
        self.served.room.of(&self.reader).read(work).await
    }
}

fn problem(error: CursorError) -> Problem {
    match error {
        CursorError::Mismatch => Problem::new(ProblemKind::CursorMismatch)
            .parameter("after", "was not made for this workspace and these filters"),
        CursorError::Expired => Problem::new(ProblemKind::CursorExpired)
            .parameter("after", "is too old; begin again with 0"),
    }
}

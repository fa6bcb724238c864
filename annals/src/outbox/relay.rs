//! One relay: round by round a lane's rows to the log.

use annals_schemas::Event;
use tokio_postgres::{Client, Error};

use super::lane::Lane;
use super::row::Row;
use crate::exit::Failure;
use crate::sink::{Outcome, Sink};

/// Bytes of rows that go to the log at once.
const BATCH_BYTES: usize = 1 << 20;

/// A connection and where its rows go.
pub(super) struct Relay<'s> {
    client: Client,
    sink: &'s Sink,
}

/// Why a round was not finished.
pub(super) enum RoundError {
    /// The connection is of no more use.
    Database(Error),
    /// The log does not take events: later, on the same connection.
    Log(Failure),
}

impl From<Error> for RoundError {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl<'s> Relay<'s> {
    pub(super) fn new(client: Client, sink: &'s Sink) -> Self {
        Self { client, sink }
    }

    /// Takes the next rows of a lane to the log and deletes them; answers how many. A round that
    /// is dropped half way changes nothing but the log, which may have some of them.
    pub(super) async fn round(&mut self) -> Result<usize, RoundError> {
        let Some(lane) = Lane::take(&mut self.client).await? else { return Ok(0) };
        let rows = lane.rows().await?;
        let mut events = Vec::with_capacity(rows.len());
        for row in &rows {
            match row.event() {
                Ok(event) => events.push((row, event)),
                Err(reason) => refuse(&lane, row, &reason).await?,
            }
        }
        while !events.is_empty() {
            let later = events.split_off(within(&events));
            let (rows, batch): (Vec<&Row>, Vec<Event>) =
                std::mem::replace(&mut events, later).into_iter().unzip();
            let outcomes = self.sink.append(batch).await.map_err(RoundError::Log)?;
            for (row, outcome) in rows.into_iter().zip(outcomes) {
                if let Outcome::Refused(reason) = outcome {
                    refuse(&lane, row, &reason).await?;
                }
            }
        }
        #[cfg(feature = "failpoints")]
        crate::failpoints::reached("outbox-appended");
        lane.finish(&rows).await?;
        #[cfg(feature = "failpoints")]
        crate::failpoints::reached("outbox-committed");
        Ok(rows.len())
    }
}

/// How many of the first events go together.
fn within(events: &[(&Row, Event)]) -> usize {
    let mut bytes = 0;
    let fits = |(row, _): &&(&Row, Event)| {
        bytes += row.event.len();
        bytes <= BATCH_BYTES
    };
    events.iter().take_while(fits).count().max(1)
}

async fn refuse(lane: &Lane<'_>, row: &Row, reason: &str) -> Result<(), Error> {
    tracing::error!(id = row.id, reason, "a row of the outbox is no event: put aside");
    lane.refuse(row, reason).await
}

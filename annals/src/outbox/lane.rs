//! One lane of the outbox, held by a transaction: its rows, and what is done with them.

use tokio_postgres::{Client, Error, Transaction};

use super::row::Row;

/// Rows read at once.
const ROWS: i64 = 500;

/// The lane whose first row is the oldest, of those that nobody works on. Two relays that look at
/// once take different ones.
const TAKE: &str = "
    SELECT lane FROM annals_outbox_lane AS l
    WHERE EXISTS (SELECT 1 FROM annals_outbox AS o WHERE o.lane = l.lane)
    ORDER BY (SELECT min(id) FROM annals_outbox AS o WHERE o.lane = l.lane)
    LIMIT 1 FOR UPDATE OF l SKIP LOCKED";
const READ: &str = "
    SELECT id, event_id::text, (extract(epoch FROM occurred_at) * 1000000)::bigint, event::text
    FROM annals_outbox WHERE lane = $1 ORDER BY id LIMIT $2";
const DELETE: &str = "DELETE FROM annals_outbox WHERE lane = $1 AND id = ANY($2)";
/// Before the row is deleted, in the same transaction.
const REFUSE: &str = "
    INSERT INTO annals_outbox_refused (id, event_id, occurred_at, event, reason)
    SELECT id, event_id, occurred_at, event, $3 FROM annals_outbox WHERE lane = $1 AND id = $2";

/// A lane that is ours until it is left.
pub(super) struct Lane<'c> {
    transaction: Transaction<'c>,
    number: i16,
}

impl<'c> Lane<'c> {
    /// Takes a lane that has rows, if there is one that nobody works on. Dropping it lets it go and
    /// changes nothing.
    pub(super) async fn take(client: &'c mut Client) -> Result<Option<Self>, Error> {
        let transaction = client.transaction().await?;
        let taken = transaction.query_opt(TAKE, &[]).await?;
        Ok(taken.map(|row| Self { transaction, number: row.get(0) }))
    }

    /// Its first rows. Seen is what had been committed when this was asked, after the lane was
    /// taken: nothing that another relay has delivered meanwhile.
    pub(super) async fn rows(&self) -> Result<Vec<Row>, Error> {
        let rows = self.transaction.query(READ, &[&self.number, &ROWS]).await?;
        let row = |row: tokio_postgres::Row| Row {
            id: row.get(0),
            event_id: row.get(1),
            occurred_at_us: row.get(2),
            event: row.get(3),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Puts a row aside that is no event.
    pub(super) async fn refuse(&self, row: &Row, reason: &str) -> Result<(), Error> {
        self.transaction.execute(REFUSE, &[&self.number, &row.id, &reason]).await?;
        Ok(())
    }

    /// Deletes rows that are done with, and lets the lane go. If we stop before this, they are sent
    /// again.
    pub(super) async fn finish(self, rows: &[Row]) -> Result<(), Error> {
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        self.transaction.execute(DELETE, &[&self.number, &ids]).await?;
        self.transaction.commit().await
    }
}

//! Making a ruling: schema texts first, then the ruling, and only then is anything folded by it.

use std::sync::Arc;

use annals_schemas::{Offset, SchemaRef};
use bytes::Bytes;

use super::PartitionStore;
use crate::StoreError;
use crate::rulings::{MAX_SCHEMAS, PartitionSchemas, ResolvedSchema, Ruling, numbers, schema_path};
use crate::storage::{Boundary, Created};

/// How often an unclear answer is followed by another try.
const TRIES: u32 = 5;
/// So many rulings stay behind the newest, for people who look back.
const KEPT: u64 = 8;

impl PartitionStore {
    /// What is known of the schemas that records name.
    pub fn schemas(&self) -> Arc<PartitionSchemas> {
        self.schemas.read().clone()
    }

    /// The text of a schema that a ruling names; `None` if it is lost.
    pub async fn schema_text(&self, schema: &SchemaRef) -> Result<Option<Bytes>, StoreError> {
        self.shared.storage.get(&schema_path(schema)).await
    }

    /// Makes the next ruling: from `from` on a registry counts, if none did yet; framed records
    /// before `judged_to` are judged; these schemas are known. Of those beyond the limit none is
    /// taken: their ids count as unknown.
    ///
    /// `Superseded` means that another writer was first: [`reopen`](Self::reopen), and go by its
    /// ruling.
    pub async fn rule(
        &self,
        from: Offset,
        judged_to: Offset,
        resolved: Vec<ResolvedSchema>,
    ) -> Result<(), StoreError> {
        let before = self.schemas();
        let mut ruling = match &before.ruling {
            Some(newest) => Ruling { number: newest.number + 1, ..newest.clone() },
            None => Ruling::first(self.partition, from),
        };
        ruling.judged_to = ruling.judged_to.max(judged_to);
        for ResolvedSchema { schema, text } in resolved {
            if ruling.schemas.len() == MAX_SCHEMAS {
                let (partition, id) = (self.partition, schema.id.0);
                tracing::error!(partition, id, MAX_SCHEMAS, "too many schemas: it is unknown");
                continue;
            }
            let path = schema_path(&schema);
            if !self.put_same(&path, text.into()).await? {
                return Err(StoreError::corrupt(&path, 0, "it is not the schema of its name"));
            }
            self.shared.boundary.reached(Boundary::SchemaStored);
            // Crash here: a schema that no ruling names. The same text gets the same name again.
            ruling.schemas.push(schema);
        }
        self.publish_ruling(ruling).await
    }

    /// Takes a ruling over from another store of the same log, in a store that has none.
    pub async fn adopt_ruling(
        &self,
        from: &PartitionSchemas,
        texts: impl IntoIterator<Item = (String, Bytes)>,
    ) -> Result<(), StoreError> {
        let Some(newest) = &from.ruling else { return Ok(()) };
        for (path, text) in texts {
            self.put_same(&path, text).await?;
        }
        self.publish_ruling(Ruling { number: 0, ..newest.clone() }).await
    }

    async fn publish_ruling(&self, mut ruling: Ruling) -> Result<(), StoreError> {
        let number = ruling.number;
        let bytes = Bytes::from(ruling.finish());
        let path = Ruling::path(self.partition, number);
        let superseded = StoreError::Superseded { partition: self.partition, number };
        if !self.put_same(&path, bytes).await? {
            return Err(superseded);
        }
        self.shared.boundary.reached(Boundary::RulingCreated);
        // Crash here: the records are folded by this ruling at the next start, and nobody is asked.
        let there = numbers(&self.shared.storage, self.partition).await?;
        // A writer that slept finds a name free that was removed since: it is no part of the row.
        if there.last().is_some_and(|last| *last > number) {
            return Err(superseded);
        }
        *self.schemas.write() = Arc::new(PartitionSchemas { ruling: Some(ruling) });
        for old in there.into_iter().filter(|old| old + KEPT < number) {
            // What cannot be removed now is removed with the next ruling.
            let removed = self.shared.storage.delete(&Ruling::path(self.partition, old)).await;
            let Err(error) = removed else { continue };
            tracing::debug!(%error, "an old ruling stays");
        }
        Ok(())
    }

    /// Creates an object; `false` if other bytes stand there. After an unclear answer the name is
    /// read back, and if nothing is there the same bytes are put again.
    async fn put_same(&self, path: &str, bytes: Bytes) -> Result<bool, StoreError> {
        let mut unclear = None;
        for _ in 0..TRIES {
            let created = self.shared.storage.put_if_absent(path, bytes.clone()).await;
            if matches!(created, Ok(Created::Mine)) {
                return Ok(true);
            }
            match self.shared.storage.get(path).await {
                Ok(Some(found)) => return Ok(found == bytes),
                Ok(None) => unclear = created.err().or(unclear),
                Err(error) => unclear = Some(error),
            }
        }
        let path = path.to_owned();
        let source = object_store::Error::NotFound { path: path.clone(), source: "unclear".into() };
        Err(unclear.unwrap_or(StoreError::Storage { operation: "creating", path, source }))
    }
}

//! What is known of the schemas that a partition's records name.

use annals_schemas::{
    FramedSchemas, Offset, Partition, Record, SchemaId, SchemaReading, SchemaRef, framed_schema_id,
};

use super::Ruling;
use crate::StoreError;
use crate::storage::Storage;

/// How often the newest ruling is looked for when it is gone by the time it is read.
const LOOKS: usize = 5;

/// A partition's newest ruling, or none. Immutable: a new ruling makes another one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartitionSchemas {
    pub(crate) ruling: Option<Ruling>,
}

impl PartitionSchemas {
    /// Reads the newest ruling of a partition, needing nothing else of the store.
    pub async fn load(storage: &Storage, partition: Partition) -> Result<Self, StoreError> {
        let mut path = String::new();
        for _ in 0..LOOKS {
            let Some(number) = numbers(storage, partition).await?.pop() else {
                return Ok(Self::default());
            };
            path = Ruling::path(partition, number);
            // Its owner may have made so many since the list that this one is gone already.
            let Some(bytes) = storage.get(&path).await? else { continue };
            return Ok(Self { ruling: Some(Ruling::read(partition, number, &bytes)?) });
        }
        Err(StoreError::corrupt(&path, 0, "listed, but not there"))
    }

    /// Whether a registry counts in this partition, from some offset on.
    pub fn is_ruled(&self) -> bool {
        self.ruling.is_some()
    }

    /// All schemas, in the order in which they were resolved.
    pub fn all(&self) -> &[SchemaRef] {
        self.ruling.as_ref().map(|ruling| ruling.schemas.as_slice()).unwrap_or_default()
    }

    /// Those that count somewhere before an offset.
    pub fn before(&self, end: Offset) -> Vec<SchemaRef> {
        self.all().iter().filter(|schema| schema.from < end).cloned().collect()
    }

    /// The id that a record names and of which the ruling cannot say what it stands for there:
    /// before that is resolved, the record must not be folded. `None` where no registry counts.
    pub fn unresolved(&self, record: &Record) -> Option<SchemaId> {
        let ruling = self.ruling.as_ref()?;
        let offset = record.position.offset;
        if offset < ruling.judged_to {
            return None;
        }
        framed_schema_id(record).filter(|id| self.schema(*id, offset).is_none())
    }

    fn schema(&self, id: SchemaId, offset: Offset) -> Option<&SchemaRef> {
        self.all().iter().find(|schema| schema.id == id && schema.from <= offset)
    }
}

impl FramedSchemas for PartitionSchemas {
    fn counts_at(&self, offset: Offset) -> bool {
        self.ruling.as_ref().is_some_and(|ruling| ruling.from <= offset)
    }

    fn find(&self, id: SchemaId, offset: Offset) -> Option<SchemaReading> {
        let found = self.schema(id, offset).map(|schema| schema.reads);
        let judged_to = self.ruling.as_ref().map_or(0, |ruling| ruling.judged_to);
        // INV-5: what is not resolved would be judged another way the next time.
        assert!(
            found.is_some() || offset < judged_to,
            "INV-5: schema {id} at {offset} is resolved"
        );
        found
    }
}

/// Numbers of a partition's rulings that are there, ascending.
pub(crate) async fn numbers(
    storage: &Storage,
    partition: Partition,
) -> Result<Vec<u64>, StoreError> {
    let names = storage.list(&format!("rulings/{partition}")).await?;
    let number = |name: &String| name.rsplit('/').next()?.strip_suffix(".json")?.parse().ok();
    let mut numbers: Vec<u64> = names.iter().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

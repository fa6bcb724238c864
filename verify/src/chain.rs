//! Records in the order of the log, held against the chains of offsets and gathered into the tree.

use std::collections::HashMap;

use annals_schemas::{LogId, Offset, Partition, Record, WorkspaceId, partition_of};

use crate::tree::Tree;
use crate::{Entry, EntryFields, RecordDigests, RecordFacts, VerifyError};

/// Whether a key is a workspace's, in the partition where it belongs.
pub fn is_workspace_key(key: Option<&[u8]>, partition: Partition, partitions: u32) -> bool {
    let is_here = |key: &&[u8]| partition_of(key, partitions) == partition;
    key.filter(is_here).is_some_and(|key| WorkspaceId::from_key(key).is_some())
}

/// One partition's records, one after the other.
#[derive(Debug, Default)]
pub struct Chain {
    tree: Tree,
    last: Option<Offset>,
    /// Last offset by digest of the key.
    keys: HashMap<[u8; 32], Offset>,
}

impl Chain {
    /// Takes the next record's entry; `is_chained` tells whether its key is a valid workspace key.
    /// An error names what does not continue.
    pub fn take(&mut self, entry: &Entry, is_chained: bool) -> Result<(), VerifyError> {
        let EntryFields { partition, offset, previous, previous_of_key, key, .. } = entry.fields();
        let of_key = if is_chained { self.keys.insert(key, offset) } else { None };
        let pairs = [("", previous, self.last), (" of its key", previous_of_key, of_key)];
        for (what, claimed, found) in pairs {
            if claimed != found {
                let (claimed, found) = (named(claimed), named(found));
                return Err(VerifyError::unsound(
                    format!("partition {partition}, offset {offset}"),
                    format!("the record before it{what} is {found}, it claims {claimed}"),
                ));
            }
        }
        self.append(entry);
        Ok(())
    }

    /// Makes the entry of the next record and takes it.
    pub fn extend(&mut self, record: &Record, log_id: &LogId, is_chained: bool) {
        let offset = record.position.offset;
        let digests = RecordDigests::of(record);
        let of_key = if is_chained { self.keys.insert(digests.key, offset) } else { None };
        let previous = (self.last, of_key);
        self.append(&Entry::with_digests(&RecordFacts::of(record), &digests, log_id, previous));
    }

    fn append(&mut self, entry: &Entry) {
        self.last = Some(entry.offset());
        self.tree.append(entry.leaf());
    }

    /// The tree so far.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Offset of the last record.
    pub fn last(&self) -> Option<Offset> {
        self.last
    }
}

fn named(offset: Option<Offset>) -> String {
    offset.map_or("none".to_owned(), |offset| format!("offset {offset}"))
}

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
    /// Takes the entries of the next records; each is marked with whether its key is a valid
    /// workspace key. An error names the first that does not continue; the chain is of no use then.
    pub fn extend(&mut self, entries: &[(Entry, bool)]) -> Result<(), VerifyError> {
        for (entry, is_chained) in entries {
            self.link(entry, *is_chained)?;
        }
        self.tree.extend(&Entry::leaves(entries.iter().map(|(entry, _)| entry)));
        Ok(())
    }

    fn link(&mut self, entry: &Entry, is_chained: bool) -> Result<(), VerifyError> {
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
        self.last = Some(offset);
        Ok(())
    }

    /// Makes the entry of the next record and takes it.
    pub fn append(&mut self, record: &Record, log_id: &LogId, is_chained: bool) {
        let offset = record.position.offset;
        let digests = RecordDigests::of(record);
        let of_key = if is_chained { self.keys.insert(digests.key, offset) } else { None };
        let previous = (self.last, of_key);
        let entry = Entry::with_digests(&RecordFacts::of(record), &digests, log_id, previous);
        self.last = Some(offset);
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

#[cfg(test)]
mod tests {
    use annals_schemas::{Position, TimestampType};

    use super::*;

    const LOG_ID: LogId = LogId([7; 16]);

    fn record(offset: Offset, key: &str) -> Record {
        Record {
            position: Position { partition: 0, offset },
            timestamp_ms: 7,
            timestamp_type: TimestampType::LogAppendTime,
            key: Some(key.to_owned().into()),
            value: None,
            headers: [].into(),
        }
    }

    /// Two workspaces' and nobody's.
    const KEYS: [&str; 7] = ["a", "b", "", "a", "a", "", "b"];

    /// Entries of records with these keys, with gaps between their offsets.
    fn entries() -> Vec<(Entry, bool)> {
        let (mut last, mut of_key) = (None, HashMap::new());
        let entry = |(offset, key): (Offset, &str)| {
            let is_chained = !key.is_empty();
            let of_key = is_chained.then(|| of_key.insert(key.to_owned(), offset)).flatten();
            (Entry::new(&record(offset, key), &LOG_ID, last.replace(offset), of_key), is_chained)
        };
        (0..).step_by(3).zip(KEYS).map(entry).collect()
    }

    #[test]
    fn entries_continue_each_other_however_many_come_at_once() {
        let entries = entries();
        for cut in 0..=entries.len() {
            let (mut chain, mut records) = (Chain::default(), Chain::default());
            let (first, others) = entries.split_at(cut);
            chain.extend(first).unwrap();
            chain.extend(others).unwrap();
            for ((entry, is_chained), key) in entries.iter().zip(KEYS) {
                records.append(&record(entry.offset(), key), &LOG_ID, *is_chained);
            }
            assert_eq!(chain.tree(), records.tree());
            assert_eq!(chain.last(), Some(18));
        }
    }

    #[test]
    fn the_first_that_does_not_continue_is_named() {
        for missing in 0..6 {
            let mut entries = entries();
            entries.remove(missing);
            let error = Chain::default().extend(&entries).unwrap_err().to_string();
            let offset = 3 * (missing + 1);
            assert!(error.contains(&format!("partition 0, offset {offset}")), "{error}");
        }
        let mut another = entries();
        another[4] = (Entry::new(&record(12, "a"), &LOG_ID, Some(9), Some(0)), true);
        let error = Chain::default().extend(&another).unwrap_err().to_string();
        assert!(error.contains("of its key is offset 9, it claims offset 0"), "{error}");
    }
}

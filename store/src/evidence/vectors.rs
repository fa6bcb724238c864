//! The pinned vectors: entries, leaves and roots as an independent program computed them.

use annals_schemas::{Header, LogId, Position, Record, TimestampType};
use bytes::Bytes;
use serde::Deserialize;

use crate::evidence::hex;
use crate::fixture;
use crate::{Decoded, LogIdentity, Storage, Store, StoreOptions};

#[derive(Deserialize)]
struct Document {
    log_id: String,
    partition: u32,
    partitions: u32,
    records: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    record: Described,
    entry: String,
    leaf: String,
    root: String,
}

#[derive(Deserialize)]
struct Described {
    offset: u64,
    key: Option<String>,
    value: Option<String>,
    headers: Vec<(String, Option<String>)>,
    timestamp_ms: i64,
    timestamp_type: String,
}

fn bytes(text: &str) -> Bytes {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

impl Described {
    fn record(&self, partition: u32) -> Record {
        let header = |(name, value): &(String, Option<String>)| Header {
            name: name.clone(),
            value: value.as_deref().map(bytes),
        };
        Record {
            position: Position { partition, offset: self.offset },
            timestamp_ms: self.timestamp_ms,
            timestamp_type: match self.timestamp_type.as_str() {
                "create" => TimestampType::CreateTime,
                _ => TimestampType::LogAppendTime,
            },
            key: self.key.as_deref().map(bytes),
            value: self.value.as_deref().map(bytes),
            headers: self.headers.iter().map(header).collect(),
        }
    }
}

#[tokio::test]
async fn the_fold_reaches_the_pinned_entries_leaves_and_roots() {
    for text in [
        include_str!("../../../schemas/vectors/entries.json"),
        include_str!("../../../schemas/vectors/entries_of_many.json"),
    ] {
        compare(&serde_json::from_str(text).unwrap()).await;
    }
}

async fn compare(document: &Document) {
    let log_id = LogId::from_hex(&document.log_id).unwrap();
    let identity = LogIdentity {
        topic: "t".into(),
        partitions: document.partitions,
        cluster_id: None,
        topic_id: None,
    };
    let random = || std::array::from_fn(|at| u8::try_from(at).unwrap());
    let options = StoreOptions { random, ..fixture::options() };
    let store = Store::open(Storage::memory(), identity, options).await.unwrap();
    assert_eq!(store.log_id(), log_id);
    for item in &document.records {
        let record = item.record.record(document.partition);
        let decoded = Decoded::new(record.clone(), &log_id, document.partitions);
        let partition = store.partition(document.partition).unwrap();
        partition.fold(vec![decoded]).unwrap();
        let last = partition.last_folded().unwrap().0;
        let entry = super::Entry::new(&record, &log_id, last.previous, last.previous_of_key);
        assert_eq!(hex(entry.as_bytes()), item.entry, "offset {}", item.record.offset);
        assert_eq!(hex(&last.leaf.0), item.leaf, "offset {}", item.record.offset);
        let root = partition.accounting().tree.root;
        assert_eq!(hex(&root), item.root, "offset {}", item.record.offset);
    }
}

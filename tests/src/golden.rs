//! Golden data of a storage format: a store, the log it was made of, and an export of it.
//!
//! Made once by `make-golden` when a format is frozen, and kept for ever; the suite `golden` reads
//! it with every later binary.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::environment;
use crate::log_files::LoggedRecord;

/// Whose rows are exported.
pub const WORKSPACE: &str = "acme";

/// Where the golden data of a format lies.
pub fn directory(format: u32) -> PathBuf {
    environment::repository().join(format!("tests/golden/format-{format}"))
}

/// Where the table of the name fold lies: [`fold_table`](crate::fold_table).
pub fn folds() -> PathBuf {
    environment::repository().join("tests/golden/folds.txt")
}

/// A record as a line of `records.ndjson`.
pub fn record_line(record: &LoggedRecord) -> String {
    let text = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| STANDARD.encode(bytes));
    let headers: Vec<Value> =
        record.headers.iter().map(|(name, value)| json!([name, text(value)])).collect();
    json!({
        "offset": record.offset,
        "timestamp_ms": record.timestamp_ms,
        "key": text(&record.key),
        "value": text(&record.value),
        "headers": headers,
    })
    .to_string()
}

/// The records of `records.ndjson`.
///
/// # Panics
/// When the file is not what [`record_line`] writes.
pub fn records(directory: &Path) -> Vec<LoggedRecord> {
    let file = std::fs::read_to_string(directory.join("records.ndjson"));
    file.expect("golden data is there").lines().map(record).collect()
}

fn record(line: &str) -> LoggedRecord {
    let line: Value = serde_json::from_str(line).expect("a golden line is JSON");
    let bytes = |value: &Value| {
        value.as_str().map(|text| STANDARD.decode(text).expect("golden bytes are base64"))
    };
    let header = |header: &Value| {
        (header[0].as_str().expect("a header has a name").to_owned(), bytes(&header[1]))
    };
    LoggedRecord {
        offset: line["offset"].as_u64().expect("an offset"),
        timestamp_ms: line["timestamp_ms"].as_i64().expect("a timestamp"),
        key: bytes(&line["key"]),
        value: bytes(&line["value"]),
        headers: line["headers"].as_array().expect("headers").iter().map(header).collect(),
    }
}

//! Records that no producer of ours would write, put straight on the topic.

use serde_json::Value;

use crate::http::Http;
use crate::list::List;
use crate::process::AnnalsProcess;
use crate::wait;

/// The records whose key is not the workspace of their event.
const FOREIGN: [&str; 2] = ["another workspace's key", "no key"];

/// A record and what must become of it.
pub struct BadRecord {
    /// What is wrong.
    pub what: &'static str,
    /// Its key.
    pub key: Option<&'static str>,
    /// Its bytes; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// The reason under which it is quarantined.
    pub reason: &'static str,
}

/// One of each kind. All but the last two have the valid key of workspace `acme`.
pub fn all() -> Vec<BadRecord> {
    let keyed = |what, reason, value: &[u8]| BadRecord {
        what,
        key: Some("acme"),
        value: Some(value.to_vec()),
        reason,
    };
    let oversize = format!(
        r#"{{"workspace_id":"acme","action":"a.b","metadata":{{"text":"{}"}}}}"#,
        "x".repeat(600 << 10)
    );
    let deep = format!(
        r#"{{"workspace_id":"acme","action":"a.b","metadata":{{"deep":{}{}}}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let good = br#"{"workspace_id":"acme","action":"a.b"}"#;
    let mut records = vec![
        keyed("truncated JSON", "malformed", br#"{"workspace_id":"acme","action":"a.b""#),
        keyed("wrong types", "schema-violation", br#"{"workspace_id":"acme","action":7}"#),
        keyed(
            "a time without zone",
            "schema-violation",
            br#"{"workspace_id":"acme","action":"a.b","occurred_at":"2025-01-01T00:00:00"}"#,
        ),
        keyed(
            "an unknown member",
            "schema-violation",
            br#"{"workspace_id":"acme","action":"a.b","actor":{"kind":"user","nick":"x"}}"#,
        ),
        keyed("invalid UTF-8", "malformed", b"{\"workspace_id\":\"acme\",\"action\":\"a\xff.b\"}"),
        keyed("garbage", "unknown-format", b"\x07\x00\xfe garbage"),
        keyed("no bytes", "unknown-format", b""),
        keyed(
            "an unknown fingerprint",
            "unknown-schema",
            b"\xc3\x01\x01\x02\x03\x04\x05\x06\x07\x08zz",
        ),
        keyed("over the size limit", "over-limit", oversize.as_bytes()),
        keyed("over the depth limit", "over-limit", deep.as_bytes()),
    ];
    records.push(BadRecord {
        what: "a tombstone",
        key: Some("acme"),
        value: None,
        reason: "malformed",
    });
    records.push(BadRecord {
        what: "another workspace's key",
        key: Some("other"),
        value: Some(good.to_vec()),
        reason: "key-mismatch",
    });
    records.push(BadRecord {
        what: "no key",
        key: None,
        value: Some(good.to_vec()),
        reason: "key-mismatch",
    });
    records
}

/// What a server must show of all bad records, which are followed by one good event of `acme` with
/// the action `after.all`: the partition went on, and nothing is unaccounted for.
///
/// # Panics
/// When it does not.
pub fn check(annals: &AnnalsProcess, records: &[BadRecord]) {
    let client = &annals.client("*");
    let list = List::of(client, "acme");
    wait::until("the good event behind the bad ones", wait::PATIENCE, || {
        let rows = list.rows("");
        (rows.first()?["action"] == "after.all").then_some(())
    });
    assert_eq!(list.rows("").len(), 1, "a bad record is shown as an event");
    let accounting: Value = client.get_json("/v1/admin/accounting");
    let sum = |member: &str| -> u64 {
        let partitions = accounting["partitions"].as_array().expect("a list of partitions");
        partitions.iter().filter_map(|partition| partition[member].as_u64()).sum()
    };
    let bad = records.len() as u64;
    assert_eq!(
        [sum("records"), sum("visible"), sum("duplicate"), sum("quarantined")],
        [bad + 1, 1, 0, bad],
        "{accounting}"
    );
    check_quarantine(client, records);
    let other = annals.client("other");
    let shown: Value = other.get_json("/v1/workspaces/other/quarantine");
    assert_eq!(shown["data"], Value::Array(Vec::new()), "an admin of `other` sees foreign bytes");
}

/// The records of the valid key `acme` in order, each with its reason and bytes. The others belong
/// to nobody's workspace.
fn check_quarantine(client: &Http, records: &[BadRecord]) {
    let answer: Value = client.get_json("/v1/workspaces/acme/quarantine");
    let mut shown = answer["data"].as_array().expect("a list of refused records").clone();
    shown.sort_by_key(|entry| entry["position"]["offset"].as_u64());
    let mine: Vec<_> = records.iter().filter(|record| !FOREIGN.contains(&record.what)).collect();
    assert_eq!(
        shown.len(),
        mine.len(),
        "{:?}",
        shown.iter().map(|e| &e["reason"]).collect::<Vec<_>>()
    );
    for (entry, record) in shown.iter().zip(mine) {
        assert_eq!(entry["reason"], record.reason, "{}: {entry}", record.what);
        assert!(entry["detail"].as_str().is_some_and(|text| !text.is_empty()), "{entry}");
        let bytes = entry["bytes_base64"].as_str().unwrap_or_default();
        let length = record.value.as_ref().map_or(0, Vec::len);
        assert_eq!(bytes.trim_end_matches('=').len(), (length * 4).div_ceil(3), "{}", record.what);
    }
}

//! A disk that is really full (RELIABILITY 4): a small tmpfs holds the data directory.

use std::time::Duration;

use annals_tests::http::Http;
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::small_disk::SmallDisk;
use annals_tests::wait;
use serde_json::Value;

/// Appends are refused while there is no room, `/readyz` says why, pages are answered all the time,
/// and after there is room again everything goes on by itself.
#[test]
fn a_full_disk_refuses_appends_keeps_answering_and_resumes() {
    let directory = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&directory.path().join("disk"), "24m");
    let ballast = disk.path.join("ballast");
    std::fs::write(&ballast, vec![7; 18 << 20]).unwrap();
    let data = disk.path.join("data");
    let options = UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", "1048576");
    let annals = AnnalsProcess::start(&data, &options);
    let client = annals.client("*");
    let input = Input::bulk(directory.path(), 30_000, 1);
    let text = std::fs::read_to_string(&input.file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut batches = lines.chunks(500).map(batch);

    let mut sent = 0;
    let refused = loop {
        let next = batches.next().expect("the disk is full before the events are all sent");
        if accepted(&client, &next) < 500 {
            break next;
        }
        sent += 500;
    };
    let reason = wait::until("readiness to say why", Duration::from_secs(5), || {
        let answer = client.get("/readyz");
        (answer.status == 503).then(|| answer.text())
    });
    assert!(reason.contains("writing "), "{reason}");
    assert_eq!(List::of(&client, "bulk-0").rows("limit=50").len(), 50);

    std::fs::remove_file(&ballast).unwrap();
    wait::until("appends to be taken again", Duration::from_secs(10), || {
        (accepted(&client, &refused) == 500).then_some(())
    });
    wait::until("readiness", Duration::from_secs(10), || {
        (client.get("/readyz").status == 200).then_some(())
    });
    for next in batches {
        assert_eq!(accepted(&client, &next), 500);
    }
    let list = List::of(&client, "bulk-0");
    list.settle();
    let accounting: Value = client.get_json("/v1/workspaces/bulk-0/accounting");
    assert_eq!(accounting["visible"], 30_000, "after {sent} events the disk was full");
    assert_eq!(accounting["quarantined"], 0);
}

/// Regression: a line of the log that could not be written was a panic of whoever wrote it. Beside
/// a full disk requests were cut off without an answer, and SIGTERM ended nothing.
#[test]
fn a_log_that_takes_no_line_harms_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let full = ["sh", "-c", "exec \"$0\" \"$@\" 2>/dev/full"].map(str::to_owned);
    let options = UpOptions { wrapper: full.to_vec(), ..UpOptions::default() };
    let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
    assert_eq!(annals.stop().code(), Some(0));
}

/// An export whose manifest cannot be kept must not look whole; reading goes on.
#[test]
fn an_export_without_room_for_its_manifest_is_cut() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let disk = SmallDisk::mount(&data.join("exports"), "64k");
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let client = annals.client_with("acme", &["audit:read", "audit:write", "audit:export"]);
    let event = serde_json::json!({"workspace_id": "acme", "action": "segment.updated"});
    assert_eq!(client.post("/v1/events", &event).status, 202);
    List::of(&client, "acme").settle();
    let export = || {
        let path = "/v1/workspaces/acme/events/export?format=ndjson";
        client.try_send(client.request("GET", path))
    };
    let ballast = disk.path.join("ballast");
    // As much as fits.
    let _ = std::fs::write(&ballast, vec![7; 128 << 10]);
    assert!(export().is_err(), "it looks whole");
    assert_eq!(List::of(&client, "acme").rows("").len(), 1);
    std::fs::remove_file(&ballast).unwrap();
    let whole = export().unwrap();
    let id = whole.header("annals-export-id");
    let manifest: Value = client.get_json(&format!("/v1/workspaces/acme/exports/{id}/manifest"));
    assert_eq!(manifest["rows"], 1);
}

fn batch(lines: &[&str]) -> Value {
    let events = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    Value::Array(events.collect())
}

/// How many events of the batch the log has taken.
fn accepted(client: &Http, batch: &Value) -> usize {
    let answer = client.post("/v1/events:batch", batch);
    if answer.status != 202 {
        assert_eq!(answer.status, 503, "{}", answer.text());
        return 0;
    }
    let answer = answer.json();
    let items = answer["items"].as_array().unwrap();
    let taken = |item: &&Value| item["status"] == "accepted" || item["status"] == "duplicate";
    items.iter().filter(taken).count()
}

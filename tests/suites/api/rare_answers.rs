//! Answers that take some doing: a cursor past its time, a store that rots, a stream.

use std::path::{Path, PathBuf};

use annals_tests::process::UpOptions;
use annals_tests::store_files::Manifest;
use annals_tests::{http, wait};
use serde_json::{Value, json};

use crate::answers::{redact, told};
use crate::feed::Events;
use crate::server::{Server, numbered};

/// A cursor serves for seven days; after eight it says that it is too old. A follower's place
/// serves for ninety.
#[test]
fn a_cursor_of_last_week_has_expired() {
    let last_week = UpOptions::default()
        .variable("LD_PRELOAD", clock().to_str().unwrap())
        .variable("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .variable("FAKETIME", "-8d");
    let server = Server::start_with(&last_week);
    for number in [1, 2] {
        let event = numbered(number, json!({"workspace_id": "acme", "action": "segment.updated"}));
        assert_eq!(server.admin.post("/v1/events", &event).status, 202);
    }
    wait::until("the events", wait::PATIENCE, || (server.rows("").len() == 2).then_some(()));
    let page = server.get("events?limit=1");
    let follow = server.get("feed?limit=1");
    let cursor = |answer: &Value, at: &str| {
        http::encode(answer.pointer(at).and_then(Value::as_str).unwrap())
    };
    let (next, after) = (cursor(&page, "/page/next"), cursor(&follow, "/next"));

    let server = server.restart_after_kill();
    let ask = |route: &str| server.admin.get(&format!("/v1/workspaces/acme/{route}"));
    let answer = ask(&format!("events?limit=1&cursor={next}"));
    insta::assert_json_snapshot!("cursor_expired", told("cursor-expired", &answer));
    let fresh = ask("events?limit=1");
    assert_eq!(fresh.status, 200, "a walk begins anew");
    // A follower goes on where it was.
    assert_eq!(ask(&format!("feed?after={after}")).json()["data"][0]["metadata"]["n"], 2);
}

/// Bytes of a record change while the server runs: the page that needs it is refused without a
/// word about the inside, and others go on.
#[test]
fn a_page_that_needs_a_damaged_record_is_refused() {
    let options = UpOptions::default().variable("ANNALS_STORAGE_SEAL_INTERVAL_SECONDS", "1");
    let server = Server::start_with(&options);
    server.post_all(&[numbered(1, json!({}))]);
    let data = server.annals.data().to_path_buf();
    // One that the manifest names: a file alone is not yet the store's.
    let segment = wait::until("a segment", wait::PATIENCE, || {
        Manifest::newest(&data)?.segment_files(&data).pop()
    });
    // From here on nothing of it is in memory.
    let server = server.restart_after_kill();
    let file = std::fs::read(&segment).unwrap();
    // Few records have no dictionary: their block comes first.
    let mut damaged = file.clone();
    damaged[40..80].iter_mut().for_each(|byte| *byte ^= 0x55);
    write_in_place(&segment, &damaged);
    let answer = server.admin.get("/v1/workspaces/acme/events?limit=1");
    insta::assert_json_snapshot!("internal", told("internal", &answer));
    assert_eq!(server.admin.get("/v1/workspaces/other/events").status, 200);
    write_in_place(&segment, &file);
    assert_eq!(server.numbers("limit=1"), [1], "nothing wrong is remembered");
}

/// The first event of a stream, as it goes over the wire.
#[test]
fn a_stream_is_the_one_that_was_reviewed() {
    let server = Server::with_events(&[numbered(1, json!({}))]);
    let mut stream = Events::open(&server, "", None);
    let mut told: Vec<Value> = Vec::new();
    for name in ["content-type", "cache-control", "event", "id", "data"] {
        let value = stream.next(&format!("{name}: "));
        let mut line = json!({ name: serde_json::from_str(&value).unwrap_or(json!(value)) });
        redact(&mut line);
        told.push(line);
    }
    insta::assert_json_snapshot!("stream", told);
}

/// What makes a process believe another time.
///
/// # Panics
/// When it is not installed.
fn clock() -> PathBuf {
    let machines = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let of = |machine: std::fs::DirEntry| machine.path().join("faketime/libfaketime.so.1");
    let found = machines.map(of).find(|library| library.exists());
    found.expect("libfaketime is missing: `tests/setup/system test` installs it")
}

/// The same file, as a disk would change it.
fn write_in_place(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::FileExt as _;
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(bytes, 0).unwrap();
}

//! Exports of many rows: how fast, and in how much memory.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use annals_tests::command::{self, Target};
use annals_tests::http::Http;
use annals_tests::inputs::bulk_command;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, report};
use serde_json::Value;

/// What an export may add to the process's own memory.
const LIMIT_KIB: u64 = 100 * 1024;

/// Every row of a large workspace, to a fast client and to one that pauses, without memory that
/// grows with them.
#[test]
fn an_export_is_as_long_as_it_is_in_flat_memory() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let events = environment::number("TEST_ANNALS_EXPORT_EVENTS", 200_000);
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let mut generator = bulk_command(events, 1);
    let mut generator = generator.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut import = command::import_command("-".as_ref(), Target::Data(&data));
    import.stdin(generator.stdout.take().unwrap());
    assert_eq!(command::finish(&mut import).code, Some(0));
    assert!(generator.wait().unwrap().success());
    let client = annals.client_with("bulk-0", &["audit:read", "audit:export"]);
    List::of(&client, "bulk-0").settle();
    let before = own_memory_kib(annals.pid());
    for format in ["ndjson", "csv"] {
        let started = Instant::now();
        let received = receive((&client, annals.pid()), format, None);
        let seconds = started.elapsed().as_secs_f64();
        let grown = received.peak_kib.saturating_sub(before);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let (rate, bytes) = (events as f64 / seconds, received.bytes as f64 / seconds);
        report::line(&format!(
            "{format} export of {events} rows: {rate:.0} rows/s, {:.0} MB/s, {} MiB more memory",
            bytes / 1e6,
            grown / 1024
        ));
        let head = u64::from(format == "csv");
        assert_eq!(received.lines, events + head);
        assert!(grown < LIMIT_KIB, "{grown} KiB for {format}");
        let manifest: Value =
            client.get_json(&format!("/v1/workspaces/bulk-0/exports/{}/manifest", received.id));
        assert_eq!(manifest["rows"], events);
    }
    // What hardly any record has is looked for in parts, of which most have no row.
    let (begun, rare) = (Instant::now(), "ndjson&request_id=none-has-it");
    let none = receive((&client, annals.pid()), rare, None);
    report::line(&format!("looked for in {events} records: {:.1?}", begun.elapsed()));
    let manifest: Value =
        client.get_json(&format!("/v1/workspaces/bulk-0/exports/{}/manifest", none.id));
    assert_eq!((none.lines, &manifest["rows"]), (0, &Value::from(0)));
    let slow = receive((&client, annals.pid()), "ndjson", Some(Duration::from_secs(2)));
    assert_eq!(slow.lines, events);
    let grown = slow.peak_kib.saturating_sub(before);
    assert!(grown < LIMIT_KIB, "{grown} KiB for a slow client");
    assert_eq!(client.get("/v1/workspaces/bulk-0/events?limit=1").status, 200);
}

struct Received {
    id: String,
    lines: u64,
    bytes: u64,
    peak_kib: u64,
}

/// Reads a chunked answer to its end, perhaps with a pause after the first rows.
fn receive((client, pid): (&Http, u32), format: &str, pause: Option<Duration>) -> Received {
    let mut stream = TcpStream::connect(client.address().strip_prefix("http://").unwrap()).unwrap();
    let path = format!("/v1/workspaces/bulk-0/events/export?format={format}");
    let token = client.token().unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut stream = BufReader::with_capacity(1 << 20, stream);
    let mut received = Received { id: String::new(), lines: 0, bytes: 0, peak_kib: 0 };
    loop {
        let line = line(&mut stream);
        if line.is_empty() {
            break;
        }
        if let Some(id) = line.strip_prefix("annals-export-id: ") {
            id.clone_into(&mut received.id);
        }
    }
    let (mut chunk, mut paused) = (Vec::new(), pause);
    loop {
        let length = u64::from_str_radix(&line(&mut stream), 16).unwrap();
        chunk.resize(usize::try_from(length).unwrap() + 2, 0);
        stream.read_exact(&mut chunk).unwrap();
        if length == 0 {
            return received;
        }
        received.bytes += length;
        received.lines += chunk.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>() - 1;
        received.peak_kib = received.peak_kib.max(own_memory_kib(pid));
        if let Some(pause) = paused.take() {
            std::thread::sleep(pause);
            received.peak_kib = received.peak_kib.max(own_memory_kib(pid));
        }
    }
}

fn line(stream: &mut impl std::io::BufRead) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Memory that is no file's.
fn own_memory_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

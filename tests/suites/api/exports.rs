//! Exports: the list's rows as files, for people and for programs.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use annals_tests::http::{Answer, Http};
use annals_tests::list::List;
use annals_verify::VerifierKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::server::{Server, numbered, resource};

const SCOPES: [&str; 3] = ["audit:read", "audit:export", "audit:verify"];

pub fn exporter(server: &Server) -> Http {
    server.annals.client_with("acme", &SCOPES)
}

fn path(query: &str) -> String {
    format!("/v1/workspaces/acme/events/export?{query}")
}

pub fn export(client: &Http, query: &str) -> Answer {
    let answer = client.get(&path(query));
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer
}

fn lines(answer: &Answer) -> Vec<Value> {
    let text = answer.text();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn manifest(client: &Http, id: &str) -> Value {
    client.get_json(&format!("/v1/workspaces/acme/exports/{id}/manifest"))
}

/// Events of all sorts: ties, late ones, several resources, odd texts.
pub fn events(count: u64) -> Vec<Value> {
    let event = |n: u64| {
        let actor = json!({
            "kind": "user", "id": format!("u{}", n % 3), "name": "Zoë, \"Z\"",
            "on_behalf_of": {"kind": "user", "id": "u9"},
        });
        let resources = json!([
            resource("segment", &format!("s{}", n % 7), "VIP\r\nEU"),
            resource("source", "x", "=cmd()"),
        ]);
        numbered(
            n % 50,
            json!({
                "metadata": {"n": n}, "actor": actor, "resources": resources,
                "context": {"ip": "203.0.113.7", "request_id": format!("r{n}")},
                "changes": [{"path": "a", "before": [1], "after": null}],
                "description": if n.is_multiple_of(2) { json!("-1 + 1") } else { Value::Null },
            }),
        )
    };
    (0..count).map(event).collect()
}

/// The export has the list's rows in the list's order, whatever is filtered by.
#[test]
fn a4_1_an_export_is_the_list_in_one_piece() {
    let server = Server::with_events(&events(2_500));
    let client = exporter(&server);
    for filter in ["", "actor=u1", "resource_name=vip&resource_type=segment", "kind=delete"] {
        let rows = List::of(&client, "acme").walk_values(filter, 1000);
        let answer = export(&client, &format!("format=ndjson&{filter}"));
        assert_eq!(lines(&answer), rows, "{filter}");
        assert_eq!(answer.header("content-type"), "application/x-ndjson");
        let id = answer.header("annals-export-id");
        let manifest = manifest(&client, id);
        let seqs: Vec<u64> = rows.iter().map(|row| row["seq"].as_u64().unwrap()).collect();
        let hex: String = Sha256::digest(&answer.body).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(manifest["rows"], rows.len());
        assert_eq!(manifest["first_seq"], json!(seqs.iter().min()));
        assert_eq!(manifest["last_seq"], json!(seqs.iter().max()));
        assert_eq!(manifest["sha256"], hex);
        assert_eq!((&manifest["id"], &manifest["workspace"]), (&json!(id), &json!("acme")));
        assert_eq!(manifest["snapshot"]["seq"], 2_500);
    }
    let reader = server.annals.client_with("acme", &["audit:read", "audit:export"]);
    let rows = lines(&export(&reader, "format=ndjson"));
    assert!(rows.iter().all(|row| row.get("position").is_none()), "positions are for verifiers");
}

/// Whether a manifest is signed by one of the log's keys, by the rule that EVIDENCE.md gives.
fn is_signed(keys: &[VerifierKey], manifest: &Value) -> bool {
    let mut signed = manifest.clone();
    let Some(Value::String(signature)) = signed.as_object_mut().unwrap().remove("signature") else {
        return false;
    };
    // `serde_json` sorts members, and these have plain names and whole numbers.
    let bytes = format!("annals-http-export-1\n{signed}");
    let key = keys.iter().find(|key| manifest["key_id"] == key.id());
    let signature = STANDARD.decode(signature).unwrap();
    key.is_some_and(|key| key.verifies(bytes.as_bytes(), &signature))
}

/// `key_id` and `signature` were always null.
#[test]
fn a_manifest_is_signed_by_the_logs_key() {
    let server = Server::with_events(&events(20));
    let client = exporter(&server);
    let keys = |client: &Http| -> Vec<VerifierKey> {
        let lines = client.get("/v1/log/key").text();
        lines.lines().map(|line| VerifierKey::parse(line).unwrap()).collect()
    };
    let taken = |query: &str| {
        let answer = export(&client, query);
        manifest(&client, answer.header("annals-export-id"))
    };
    let first = taken("format=ndjson&actor=u1&actor=\u{e9}%0A%22%5C&resource_name=vip");
    assert!(is_signed(&keys(&client), &first), "{first}");
    for member in first.as_object().unwrap().keys() {
        let mut changed = first.clone();
        changed[member] = match &first[member] {
            Value::Number(number) => json!(number.as_u64().unwrap() + 1),
            Value::Object(_) => json!({}),
            Value::Null => json!(1),
            // Another signature of the same key over something else.
            _ if member == "signature" => taken("format=csv")["signature"].clone(),
            other => json!(format!("{}0", other.as_str().unwrap())),
        };
        assert!(!is_signed(&keys(&client), &changed), "{member}");
    }
    let data = server.annals.data().to_str().unwrap().to_owned();
    annals_tests::command::run(&["keys", "new", "--data", &data]);
    let second = taken("format=ndjson");
    assert_ne!(second["key_id"], first["key_id"], "the newest key signs");
    assert!(is_signed(&keys(&client), &second) && is_signed(&keys(&client), &first));
}

/// Line ends within what was given as JSON once cut a row of NDJSON in two.
#[test]
fn a_row_is_one_line_whatever_white_space_its_metadata_has() {
    let server = Server::with_events(&[]);
    let body = "{\"workspace_id\":\"acme\",\"action\":\"a.b\",\"metadata\":{\r\n\"a\": [1,\n2]}}";
    let posted = server.admin.post_bytes("/v1/events", "application/json", body.into());
    assert_eq!(posted.status, 202, "{}", posted.text());
    let client = exporter(&server);
    let answer = export(&client, "format=ndjson");
    let rows = lines(&answer);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["metadata"], json!({"a": [1, 2]}));
    assert_eq!(answer.text().matches(['\n', '\r']).count(), 1, "its own end alone");
}

/// Python's reader finds the rows' values in every cell, and formulas disarmed.
#[test]
fn a5_6_csv_is_read_by_others_with_times_in_utc_and_in_a_zone() {
    let server = Server::with_events(&events(120));
    let client = exporter(&server);
    let rows = List::of(&client, "acme").walk_values("", 1000);
    let answer = export(&client, "format=csv&tz=Europe/Paris");
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"annals-"));
    let text = answer.text();
    assert!(!text.starts_with('\u{feff}') && text.ends_with("\r\n"));
    assert_eq!(text.lines().next().unwrap(), format!("{COLUMNS},occurred_at_local"));
    let read = read_csv(&answer.body);
    assert_eq!(read.len(), rows.len());
    for (cells, row) in read.iter().zip(&rows) {
        let cell = |name: &str| cells[name].as_str().unwrap();
        assert_eq!(cell("event_id"), row["event_id"]);
        assert_eq!(cell("seq"), row["seq"].to_string());
        assert_eq!(cell("occurred_at"), row["occurred_at"]);
        assert!(cell("occurred_at").ends_with(".000000Z"), "{cells}");
        let local = chrono::DateTime::parse_from_rfc3339(cell("occurred_at_local")).unwrap();
        assert_eq!(local, chrono::DateTime::parse_from_rfc3339(cell("occurred_at")).unwrap());
        assert!(cell("occurred_at_local").ends_with("+01:00"), "{cells}");
        assert_eq!(cell("actor_name"), "Zoë, \"Z\"");
        assert_eq!(cell("on_behalf_of_id"), "u9");
        assert_eq!(cell("resource_name"), "VIP\r\nEU");
        for (column, member) in [
            ("resources_json", "resources"),
            ("changes_json", "changes"),
            ("metadata_json", "metadata"),
        ] {
            assert_eq!(serde_json::from_str::<Value>(cell(column)).unwrap(), row[member]);
        }
        let described = row["description"].as_str().map(|text| format!("'{text}"));
        assert_eq!(cell("description"), described.unwrap_or_default());
    }
    let plain = export(&client, "format=csv&actor=nobody");
    assert_eq!(plain.text(), format!("{COLUMNS}\r\n"), "the header stands without rows");
}

const COLUMNS: &str = "event_id,seq,occurred_at,recorded_at,action,action_label,kind,outcome,\
    actor_kind,actor_id,actor_name,actor_email,on_behalf_of_id,resource_type,resource_id,\
    resource_name,resources_json,changes_json,ip,user_agent,request_id,trace_id,description,\
    metadata_json";

/// The rows as Python's csv module reads them, by column.
fn read_csv(bytes: &[u8]) -> Vec<Value> {
    let script = "import csv, io, json, sys\n\
        text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')\n\
        print(json.dumps(list(csv.DictReader(text, strict=True))))";
    let mut python = Command::new("python3");
    python.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(bytes).unwrap());
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A browser asks with a token, then loads without one: once, of the moment of asking.
#[test]
fn a13_4_a_row_added_after_the_click_is_not_in_the_file() {
    let server = Server::with_events(&events(100));
    let client = exporter(&server);
    let before = List::of(&client, "acme").walk_values("actor=u1", 1000);
    let ask = |path: &str, body: Value| {
        let answer = client.post(path, &body);
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer
    };
    let asked = ask("/v1/workspaces/acme/exports?format=ndjson&actor=u1", Value::Null);
    let by_body = ask("/v1/workspaces/acme/exports", json!({"format": "ndjson", "actor": ["u1"]}));
    server.post_all(&events(30));
    for answer in [asked, by_body] {
        let named = answer.header("annals-export-id").to_owned();
        let answer = answer.json();
        let id = answer["id"].as_str().unwrap().to_owned();
        assert_eq!(id, named);
        let manifest_url = answer["manifest_url"].as_str().unwrap();
        assert_eq!(client.get(manifest_url).problem(), "not-found", "it is not finished");
        let download_url = answer["download_url"].as_str().unwrap();
        let anybody = server.annals.anonymous();
        let file = anybody.get(download_url);
        assert_eq!((file.status, file.header("annals-export-id")), (200, id.as_str()));
        assert_eq!(lines(&file), before);
        let manifest: Value = client.get_json(manifest_url);
        assert_eq!(manifest["filter"], json!({"actor": ["u1"]}));
        let again = anybody.get(download_url);
        assert_eq!((again.status, again.problem()), (404, "not-found".to_owned()));
    }
}

#[test]
fn a3_2_exports_need_their_scope_and_stay_within_their_workspace() {
    let server = Server::with_events(&events(10));
    let reader = server.annals.client_with("acme", &["audit:read"]);
    assert_eq!(reader.get(&path("format=csv")).problem(), "forbidden");
    assert_eq!(reader.post("/v1/workspaces/acme/exports?format=csv", &Value::Null).status, 403);
    let stranger = server.annals.client_with("other", &SCOPES);
    assert_eq!(stranger.get(&path("format=csv")).problem(), "not-found");
    let id = export(&exporter(&server), "format=csv").header("annals-export-id").to_owned();
    let of = |workspace: &str| format!("/v1/workspaces/{workspace}/exports/{id}/manifest");
    assert_eq!(exporter(&server).get(&of("acme")).status, 200);
    assert_eq!(reader.get(&of("acme")).status, 403);
    assert_eq!(stranger.get(&of("acme")).problem(), "not-found");
    assert_eq!(stranger.get(&of("other")).problem(), "not-found", "as if there were none");
    let everywhere = server.annals.client_with("*", &SCOPES);
    assert_eq!(everywhere.get(&of("other")).problem(), "not-found");
    assert_eq!(server.annals.anonymous().get("/v1/exports/x").problem(), "not-found");
}

#[test]
fn misspelt_exports_are_refused_by_name() {
    let server = Server::start();
    let client = exporter(&server);
    for (query, parameter) in [
        ("", "format"),
        ("format=parquet", "format"),
        ("format=csv&tz=Mars", "tz"),
        ("format=ndjson&tz=UTC", "tz"),
        ("format=csv&limit=5", "limit"),
        ("format=csv&actors=u1", "actors"),
    ] {
        let answer = client.get(&path(query));
        assert_eq!((answer.status, answer.problem()), (400, "invalid-parameter".to_owned()));
        assert_eq!(answer.json()["errors"][0]["parameter"], parameter, "{query}");
    }
    let long = client.post("/v1/workspaces/acme/exports", &json!({"actor": "x".repeat(70_000)}));
    assert_eq!((long.status, long.problem()), (413, "payload-too-large".to_owned()));
    let bodies = [json!([1]), json!({"format": {"a": 1}}), json!({"format": "csv", "foo": 1})];
    for body in bodies {
        let answer = client.post("/v1/workspaces/acme/exports", &body);
        assert_eq!((answer.status, answer.problem()), (400, "invalid-parameter".to_owned()));
    }
    assert_eq!(lines(&export(&client, "format=ndjson")), [] as [Value; 0]);
}

/// A server whose exports are longer than what lies between it and a client that does not read.
fn server_of_long_exports() -> Server {
    let fill = "x".repeat(4_000);
    let batch: Vec<Value> =
        (0..6_000).map(|n| numbered(n, json!({"metadata": {"n": n, "fill": &fill}}))).collect();
    Server::with_events(&batch)
}

/// An export of which the client has read the beginning.
struct Begun {
    runtime: tokio::runtime::Runtime,
    response: reqwest::Response,
    received: usize,
}

impl Begun {
    fn new(client: &Http, query: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let request = client.request("GET", &path(query));
        let (response, received) = runtime.block_on(async {
            let mut response = request.send().await.unwrap();
            assert_eq!(response.status(), 200);
            let received = response.chunk().await.unwrap().unwrap().len();
            (response, received)
        });
        Self { runtime, response, received }
    }

    fn id(&self) -> String {
        self.response.headers()["annals-export-id"].to_str().unwrap().to_owned()
    }

    /// Reads on; the bytes received, and whether they look like a whole export.
    fn read(mut self) -> (usize, bool) {
        loop {
            match self.runtime.block_on(async { self.response.chunk().await }) {
                Ok(Some(chunk)) => self.received += chunk.len(),
                Ok(None) => return (self.received, true),
                Err(_) => return (self.received, false),
            }
        }
    }
}

/// The server dies in the middle: the client must not take what it has for the whole, and there is
/// no manifest that says so.
#[test]
fn a_cut_transfer_does_not_look_whole() {
    let server = server_of_long_exports();
    let begun = Begun::new(&exporter(&server), "format=ndjson");
    let id = begun.id();
    let server = server.restart_after_kill();
    let (received, is_whole) = begun.read();
    assert!(received < 6_000 * 4_000 && !is_whole, "{received}");
    let manifest = format!("/v1/workspaces/acme/exports/{id}/manifest");
    assert_eq!(exporter(&server).get(&manifest).problem(), "not-found");
    // What an older version may have left half written.
    let torn = server.annals.data().join(format!("exports/{id}.json"));
    for bytes in ["", "{\"id\":"] {
        std::fs::write(&torn, bytes).unwrap();
        assert_eq!(exporter(&server).get(&manifest).problem(), "not-found", "{bytes}");
    }
}

/// An export went on for as long as its client liked, whatever became of the key.
#[test]
fn a3_3_an_export_ends_with_its_key() {
    let server = server_of_long_exports();
    let ask = json!({"workspace": "acme", "scopes": ["audit:export"], "name": "x"});
    let made = server.admin.post("/v1/api-keys", &ask).json();
    let client = server.admin.with_token(Some(made["key"].as_str().unwrap()));
    let asked = client.post("/v1/workspaces/acme/exports?format=csv", &Value::Null).json();
    let begun = Begun::new(&client, "format=ndjson");
    let key = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(server.admin.send(server.admin.request("DELETE", &key)).status, 204);
    let download = server.annals.anonymous().get(asked["download_url"].as_str().unwrap());
    assert_eq!(download.problem(), "not-found", "a ticket is worth what its key is");
    annals_tests::wait::until("the export to end", Duration::from_secs(5), || {
        let metrics = server.annals.anonymous().get("/metrics").text();
        metrics.lines().any(|line| line == "annals_query_api_exports_running 0").then_some(())
    });
    let (received, is_whole) = begun.read();
    assert!(!is_whole, "{received} bytes look like a whole export");
}

/// One workspace could take all places.
#[test]
fn exports_of_one_workspace_leave_places_to_the_others() {
    let server = server_of_long_exports();
    let client = exporter(&server);
    let begun: Vec<Begun> = (0..4).map(|_| Begun::new(&client, "format=ndjson")).collect();
    let refused = client.get(&path("format=ndjson"));
    assert_eq!((refused.status, refused.problem()), (429, "rate-limited".to_owned()));
    assert_eq!(refused.header("retry-after"), "10");
    let neighbour = server.annals.client_with("quiet", &SCOPES);
    assert_eq!(neighbour.get("/v1/workspaces/quiet/events/export?format=csv").status, 200);
    drop(begun);
    annals_tests::wait::until("a place", Duration::from_secs(10), || {
        (client.get(&path("format=csv&actor=nobody")).status == 200).then_some(())
    });
}

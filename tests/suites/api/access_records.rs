//! L3: reads are recorded in the workspace's own log, hidden unless they are asked for.

use annals_tests::http::encode;
use annals_tests::list::List;
use annals_tests::process::UpOptions;
use annals_tests::{metrics, wait};
use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

/// What everybody sees of a workspace, the records of reads aside.
const HIDING: [&str; 9] = [
    "events?count=exact",
    "facets",
    "histogram",
    "events?kind=read&count=exact",
    "actions",
    "actors",
    "resources",
    "feed",
    "events/export?format=ndjson",
];

fn story() -> Vec<Value> {
    vec![
        numbered(1, json!({"actor": {"kind": "user", "id": "u1"}, "action": "segment.created"})),
        numbered(2, json!({"actor": {"kind": "user", "id": "u2"}, "action": "segment.viewed"})),
        numbered(3, json!({"resources": [resource("segment", "s1", "VIP")]})),
    ]
}

/// A server with the story that records reads.
fn recording() -> Server {
    let server = Server::start_with(&UpOptions::recording_reads());
    server.post_all(&story());
    server
}

/// Records of reads by one reader, newest first.
fn records_of(server: &Server, reader: &str) -> Vec<Value> {
    server.rows(&format!("include_access=true&action=audit_log.viewed&actor={reader}"))
}

/// What a route tells of the workspace's events: its answer, but for what is new each time.
fn shown(server: &Server, route: &str) -> Value {
    let client = server.annals.client_with("acme", &["audit:read", "audit:export"]);
    let answer = client.get(&format!("/v1/workspaces/acme/{route}"));
    assert_eq!(answer.status, 200, "{route}: {}", answer.text());
    if answer.header("content-type") == "application/x-ndjson" {
        return answer.text().lines().collect();
    }
    let mut shown = answer.json();
    for new in ["snapshot", "next"] {
        shown.as_object_mut().unwrap().remove(new);
    }
    shown
}

#[test]
fn a3_5_a_read_is_recorded_at_once_and_hidden_unless_asked_for() {
    let server = recording();
    let before = HIDING.map(|route| shown(&server, route));
    let token = annals_tests::command::token(server.annals.data(), "acme", &["audit:read"]);
    let reader = server.admin.with_token(Some(&token));
    let page = List::of(&reader, "acme").page("actor=u1");
    assert_eq!(page.data.len(), 1);
    let record = wait::until("the read to be recorded", wait::PATIENCE, || {
        records_of(&server, "cli").into_iter().next_back()
    });
    assert_eq!(record["action"], "audit_log.viewed");
    assert_eq!(record["kind"], "read");
    assert_eq!(record["actor"]["id"], "cli");
    assert_eq!(record["metadata"]["count"], 1);
    assert_eq!(record["metadata"]["filters_sha256"].as_str().unwrap().len(), 64);
    for member in ["first_at", "last_at"] {
        assert!(record["metadata"][member].as_str().unwrap().ends_with('Z'));
    }
    for (route, before) in HIDING.iter().zip(before) {
        assert_eq!(shown(&server, route), before, "{route}");
    }
    assert_eq!(server.rows("").len(), 3);
    assert_eq!(server.rows("action=*").len(), 3, "covering is not naming");
    assert!(server.rows("include_access=true").len() > 3);
    assert!(!server.rows("action=audit_log.*").is_empty(), "an action filter names them");
    for route in ["facets?by=action", "feed?limit=1000", "events/export?format=ndjson"] {
        let asked = shown(&server, &format!("{route}&include_access=true")).to_string();
        assert!(asked.contains("audit_log.viewed"), "{route}: {asked}");
        assert!(!shown(&server, route).to_string().contains("audit_log."), "{route}");
    }
}

/// Records of reads end nobody's wait, and are not among the rows that do.
#[test]
fn a3_5_records_of_reads_wake_no_long_poll() {
    let server = recording();
    let feed = |query: &str| server.get(&format!("feed?{query}"));
    let after = encode(feed("limit=1000")["next"].as_str().unwrap());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| feed(&format!("limit=1000&wait=60s&after={after}")));
        wait::until("the poll to wait", wait::PATIENCE, || {
            let followers = metrics::value(&server.admin, "annals_query_api_followers");
            (followers == Some(1.0)).then_some(())
        });
        for reader in ["u7", "u8", "u9"] {
            // The first read of somebody is recorded at once.
            assert_eq!(List::of(&server.reader(reader), "acme").page("").data.len(), 3);
            wait::until(reader, wait::PATIENCE, || records_of(&server, reader).pop());
            assert!(!waiting.is_finished(), "woken by the record of {reader}");
        }
        server.post_all(&[numbered(4, json!({}))]);
        let page = waiting.join().unwrap();
        let rows = page["data"].as_array().unwrap();
        assert_eq!((rows.len(), &rows[0]["metadata"]["n"]), (1, &json!(4)), "{page}");
    });
}

/// Whatever a client asks, its read is on record; what it is refused is not.
#[test]
fn a3_5_no_client_can_switch_it_off() {
    let server = recording();
    let routes = [
        "events?include_access=false",
        "events?action=segment.created",
        "facets",
        "histogram",
        "resources",
        "resources/segment/s1",
        "resources/segment/s1/events",
        "actors",
        "resource-names?q=v",
        "actions",
        "events?unheard_of=1",
    ];
    for (number, route) in routes.iter().enumerate() {
        let reader = format!("reader-{number}");
        server.reader(&reader).get(&format!("/v1/workspaces/acme/{route}"));
        let record = wait::until(route, wait::PATIENCE, || records_of(&server, &reader).pop());
        assert_eq!(record["metadata"]["count"], 1, "{route}");
        let name = route.split(['?', '/']).next().unwrap();
        assert_eq!(record["metadata"]["routes"], json!([name]), "{route}");
    }
    let foreign = server.reader("stranger");
    assert_eq!(foreign.get("/v1/workspaces/other/events").status, 404);
    let answer = server.post(json!({"action": "audit_log.viewed"}));
    assert_eq!(answer.status, 422, "and nobody else writes such records");
    assert!(records_of(&server, "stranger").is_empty());
}

/// Records of all workspaces, refused ones with their bytes, were read without a trace.
#[test]
fn a3_5_what_is_no_workspaces_is_recorded_among_those_of_all() {
    let options =
        UpOptions::recording_reads().variable("ANNALS_STORAGE_SEAL_INTERVAL_SECONDS", "1");
    let server = Server::start_with(&options);
    server.post_all(&[numbered(1, json!({}))]);
    let everything = server.annals.client_with("*", &["audit:read"]);
    let checks = server.annals.client_with("*", &["audit:verify", "audit:admin"]);
    wait::until("a signed tree head", wait::PATIENCE, || {
        (checks.get("/v1/log/0/checkpoint").status == 200).then_some(())
    });
    for (route, path, action) in [
        ("admin/quarantine", "/v1/admin/quarantine?limit=5", "audit_log.viewed"),
        ("admin/accounting", "/v1/admin/accounting", "audit_log.viewed"),
        ("log/tile/entries", "/v1/log/0/tile/entries/000.p/1", "audit_log.verified"),
    ] {
        let reader = route.replace('/', "-");
        let all = ["--workspace", "*", "--scope", "audit:verify", "--scope", "audit:admin"];
        let data = server.annals.data().to_str().unwrap();
        let mint = [&["token", "--data", data, "--subject", &reader], &all[..]].concat();
        let token = annals_tests::command::run(&mint).stdout;
        let answer = server.admin.with_token(Some(token.trim())).get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let record = wait::until(route, wait::PATIENCE, || {
            List::of(&everything, "*").rows(&format!("action={action}&actor={reader}")).pop()
        });
        assert_eq!(record["metadata"]["routes"], json!([route]));
        assert_eq!(record["metadata"]["count"], 1, "{route}");
    }
    // Hashes, heads and keys tell nothing of an event.
    assert!(List::of(&everything, "*").rows("action=audit_log.verified&actor=cli").is_empty());
}

/// Repeats within a minute are counted, and written when the server ends at the latest: the counts
/// add up to the requests.
#[test]
fn a3_5_repeats_are_counted_and_add_up() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let annals = annals_tests::process::AnnalsProcess::start(&data, &UpOptions::recording_reads());
    let event = json!({"workspace_id": "acme", "action": "segment.updated"});
    assert_eq!(annals.client("acme").post("/v1/events", &event).status, 202);
    let reader = annals.client_with("acme", &["audit:read"]);
    for number in 0..37 {
        let route = if number % 2 == 0 { "events" } else { "facets" };
        assert_eq!(reader.get(&format!("/v1/workspaces/acme/{route}")).status, 200);
    }
    assert!(annals.stop().success());
    let annals = annals_tests::process::AnnalsProcess::start(&data, &UpOptions::recording_reads());
    let client = annals.client("acme");
    let counts = wait::until("all to be recorded", wait::PATIENCE, || {
        let rows = List::of(&client, "acme").rows("action=audit_log.viewed&limit=1000");
        let counts: Vec<u64> =
            rows.iter().map(|row| row["metadata"]["count"].as_u64().unwrap()).collect();
        (counts.iter().sum::<u64>() > 37).then_some(counts)
    });
    assert!(counts.contains(&36), "one at once, the others together: {counts:?}");
}

/// An operator may have nothing recorded; then nothing is.
#[test]
fn a3_5_the_operator_decides() {
    let server = Server::start_with(&UpOptions::default());
    server.post_all(&story());
    let accounting = server.get("accounting");
    for _ in 0..5 {
        assert_eq!(server.rows("include_access=true").len(), 3);
    }
    assert_eq!(server.get("accounting"), accounting);
    assert_eq!(accounting["visible"], 3);
}

//! Every kind of answer as it is sent: each operation's own, and each problem that a client can
//! bring about. What is new each time is named in brackets.

use std::path::Path;

use annals_tests::http::{Answer, Http};
use annals_tests::log_files::{self, LoggedRecord};
use annals_tests::process::UpOptions;
use annals_tests::wait;
use serde_json::{Map, Value, json};

use crate::operations::all;
use crate::routes::{SCOPES, acme, signing_at_once};
use crate::server::{Server, named, numbered, resource};

/// Headers that are part of an answer's meaning; the others are every answer's.
const HEADERS: [&str; 12] = [
    "content-type",
    "cache-control",
    "content-disposition",
    "location",
    "link",
    "etag",
    "annals-export-id",
    "annals-complete-through",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
    "allow",
];
/// Members and headers whose values are new each time.
const NEW_EACH_TIME: [&str; 27] = [
    "committed",
    "content-disposition",
    "late_by_seconds",
    "retry-after",
    "event_id",
    "recorded_at",
    "leaf_hash",
    "root",
    "time",
    "id",
    "next",
    "token",
    "key",
    "expires_at",
    "created_at",
    "download_url",
    "manifest_url",
    "sha256",
    "key_id",
    "signature",
    "at",
    "request_id",
    "annals-export-id",
    "annals-complete-through",
    "etag",
    "link",
    "location",
];

/// Of a list's items the first show what they are.
const MAX_ITEMS: usize = 2;

#[test]
fn every_answer_is_the_one_that_was_reviewed() {
    let server = Server::start().restart_with(&signing_at_once(), put_no_event_on_the_log);
    let own = server.annals.client_with("*", &SCOPES);
    let things = acme(&server, &own);
    rich(&server);
    let document: Value = server.annals.anonymous().get_json("/openapi.json");
    let answers: Vec<Value> = all(&document)
        .iter()
        .filter(|operation| operation.path != "/openapi.json")
        .map(|operation| {
            let request = format!("{} {}", operation.method, operation.path);
            let answer = operation.ask(&own, &things);
            // What was posted is seen by those who come next.
            server.list().settle();
            told(&request, &answer)
        })
        .collect();
    let answers = [answers, other_answers(&own)].concat();
    insta::assert_json_snapshot!(answers);
}

/// The log's first record is no event and of no workspace.
fn put_no_event_on_the_log(data: &Path) {
    let record = LoggedRecord {
        offset: 0,
        timestamp_ms: annals_tests::clock::now().timestamp_millis(),
        key: None,
        value: Some(b"no event".to_vec()),
        headers: Vec::new(),
    };
    log_files::write(data, 0, &[&[record]]);
}

/// What gives every list a row: who created the resource and who changed it last, in the way of
/// undoing the event, and a record that is refused because its id stands for another event.
fn rich(server: &Server) {
    let did = |n: u64, verb: &str, actor: &str, changes: Value| {
        let actor = json!({"kind": "user", "id": actor, "name": actor.to_uppercase()});
        let resources = json!([resource("segment", "s1", "Pipeline")]);
        let action = format!("segment.{verb}");
        let event_id = format!("01890a5d-ac96-774b-bcce-{n:012}");
        let event = json!({
            "event_id": event_id, "action": action, "actor": actor, "resources": resources,
            "changes": changes,
        });
        numbered(n, event)
    };
    server.post_all(&[
        did(0, "created", "ana", json!([])),
        did(2, "updated", "bob", json!([{"path": "a", "before": 2, "after": 3}])),
    ]);
    let refused = server.post(did(0, "updated", "ana", json!([])));
    assert_eq!(refused.status, 422, "{}", refused.text());
    wait::until("the refused record", wait::PATIENCE, || {
        (server.get("accounting")["quarantined"] == 1).then_some(())
    });
}

/// What the same operations answer to who asks otherwise than the examples do.
fn other_answers(client: &Http) -> Vec<Value> {
    let ask = |name: &str, path: &str, header: (&str, &str)| {
        let request = client.request("GET", &format!("/v1/workspaces/acme/{path}"));
        told(name, &client.send(request.header(header.0, header.1)))
    };
    let plain = ("accept", "*/*");
    // What was accepted comes first in others' pages: it is posted last.
    let mixed = || {
        let event = |action: &str| json!({"workspace_id": "acme", "action": action});
        client.post("/v1/events:batch", &json!([event("segment.updated"), event("")]))
    };
    vec![
        ask("a page that the client has", "events", ("if-none-match", "*")),
        ask("a page with its count", "events?limit=1&count=exact", plain),
        ask("an export as CSV", "events/export?format=csv&tz=Europe/Paris", plain),
        ask("a histogram by outcome", "histogram?bucket=week&by=outcome", plain),
        ask("names with a word that begins so", "resource-names?q=pipe", plain),
        told("a batch of which one is refused", &mixed()),
    ]
}

#[test]
fn every_problem_is_the_one_that_was_reviewed() {
    let options = UpOptions::default()
        .variable("ANNALS_LIMITS_STEPS_PER_QUERY", "1")
        .variable("ANNALS_LIMITS_REQUESTS_PER_MINUTE_PER_CALLER", "10");
    let server = Server::start_with(&options);
    let event = |name: &str| {
        json!({
            "workspace_id": "acme", "action": "segment.updated",
            "resources": [resource("segment", name, name)],
        })
    };
    let posted = [event("Banana"), event("Papaya"), event("Guava")];
    let posted = server.annals.client("acme").post("/v1/events:batch", &json!(posted));
    assert_eq!(posted.status, 202);
    let get = |route: &str, client: &Http| client.get(&format!("/v1/workspaces/acme/{route}"));
    let own = server.annals.client("acme");
    let writer = server.annals.client_with("acme", &["audit:write"]);
    let stranger = server.annals.client_with("other", &["audit:read"]);
    let greedy = server.reader("greedy");
    (0..10).for_each(|_| drop(get("events", &greedy)));
    let answers = [
        told("invalid-parameter", &get("events?actr=u1&limit=0", &own)),
        told("cursor-mismatch", &get("events?cursor=x", &own)),
        told("unauthenticated", &get("events", &server.annals.anonymous())),
        told("forbidden", &get("events", &writer)),
        told("not-found", &get("events", &stranger)),
        told("method not allowed", &own.post("/v1/workspaces/acme/events", &json!({}))),
        told("payload-too-large", &own.post("/v1/api-keys", &json!("x".repeat(70_000)))),
        told("schema-violation", &writer.post("/v1/events", &json!({"action": ""}))),
        told("rate-limited", &get("events", &greedy)),
        told("behind", &get("events?min_position=0:1000000", &own)),
        told("timeout", &get("events?resource_name=a&count=exact", &own)),
    ];
    insta::assert_json_snapshot!(answers);
}

/// A query that runs for as long as it may ends in the same problem, whatever it has found.
#[test]
fn every_query_that_runs_too_long_is_a_timeout() {
    let options = UpOptions::default().variable("ANNALS_LIMITS_MILLISECONDS_PER_QUERY", "0");
    let server = Server::start_with(&options);
    let mut guava = named(1, "Guava");
    guava["workspace_id"] = json!("acme");
    guava["action"] = json!("segment.updated");
    let posted = server.annals.client("acme").post("/v1/events:batch", &json!([guava]));
    assert_eq!(posted.status, 202);
    let own = server.annals.client("acme");
    // No page can be asked when the event is there.
    wait::until("the event", wait::PATIENCE, || {
        (server.get("accounting")["visible"] == 1).then_some(())
    });
    for route in [
        "events?resource_name=a",
        "events?limit=1&count=exact",
        "events?request_id=r1",
        "facets?by=actor",
        "histogram?bucket=day",
        "resources?resource_name=a",
        "actors?q=a",
        "resource-names?q=a",
        "feed?resource_name=a",
    ] {
        let answer = own.get(&format!("/v1/workspaces/acme/{route}"));
        assert_eq!((answer.status, answer.problem()), (504, "timeout".to_owned()), "{route}");
        let detail = "the query ran for as long as it may; narrow the date range or filters";
        assert_eq!(answer.json()["detail"], detail, "{route}");
    }
}

/// An answer without what is new each time.
pub(crate) fn told(request: &str, answer: &Answer) -> Value {
    let headers = HEADERS.into_iter().filter(|name| !answer.header(name).is_empty());
    let headers: Map<String, Value> =
        headers.map(|name| (name.to_owned(), json!(answer.header(name)))).collect();
    let text = answer.text();
    let body = serde_json::from_str(&text).unwrap_or(json!(text));
    let body = match answer.header("content-type") {
        "application/x-ndjson" => {
            text.lines().map(|row| serde_json::from_str::<Value>(row).unwrap()).collect()
        }
        "text/csv; charset=utf-8; header=present" => json!(text.lines().next()),
        // Keys, tree heads, proofs and hashes are of this log.
        _ if request.contains("/v1/log/") || request.ends_with("/proof") => json!("[evidence]"),
        _ => body,
    };
    let mut told = json!({"status": answer.status, "headers": headers, "body": body});
    redact(&mut told);
    told["request"] = json!(request);
    told
}

/// Puts names in place of what is new each time.
pub(crate) fn redact(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.truncate(MAX_ITEMS);
            items.iter_mut().for_each(redact);
        }
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(_) | Value::Number(_)
                        if NEW_EACH_TIME.contains(&name.as_str()) =>
                    {
                        *member = json!(format!("[{name}]"));
                    }
                    _ => redact(member),
                }
            }
        }
        _ => {}
    }
}

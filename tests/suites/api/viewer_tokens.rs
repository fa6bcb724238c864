//! L3: short tokens for embedded pages: one workspace, read-only, confined if asked to be.

use annals_tests::http::Http;
use annals_tests::list::List;
use annals_tests::process::UpOptions;
use annals_tests::wait;
use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

fn event(n: u64, actor: &str, resources: Value) -> Value {
    numbered(n, json!({"actor": {"kind": "user", "id": actor}, "resources": resources}))
}

/// Four events: two of segment s9, of which one is by u2.
fn confined_story() -> Vec<Value> {
    let (s9, other) = (resource("segment", "s9", "VIP"), resource("source", "s9", "Ads"));
    vec![
        event(1, "u1", json!([s9])),
        event(2, "u2", json!([other])),
        event(3, "u2", json!([other, s9])),
        event(4, "u1", json!([other])),
    ]
}

fn recording() -> Server {
    let server = Server::start_with(&UpOptions::recording_reads());
    server.post_all(&confined_story());
    server
}

fn mint(server: &Server, body: &Value) -> Http {
    let answer = server.admin.post("/v1/viewer-tokens", body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.json()["expires_at"].as_str().unwrap().ends_with('Z'));
    server.admin.with_token(answer.json()["token"].as_str())
}

fn numbers(client: &Http, query: &str) -> Vec<u64> {
    let rows = List::of(client, "acme").rows(query);
    rows.iter().map(|row| row["metadata"]["n"].as_u64().unwrap()).collect()
}

fn status(client: &Http, route: &str) -> u16 {
    client.get(&format!("/v1/workspaces/acme/{route}")).status
}

#[test]
fn a3_3_a_viewer_reads_one_workspace_and_its_reads_are_its_own() {
    let server = recording();
    let subject = json!({"id": "u7", "name": "Ana", "email": "ana@acme.test"});
    let viewer = mint(&server, &json!({"workspace": "acme", "subject": subject}));
    assert_eq!(numbers(&viewer, ""), [4, 3, 2, 1]);
    assert_eq!(viewer.get("/v1/workspaces/other/events").status, 404);
    assert_eq!(status(&viewer, "accounting"), 403);
    assert_eq!(viewer.post("/v1/viewer-tokens", &json!({})).status, 403, "it makes no others");
    assert_eq!(viewer.get("/v1/api-keys").status, 403);
    let write = json!({"workspace_id": "acme", "action": "a.b"});
    assert_eq!(viewer.post("/v1/events", &write).status, 403);
    let record = wait::until("its read to be recorded", wait::PATIENCE, || {
        server.rows("action=audit_log.viewed&actor=u7").pop()
    });
    let expected = json!({"kind": "user", "id": "u7", "name": "Ana", "email": "ana@acme.test"});
    for member in ["kind", "id", "name", "email"] {
        assert_eq!(record["actor"][member], expected[member]);
    }
    let minted = server.rows("action=audit_log.token_minted").pop().unwrap();
    assert_eq!(minted["metadata"]["subject"], "u7");
    assert_eq!(minted["actor"]["id"], "cli");
}

#[test]
fn a3_3_a_viewers_time_is_short() {
    let server = recording();
    let body =
        |ttl: Value| json!({"workspace": "acme", "subject": {"id": "u7"}, "ttl_seconds": ttl});
    for ttl in [json!(0), json!(901), json!(-1), json!("300"), json!(1.5)] {
        let answer = server.admin.post("/v1/viewer-tokens", &body(ttl.clone()));
        assert_eq!((answer.status, answer.problem().as_str()), (400, "invalid-parameter"), "{ttl}");
        assert_eq!(answer.json()["errors"][0]["pointer"], "/ttl_seconds", "{ttl}");
    }
    let answer = server.admin.post("/v1/viewer-tokens", &body(json!(900)));
    assert_eq!(answer.status, 201);
}

#[test]
fn a3_3_only_an_administrator_of_the_workspace_mints() {
    let server = recording();
    let body = json!({"workspace": "acme", "subject": {"id": "u7"}});
    let mint_as = |client: &Http| client.post("/v1/viewer-tokens", &body).status;
    assert_eq!(mint_as(&server.annals.anonymous()), 401);
    assert_eq!(mint_as(&server.annals.client_with("acme", &["audit:read"])), 403);
    assert_eq!(mint_as(&server.annals.client_with("other", &["audit:admin"])), 404);
    assert_eq!(mint_as(&server.annals.client_with("acme", &["audit:admin"])), 201);
    for (body, pointer) in [
        (json!({"workspace": "acme"}), ""),
        (json!({"workspace": "acme", "subject": {"id": ""}}), "/subject/id"),
        (json!({"workspace": "acme", "subject": {"id": "u", "role": "x"}}), "/subject/role"),
        (json!({"workspace": "acme", "subject": {"id": "u"}, "scope": "x"}), "/scope"),
        (
            json!({"workspace": "acme", "subject": {"id": "u"}, "scopes": ["audit:write"]}),
            "/scopes/0",
        ),
        (
            json!({"workspace": "acme", "subject": {"id": "u"}, "resource": {"type": "a"}}),
            "/resource",
        ),
    ] {
        let answer = server.admin.post("/v1/viewer-tokens", &body);
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (400, "invalid-parameter"),
            "{body}"
        );
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{body}");
    }
    let broken = server.admin.post_bytes("/v1/viewer-tokens", "application/json", b"{".to_vec());
    assert_eq!(broken.status, 400);
}

/// Confined to a resource: every read is, and what cannot be is refused.
#[test]
fn a3_2_a_viewer_of_one_resource_sees_nothing_else() {
    let server = recording();
    let confined = json!({"workspace": "acme", "subject": {"id": "u7"},
                          "resource": {"type": "segment", "id": "s9"}});
    let viewer = mint(&server, &confined);
    assert_eq!(numbers(&viewer, ""), [3, 1]);
    assert_eq!(numbers(&viewer, "resource_type=source"), [0_u64; 0]);
    assert_eq!(numbers(&viewer, "resource_type=source&resource_id=s9"), [0_u64; 0]);
    assert_eq!(numbers(&viewer, "actor=u2"), [3]);
    assert_eq!(List::of(&viewer, "acme").page("count=exact").data.len(), 2);
    let page: Value = viewer.get_json("/v1/workspaces/acme/events?count=exact");
    assert_eq!(page["total"]["value"], 2);
    let facets: Value = viewer.get_json("/v1/workspaces/acme/facets?by=actor,resource_type");
    let counts = |by: &str| {
        let values = facets["facets"][by].as_array().unwrap();
        values.iter().map(|v| (v["value"].clone(), v["count"].clone())).collect::<Vec<_>>()
    };
    let one = |value: &str, count: u64| (json!(value), json!(count));
    assert_eq!(counts("actor"), [one("u1", 1), one("u2", 1)]);
    assert_eq!(counts("resource_type"), [one("segment", 2)]);
    let histogram: Value = viewer.get_json("/v1/workspaces/acme/histogram");
    assert_eq!(histogram["buckets"][0]["count"], 2);
    let resources: Value = viewer.get_json("/v1/workspaces/acme/resources");
    assert_eq!(resources["data"].as_array().unwrap().len(), 1);
    assert_eq!(resources["data"][0]["id"], "s9");
    assert_eq!(resources["data"][0]["type"], "segment");
    assert_eq!(status(&viewer, "resources/segment/s9"), 200);
    assert_eq!(status(&viewer, "resources/source/s9"), 404);
    for route in ["actors", "resource-names?q=v"] {
        assert_eq!(status(&viewer, route), 403, "{route}");
    }
    for row in server.rows("") {
        let (id, n) = (row["event_id"].as_str().unwrap(), row["metadata"]["n"].as_u64().unwrap());
        let expected = if [1, 3].contains(&n) { 200 } else { 404 };
        assert_eq!(status(&viewer, &format!("events/{id}")), expected, "event {n}");
    }
}

/// Confined to what one person did, also where a facet ignores the filter on people.
#[test]
fn a3_2_a_viewer_of_one_actor_sees_nothing_else() {
    let server = recording();
    let confined = json!({"workspace": "acme", "subject": {"id": "u7"}, "actor": "u1"});
    let viewer = mint(&server, &confined);
    assert_eq!(numbers(&viewer, ""), [4, 1]);
    assert_eq!(numbers(&viewer, "actor=u2"), [0_u64; 0]);
    assert_eq!(numbers(&viewer, "actor=u2&actor=u1"), [4, 1]);
    for query in ["by=actor", "by=actor&actor=u2"] {
        let facets: Value = viewer.get_json(&format!("/v1/workspaces/acme/facets?{query}"));
        let values = facets["facets"]["actor"].as_array().unwrap();
        assert_eq!(values.len(), 1, "{facets}");
        assert_eq!((&values[0]["value"], &values[0]["count"]), (&json!("u1"), &json!(2)));
    }
    for route in ["actors", "resource-names?q=v", "resources", "resources/segment/s9"] {
        assert_eq!(status(&viewer, route), 403, "{route}");
    }
    assert!(List::of(&viewer, "acme").rows("include_access=true").len() == 2, "nor who read");
}

/// A cursor of somebody who sees all opens nothing more for somebody who does not.
#[test]
fn a3_2_a_cursor_does_not_widen_what_a_viewer_sees() {
    let server = recording();
    let cursor = server.list().page("limit=1").page.next.unwrap();
    let confined = json!({"workspace": "acme", "subject": {"id": "u7"}, "actor": "u1"});
    let viewer = mint(&server, &confined);
    let query = format!("limit=10&cursor={}", annals_tests::http::encode(&cursor));
    let answer = List::of(&viewer, "acme").answer(&query);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let rows = answer.json()["data"].as_array().unwrap().clone();
    let numbers: Vec<_> = rows.iter().map(|row| row["metadata"]["n"].clone()).collect();
    assert_eq!(numbers, [1], "what is left of its own after the cursor's page");
}

/// What others made of a resource was told with a confined viewer's own rows, and `undo` knew of no
/// later changes because it saw none.
#[test]
fn a3_2_a_confined_viewer_learns_nothing_of_what_others_did() {
    let server = Server::with_events(&[
        event(1, "u1", json!([resource("segment", "s9", "VIP")])),
        event(2, "u2", json!([resource("segment", "s9", "Layoffs")])),
    ]);
    let body = json!({"workspace": "acme", "subject": {"id": "u1"}, "actor": "u1"});
    let viewer = mint(&server, &body);
    let rows = List::of(&viewer, "acme").rows("");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["resources"][0]["name"], "VIP");
    assert_eq!(rows[0]["resources"][0]["current_name"], Value::Null);
    assert_eq!(numbers(&viewer, "resource_name=layoffs"), [0; 0]);
    assert_eq!(numbers(&viewer, "resource_name=vip"), [1]);
    assert_eq!(status(&viewer, "resources/segment/s9/state"), 403);
    let own = rows[0]["event_id"].as_str().unwrap();
    assert_eq!(status(&viewer, &format!("events/{own}")), 200);
    let whole = json!({"workspace": "acme", "subject": {"id": "u1"},
        "resource": {"type": "segment", "id": "s9"}});
    let viewer = mint(&server, &whole);
    let rows = List::of(&viewer, "acme").rows("");
    assert_eq!(rows[1]["resources"][0]["current_name"], "Layoffs");
    assert_eq!(status(&viewer, "resources/segment/s9/state"), 200);
    assert_eq!(status(&viewer, "resources/source/s9/state"), 403);
    // Whether it waits would tell the partition, and what the neighbours write.
    assert_eq!(status(&viewer, "events?min_position=0:1"), 403);
    let everything = json!({"workspace": "*", "subject": {"id": "u1"}});
    let answer = server.admin.post("/v1/viewer-tokens", &everything);
    assert_eq!((answer.status, answer.problem().as_str()), (400, "invalid-parameter"));
}

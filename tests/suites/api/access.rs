//! L3: who may read what.

use annals_tests::list::List;
use serde_json::json;

use crate::server::{Server, post_settled};

#[test]
fn a3_1_without_a_token_401_without_the_scope_403() {
    let server = Server::start();
    assert_eq!(server.post(json!({})).status, 202);
    let anonymous = server.annals.anonymous();
    let path = List::of(&server.admin, "acme").path("");
    let answer = anonymous.get(&path);
    assert_eq!((answer.status, answer.problem()), (401, "unauthenticated".to_owned()));
    let writer = server.annals.client_with("acme", &["audit:write"]);
    let answer = writer.get(&path);
    assert_eq!((answer.status, answer.problem()), (403, "forbidden".to_owned()));
    assert!(!answer.text().contains("total"), "no count leaks");
    let reader = server.annals.client_with("acme", &["audit:read"]);
    assert_eq!(reader.get(&path).status, 200);
    let answer = reader.post("/v1/events", &json!({"workspace_id": "acme", "action": "a.b"}));
    assert_eq!(answer.status, 403);
}

/// 401 is one answer, whatever is wrong with the token.
#[test]
fn a3_1_401_is_uniform() {
    let server = Server::start();
    let good = server.admin.token().unwrap().to_owned();
    let mut forged = good.clone();
    let last = forged.pop().unwrap();
    forged.insert(forged.len() - 8, if last == 'A' { 'B' } else { 'A' });
    let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4IiwiZXhwIjo5OTk5OTk5OTk5fQ.".to_owned();
    let path = List::of(&server.admin, "acme").path("");
    let mut bodies = std::collections::HashSet::new();
    for token in
        [forged, none, "x".to_owned(), "a.b".to_owned(), format!("{good}x"), "y".repeat(20_000)]
    {
        let answer = server.admin.with_token(Some(&token)).get(&path);
        assert_eq!(answer.status, 401, "{token:.60}");
        let mut body = answer.json();
        body["request_id"] = json!(null);
        bodies.insert(body.to_string());
    }
    let mut body = server.annals.anonymous().get(&path).json();
    body["request_id"] = json!(null);
    bodies.insert(body.to_string());
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

/// A foreign workspace that exists and one that does not give the same answer.
#[test]
fn a3_2_a_foreign_workspace_looks_like_none() {
    let server = Server::start();
    let event = json!({"workspace_id": "other", "action": "a.b"});
    assert_eq!(post_settled(&server.admin, &event).status, 202);
    let acme = server.annals.client_with("acme", &["audit:read", "audit:write", "audit:admin"]);
    let strip = |workspace: &str| {
        let answer = acme.get(&List::of(&acme, workspace).path(""));
        assert_eq!((answer.status, answer.problem()), (404, "not-found".to_owned()));
        let mut body = answer.json();
        body["request_id"] = json!(null);
        body.to_string()
    };
    assert_eq!(strip("other"), strip("never-heard-of"));
    let batch = json!([
        {"workspace_id": "acme", "action": "a.b"}, {"workspace_id": "other", "action": "a.b"}
    ]);
    let answer = acme.post("/v1/events:batch", &batch);
    let items = answer.json();
    assert_eq!(items["items"][0]["status"], "accepted", "{items}");
    assert_eq!(items["items"][1]["status"], "rejected", "{items}");
    assert!(items["items"][1]["error"]["type"].as_str().unwrap().ends_with("not-found"), "{items}");
    assert_eq!(acme.get("/v1/admin/accounting").status, 403, "only for `*`");
    let other = List::of(&server.admin, "other");
    other.settle();
    let rows = other.rows("");
    assert_eq!(rows.len(), 1, "the foreign write did not land");
}

/// `audit:admin` alone was refused for want of `audit:read`; no scope implies another.
#[test]
fn a3_1_admin_routes_need_the_admin_scope_and_no_other() {
    let server = Server::start();
    assert_eq!(server.post(json!({})).status, 202);
    let admin = server.annals.client_with("acme", &["audit:admin"]);
    let others = server.annals.client_with("acme", &["audit:read", "audit:write", "audit:verify"]);
    for route in ["accounting", "quarantine"] {
        let of = |workspace: &str| format!("/v1/workspaces/{workspace}/{route}");
        assert_eq!(admin.get(&of("acme")).status, 200, "{route}");
        let refused = others.get(&of("acme"));
        assert_eq!((refused.status, refused.problem()), (403, "forbidden".to_owned()), "{route}");
        for client in [&admin, &others] {
            let foreign = client.get(&of("other"));
            assert_eq!((foreign.status, foreign.problem()), (404, "not-found".to_owned()));
        }
        assert_eq!(server.annals.anonymous().get(&of("acme")).status, 401, "{route}");
    }
    assert_eq!(admin.get(&List::of(&admin, "acme").path("")).status, 403, "admin is not read");
    assert_eq!(admin.get("/v1/admin/quarantine").status, 403, "only for `*`");
}

#[test]
fn a4_7_a_granted_workspace_without_events_is_empty() {
    let server = Server::start();
    let client = server.annals.client_with("fresh", &["audit:read"]);
    let page = List::of(&client, "fresh").page("");
    assert!(page.data.is_empty() && page.page.next.is_none() && page.page.prev.is_none());
}

/// Positions tell of the neighbours' volume.
#[test]
fn a3_2_positions_are_for_verifiers_only() {
    let server = Server::start();
    assert_eq!(server.post(json!({})).status, 202);
    let reader = server.annals.client_with("acme", &["audit:read"]);
    let page = List::of(&reader, "acme").page("");
    assert!(!page.data[0].get().contains("\"position\""), "{}", page.data[0]);
    assert!(page.snapshot["complete_through"].get("positions").is_none(), "{}", page.snapshot);
    let verifier = server.annals.client_with("acme", &["audit:read", "audit:verify"]);
    let page = List::of(&verifier, "acme").page("");
    assert!(page.data[0].get().contains("\"position\""));
    assert!(page.snapshot["complete_through"]["positions"].is_object());
}

/// API keys: `id.secret` works, a wrong secret and a revoked key do not.
#[test]
fn a3_1_api_keys_open_until_revoked() {
    let server = Server::start();
    let data = server.annals.data().to_str().unwrap().to_owned();
    let run = annals_tests::command::run;
    let created = run(&[
        "apikey",
        "create",
        "--data",
        &data,
        "--workspace",
        "acme",
        "--scope",
        "audit:read",
        "--name",
        "reader",
    ]);
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    let key = created.stdout.trim();
    let (id, _) = key.split_once('.').expect("id.secret");
    let path = List::of(&server.admin, "acme").path("");
    let status = |key: &str| server.admin.with_token(Some(key)).get(&path).status;
    annals_tests::wait::until("the key to open", annals_tests::wait::PATIENCE, || {
        (status(key) == 200).then_some(())
    });
    assert_eq!(status(&format!("{id}.{}", "0".repeat(43))), 401);
    let revoked = run(&["apikey", "revoke", id, "--data", &data]);
    assert_eq!(revoked.code, Some(0), "{}", revoked.stderr);
    annals_tests::wait::until("the revocation", annals_tests::wait::PATIENCE, || {
        (status(key) == 401).then_some(())
    });
}

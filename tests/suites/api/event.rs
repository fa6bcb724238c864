//! L1: a detailed history of user-driven actions.

use annals_tests::list::micros;
use annals_tests::wait;
use serde_json::{Value, json};

use crate::server::Server;

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn full_event() -> Value {
    json!({
        "event_id": ID, "occurred_at": "2025-10-25T01:30:00.000123Z", "workspace_id": "acme",
        "actor": {"kind": "user", "id": "u1", "name": "Ana", "email": "ana@acme.test",
            "on_behalf_of": {"kind": "user", "id": "u2", "name": "Bob", "email": "bob@acme.test"}},
        "action": "segment.updated", "kind": "update", "outcome": "success",
        "resources": [{"type": "segment", "id": "s9", "name": "VIP EU"}],
        "context": {"ip": "203.0.113.7", "user_agent": "agent/1", "request_id": "r-1",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "service": "segments-api"},
        "changes": [{"path": "filter.country", "before": ["FR"], "after": ["FR", "DE"]}],
        "description": "Added Germany", "metadata": {"any": ["json", 1, 2.5, null, {"ü": true}]}
    })
}

#[test]
fn a1_1_an_event_comes_back_as_it_was_sent() {
    let server = Server::start();
    let answer = server.post(full_event());
    assert_eq!(answer.status, 202, "{}", answer.text());
    let row = server.rows("").remove(0);
    for member in ["event_id", "occurred_at", "action", "kind", "outcome"] {
        assert_eq!(row[member], full_event()[member], "{member}");
    }
    for member in ["changes", "description", "metadata"] {
        assert_eq!(row[member], full_event()[member], "{member}");
    }
    assert_eq!(row["effective_at"], row["occurred_at"]);
    assert_eq!(row["clock"], "producer");
}

/// The whole row shape of the contract, times of the log redacted.
#[test]
fn a1_1_the_row_has_the_shape_of_the_contract() {
    let server = Server::start();
    assert_eq!(server.post(full_event()).status, 202);
    let mut page: Value = server.list().answer("limit=10&count=exact").json();
    for row in page["data"].as_array_mut().unwrap() {
        assert!(micros(row["recorded_at"].as_str().unwrap()) > micros("2025-10-25T01:30:00Z"));
        row["recorded_at"] = json!("[recorded_at]");
        assert!(row["late_by_seconds"].as_u64().unwrap() > 0);
        row["late_by_seconds"] = json!("[late_by_seconds]");
    }
    let through = &mut page["snapshot"]["complete_through"]["time"];
    assert!(micros(through.as_str().unwrap()) > 0);
    *through = json!("[time]");
    insta::assert_json_snapshot!(page);
}

/// The barest event that is legal: nobody is known, no resource, no time.
#[test]
fn a1_1_a_bare_event_gets_an_id_and_a_time() {
    let server = Server::start();
    let answer = server.post(json!({"action": "thing"}));
    assert_eq!(answer.status, 202, "{}", answer.text());
    let id = answer.json()["items"][0]["event_id"].as_str().unwrap().to_owned();
    let row = server.rows("").remove(0);
    assert_eq!(row["event_id"], id);
    assert_eq!(&id[14..15], "7", "a UUIDv7");
    assert_eq!(row["actor"]["kind"], "unknown");
    assert_eq!(row["resources"], json!([]));
    assert_eq!((&row["clock"], &row["occurred_at"]), (&json!("assigned"), &Value::Null));
    assert_eq!(row["effective_at"], row["recorded_at"]);
    assert_eq!((&row["kind"], &row["outcome"]), (&json!("other"), &json!("unknown")));
    assert_eq!(row["late_by_seconds"], 0);
}

#[test]
fn a1_4_an_event_sent_three_times_is_shown_once_and_a_conflict_is_quarantined() {
    let server = Server::start();
    for _ in 0..3 {
        let answer = server.post(full_event());
        assert!([200, 202].contains(&answer.status), "{}", answer.text());
    }
    // From here on the event is visible, so the gateway knows what its id stands for.
    assert_eq!(server.rows("").len(), 1);
    let mut other = full_event();
    other["description"] = json!("Another body");
    let answer = server.post(other);
    assert_eq!((answer.status, answer.problem()), (422, "schema-violation".to_owned()));
    assert_eq!(answer.json()["errors"][0]["pointer"], "/event_id");
    server.list().settle();
    let rows = server.rows("");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["description"], "Added Germany", "the first body wins");
    let accounting: Value = server.admin.get_json("/v1/workspaces/acme/accounting");
    assert_eq!(accounting, json!({"records": 4, "visible": 1, "duplicate": 2, "quarantined": 1}));
    let quarantine: Value = server.admin.get_json("/v1/workspaces/acme/quarantine");
    let entries = quarantine["data"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!((&entries[0]["reason"], &entries[0]["event_id"]), (&json!("conflict"), &json!(ID)));
}

/// The same id in another workspace is another event.
#[test]
fn a1_4_identity_is_within_the_workspace() {
    let server = Server::start();
    assert_eq!(server.post(full_event()).status, 202);
    let mut other = full_event();
    other["workspace_id"] = json!("other");
    assert_eq!(server.post(other).status, 202);
    assert_eq!(server.rows("").len(), 1);
    assert_eq!(annals_tests::list::List::of(&server.admin, "other").rows("").len(), 1);
}

#[test]
fn a1_5_actors_that_are_no_people_have_a_kind() {
    let server = Server::start();
    let actors = [
        json!({"kind": "api_key", "id": "k1", "name": "ci-bot"}),
        json!({"kind": "service", "id": "sync"}),
        json!({"kind": "system"}),
        json!({"kind": "unknown"}),
    ];
    for actor in &actors {
        assert_eq!(server.post(json!({"actor": actor})).status, 202);
    }
    let rows = server.rows("");
    let kinds: Vec<_> = rows.iter().rev().map(|row| row["actor"]["kind"].clone()).collect();
    assert_eq!(kinds, ["api_key", "service", "system", "unknown"]);
    for kind in ["api_key", "service", "system", "unknown"] {
        assert_eq!(server.rows(&format!("actor_kind={kind}")).len(), 1);
    }
}

/// Over HTTP nothing bad reaches the log; `complete_through` advances by itself.
#[test]
fn a1_6_a_refused_event_is_no_row_and_complete_through_advances() {
    let server = Server::start();
    let answer = server.post(json!({"action": ""}));
    assert_eq!((answer.status, answer.problem()), (422, "schema-violation".to_owned()));
    assert_eq!(answer.json()["errors"][0]["pointer"], "/action");
    assert_eq!(server.rows("").len(), 0);
    let through = || server.list().page("").complete_through();
    let first = through();
    wait::until("complete_through to advance", wait::PATIENCE, || {
        (through() > first).then_some(())
    });
}

/// Reserved prefixes: a client cannot forge the log's own events.
#[test]
fn a3_5_own_actions_are_refused_from_clients() {
    let server = Server::start();
    for action in ["audit_log.viewed", "annals.anything"] {
        assert_eq!(server.post(json!({"action": action})).status, 422, "{action}");
    }
}

#[test]
fn unknown_members_are_refused_by_name_and_at_any_depth() {
    let server = Server::start();
    let cases = [
        (json!({"nick": 1}), "/nick"),
        (json!({"actor": {"kind": "user", "nick": 1}}), "/actor/nick"),
        (json!({"resources": [{"type": "a", "id": "b", "nick": 1}]}), "/resources/0/nick"),
        (json!({"context": {"nick": 1}}), "/context/nick"),
        (json!({"resources": [{"type": "a"}]}), "/resources/0/id"),
        (json!({"kind": "explode"}), "/kind"),
        (json!({"outcome": 1}), "/outcome"),
        (json!({"event_id": "no-uuid"}), "/event_id"),
    ];
    for (event, pointer) in cases {
        let answer = server.post(event);
        assert_eq!(answer.status, 422, "{pointer}");
        let found = answer.json();
        let pointers: Vec<_> =
            found["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
        assert!(pointers.contains(&json!(pointer)), "{pointer} is not among {pointers:?}");
    }
}

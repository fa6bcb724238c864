//! L2 and L15: what a resource's fields were, and how a change is taken back.

use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

fn on(n: u64, action: &str, changes: Value) -> Value {
    let resources = json!([resource("segment", "s/1", "VIP"), resource("source", "x", "X")]);
    numbered(n, json!({"action": action, "resources": resources, "changes": changes}))
}

fn server() -> Server {
    Server::with_events(&[
        on(
            10,
            "segment.created",
            json!([
                {"path": "name", "after": "VIP"},
                {"path": "filter", "after": {"country": ["FR"], "age": 18}},
            ]),
        ),
        on(
            20,
            "segment.updated",
            json!([
                {"path": "filter.country", "before": ["FR"], "after": ["FR", "DE"]},
            ]),
        ),
        on(
            30,
            "segment.updated",
            json!([
                {"path": "name", "before": "VIP", "after": "VIP EU"},
                {"path": "limit", "before": 9_007_199_254_740_993_u64, "after": 5},
                {"path": "owner", "after": "u1"},
            ]),
        ),
        on(40, "segment.deleted", json!([])),
        // It concerns its first resource, which is another one.
        numbered(
            50,
            json!({
                "resources": [resource("source", "x", "X"), resource("segment", "s/1", "VIP")],
                "changes": [{"path": "name", "before": "X", "after": "Y"}],
            }),
        ),
    ])
}

fn state(server: &Server, second: u64) -> Value {
    let at = format!("2025-03-01T00:00:{second:02}Z");
    let mut state = server.get(&format!("resources/segment/s%2F1/state?at={at}"));
    assert_eq!(state["at"], at.replace('Z', ".000000Z"));
    let members = state.as_object_mut().unwrap();
    assert!(members.remove("snapshot").unwrap()["seq"].is_u64());
    members.retain(|name, _| ["exists", "fields", "unknown"].contains(&name.as_str()));
    state
}

#[test]
fn a15_2_fields_have_their_values_of_the_moment() {
    let server = server();
    let unborn = json!({"exists": false, "fields": {}, "unknown": ["limit", "owner"]});
    let mut before = state(&server, 5);
    // What was there before the creation is known: nothing. Later changes tell of other fields.
    assert_eq!(before["fields"]["limit"], 9_007_199_254_740_993_u64);
    before["fields"].as_object_mut().unwrap().remove("limit");
    assert_eq!((&before["exists"], &before["fields"]), (&unborn["exists"], &json!({})));
    let filter = |countries: Value| json!({"country": countries, "age": 18});
    let at_20 = json!({
        "exists": true,
        "fields": {
            "name": "VIP", "filter": filter(json!(["FR", "DE"])), "limit": 9_007_199_254_740_993_u64
        },
        "unknown": ["owner"],
    });
    assert_eq!(state(&server, 20), at_20, "the moment itself is in it");
    assert_eq!(state(&server, 19)["fields"]["filter"], filter(json!(["FR"])));
    let at_35 = json!({
        "exists": true,
        "fields": {
            "name": "VIP EU", "filter": filter(json!(["FR", "DE"])), "limit": 5, "owner": "u1"
        },
        "unknown": [],
    });
    assert_eq!(state(&server, 35), at_35);
    let now = server.get("resources/segment/s%2F1/state");
    assert_eq!((&now["exists"], &now["fields"]["name"]), (&json!(false), &json!("VIP EU")));
    let last = server.rows("kind=delete")[0]["event_id"].clone();
    assert_eq!(now["as_of"]["event_id"], last);
    assert_eq!((&now["type"], &now["id"]), (&json!("segment"), &json!("s/1")));
}

/// Ids and times of recording differ each time.
fn redacted(mut answer: Value) -> Value {
    fn redact(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(redact),
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    match name.as_str() {
                        "event_id" | "complete_through" => *member = json!("[varies]"),
                        _ => redact(member),
                    }
                }
            }
            _ => {}
        }
    }
    redact(&mut answer);
    answer
}

#[test]
fn states_and_undo_have_the_shape_that_was_reviewed() {
    let server = server();
    let at = "at=2025-03-01T00:00:25Z";
    let state = server.get(&format!("resources/segment/s%2F1/state?{at}"));
    insta::assert_json_snapshot!("state", redacted(state));
    let created = server.rows("kind=create")[0]["event_id"].as_str().unwrap().to_owned();
    let undo = server.get(&format!("events/{created}/undo"));
    insta::assert_json_snapshot!("undo", redacted(undo));
}

#[test]
fn states_are_refused_like_everything_else() {
    let server = server();
    let answer = server.admin.get("/v1/workspaces/acme/resources/segment/none/state");
    assert_eq!((answer.status, answer.problem()), (404, "not-found".to_owned()));
    let refused = server.refusal_of("resources/segment/s%2F1/state?at=2025-03-01");
    assert_eq!(refused, (400, "invalid-parameter".to_owned(), "at".to_owned()));
    let refused = server.refusal_of("resources/segment/s%2F1/state?t=1");
    assert_eq!(refused, (400, "invalid-parameter".to_owned(), "t".to_owned()));
}

#[test]
fn a_change_is_undone_and_later_ones_are_named() {
    let server = server();
    let id = |second: u64| {
        let row = &server.rows(&format!("from=2025-03-01T00:00:{second}Z&limit=1000"));
        row.last().unwrap()["event_id"].as_str().unwrap().to_owned()
    };
    let undo = server.get(&format!("events/{}/undo", id(10)));
    let patch = json!([{"op": "remove", "path": "/filter"}, {"op": "remove", "path": "/name"}]);
    assert_eq!(undo["patch"], patch);
    assert_eq!(undo["uncertain"], json!([]), "a resource that was made had no fields before");
    assert_eq!(undo["resource"], json!({"type": "segment", "id": "s/1"}));
    let conflicts = undo["conflicts"].as_array().unwrap();
    let named: Vec<_> =
        conflicts.iter().map(|conflict| (&conflict["path"], &conflict["event_id"])).collect();
    let (country, name) = (json!("/filter/country"), json!("/name"));
    let (twenty, thirty) = (json!(id(20)), json!(id(30)));
    assert_eq!(named, [(&country, &twenty), (&name, &thirty)]);
    let undo = server.get(&format!("events/{}/undo", id(30)));
    let patch = json!([
        {"op": "remove", "path": "/owner"},
        {"op": "replace", "path": "/limit", "value": 9_007_199_254_740_993_u64},
        {"op": "replace", "path": "/name", "value": "VIP"},
    ]);
    assert_eq!((&undo["patch"], &undo["conflicts"]), (&patch, &json!([])));
    assert_eq!(undo["uncertain"], json!(["/owner"]), "nobody said that it had none");
    let none = server.get(&format!("events/{}/undo", id(40)));
    assert_eq!((&none["patch"], &none["conflicts"]), (&json!([]), &json!([])));
    let missing = "/v1/workspaces/acme/events/01890a5d-ac96-774b-bcce-b302099a8057/undo";
    assert_eq!(server.admin.get(missing).problem(), "not-found");
}

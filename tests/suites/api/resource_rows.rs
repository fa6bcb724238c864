//! L14: who made a resource, and who changed it last.

use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

const KINDS: [(&str, &str); 4] =
    [("created", "create"), ("updated", "update"), ("deleted", "delete"), ("viewed", "read")];

/// Event `n`: this person did that to a segment.
fn did(n: u64, actor: &str, verb: &str, id: &str) -> Value {
    let (_, kind) = KINDS.iter().find(|(known, _)| *known == verb).unwrap();
    numbered(
        n,
        json!({
            "event_id": event_id(n), "action": format!("segment.{verb}"), "kind": kind,
            "actor": {"kind": "user", "id": actor, "name": actor.to_uppercase()},
            "resources": [resource("segment", id, &format!("Segment {id}"))],
        }),
    )
}

fn event_id(n: u64) -> String {
    format!("01890a5d-ac96-774b-bcce-{n:012}")
}

fn row(server: &Server, id: &str) -> Value {
    server.get(&format!("resources/segment/{id}"))
}

/// Actor and event of a creation or an edit.
fn by(actor: &Value) -> (&str, &str) {
    (actor["actor"]["id"].as_str().unwrap(), actor["event_id"].as_str().unwrap())
}

#[test]
fn a14_1_creator_and_last_editor_with_their_events() {
    let server = Server::with_events(&[
        did(10, "ana", "created", "s1"),
        did(20, "bob", "updated", "s1"),
        did(30, "cleo", "viewed", "s1"),
        did(40, "cleo", "created", "s2"),
    ]);
    let row = row(&server, "s1");
    assert_eq!(by(&row["creator"]), ("ana", event_id(10).as_str()));
    assert_eq!(by(&row["last_editor"]), ("bob", event_id(20).as_str()), "a read is no edit");
    assert_eq!(row["creator"]["at"], "2025-03-01T00:00:10.000000Z");
    assert_eq!(row["changes"], 2);
    for event in [&row["creator"], &row["last_editor"]] {
        let found = server.get(&format!("events/{}", event["event_id"].as_str().unwrap()));
        assert_eq!(found["actor"]["id"], event["actor"]["id"], "both lead to the event");
    }
    let listed = server.get("resources?resource_name=s1");
    assert_eq!(listed["data"], json!([row]));
}

#[test]
fn a14_1_a_row_has_the_shape_of_the_contract() {
    let server = Server::with_events(&[
        did(10, "ana", "created", "s1"),
        numbered(
            20,
            json!({"actor": {"kind": "user", "id": "bob"}, "kind": "update",
                "resources": [resource("segment", "s1", "VIP")]}),
        ),
        did(30, "bob", "deleted", "s1"),
    ]);
    let ana =
        json!({"kind": "user", "id": "ana", "name": "ANA", "email": null, "status": "active"});
    let mut row = row(&server, "s1");
    assert_eq!(row["creator"].take()["actor"], ana);
    row["last_editor"].take();
    let expected = json!({
        "type": "segment", "id": "s1", "name": "Segment s1",
        "names": [
            {"name": "Segment s1", "from": "2025-03-01T00:00:10.000000Z"},
            {"name": "VIP", "from": "2025-03-01T00:00:20.000000Z"},
        ],
        "deleted": true, "creator": null, "last_editor": null,
        "first_at": "2025-03-01T00:00:10.000000Z", "last_at": "2025-03-01T00:00:30.000000Z",
        "changes": 3,
    });
    assert_eq!(row, expected);
}

#[test]
fn a14_2_changed_by_someone_other_than_the_creator() {
    let server = Server::with_events(&[
        did(10, "ana", "created", "s1"),
        did(11, "ana", "updated", "s1"),
        did(20, "ana", "created", "s2"),
        did(21, "bob", "updated", "s2"),
        did(30, "bob", "updated", "s3"),
        numbered(
            40,
            json!({"action": "source.created", "actor": {"kind": "user", "id": "ana"},
                "resources": [resource("source", "s1", "Source")]}),
        ),
        numbered(
            41,
            json!({"action": "source.updated", "actor": {"kind": "user", "id": "bob"},
                "resources": [resource("source", "s1", "Source")]}),
        ),
    ]);
    let ids = |query: &str| -> Vec<(String, String)> {
        let answer = server.get(&format!("resources?{query}"));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let rows = answer["data"].as_array().unwrap().iter();
        rows.map(|row| (text(&row["type"]), text(&row["id"]))).collect()
    };
    let of = |kind: &str, id: &str| (kind.to_owned(), id.to_owned());
    let (source, s2) = (of("source", "s1"), of("segment", "s2"));
    let only_s2 = std::slice::from_ref(&s2);
    assert_eq!(ids("edited_by_other=true"), [source.clone(), s2.clone()]);
    assert_eq!(ids("edited_by_other=true&resource_type=segment"), only_s2);
    let range = "from=2025-03-01T00:00:20Z&to=2025-03-01T00:00:41Z";
    assert_eq!(ids(&format!("edited_by_other=true&{range}")), only_s2);
    assert_eq!(ids("last_editor=bob&creator=ana"), [source, s2]);
    assert_eq!(ids("edited_by_other=false").len(), 4, "asks nothing");
    assert_eq!(row(&server, "s3")["creator"], Value::Null, "made before recording");
    assert_eq!(ids("creator=bob"), [] as [(String, String); 0]);
}

#[test]
fn a14_3_late_events_and_the_last_edit() {
    let server = Server::with_events(&[
        did(50, "ana", "created", "s1"),
        did(80, "bob", "updated", "s1"),
        did(60, "cleo", "updated", "s1"),
    ]);
    assert_eq!(by(&row(&server, "s1")["last_editor"]).0, "bob", "a late one that is older");
    server.post_all(&[did(90, "dora", "updated", "s1")]);
    assert_eq!(by(&row(&server, "s1")["last_editor"]).0, "dora");
    server.post_all(&[did(40, "eve", "created", "s1")]);
    let row = row(&server, "s1");
    assert_eq!(by(&row["creator"]).0, "eve", "the earliest creation, however late it comes");
    assert_eq!(row["first_at"], "2025-03-01T00:00:40.000000Z");
    assert_eq!(row["changes"], 5);
}

#[test]
fn a_resource_that_is_not_there_is_404() {
    let server = Server::with_events(&[did(10, "ana", "created", "a/b c%")]);
    assert_eq!(row(&server, "a%2Fb%20c%25")["id"], "a/b c%");
    let timeline = server.get("resources/segment/a%2Fb%20c%25/events");
    assert_eq!(timeline["data"].as_array().unwrap().len(), 1);
    for route in ["resources/segment/s1", "resources/source/a%2Fb%20c%25"] {
        let (status, problem, _) = server.refusal_of(route);
        assert_eq!((status, problem.as_str()), (404, "not-found"), "{route}");
    }
}

/// Those on a page of the product's own: all in one request, whatever else the workspace has.
#[test]
fn a14_1_several_resources_are_asked_for_at_once() {
    let events: Vec<_> = (0..40).map(|n| did(n, "ana", "created", &format!("s{n}"))).collect();
    let server = Server::with_events(&events);
    server.post_all(&[
        did(50, "bob", "updated", "s7"),
        numbered(51, json!({"resources": [resource("model", "s7", "Model 7")]})),
    ]);
    let listed = |query: &str| server.get(&format!("resources?{query}"))["data"].clone();
    let asked = "resource_type=segment&resource_id=s3&resource_id=s7&resource_id=nothing";
    assert_eq!(listed(asked), json!([row(&server, "s7"), row(&server, "s3")]));
    assert_eq!(listed(&format!("{asked}&edited_by_other=true")), json!([row(&server, "s7")]));
    let model = server.get("resources/model/s7");
    let both = "resource_type=segment&resource_type=model&resource_id=s7";
    assert_eq!(listed(both), json!([model, row(&server, "s7")]));
    let (status, kind, parameter) = server.refusal_of("resources?resource_id=s7");
    assert_eq!((status, kind.as_str()), (400, "invalid-parameter"));
    assert_eq!(parameter, "resource_id");
}

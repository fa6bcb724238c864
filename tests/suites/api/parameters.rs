//! Parameters: a misspelt filter must never widen a compliance query.

use annals_tests::list::List;
use serde_json::{Value, json};

use crate::server::{Server, numbered, post_settled};

#[test]
fn an_unknown_or_bad_parameter_is_400_naming_it() {
    let server = Server::start();
    let cases = [
        ("actors=u1", "actors"),
        ("Actor=u1", "Actor"),
        ("resource-type=x", "resource-type"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=-1", "limit"),
        ("kind=updated", "kind"),
        ("outcome=ok", "outcome"),
        ("actor_kind=robot", "actor_kind"),
        ("name_scope=always", "name_scope"),
        ("name_match=regex", "name_match"),
        ("count=all", "count"),
        ("from=2025-01-01", "from"),
        ("limit=5&limit=6", "limit"),
        ("resource_name=a&resource_name=b", "resource_name"),
    ];
    for (query, name) in cases {
        let (status, problem, parameter) = server.refusal(query);
        assert_eq!((status, problem.as_str()), (400, "invalid-parameter"), "{query}");
        assert_eq!(parameter, name, "{query}");
    }
}

#[test]
fn a_problem_has_the_shape_of_rfc_9457() {
    let server = Server::start();
    let answer = server.list().answer("actors=u1");
    let mut problem = answer.json();
    assert_eq!(answer.header("x-request-id"), problem["request_id"].as_str().unwrap());
    problem["request_id"] = json!("[request_id]");
    insta::assert_json_snapshot!(problem);
}

#[test]
fn limits_of_1_and_1000_work_and_50_is_the_default() {
    let events: Vec<_> = (0..120).map(|n| numbered(n, json!({}))).collect();
    let server = Server::with_events(&events);
    let page = |query: &str| server.list().page(query);
    assert_eq!((page("").data.len(), page("").page.limit), (50, 50));
    assert_eq!(page("limit=1").data.len(), 1);
    assert_eq!(page("limit=1000").data.len(), 120);
    assert!(page("limit=1000").page.next.is_none());
    assert!(page("limit=120").page.next.is_none(), "no link to an empty page");
}

#[test]
fn outcomes_are_filtered_and_unsaid_is_unknown() {
    let server = Server::with_events(&[
        numbered(1, json!({"outcome": "success"})),
        numbered(2, json!({"outcome": "denied"})),
        numbered(3, json!({})),
    ]);
    assert_eq!(server.numbers("outcome=denied"), [2]);
    assert_eq!(server.numbers("outcome=denied&outcome=unknown"), [3, 2]);
}

/// Workspace ids are free text: none of them is a path.
#[test]
fn odd_workspace_ids_are_workspaces_like_any_other() {
    let server = Server::start();
    // Not `.`: HTTP clients take it out of a path, as they must.
    let names = ["a/b", "../../etc/passwd", "%2e%2e", "x y", "東京", "a?b#c", &"é".repeat(64)];
    for name in names {
        let event = json!({"workspace_id": name, "action": "a.b", "metadata": {"name": name}});
        let answer = post_settled(&server.admin, &event);
        assert_eq!(answer.status, 202, "{name}: {}", answer.text());
    }
    for name in names {
        let rows = List::of(&server.admin, name).rows("");
        let found: Vec<_> = rows.iter().map(|row| row["metadata"]["name"].clone()).collect();
        assert_eq!(found, [Value::from(name)]);
    }
    let answer =
        post_settled(&server.admin, &json!({"workspace_id": "é".repeat(65), "action": "a.b"}));
    assert_eq!(answer.status, 422, "129 bytes and more are refused");
}

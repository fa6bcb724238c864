//! L7: the resource's name at the time, and what became of it.

use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

fn on(n: u64, action: &str, resources: Value) -> Value {
    numbered(n, json!({"action": action, "resources": resources}))
}

#[test]
fn a7_1_rows_keep_the_name_of_their_time_and_hint_at_the_present_one() {
    let server = Server::with_events(&[
        on(1, "segment.created", json!([resource("segment", "s1", "A")])),
        on(2, "segment.renamed", json!([resource("segment", "s1", "B")])),
        on(3, "segment.updated", json!([resource("segment", "s1", "B")])),
        on(4, "segment.updated", json!([{"type": "segment", "id": "s1"}])),
    ]);
    let rows = server.rows("");
    let names: Vec<_> = rows.iter().map(|row| row["resources"][0]["name"].clone()).collect();
    assert_eq!(names, [Value::Null, json!("B"), json!("B"), json!("A")]);
    for row in rows {
        assert_eq!(row["resources"][0]["current_name"], "B", "{row}");
        assert_eq!(row["resources"][0]["deleted"], false);
    }
}

/// The present name follows effective time, not arrival: a late old rename changes nothing.
#[test]
fn a7_1_a_late_rename_does_not_become_the_present_name() {
    let server = Server::with_events(&[
        on(20, "segment.renamed", json!([resource("segment", "s1", "New")])),
        on(10, "segment.renamed", json!([resource("segment", "s1", "Old")])),
    ]);
    for row in server.rows("") {
        assert_eq!(row["resources"][0]["current_name"], "New");
    }
}

#[test]
fn a7_2_a_deleted_resource_keeps_its_rows_and_is_not_its_namesake() {
    let server = Server::with_events(&[
        on(1, "segment.created", json!([resource("segment", "s1", "VIP")])),
        on(2, "segment.deleted", json!([resource("segment", "s1", "VIP")])),
        on(3, "segment.created", json!([resource("segment", "s2", "VIP")])),
    ]);
    let deleted: Vec<_> =
        server.rows("").iter().map(|row| row["resources"][0]["deleted"].clone()).collect();
    assert_eq!(deleted, [json!(false), json!(true), json!(true)]);
    assert_eq!(server.numbers("resource_type=segment&resource_id=s1"), [2, 1]);
    assert_eq!(server.numbers("resource_name=vip"), [3, 2, 1]);
    server.post_all(&[on(4, "segment.created", json!([resource("segment", "s1", "VIP again")]))]);
    let again = server.rows("resource_type=segment&resource_id=s1").remove(0);
    assert_eq!(again["resources"][0]["deleted"], false, "created anew");
}

#[test]
fn a7_3_all_resources_are_listed_and_searched_but_hold_together() {
    let server = Server::with_events(&[on(
        1,
        "model.updated",
        json!([
            resource("model", "m1", "One"),
            resource("segment", "s1", "Two"),
            resource("source", "x", "Three")
        ]),
    )]);
    assert_eq!(server.rows("").remove(0)["resources"].as_array().unwrap().len(), 3);
    for query in [
        "resource_name=one",
        "resource_name=three",
        "resource_type=source",
        "resource_type=segment&resource_name=two",
    ] {
        assert_eq!(server.numbers(query), [1], "{query}");
    }
    for query in [
        "resource_type=model&resource_name=two",
        "resource_type=segment&resource_id=m1",
        "resource_type=source&resource_id=x&resource_name=one",
    ] {
        assert_eq!(server.numbers(query), [0; 0], "{query}: on one and the same resource");
    }
}

#[test]
fn a7_4_odd_names_come_back_as_they_were() {
    let long = "N".repeat(1000);
    let names = [
        "",
        &long,
        "قائمة العملاء",
        "🎉 launch 🎉",
        "e\u{301}galite\u{301}",
        "line\nbreak",
        "tab\there",
        "<script>alert(1)</script>",
        "=cmd()",
        "  padded  ",
        "\u{202e}desrever",
        "a\\b\"c",
    ];
    let events: Vec<_> = (1..)
        .zip(names)
        .map(|(n, name)| {
            on(n, "segment.created", json!([resource("segment", &format!("s{n}"), name)]))
        })
        .collect();
    let server = Server::with_events(&events);
    let rows = server.rows("");
    for (row, name) in rows.iter().rev().zip(names) {
        assert_eq!(row["resources"][0]["name"], name);
    }
    for (name, what) in [("a\0b".to_owned(), "NUL"), ("N".repeat(1001), "over 1,000 characters")] {
        let answer = server.post(on(99, "a.b", json!([resource("segment", "s", &name)])));
        assert_eq!(answer.status, 422, "{what}");
        assert_eq!(answer.json()["errors"][0]["pointer"], "/resources/0/name", "{what}");
    }
}

#[test]
fn resources_are_bounded_to_32() {
    let server = Server::start();
    let resources = |count: u64| -> Value {
        (0..count).map(|i| resource("segment", &format!("s{i}"), "x")).collect::<Vec<_>>().into()
    };
    assert_eq!(server.post(on(1, "a.b", resources(32))).status, 202);
    let answer = server.post(on(2, "a.b", resources(33)));
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json()["errors"][0]["pointer"], "/resources");
    assert!(answer.json()["errors"][0]["detail"].as_str().unwrap().contains("32"));
}

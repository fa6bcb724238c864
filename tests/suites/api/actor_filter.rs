//! L9: filter by one or several users.

use serde_json::json;

use crate::server::{Server, numbered};

fn server(ids: &[&str]) -> Server {
    let events: Vec<_> = (1..)
        .zip(ids)
        .map(|(n, id)| {
            numbered(n, json!({"actor": {"kind": "user", "id": id, "name": "Same Name"}}))
        })
        .collect();
    Server::with_events(&events)
}

#[test]
fn a9_1_one_user_two_users_none() {
    let server = server(&["u1", "u2", "u3", "u1", "u11", "U1"]);
    assert_eq!(server.numbers("actor=u1"), [4, 1]);
    assert_eq!(server.numbers("actor=u1&actor=u3"), [4, 3, 1]);
    assert_eq!(server.numbers("actor=u3&actor=u1"), [4, 3, 1]);
    assert_eq!(server.numbers("actor=u1&actor=u1"), [4, 1]);
    assert_eq!(server.numbers(""), [6, 5, 4, 3, 2, 1], "no filter is all, not none");
}

#[test]
fn a9_2_unknown_ids_are_empty_and_values_are_bounded() {
    let server = server(&["u1"]);
    assert_eq!(server.numbers("actor=nobody"), [0; 0]);
    let many = |count: u64| -> String {
        (1..=count).map(|i| format!("actor=u{i}")).collect::<Vec<_>>().join("&")
    };
    assert_eq!(server.numbers(&many(100)), [1]);
    let answer = server.list().answer(&many(101));
    assert_eq!((answer.status, answer.problem()), (400, "invalid-parameter".to_owned()));
    assert_eq!(answer.json()["errors"][0]["parameter"], "actor");
    assert!(answer.text().contains("100"), "the limit is named: {}", answer.text());
}

#[test]
fn a9_4_commas_and_odd_characters_are_part_of_an_id() {
    let ids = ["a,b", "a", "b", "x y", "ü/ä", "a&b=c", "%41", "+"];
    let server = server(&ids);
    for (n, id) in (1..).zip(ids) {
        let query = format!("actor={}", annals_tests::http::encode(id));
        assert_eq!(server.numbers(&query), [n], "{id}");
    }
}

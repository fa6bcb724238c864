//! L10: filter by resource type.

use serde_json::json;

use crate::server::{Server, numbered, resource};

fn server() -> Server {
    let kinds = ["source", "model", "segment", "source"];
    let events: Vec<_> = (1..)
        .zip(kinds)
        .map(|(n, kind)| {
            numbered(n, json!({"resources": [resource(kind, "same-id", "Same name")]}))
        })
        .collect();
    Server::with_events(&events)
}

#[test]
fn a10_1_one_type_or_several() {
    let server = server();
    assert_eq!(server.numbers("resource_type=source"), [4, 1]);
    assert_eq!(server.numbers("resource_type=source&resource_type=model"), [4, 2, 1]);
}

#[test]
fn a10_2_type_and_id_never_match_the_id_under_another_type() {
    let server = server();
    assert_eq!(server.numbers("resource_type=model&resource_id=same-id"), [2]);
    assert_eq!(server.numbers("resource_type=destination&resource_id=same-id"), [0; 0]);
    for query in
        ["resource_id=same-id", "resource_type=model&resource_type=source&resource_id=same-id"]
    {
        let (status, problem, parameter) = server.refusal(query);
        assert_eq!(
            (status, problem.as_str()),
            (400, "invalid-parameter"),
            "{query}: an id goes with one type"
        );
        assert_eq!(parameter, "resource_id");
    }
}

#[test]
fn a10_3_an_unknown_type_is_empty() {
    let server = server();
    assert_eq!(server.numbers("resource_type=sources"), [0; 0]);
    assert_eq!(server.numbers("resource_type=Source"), [0; 0], "types are literal");
}

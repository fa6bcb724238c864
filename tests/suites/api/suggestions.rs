//! Type-ahead: for people in L8 and L9, for names in L11.

use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

fn by(n: u64, actor: Value) -> Value {
    numbered(n, json!({"actor": actor}))
}

/// A member of each suggestion.
fn members(server: &Server, route: &str, member: &str) -> Vec<Value> {
    let answer = server.get(route);
    let data = answer["data"].as_array().unwrap().iter();
    data.map(|suggestion| suggestion[member].clone()).collect()
}

#[test]
fn a8_2_a_former_user_is_still_offered() {
    let server = Server::with_events(&[
        by(1, json!({"kind": "user", "id": "u3", "name": "Zoë", "email": "zoe@acme.test"})),
        numbered(
            2,
            json!({"action": "user.deleted", "actor": {"kind": "user", "id": "u1", "name": "Ana"},
                "resources": [resource("user", "u3", "Zoë")]}),
        ),
    ]);
    let expected = json!([{"id": "u3", "kind": "user", "name": "Zoë", "email": "zoe@acme.test",
        "status": "former", "count": 1}]);
    assert_eq!(server.get("actors?q=zoe")["data"], expected);
    assert_eq!(members(&server, "actors?q=ana", "status"), ["active"]);
}

#[test]
fn a9_3_the_picker_finds_by_the_beginning_of_any_word() {
    let server = Server::with_events(&[
        by(
            1,
            json!({"kind": "user", "id": "u-17", "name": "Łucja Nowak", "email": "l.n@acme.test"}),
        ),
        by(
            2,
            json!({"kind": "user", "id": "u-17", "name": "Łucja Nowak", "email": "l.n@acme.test"}),
        ),
        by(3, json!({"kind": "api_key", "id": "key-1", "name": "Nightly export"})),
        by(4, json!({"kind": "system", "id": "scheduler"})),
        by(
            5,
            json!({"kind": "user", "id": "u-18", "name": "Bob", "email": "bob@acme.test",
            "on_behalf_of": {"kind": "user", "id": "u-19", "name": "Nora"}}),
        ),
    ]);
    let ids = |query: &str| members(&server, &format!("actors?q={query}"), "id");
    assert_eq!(ids("lucja"), ["u-17"], "accents and case do not count");
    assert_eq!(ids("now"), ["u-17"], "any word");
    assert_eq!(ids("owak"), [] as [&str; 0], "only its beginning");
    assert_eq!(ids("n"), ["u-17", "key-1", "u-19"], "most events first");
    assert_eq!(ids("acme"), ["u-17", "u-18"], "words of the e-mail");
    assert_eq!(ids("sched"), ["scheduler"]);
    assert_eq!(ids("luc%20now"), ["u-17"], "every word typed");
    assert_eq!(ids("").len(), 5, "everybody, people acted for included");
    assert_eq!(members(&server, "actors?q=nora", "count"), [0]);
}

#[test]
fn at_most_20_are_suggested() {
    let events: Vec<Value> = (0..30)
        .map(|n| by(n, json!({"kind": "user", "id": format!("u{n}"), "name": "Ana"})))
        .collect();
    let server = Server::with_events(&events);
    assert_eq!(members(&server, "actors?q=ana", "id").len(), 20);
    assert_eq!(members(&server, "actors", "id").len(), 20);
}

#[test]
fn names_are_suggested_best_first_and_with_one_typo() {
    let named = |n, id, name| numbered(n, json!({"resources": [resource("segment", id, name)]}));
    let server = Server::with_events(&[
        named(1, "s1", "Data Pipeline"),
        named(2, "s2", "Pipes"),
        named(3, "s3", "Bagpipes"),
        named(4, "s4", "Zoë's list"),
        named(5, "s4", "VIP"),
    ]);
    let ids = |query: &str| members(&server, &format!("resource-names?q={query}"), "id");
    assert_eq!(ids("pipe"), ["s2", "s1", "s3"], "words first, the shorter first");
    assert_eq!(ids("pipleine"), ["s1"], "one typo");
    assert_eq!(ids("data%20pip"), ["s1"]);
    assert_eq!(ids("nothing"), [] as [&str; 0]);
    assert_eq!(ids(""), [] as [&str; 0]);
    let expected = json!([{"type": "segment", "id": "s4", "name": "Zoë's list",
        "current_name": "VIP"}]);
    assert_eq!(server.get("resource-names?q=zoe")["data"], expected, "by a name of before");
}

#[test]
fn an_unknown_or_bad_parameter_of_suggestions_is_400_naming_it() {
    let server = Server::start();
    let long = format!("actors?q={}", "n".repeat(257));
    let cases =
        [("actors?query=a", "query"), ("resource-names?q=a&limit=5", "limit"), (&long, "q")];
    for (route, name) in cases {
        let (status, problem, parameter) = server.refusal_of(route);
        assert_eq!((status, problem.as_str()), (400, "invalid-parameter"), "{route}");
        assert_eq!(parameter, name, "{route}");
    }
}

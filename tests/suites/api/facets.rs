//! Facets: values with exact counts, each ignoring the filter on its own dimension.

use annals_tests::http::encode;
use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

const DIMENSIONS: [&str; 5] = ["actor", "resource_type", "action", "kind", "outcome"];

/// Two hundred events out of small vocabularies, some on two resources.
fn events() -> Vec<Value> {
    let event = |n: u64| {
        let types = ["segment", "source", "flow"];
        let first = types[(n % 3) as usize];
        let mut resources = vec![resource(first, &format!("r{}", n % 7), "VIP")];
        if n.is_multiple_of(5) {
            resources.push(resource(types[(n / 5 % 3) as usize], "further", "Other"));
        }
        let verb = ["created", "updated", "deleted", "viewed"][(n % 11 % 4) as usize];
        let outcome = ["success", "failure", "denied"][(n % 17 % 3) as usize];
        numbered(
            n,
            json!({
                "action": format!("{first}.{verb}"), "resources": resources,
                "actor": {"kind": "user", "id": format!("u{}", n % 13 % 5), "name": "Ana"},
                "outcome": outcome,
            }),
        )
    };
    (0..200).map(event).collect()
}

fn count(server: &Server, query: &str) -> u64 {
    let page = server.get(&format!("events?limit=1&count=exact&{query}"));
    assert_eq!(page["total"]["relation"], "eq");
    page["total"]["value"].as_u64().unwrap()
}

/// Values with counts.
fn values(answer: &Value, dimension: &str) -> Vec<(String, u64)> {
    let values = answer["facets"][dimension].as_array().unwrap().iter();
    let pair = |value: &Value| {
        (value["value"].as_str().unwrap().to_owned(), value["count"].as_u64().unwrap())
    };
    values.map(pair).collect()
}

/// Each count is what asking for the value instead would count; so says the list.
#[test]
fn counts_are_those_of_the_list() {
    let server = Server::with_events(&events());
    let filters = [
        ("actor", "actor=u1&actor=u2"),
        ("resource_type", "resource_type=segment"),
        ("action", "action=segment.*"),
        ("kind", "kind=update"),
        ("outcome", "outcome=denied"),
    ];
    for asked in 0..1_u32 << filters.len() {
        let of = |without: &str| -> String {
            let chosen = filters.iter().enumerate().filter(|(bit, _)| asked >> bit & 1 == 1);
            let others = chosen.filter(|(_, (dimension, _))| *dimension != without);
            others.map(|(_, (_, query))| *query).collect::<Vec<_>>().join("&")
        };
        let answer = server.get(&format!("facets?by={}&{}", DIMENSIONS.join(","), of("")));
        for dimension in DIMENSIONS {
            let others = of(dimension);
            let found = values(&answer, dimension);
            let order = |(value, count): &(String, u64)| (u64::MAX - count, value.clone());
            assert!(found.is_sorted_by_key(order), "{found:?}");
            for (value, counted) in found {
                let query = format!("{others}&{dimension}={}", encode(&value));
                assert_eq!(counted, count(&server, &query), "{query}");
            }
        }
    }
}

#[test]
fn a10_1_the_types_of_a_workspace_with_their_counts() {
    let server = Server::with_events(&[
        numbered(1, json!({"resources": [resource("segment", "a", "A")]})),
        numbered(2, json!({"resources": [resource("source", "b", "B")]})),
        numbered(
            3,
            json!({"resources": [resource("segment", "c", "C"), resource("segment", "d", "D"),
                resource("flow", "e", "E")]}),
        ),
        numbered(4, json!({})),
    ]);
    let answer = server.get("facets?by=resource_type");
    let expected = [("segment", 2), ("flow", 1), ("source", 1)];
    let expected = expected.map(|(value, count)| (value.to_owned(), count));
    assert_eq!(values(&answer, "resource_type"), expected, "an event counts once for a type");
    assert_eq!(answer["truncated"], json!({"resource_type": false}));
    assert_eq!(answer["snapshot"]["seq"], 4);
}

#[test]
fn values_have_the_shape_of_the_contract() {
    let server = Server::with_events(&[
        numbered(1, json!({"actor": {"kind": "user", "id": "u1", "name": "Ana"}})),
        numbered(2, json!({"actor": {"kind": "user", "id": "u1", "name": "Ana Smith"}})),
        numbered(3, json!({"actor": {"kind": "system"}})),
    ]);
    let answer = server.get("facets?by=actor,action");
    let expected = json!([
        {"value": "u1", "kind": "user", "label": "Ana Smith", "count": 2},
        {"value": null, "kind": "system", "label": null, "count": 1},
    ]);
    assert_eq!(answer["facets"]["actor"], expected);
    let expected = json!([{"value": "segment.updated", "label": "Segment updated", "count": 3}]);
    assert_eq!(answer["facets"]["action"], expected);
    let all = server.get("facets");
    let mut names: Vec<_> = all["facets"].as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    assert_eq!(names, ["action", "actor", "kind", "outcome", "resource_type"]);
}

#[test]
fn more_values_than_asked_for_are_cut_and_said_to_be() {
    let by = |n: u64| {
        let actor = json!({"kind": "user", "id": format!("u{:03}", n % 120)});
        numbered(n, json!({"actor": actor}))
    };
    let events: Vec<Value> = (0..180).map(by).collect();
    let server = Server::with_events(&events);
    let page = |query: &str| {
        let answer = server.get(&format!("facets?by=actor&{query}"));
        (values(&answer, "actor"), answer["truncated"]["actor"].as_bool().unwrap())
    };
    let (all, truncated) = page("limit=1000");
    assert_eq!((all.len(), truncated), (120, false));
    assert_eq!((all[0].clone(), all[119].clone()), (("u000".into(), 2), ("u119".into(), 1)));
    assert_eq!(page(""), (all[..100].to_vec(), true), "100 unless asked otherwise");
    assert_eq!(page("limit=3"), (all[..3].to_vec(), true));
    assert_eq!(page("limit=120"), (all.clone(), false));
}

#[test]
fn an_unknown_or_bad_parameter_of_facets_is_400_naming_it() {
    let server = Server::start();
    let cases = [
        ("facets?by=actors", "by"),
        ("facets?by=", "by"),
        ("facets?by=actor&limit=1001", "limit"),
        ("facets?by=actor&actors=u1", "actors"),
        ("facets?by=actor&cursor=x", "cursor"),
        ("facets?by=kind&from=2025-01-01", "from"),
    ];
    for (route, name) in cases {
        let (status, problem, parameter) = server.refusal_of(route);
        assert_eq!((status, problem.as_str()), (400, "invalid-parameter"), "{route}");
        assert_eq!(parameter, name, "{route}");
    }
    let none = server.admin.get_json::<Value>("/v1/workspaces/fresh/facets?by=actor,kind");
    assert_eq!(none["facets"], json!({"actor": [], "kind": []}));
}

//! L13: filters combined, and the count beside the rows.

use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

fn server(count: u64) -> Server {
    let events: Vec<_> = (0..count)
        .map(|n| {
            let kind = ["source", "segment"][usize::try_from(n / 2 % 2).unwrap()];
            let name = ["VIP", "Gold"][usize::try_from(n / 4 % 2).unwrap()];
            numbered(
                n,
                json!({"actor": {"kind": "user", "id": format!("u{}", n % 2)},
                "resources": [resource(kind, &format!("{kind}-{name}"), name)]}),
            )
        })
        .collect();
    Server::with_events(&events)
}

/// All 2^5 on/off combinations of the main filters against the plain definition. (Random values
/// and the larger data are the oracle's part, in suite `e2e`.)
#[test]
fn a13_1_every_combination_of_the_five_filters_is_their_intersection() {
    let server = server(64);
    type Test = fn(u64) -> bool;
    let filters: [(&str, Test); 5] = [
        ("actor=u1", |n| n % 2 == 1),
        ("resource_type=segment", |n| n / 2 % 2 == 1),
        ("resource_name=vip", |n| n / 4 % 2 == 0),
        ("from=2025-03-01T00:00:10Z", |n| n >= 10),
        ("to=2025-03-01T00:00:50Z", |n| n < 50),
    ];
    for on in 0_u32..32 {
        let chosen =
            || filters.iter().enumerate().filter(|(bit, _)| on >> bit & 1 == 1).map(|(_, f)| f);
        let mut query: Vec<&str> = chosen().map(|filter| filter.0).collect();
        let expected: Vec<u64> = (0..64).rev().filter(|&n| chosen().all(|f| f.1(n))).collect();
        assert_eq!(
            server.numbers(&format!("{}&limit=100", query.join("&"))),
            expected,
            "{query:?}"
        );
        query.reverse();
        assert_eq!(
            server.numbers(&format!("limit=100&{}", query.join("&"))),
            expected,
            "{query:?}"
        );
    }
}

#[test]
fn a13_3_the_count_is_exact_or_bounded_or_absent() {
    let server = server(64);
    let total = |query: &str| -> Value { server.list().answer(query).json()["total"].clone() };
    assert_eq!(total("limit=5"), Value::Null);
    assert_eq!(total("limit=5&count=none"), Value::Null);
    assert_eq!(total("limit=5&count=exact"), json!({"value": 64, "relation": "eq"}));
    assert_eq!(total("limit=5&count=bounded&actor=u1"), json!({"value": 32, "relation": "eq"}));
    assert_eq!(server.refusal("count=yes").2, "count");
}

#[test]
fn a13_3_a_bounded_count_stops_at_ten_thousand() {
    let server = Server::start();
    let events: Vec<_> = (0..10_050).map(|n| numbered(n, json!({}))).collect();
    server.post_all(&events);
    let total = |query: &str| -> Value { server.list().answer(query).json()["total"].clone() };
    assert_eq!(total("limit=1&count=bounded"), json!({"value": 10_000, "relation": "gte"}));
    assert_eq!(total("limit=1&count=exact"), json!({"value": 10_050, "relation": "eq"}));
}

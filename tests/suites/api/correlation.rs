//! L2: from a request of the product to its events, and from a write to the page that shows it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::{Server, numbered};

fn event(n: u64, request: Value, trace: Value) -> Value {
    let context = json!({"request_id": request, "trace_id": trace});
    numbered(n, json!({"context": context, "actor": {"kind": "user", "id": format!("u{}", n % 2)}}))
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Exactly, combined with other filters, and alike in list, count, facets, histogram, feed and
/// export.
#[test]
fn a2_2_request_and_trace_ids_are_filtered_exactly() {
    let server = Server::with_events(&[
        event(1, json!("r-1"), json!(TRACE)),
        event(2, json!("r-1"), Value::Null),
        event(3, json!("r-12"), json!(TRACE)),
        event(4, json!("R-1"), Value::Null),
        event(5, Value::Null, json!("é \"quoted\" \\ 東京")),
        // The text is there, in another place.
        numbered(6, json!({"metadata": {"n": 6, "request_id": "r-1"}, "description": TRACE})),
        event(7, json!("r-1"), json!(TRACE)),
    ]);
    let odd = "trace_id=%C3%A9%20%22quoted%22%20%5C%20%E6%9D%B1%E4%BA%AC";
    let cases: [(&str, &[u64]); 9] = [
        ("request_id=r-1", &[7, 2, 1]),
        ("request_id=r-12", &[3]),
        ("request_id=r", &[]),
        ("request_id=r-1&request_id=r-12", &[7, 3, 2, 1]),
        (&format!("trace_id={TRACE}"), &[7, 3, 1]),
        (&format!("request_id=r-1&trace_id={TRACE}"), &[7, 1]),
        ("request_id=r-1&actor=u0", &[2]),
        ("request_id=r-1&from=2025-03-01T00:00:02Z&to=2025-03-01T00:00:07Z", &[2]),
        (odd, &[5]),
    ];
    let exporter = server.annals.client_with("acme", &["audit:read", "audit:export"]);
    for (query, expected) in cases {
        assert_eq!(server.numbers(query), expected, "{query}");
        for limit in [1, 2] {
            let walked = server.list().walk_values(query, limit);
            let walked: Vec<_> =
                walked.iter().map(|row| row["metadata"]["n"].as_u64().unwrap()).collect();
            assert_eq!(walked, expected, "{query} by {limit}");
        }
        let answer = server.list().answer(&format!("{query}&count=exact")).json();
        assert_eq!(answer["total"]["value"], expected.len(), "{query}");
        let facets = server.get(&format!("facets?by=kind&{query}"));
        let counted: u64 = facets["facets"]["kind"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value["count"].as_u64().unwrap())
            .sum();
        assert_eq!(counted, expected.len() as u64, "{query}");
        let buckets = server.get(&format!("histogram?bucket=day&{query}"));
        let buckets = buckets["buckets"].as_array().unwrap();
        let counted: u64 = buckets.iter().map(|bucket| bucket["count"].as_u64().unwrap()).sum();
        assert_eq!(counted, expected.len() as u64, "{query}");
        let fed = server.get(&format!("feed?{query}"));
        let mut fed: Vec<_> = fed["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["metadata"]["n"].as_u64().unwrap())
            .collect();
        fed.reverse();
        assert_eq!(fed, expected, "{query}");
        let path = format!("/v1/workspaces/acme/events/export?format=ndjson&{query}");
        assert_eq!(exporter.get(&path).text().lines().count(), expected.len(), "{query}");
    }
    let (status, problem, parameter) = server.refusal("request_id=");
    let found = (status, problem.as_str(), parameter.as_str());
    assert_eq!(found, (400, "invalid-parameter", "request_id"));
}

/// JSON may spell a text otherwise than Avro does.
#[test]
fn a2_2_ids_in_json_records_are_found_however_they_are_spelt() {
    let server = Server::with_events(&[event(1, json!("a/b é"), Value::Null)]);
    assert_eq!(server.numbers("request_id=a%2Fb%20%C3%A9"), [1]);
}

/// What was written is on the page that is asked for with its position.
#[test]
fn a_page_waits_for_the_position_that_is_asked_for() {
    let server = Server::with_events(&[numbered(0, json!({}))]);
    for n in 1..30 {
        let event = numbered(n, json!({"workspace_id": "acme", "action": "a.b"}));
        let answer = server.admin.post("/v1/events", &event).json();
        let position = &answer["items"][0]["position"];
        let position = format!("{}:{}", position["partition"], position["offset"]);
        let query = format!("min_position={position}&limit=1");
        assert_eq!(server.numbers(&query), [n], "{answer}");
        let fed = server.get(&format!("feed?limit=1000&min_position={position}"));
        assert_eq!(fed["data"].as_array().unwrap().len() as u64, n + 1);
    }
    let begun = Instant::now();
    let answer = server.list().answer("min_position=0:999999");
    assert_eq!((answer.status, answer.problem()), (503, "behind".to_owned()));
    assert!(!answer.header("retry-after").is_empty());
    assert!(begun.elapsed() >= Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(server.list().answer("min_position=7:999999").status, 200, "another's partition");
    for wrong in ["3", "a:1", "0:-1", "0:+1", ":", "0:1:2"] {
        let (status, _, parameter) = server.refusal(&format!("min_position={wrong}"));
        assert_eq!((status, parameter.as_str()), (400, "min_position"), "{wrong}");
    }
}

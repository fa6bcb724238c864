//! Counts over time: on the clocks of a zone, zeros included.

use serde_json::{Value, json};

use crate::server::Server;

fn at(time: &str, kind: &str) -> Value {
    json!({"occurred_at": time, "kind": kind})
}

/// Start, end and count of each bucket; times without what all of them end with.
fn buckets(server: &Server, query: &str) -> Vec<(String, String, u64)> {
    let answer = server.get(&format!("histogram?{query}"));
    let short = |time: &Value| time.as_str().unwrap().strip_suffix(":00.000000Z").unwrap().into();
    let buckets = answer["buckets"].as_array().unwrap().iter();
    buckets
        .map(|bucket| {
            (short(&bucket["start"]), short(&bucket["end"]), bucket["count"].as_u64().unwrap())
        })
        .collect()
}

fn expected(buckets: &[(&str, &str, u64)]) -> Vec<(String, String, u64)> {
    let owned =
        |(start, end, count): &(&str, &str, u64)| ((*start).to_owned(), (*end).to_owned(), *count);
    buckets.iter().map(owned).collect()
}

/// Clocks went back in Paris at 01:00 UTC: the day has 25 hours, and what happened at its two
/// ends is of no other day.
#[test]
fn the_day_that_clocks_go_back_has_25_hours() {
    let server = Server::with_events(&[
        at("2025-10-25T21:59:59.999999Z", "update"),
        at("2025-10-25T22:00:00Z", "update"),
        at("2025-10-26T00:30:00Z", "create"),
        at("2025-10-26T01:30:00Z", "update"),
        at("2025-10-26T22:59:59.999999Z", "update"),
        at("2025-10-26T23:00:00Z", "update"),
    ]);
    let days = [
        ("2025-10-24T22:00", "2025-10-25T22:00", 1),
        ("2025-10-25T22:00", "2025-10-26T23:00", 4),
        ("2025-10-26T23:00", "2025-10-27T23:00", 1),
    ];
    assert_eq!(buckets(&server, "bucket=day&tz=Europe/Paris"), expected(&days));
    let hours = buckets(
        &server,
        "bucket=hour&tz=Europe/Paris&from=2025-10-25T22:00:00Z&to=2025-10-26T23:00:00Z",
    );
    assert_eq!(hours.len(), 25);
    assert_eq!(hours.iter().map(|(_, _, count)| count).sum::<u64>(), 4);
    assert_eq!((hours[2].2, hours[3].2), (1, 1), "02:30 twice: two buckets");
    let utc =
        [("2025-10-25T00:00", "2025-10-26T00:00", 2), ("2025-10-26T00:00", "2025-10-27T00:00", 4)];
    assert_eq!(buckets(&server, "bucket=day"), expected(&utc), "UTC unless asked otherwise");
}

#[test]
fn the_day_that_clocks_go_forward_has_23_hours() {
    let server = Server::with_events(&[
        at("2025-03-29T22:59:59Z", "update"),
        at("2025-03-29T23:00:00Z", "update"),
        at("2025-03-30T21:59:59Z", "update"),
        at("2025-03-30T22:00:00Z", "update"),
    ]);
    let days = [
        ("2025-03-28T23:00", "2025-03-29T23:00", 1),
        ("2025-03-29T23:00", "2025-03-30T22:00", 2),
        ("2025-03-30T22:00", "2025-03-31T22:00", 1),
    ];
    assert_eq!(buckets(&server, "bucket=day&tz=Europe%2FParis"), expected(&days));
}

#[test]
fn weeks_are_those_of_iso_8601_and_empty_ones_are_told() {
    let server = Server::with_events(&[
        at("2024-12-30T00:00:00Z", "update"),
        at("2025-01-05T23:59:59Z", "update"),
        at("2025-01-20T12:00:00Z", "update"),
    ]);
    let weeks = [
        ("2024-12-30T00:00", "2025-01-06T00:00", 2),
        ("2025-01-06T00:00", "2025-01-13T00:00", 0),
        ("2025-01-13T00:00", "2025-01-20T00:00", 0),
        ("2025-01-20T00:00", "2025-01-27T00:00", 1),
    ];
    assert_eq!(buckets(&server, "bucket=week"), expected(&weeks));
}

#[test]
fn buckets_are_told_apart_by_kind_and_follow_the_filter() {
    let server = Server::with_events(&[
        at("2025-03-01T01:00:00Z", "update"),
        at("2025-03-01T02:00:00Z", "update"),
        at("2025-03-01T03:00:00Z", "create"),
        at("2025-03-03T03:00:00Z", "create"),
    ]);
    let answer = server.get("histogram?bucket=day&by=kind");
    let by: Vec<_> =
        answer["buckets"].as_array().unwrap().iter().map(|b| b["by"].clone()).collect();
    assert_eq!(by, [json!({"create": 1, "update": 2}), json!({}), json!({"create": 1})]);
    assert_eq!(answer["snapshot"]["seq"], 4);
    let first = &server.get("histogram?bucket=day&by=outcome&kind=update")["buckets"][0];
    let expected = json!({"start": "2025-03-01T00:00:00.000000Z",
        "end": "2025-03-02T00:00:00.000000Z", "count": 2, "by": {"unknown": 2}});
    assert_eq!(*first, expected);
    let plain = &server.get("histogram?bucket=day")["buckets"][0];
    assert_eq!(plain.get("by"), None);
    let within = buckets(&server, "bucket=day&from=2025-03-01T02:00:00Z&to=2025-03-01T03:00:00Z");
    assert_eq!(within.iter().map(|(_, _, count)| *count).collect::<Vec<_>>(), [1]);
}

#[test]
fn without_matching_rows_there_are_no_buckets_unless_a_range_is_given() {
    let server = Server::with_events(&[at("2025-03-01T01:00:00Z", "update")]);
    assert_eq!(buckets(&server, "bucket=day&actor=nobody"), []);
    let day = [("2025-03-05T00:00", "2025-03-06T00:00", 0)];
    let range = "bucket=day&from=2025-03-05T00:00:00Z&to=2025-03-06T00:00:00Z";
    assert_eq!(buckets(&server, range), expected(&day));
    assert_eq!(buckets(&server, "bucket=day&from=2025-03-05T00:00:00Z"), []);
}

#[test]
fn more_than_2000_buckets_and_bad_parameters_are_400() {
    let server = Server::start();
    let hours = |end: &str| format!("histogram?bucket=hour&from=2025-01-01T00:00:00Z&to={end}");
    let cases = [
        (hours("2025-03-25T09:00:00Z"), "bucket"),
        ("histogram?bucket=month".into(), "bucket"),
        ("histogram?bucket=day&tz=Paris".into(), "tz"),
        ("histogram?bucket=day&by=actor".into(), "by"),
        ("histogram?bucket=day&limit=5".into(), "limit"),
        ("histogram?bucket=day&from=2025-01-02T00:00:00Z&to=2025-01-01T00:00:00Z".into(), "to"),
    ];
    for (route, name) in cases {
        let (status, problem, parameter) = server.refusal_of(&route);
        assert_eq!((status, problem.as_str()), (400, "invalid-parameter"), "{route}");
        assert_eq!(parameter, name, "{route}");
    }
    let most = server.get(&hours("2025-03-25T08:00:00Z"));
    assert_eq!(most["buckets"].as_array().unwrap().len(), 2000);
}

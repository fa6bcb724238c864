//! L12: date range.

use annals_tests::http::encode;
use serde_json::json;

use crate::server::{Server, numbered};

fn at(n: u64, time: &str) -> serde_json::Value {
    numbered(n, json!({"occurred_at": time}))
}

#[test]
fn a12_1_times_need_a_zone_and_the_field_is_named() {
    let server = Server::start();
    for bad in [
        "2025-01-01",
        "2025-01-01T00:00:00",
        "",
        "now",
        "1735689600",
        "2025-13-01T00:00:00Z",
        "2025-01-01T00:00:60Z",
    ] {
        for name in ["from", "to"] {
            let (status, problem, parameter) = server.refusal(&format!("{name}={}", encode(bad)));
            assert_eq!(
                (status, problem.as_str(), parameter.as_str()),
                (400, "invalid-parameter", name),
                "{bad}"
            );
        }
    }
    for good in
        ["2025-01-01T00:00:00Z", "2025-01-01T00:00:00.123456+05:45", "2025-01-01T00:00:00-03:30"]
    {
        assert_eq!(server.list().answer(&format!("from={}", encode(good))).status, 200, "{good}");
    }
}

/// Paris' long and short day, as the UI sends them.
#[test]
fn a12_2_the_days_around_a_clock_change_have_25_and_23_hours() {
    let server = Server::with_events(&[
        at(1, "2025-10-25T21:59:59.999999Z"),
        at(2, "2025-10-25T22:00:00Z"),
        at(3, "2025-10-26T22:59:59.999999Z"),
        at(4, "2025-10-26T23:00:00Z"),
        at(5, "2025-03-29T23:00:00Z"),
        at(6, "2025-03-30T21:59:59.999999Z"),
        at(7, "2025-03-30T22:00:00Z"),
    ]);
    let day =
        |from: &str, to: &str| server.numbers(&format!("from={}&to={}", encode(from), encode(to)));
    assert_eq!(day("2025-10-26T00:00:00+02:00", "2025-10-27T00:00:00+01:00"), [3, 2]);
    assert_eq!(day("2025-03-30T00:00:00+01:00", "2025-03-31T00:00:00+02:00"), [6, 5]);
}

#[test]
fn a12_3_from_is_inclusive_and_to_is_exclusive_to_the_microsecond() {
    let server =
        Server::with_events(&[at(1, "2025-05-01T00:00:00Z"), at(2, "2025-05-02T00:00:00Z")]);
    assert_eq!(server.numbers("from=2025-05-01T00:00:00Z&to=2025-05-02T00:00:00Z"), [1]);
    assert_eq!(server.numbers("from=2025-05-02T00:00:00Z&to=2025-05-03T00:00:00Z"), [2]);
    assert_eq!(server.numbers("from=2025-05-01T00:00:00.000001Z"), [2]);
    assert_eq!(server.numbers("to=2025-05-02T00:00:00.000001Z"), [2, 1]);
}

#[test]
fn a12_4_each_bound_works_alone_and_an_empty_range_is_refused() {
    let server =
        Server::with_events(&[at(1, "2025-05-01T00:00:00Z"), at(2, "2025-05-02T00:00:00Z")]);
    assert_eq!(server.numbers("from=2025-05-01T12:00:00Z"), [2]);
    assert_eq!(server.numbers("to=2025-05-01T12:00:00Z"), [1]);
    assert_eq!(server.numbers("to=2999-01-01T00:00:00Z"), [2, 1]);
    for to in ["2025-05-01T00:00:00Z", "2025-04-01T00:00:00Z"] {
        let (status, problem, _) = server.refusal(&format!("from=2025-05-01T00:00:00Z&to={to}"));
        assert_eq!((status, problem.as_str()), (400, "invalid-parameter"));
    }
}

/// Range, order and column are of one field: a clamped event is found by its clamped time.
#[test]
fn a12_6_the_range_uses_the_time_that_is_shown() {
    let server = Server::with_events(&[at(1, "2091-01-01T00:00:00Z")]);
    let shown = server.rows("").remove(0)["effective_at"].as_str().unwrap().to_owned();
    assert_eq!(server.numbers(&format!("from={}", encode(&shown))), [1]);
    assert_eq!(server.numbers(&format!("to={}", encode(&shown))), [0; 0]);
    assert_eq!(server.numbers("from=2090-01-01T00:00:00Z"), [0; 0]);
}

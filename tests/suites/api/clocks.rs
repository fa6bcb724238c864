//! L5: clocks that are right, wrong or absent.

use annals_tests::clock::in_minutes;
use annals_tests::list::micros;
use serde_json::{Value, json};

use crate::server::{Server, numbered};

/// Paris, autumn: the same wall-clock time twice; the second is on top.
#[test]
fn a5_2_the_repeated_hour_keeps_its_order() {
    let server = Server::with_events(&[
        numbered(1, json!({"occurred_at": "2026-10-25T02:30:00+02:00"})),
        numbered(2, json!({"occurred_at": "2026-10-25T02:30:00+01:00"})),
    ]);
    assert_eq!(server.numbers(""), [2, 1]);
    let rows = server.rows("");
    let times: Vec<_> = rows.iter().map(|r| micros(r["occurred_at"].as_str().unwrap())).collect();
    assert_eq!(times, [micros("2026-10-25T01:30:00Z"), micros("2026-10-25T00:30:00Z")]);
}

#[test]
fn a5_5_a_microsecond_keeps_two_events_apart() {
    let server = Server::with_events(&[
        numbered(2, json!({"occurred_at": "2025-01-01T00:00:00.000002Z"})),
        numbered(1, json!({"occurred_at": "2025-01-01T00:00:00.000001Z"})),
    ]);
    assert_eq!(server.numbers(""), [2, 1]);
    let rows = server.rows("");
    assert_eq!(rows[1]["occurred_at"], "2025-01-01T00:00:00.000001Z");
}

#[test]
fn a5_7_a_clock_ahead_is_clamped_and_an_absent_one_assigned() {
    let server = Server::start();
    server.post_all(&[
        json!({"occurred_at": in_minutes(5), "metadata": {"n": 1}}),
        json!({"occurred_at": in_minutes(15), "metadata": {"n": 2}}),
        json!({"metadata": {"n": 3}}),
    ]);
    let row = |n: u64| -> Value {
        server.rows("").into_iter().find(|row| row["metadata"]["n"] == n).unwrap()
    };
    let (near, ahead, absent) = (row(1), row(2), row(3));
    assert_eq!((&near["clock"], &near["effective_at"]), (&json!("producer"), &near["occurred_at"]));
    assert_eq!((&ahead["clock"], &ahead["effective_at"]), (&json!("ahead"), &ahead["recorded_at"]));
    let original = micros(ahead["occurred_at"].as_str().unwrap());
    assert!(original > micros(ahead["recorded_at"].as_str().unwrap()), "the original is kept");
    assert_eq!((&absent["clock"], &absent["occurred_at"]), (&json!("assigned"), &Value::Null));
    assert_eq!(absent["effective_at"], absent["recorded_at"]);
}

#[test]
fn a5_8_the_first_and_the_last_year_pass_and_a_leap_second_is_refused() {
    let server = Server::with_events(&[
        numbered(1, json!({"occurred_at": "1970-01-01T00:00:00Z"})),
        numbered(2, json!({"occurred_at": "9999-12-31T23:59:59.999999Z"})),
    ]);
    let rows = server.rows("");
    let shown =
        |n: u64| rows.iter().find(|row| row["metadata"]["n"] == n).unwrap()["occurred_at"].clone();
    assert_eq!(micros(shown(1).as_str().unwrap()), 0);
    assert_eq!(shown(2), "9999-12-31T23:59:59.999999Z");
    for time in [
        "2016-12-31T23:59:60Z",
        "2025-01-01T00:00:00",
        "2025-01-01",
        "yesterday",
        "2025-02-30T00:00:00Z",
    ] {
        let answer = server.post(json!({"occurred_at": time}));
        assert_eq!(answer.status, 422, "{time}");
        assert_eq!(answer.json()["errors"][0]["pointer"], "/occurred_at", "{time}");
    }
}

//! Limits on what one caller or one workspace may take from the others.

use std::time::{Duration, Instant};

use annals_tests::list::List;
use annals_tests::process::UpOptions;
use serde_json::json;

use crate::server::{Server, named};

#[test]
fn a_caller_over_its_rate_waits_and_is_told_how_long() {
    let options =
        UpOptions::recording_reads().variable("ANNALS_LIMITS_REQUESTS_PER_MINUTE_PER_CALLER", "5");
    let server = Server::start_with(&options);
    let greedy = server.reader("greedy");
    let path = List::of(&greedy, "acme").path("");
    for remaining in (0..5).rev() {
        let answer = greedy.get(&path);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"minute\";q=5;w=60");
        let expected = format!("\"minute\";r={remaining};t=");
        assert!(answer.header("ratelimit").starts_with(&expected), "{expected}");
    }
    let refused = greedy.get(&path);
    assert_eq!((refused.status, refused.problem()), (429, "rate-limited".to_owned()));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    assert!(refused.header("ratelimit").starts_with("\"minute\";r=0;"));
    assert_eq!(server.reader("patient").get(&path).status, 200, "another caller has its own");
}

/// Posts were counted and did not say so.
#[test]
fn posts_tell_of_the_limit_too() {
    let options =
        UpOptions::default().variable("ANNALS_LIMITS_REQUESTS_PER_MINUTE_PER_CALLER", "3");
    let server = Server::start_with(&options);
    let writer = server.annals.client_with("acme", &["audit:write"]);
    let event = json!({"workspace_id": "acme", "action": "segment.updated"});
    for (remaining, status) in [(2, 202), (1, 202), (0, 202), (0, 429)] {
        let answer = writer.post("/v1/events", &event);
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("ratelimit-policy"), "\"minute\";q=3;w=60");
        let expected = format!("\"minute\";r={remaining};t=");
        assert!(answer.header("ratelimit").starts_with(&expected), "{expected}");
    }
}

#[test]
fn without_limits_there_are_no_headers_of_them() {
    let server = Server::start();
/// What is no workspace's was not counted, although the document of the API draws the refusal.
#[test]
fn routes_of_everything_have_the_limit_too() {
    let options =
        UpOptions::default().variable("ANNALS_LIMITS_REQUESTS_PER_MINUTE_PER_CALLER", "3");
    let server = Server::start_with(&options);
    let (accounting, quarantine) = ("/v1/admin/accounting", "/v1/admin/quarantine");
    for (route, remaining, status) in [
        (accounting, 2, 200),
        (quarantine, 1, 200),
        (accounting, 0, 200),
        (quarantine, 0, 429),
        (accounting, 0, 429),
    ] {
        let answer = server.admin.get(route);
        assert_eq!(answer.status, status, "{route}");
        let expected = format!("\"minute\";r={remaining};t=");
        assert!(answer.header("ratelimit").starts_with(&expected), "{route} {expected}");
    }
}

    let answer = server.list().answer("");
    assert_eq!(answer.header("ratelimit"), "");
}

/// A workspace whose queries cost all they may does not slow its neighbour beyond twice.
#[test]
fn a_workspace_of_costly_queries_leaves_its_neighbour_alone() {
    let server = Server::start();
    let quiet = json!({"workspace_id": "quiet", "action": "segment.updated"});
    for _ in 0..20 {
        assert_eq!(server.admin.post("/v1/events", &quiet).status, 202);
    }
    for chunk in 0..20 {
        let events: Vec<_> = (0..1_000_u64)
            .map(|n| named(chunk * 1_000 + n, &format!("a name of some length {n} {chunk}")))
            .collect();
        server.post_all(&events);
    }
    let neighbour = server.annals.client_with("quiet", &["audit:read"]);
    List::of(&neighbour, "quiet").settle();
    let typical = |rounds: usize| {
        let mut took: Vec<Duration> = (0..rounds)
            .map(|_| {
                let began = Instant::now();
                assert_eq!(List::of(&neighbour, "quiet").page("").data.len(), 20);
                began.elapsed()
            })
            .collect();
        took.sort_unstable();
        took[rounds / 2]
    };
    let alone = typical(100);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let beside = std::thread::scope(|scope| {
        for _ in 0..8 {
            let hostile = server.annals.client_with("acme", &["audit:read"]);
            let stop = &stop;
            scope.spawn(move || {
                let query = "resource_name=e+o+n+a&name_scope=event&count=exact&limit=1000";
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    let status = List::of(&hostile, "acme").answer(query).status;
                    assert!([200, 429, 504].contains(&status), "{status}");
                }
            });
        }
        std::thread::sleep(Duration::from_millis(200));
        let beside = typical(100);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        beside
    });
    annals_tests::report::line(&format!("neighbour: {alone:?} alone, {beside:?} beside"));
    // The clients of the hostile workspace take processors as well, and are no part of the server:
    // a fixed allowance is for them.
    assert!(beside <= alone * 2 + Duration::from_millis(10), "{alone:?} {beside:?}");
}

//! Limits on what one caller or one workspace may take from the others.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use annals_tests::http::{Answer, Http};
use annals_tests::list::List;
use annals_tests::process::UpOptions;
use annals_tests::wait;
use serde_json::json;
use tokio::task::JoinHandle;

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

#[test]
fn without_limits_there_are_no_headers_of_them() {
    let server = Server::start();
    let answer = server.list().answer("");
    assert_eq!(answer.header("ratelimit"), "");
}

/// The limit of a workspace is over all who ask it, and no other workspace's.
#[test]
fn a_workspace_over_its_rate_waits_and_its_neighbour_does_not() {
    let options =
        UpOptions::default().variable("ANNALS_LIMITS_REQUESTS_PER_MINUTE_PER_WORKSPACE", "4");
    let server = Server::start_with(&options);
    let readers = ["u1", "u2", "u3", "u4", "u5"].map(|subject| server.reader(subject));
    let writer = server.annals.client_with("acme", &["audit:write"]);
    let neighbour = server.annals.client_with("other", &["audit:read"]);
    let path = List::of(&readers[0], "acme").path("");
    for (reader, remaining) in readers[..4].iter().zip((0..4).rev()) {
        let answer = reader.get(&path);
        assert_eq!(answer.status, 200, "{remaining}");
        assert_eq!(answer.header("ratelimit-policy"), "\"minute\";q=4;w=60");
        let expected = format!("\"minute\";r={remaining};t=");
        assert!(answer.header("ratelimit").starts_with(&expected), "{expected}");
    }
    for reader in [&readers[4], &readers[0]] {
        let refused = reader.get(&path);
        assert_eq!((refused.status, refused.problem()), (429, "rate-limited".to_owned()));
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=15).contains(&wait), "{wait}");
        assert!(refused.header("ratelimit").starts_with("\"minute\";r=0;"));
    }
    let event = json!({"workspace_id": "acme", "action": "segment.updated"});
    assert_eq!(writer.post("/v1/events", &event).status, 429, "whoever writes, too");
    let answer = List::of(&neighbour, "other").answer("");
    assert_eq!(answer.status, 200, "another workspace has its own");
    assert!(answer.header("ratelimit").starts_with("\"minute\";r=3;"));
}

/// Of more queries of one workspace than run in the time that they wait for each other, those that
/// are left over are refused; the neighbour is answered meanwhile.
#[test]
fn queries_of_a_workspace_wait_for_each_other_and_its_neighbour_for_none() {
    let options = UpOptions::default().variable("ANNALS_LIMITS_QUERIES_PER_WORKSPACE", "1");
    let server = costly(&options);
    let neighbour = server.annals.client_with("quiet", &["audit:read"]);
    let is_refused = |answer: &&Answer| answer.status == 429;
    // How many are too many hangs on the machine.
    let answers = [1_000, 2_000, 4_000].into_iter().find_map(|at_once| {
        let (answers, beside) = costly_at_once(&server, at_once, &neighbour);
        let refused = answers.iter().filter(is_refused).count();
        annals_tests::report::line(&format!(
            "of {at_once} queries at once {refused} refused, {beside} pages of a neighbour beside"
        ));
        assert!(beside > 0);
        (refused > 0).then_some(answers)
    });
    let answers = answers.expect("no query was refused");
    let (refused, answered): (Vec<_>, Vec<_>) = answers.iter().partition(is_refused);
    for answer in refused {
        assert_eq!(answer.problem(), "rate-limited");
        assert_eq!(answer.json()["detail"], "too many reads are running");
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert!(!answered.is_empty() && answered.iter().all(|answer| answer.status == 200));
    assert_eq!(server.list().answer("").status, 200, "the place is free again");
}

/// The answers to so many costly queries that are asked at once, and how many pages a neighbour had
/// meanwhile.
fn costly_at_once(server: &Server, count: usize, neighbour: &Http) -> (Vec<Answer>, usize) {
    let hostile = server.annals.client_with("acme", &["audit:read"]);
    let path = List::of(&hostile, "acme").path("resource_name=e+o+n+a&count=exact");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ask = |_| runtime.spawn(Http::exchange(hostile.request("GET", &path)));
    let asked: Vec<_> = (0..count).map(ask).collect();
    let mut beside = 0;
    while asked.iter().any(|answer| !answer.is_finished()) {
        assert_eq!(List::of(neighbour, "quiet").answer("").status, 200);
        beside += 1;
    }
    let answer = |asked: JoinHandle<Result<Answer, _>>| {
        runtime.block_on(asked).expect("it ends").expect("an answer")
    };
    (asked.into_iter().map(answer).collect(), beside)
}

/// A workspace that asks all that is costly at once does not slow its neighbour beyond twice. Long
/// pages are held against themselves alone. Short ones wait for a processor longer than they work,
/// which others of the machine take from them too: they are held against themselves beside the same
/// load on another server. Both times of a ratio are of one attempt, and half of the attempts have
/// to show it, so that a machine with others to serve does not matter.
#[test]
fn a_workspace_of_costly_queries_leaves_its_neighbour_alone() {
    let [server, elsewhere] = [(); 2].map(|()| costly(&UpOptions::default()));
    let quiet = |n| json!({"workspace_id": "quiet", "action": "a.b", "metadata": {"n": n}});
    let batch: Vec<_> = (0..1_000).map(quiet).collect();
    assert_eq!(server.admin.post("/v1/events:batch", &batch.into()).status, 202);
    let neighbour = server.annals.client_with("quiet", &["audit:read"]);
    List::of(&neighbour, "quiet").settle();
    for (query, is_short) in [("limit=50", true), ("limit=1000&count=exact", false)] {
        let measure = || typical(&neighbour, query);
        let attempts = [(); ATTEMPTS].map(|()| {
            let alone = measure();
            let elsewhere = beside_costly_queries(&elsewhere, measure);
            let beside = beside_costly_queries(&server, measure);
            [alone, elsewhere].map(|base| beside.as_secs_f64() / base.as_secs_f64())
        });
        let [alone, elsewhere] = [0, 1].map(|base| {
            let mut ratios = attempts.map(|ratios| ratios[base]);
            ratios.sort_unstable_by(f64::total_cmp);
            ratios
        });
        annals_tests::report::line(&format!(
            "neighbour, {query}: {alone:.2?} times as long as alone, {elsewhere:.2?} as long as \
             beside another server's load"
        ));
        let ratios = if is_short { elsewhere } else { alone };
        assert!(ratios[ATTEMPTS / 2] <= 2.0, "{query}: {ratios:.2?} times as long");
    }
}

/// An odd number of them has a median.
const ATTEMPTS: usize = 15;
const MEASURED: Duration = Duration::from_millis(400);
/// What costs a server the most: each part of the API by its own way.
const COSTLY: [&str; 4] = [
    "events?resource_name=e+o+n+a&name_scope=event&count=exact&limit=1000",
    "facets?by=actor,resource_type,action,kind,outcome",
    "resources?edited_by_other=true",
    "events/export?format=ndjson",
];

/// A server whose workspace `acme` has many rows of as many names.
fn costly(options: &UpOptions) -> Server {
    let server = Server::start_with(options);
    for chunk in 0..20 {
        let events: Vec<_> = (0..1_000_u64)
            .map(|n| named(chunk * 1_000 + n, &format!("a name of some length {n} {chunk}")))
            .collect();
        server.post_all(&events);
    }
    server
}

/// How long ten of the neighbour's pages take.
fn typical(neighbour: &Http, query: &str) -> Duration {
    let (began, mut took) = (Instant::now(), Vec::new());
    while began.elapsed() < MEASURED || took.len() < 9 {
        let began = Instant::now();
        for _ in 0..10 {
            assert_eq!(List::of(neighbour, "quiet").answer(query).status, 200);
        }
        took.push(began.elapsed());
    }
    took.sort_unstable();
    took[took.len() / 2]
}

/// Measures while eight clients ask the most of workspace `acme` of a server.
fn beside_costly_queries(server: &Server, measure: impl FnOnce() -> Duration) -> Duration {
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for first in 0..8 {
            let hostile = server.annals.client_with("acme", &["audit:read", "audit:export"]);
            let (stop, answered) = (&stop, &answered);
            scope.spawn(move || {
                for route in COSTLY.iter().cycle().skip(first) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let status = hostile.get(&format!("/v1/workspaces/acme/{route}")).status;
                    assert!([200, 429, 504].contains(&status), "{route}: {status}");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        wait::until("costly queries", wait::PATIENCE, || {
            (answered.load(Ordering::Relaxed) >= COSTLY.len()).then_some(())
        });
        let measured = measure();
        stop.store(true, Ordering::Relaxed);
        measured
    })
}

//! The feed: rows in the order of their arrival, for machines.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use annals_tests::http::{Answer, Http, encode};
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use serde_json::{Value, json};

use crate::server::{Server, numbered};

fn path(query: &str) -> String {
    format!("/v1/workspaces/acme/feed?{query}")
}

fn page(client: &Http, query: &str, after: &str) -> Value {
    client.get_json(&path(&format!("{query}&after={}", encode(after))))
}

fn numbers(page: &Value) -> Vec<u64> {
    let rows = page["data"].as_array().unwrap();
    rows.iter().map(|row| row["metadata"]["n"].as_u64().unwrap()).collect()
}

/// The members `metadata.n` of a whole feed, and the place after it.
fn follow(client: &Http, query: &str) -> (Vec<u64>, String) {
    let (mut all, mut after) = (Vec::new(), "0".to_owned());
    loop {
        let page = page(client, query, &after);
        let found = numbers(&page);
        after = page["next"].as_str().unwrap().to_owned();
        if found.is_empty() {
            return (all, after);
        }
        all.extend(found);
    }
}

fn event(n: u64) -> Value {
    let actor = json!({"kind": "user", "id": format!("u{}", n % 3)});
    // Page order is the opposite of arrival order.
    let at = format!("2025-03-01T00:00:{:02}Z", 59 - n % 60);
    json!({"occurred_at": at, "metadata": {"n": n}, "actor": actor})
}

/// Late or not: what arrives comes at the end, once, whatever its time.
#[test]
fn a4_3_the_feed_delivers_a_late_event_where_it_arrived() {
    let first: Vec<_> = (0..60).map(event).collect();
    let server = Server::with_events(&first);
    for limit in [1, 7, 50, 1000] {
        let (all, after) = follow(&server.admin, &format!("limit={limit}"));
        assert_eq!(all, (0..60).collect::<Vec<_>>(), "limit {limit}");
        assert_eq!(numbers(&page(&server.admin, "", &after)), [0; 0]);
    }
    let (all, after) = follow(&server.admin, "actor=u1&limit=7");
    assert_eq!(all, (0..60).filter(|n| n % 3 == 1).collect::<Vec<_>>());
    let late = json!({"occurred_at": "2020-01-01T00:00:00Z", "metadata": {"n": 100}});
    server.post_all(&[late, event(61)]);
    assert_eq!(numbers(&page(&server.admin, "actor=u1&limit=7", &after)), [61]);
    let (all, _) = follow(&server.admin, "limit=1000");
    assert_eq!(all[60..], [100, 61]);
}

#[test]
fn the_answer_has_the_shape_of_the_contract() {
    let server = Server::with_events(&[event(1), event(2)]);
    let answer = server.admin.get(&path("limit=1"));
    assert_eq!(answer.status, 200);
    assert!(!answer.header("annals-complete-through").is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    let next = body["next"].as_str().unwrap();
    let link = format!("<?limit=1&after={next}>; rel=\"next\"");
    assert_eq!(answer.header("link"), link);
    assert_eq!(body["data"], json!([server.rows("limit=1000")[0]]), "the list's rows");
    let members: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["data", "next", "snapshot"]);
    let empty = Http::clone(&server.admin).get("/v1/workspaces/nothing/feed");
    assert_eq!(empty.json()["data"], json!([]));
    assert!(empty.json()["next"].is_string());
}

#[test]
fn a_long_poll_is_answered_by_the_next_row_of_its_own() {
    let server = Server::with_events(&[event(0)]);
    let after = page(&server.admin, "actor=u1", "0")["next"].as_str().unwrap().to_owned();
    let begun = Instant::now();
    let none = page(&server.admin, "actor=u1&wait=300ms", &after);
    assert_eq!(numbers(&none), [0; 0]);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    std::thread::scope(|scope| {
        let begun = Instant::now();
        let waiting = scope.spawn(|| page(&server.admin, "actor=u1&wait=60s", &after));
        server.post(event(2));
        server.post(json!({"workspace_id": "other", "actor": {"kind": "user", "id": "u1"}}));
        std::thread::sleep(Duration::from_millis(200));
        assert!(!waiting.is_finished(), "rows that do not match wake nobody");
        server.post(event(4));
        assert_eq!(numbers(&waiting.join().unwrap()), [4]);
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    });
}

#[test]
fn places_open_only_where_they_were_made() {
    let server = Server::with_events(&(0..20).map(event).collect::<Vec<_>>());
    let next = page(&server.admin, "actor=u1&limit=2", "0")["next"].as_str().unwrap().to_owned();
    let refused = |answer: Answer| {
        assert_eq!((answer.status, answer.problem()), (400, "cursor-mismatch".to_owned()));
    };
    let mut altered = next.clone().into_bytes();
    altered[9] ^= 1;
    let altered = String::from_utf8_lossy(&altered).into_owned();
    let cursor = server.list().page("actor=u1&limit=2").page.next.unwrap();
    for after in [&altered, &cursor, &"x".to_owned(), &"1".to_owned()] {
        refused(server.admin.get(&path(&format!("actor=u1&after={}", encode(after)))));
    }
    refused(server.admin.get(&path(&format!("actor=u2&after={next}"))));
    refused(server.admin.get(&format!("/v1/workspaces/other/feed?actor=u1&after={next}")));
    refused(server.list().answer(&format!("actor=u1&limit=2&cursor={next}")));
    for (query, parameter) in [("wait=2m", "wait"), ("cursor=x", "cursor"), ("limit=0", "limit")] {
        let (status, problem, named) = server.refusal_of(&format!("feed?{query}"));
        assert_eq!(
            (status, problem.as_str(), named.as_str()),
            (400, "invalid-parameter", parameter)
        );
    }
}

/// Events of one writer in all.
const WRITTEN: u64 = 2_000;
/// After how many rows the process is killed, and after how many it is asked to end.
const RESTARTS: [(u64, bool); 2] = [(600, true), (1_300, false)];

/// From place to place by long polls, while a writer writes what it may have written already and
/// the process comes and goes: every seq once, in its order, and none left out.
#[test]
fn a_chain_of_places_misses_and_repeats_nothing_across_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut options = UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", "60000");
    options.listen = Some(format!("127.0.0.1:{}", annals_tests::ports::free(1)));
    let mut annals = AnnalsProcess::start(&data, &options);
    let (writer, reader) = (annals.client("acme"), annals.client("acme"));
    let seen = AtomicU64::new(0);
    let rows = std::thread::scope(|scope| {
        let writing = scope.spawn(|| write_again_until_taken(&writer));
        let reading = scope.spawn(|| chain(&reader, &seen));
        for (rows, is_killed) in RESTARTS {
            annals_tests::wait::until("rows", 2 * annals_tests::wait::PATIENCE, || {
                (seen.load(Ordering::Relaxed) >= rows).then_some(())
            });
            assert!(!writing.is_finished(), "everything was written before the restart");
            match is_killed {
                true => annals.kill(),
                false => assert!(annals.stop().success()),
            }
            annals = AnnalsProcess::start(&data, &options);
        }
        writing.join().unwrap();
        reading.join().unwrap()
    });
    let expected: Vec<_> = (0..WRITTEN).map(|n| (n + 1, n)).collect();
    assert_eq!(rows, expected);
}

/// Ten events after ten, each batch until all of it is in the log.
fn write_again_until_taken(client: &Http) {
    for first in (0..WRITTEN).step_by(10) {
        let identified = |n: u64| {
            let mut event = event(n);
            event["event_id"] = json!(format!("01890a5d-ac96-774b-bcce-{n:012}"));
            event["workspace_id"] = json!("acme");
            event["action"] = json!("segment.updated");
            event
        };
        let batch: Value = (first..first + 10).map(identified).collect();
        let is_taken = |answer: Answer| {
            let answer = Some(answer.json()).filter(|_| answer.status == 202)?;
            let mut items = answer["items"].as_array().unwrap().iter();
            items.all(|item| item["status"] != "rejected").then_some(())
        };
        annals_tests::wait::until("a batch to be taken", annals_tests::wait::PATIENCE, || {
            let request = client.request("POST", "/v1/events:batch");
            let request = request.header("content-type", "application/json");
            client.try_send(request.body(batch.to_string())).ok().and_then(is_taken)
        });
        // So that the reader is there first, as a rule, and waits.
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Seq and number of each row, from place to place until all are there. A place that was not
/// answered is asked for again.
fn chain(client: &Http, seen: &AtomicU64) -> Vec<(u64, u64)> {
    let (mut rows, mut after, mut failed) = (Vec::new(), "0".to_owned(), 0);
    let begun = Instant::now();
    while (rows.len() as u64) < WRITTEN {
        assert!(begun.elapsed() < 4 * annals_tests::wait::PATIENCE, "{} rows", rows.len());
        let asked = path(&format!("limit=7&wait=20s&after={}", encode(&after)));
        let Ok(answer) = client.try_send(client.request("GET", &asked)) else {
            failed += 1;
            std::thread::sleep(Duration::from_millis(20));
            continue;
        };
        if answer.status == 503 {
            failed += 1;
            continue;
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.json();
        let of_page = page["data"].as_array().unwrap().iter();
        let number = |member: &Value| member.as_u64().unwrap();
        rows.extend(of_page.map(|row| (number(&row["seq"]), number(&row["metadata"]["n"]))));
        after = page["next"].as_str().unwrap().to_owned();
        seen.store(rows.len() as u64, Ordering::Relaxed);
    }
    annals_tests::report::line(&format!("{failed} requests of the chain were not answered"));
    rows
}

/// Server-sent events, read as they come.
pub(crate) struct Events(BufReader<TcpStream>);

impl Events {
    pub(crate) fn open(server: &Server, query: &str, last: Option<&str>) -> Self {
        let address = server.annals.address().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let token = server.admin.token().unwrap();
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let head = format!(
            "GET {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Accept: text/event-stream\r\n{last}\r\n",
            path(query)
        );
        stream.write_all(head.as_bytes()).unwrap();
        Self(BufReader::new(stream))
    }

    /// The next line that begins so, without its beginning.
    pub(crate) fn next(&mut self, beginning: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ended");
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.trim_end().to_owned();
            }
        }
    }

    /// Number and id of the next event.
    fn event(&mut self) -> (u64, String) {
        assert_eq!(self.next("event: "), "audit");
        let id = self.next("id: ");
        let row: Value = serde_json::from_str(&self.next("data: ")).unwrap();
        (row["metadata"]["n"].as_u64().unwrap(), id)
    }
}

#[test]
fn events_stream_and_go_on_where_the_client_was() {
    let server = Server::with_events(&[event(0), event(1)]);
    let mut events = Events::open(&server, "", None);
    assert!(events.next("HTTP/1.1 ").starts_with("200"));
    assert_eq!(events.next("content-type: "), "text/event-stream");
    let (zero, id) = events.event();
    assert_eq!((zero, events.event().0), (0, 1));
    // A carriage return cannot be in an event of a stream.
    let with_line_ends =
        "{\"workspace_id\":\"acme\",\"action\":\"a.b\",\"metadata\":{\r\n\"n\":2}}";
    let posted = server.admin.post_bytes("/v1/events", "application/json", with_line_ends.into());
    assert_eq!(posted.status, 202, "{}", posted.text());
    assert_eq!(events.event().0, 2);
    let mut again = Events::open(&server, "", Some(&id));
    assert_eq!((again.event().0, again.event().0), (1, 2));
    assert_eq!(Events::open(&server, "", Some("0")).event().0, 0, "from the beginning");
    let polled = page(&server.admin, "limit=1", &id);
    assert_eq!(numbers(&polled), [1], "an id is a place like any other");
    assert!(again.next(":").contains("nothing new"), "silence ends with a comment");
    let Server { annals, .. } = server;
    let begun = Instant::now();
    assert!(annals.stop().success());
    assert!(begun.elapsed() < Duration::from_secs(5), "streams end when the server stops");
}

/// Nobody gets rows after the key was revoked.
#[test]
fn a3_3_a_revoked_key_ends_its_stream() {
    let server = Server::with_events(&[event(0)]);
    let made = key(&server);
    let client = server.admin.with_token(made["key"].as_str());
    let after = page(&client, "", "0")["next"].as_str().unwrap().to_owned();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.get(&path(&format!("wait=60s&after={after}"))));
        std::thread::sleep(Duration::from_millis(200));
        // By another process: the server learns of it from the directory.
        let (id, data) = (made["id"].as_str().unwrap(), server.annals.data().to_str().unwrap());
        let revoked = annals_tests::command::run(&["apikey", "revoke", id, "--data", data]);
        assert_eq!(revoked.code, Some(0), "{}", revoked.stderr);
        std::thread::sleep(Duration::from_secs(6));
        server.post(event(1));
        let answer = waiting.join().unwrap();
        assert_eq!((answer.status, answer.problem()), (401, "unauthenticated".to_owned()));
    });
}

/// An idle stream ended only with the next row, and a read that lasts was recorded once.
#[test]
fn a3_3_an_idle_stream_ends_soon_after_its_key_and_is_recorded_as_repeated_reads_are() {
    let server = Server::start_with(&UpOptions::recording_reads());
    server.post_all(&[event(0)]);
    let made = key(&server);
    let client = server.admin.with_token(made["key"].as_str());
    let request = client.request("GET", &path("")).header("accept", "text/event-stream");
    let request = request.timeout(Duration::from_secs(120));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut stream = runtime.block_on(async { request.send().await.unwrap() });
    // The time of one repetition and a little more.
    let began = Instant::now();
    let mut next = || runtime.block_on(async { stream.chunk().await });
    while began.elapsed() < Duration::from_secs(63) {
        assert!(next().unwrap().is_some(), "{:?}", began.elapsed());
    }
    let id = made["id"].as_str().unwrap();
    let revoke = server.admin.request("DELETE", &format!("/v1/api-keys/{id}"));
    assert_eq!(server.admin.send(revoke).status, 204);
    let revoked = Instant::now();
    while next().unwrap().is_some() {}
    assert!(revoked.elapsed() < Duration::from_secs(5), "{:?}", revoked.elapsed());
    // What was counted since the first record is written when the minute is over.
    let counts = annals_tests::wait::until("the repetition", Duration::from_secs(90), || {
        let rows = server.rows(&format!("action=audit_log.viewed&actor={id}"));
        (rows.len() == 2).then(|| [&rows[0], &rows[1]].map(|row| row["metadata"]["count"].clone()))
    });
    assert_eq!(counts, [json!(1), json!(1)]);
}

/// A key that reads.
fn key(server: &Server) -> Value {
    let ask = json!({"workspace": "acme", "scopes": ["audit:read"], "name": "x"});
    server.admin.post("/v1/api-keys", &ask).json()
}

/// A thousand followers that wait cost memory by the megabyte and no time, while another workspace
/// of the same partition is busy.
#[test]
fn a_thousand_idle_followers_cost_little() {
    idle_followers(1_000, "*/*", "1,000 long polls", |mut follower| {
        let mut line = String::new();
        follower.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 200 OK\r\n");
    });
}

/// The same of those that hold a stream open.
#[test]
fn some_hundred_idle_streams_cost_little() {
    idle_followers(500, "text/event-stream", "500 streams", |follower| {
        assert_eq!(Events(follower).event().0, 1);
    });
}

/// Measures what followers cost that wait for a row while others write; then comes one, which each
/// of them must get.
fn idle_followers(count: u32, accept: &str, what: &str, gets_it: impl Fn(BufReader<TcpStream>)) {
    let server = Server::with_events(&[event(0)]);
    let after = page(&server.admin, "", "0")["next"].as_str().unwrap().to_owned();
    let address = server.annals.address().strip_prefix("http://").unwrap().to_owned();
    let token = server.admin.token().unwrap().to_owned();
    let before = resident_kib(server.annals.pid());
    let head = format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nAccept: {accept}\r\n\r\n",
        path(&format!("wait=60s&after={after}"))
    );
    let followers: Vec<TcpStream> = (0..count)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            stream
        })
        .collect();
    annals_tests::wait::until("all to follow", annals_tests::wait::PATIENCE, || {
        let value = annals_tests::metrics::value(&server.admin, "annals_query_api_followers");
        (value == Some(f64::from(count))).then_some(())
    });
    let grown = resident_kib(server.annals.pid()).saturating_sub(before);
    let (ticks, begun) = (cpu_ticks(server.annals.pid()), Instant::now());
    while begun.elapsed() < Duration::from_secs(3) {
        server.post(json!({"workspace_id": "other"}));
        std::thread::sleep(Duration::from_millis(20));
    }
    let busy =
        (cpu_ticks(server.annals.pid()) - ticks) as f64 / 100.0 / begun.elapsed().as_secs_f64();
    annals_tests::report::line(&format!(
        "{what} that wait: {} MiB, {:.0} % of a core while others write",
        grown / 1024,
        busy * 100.0
    ));
    assert!(grown < 100 * 1024, "{grown} KiB");
    assert!(busy < 0.25, "{busy} of a core");
    server.post(event(1));
    followers.into_iter().map(BufReader::new).for_each(gets_it);
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// User and system time in hundredths of a second.
fn cpu_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// A numbered event keeps its number on its way through list and feed.
#[test]
fn a_feed_and_the_list_have_the_same_rows() {
    let events: Vec<_> = (0..100).map(|n| numbered(n * 7 % 100, json!({}))).collect();
    let server = Server::with_events(&events);
    let mut rows = List::of(&server.admin, "acme").walk_values("", 9);
    rows.sort_by_key(|row| row["seq"].as_u64());
    let page = page(&server.admin, "limit=1000", "0");
    assert_eq!(page["data"], Value::Array(rows));
}

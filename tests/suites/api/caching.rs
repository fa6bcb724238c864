//! Headers: what need not be sent again, what other origins may do, and where everything lies.

use annals_tests::http::Http;
use annals_tests::list::List;
use annals_tests::process::UpOptions;
use reqwest::header::HeaderMap;
use serde_json::json;

use crate::server::{Server, numbered};

fn with(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap) {
    let request = server.admin.request(method, path);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = server.admin.send(request);
    (answer.status, answer.headers)
}

/// The tag is over rows, filters and links: an unchanged page of a log that goes on is not sent
/// again.
#[test]
fn a13_2_an_unchanged_page_is_not_sent_again() {
    let events: Vec<_> = (0..30)
        .map(|n| numbered(n, json!({"actor": {"kind": "user", "id": format!("u{}", n % 2)}})))
        .collect();
    let server = Server::with_events(&events);
    let path = |query: &str| server.list().path(query);
    let tag = |query: &str| server.list().answer(query).header("etag").to_owned();
    let first = tag("actor=u1&kind=update&limit=5");
    // Weak: what the page was read from may be other.
    assert!(first.starts_with("W/\"") && first.len() > 10, "{first}");
    assert_eq!(first, tag("limit=5&kind=update&actor=u1"), "the order of choosing does not matter");
    for other in
        ["actor=u1&kind=update&limit=6", "actor=u0&kind=update&limit=5", "actor=u1&limit=5"]
    {
        assert_ne!(first, tag(other), "{other}");
    }
    server.post(numbered(100, json!({"actor": {"kind": "user", "id": "u0"}})));
    let asked = path("actor=u1&kind=update&limit=5");
    let strong = first.trim_start_matches("W/").to_owned();
    for known in [first.clone(), strong, format!("\"x\", {first}"), "*".to_owned()] {
        let (status, headers) = with(&server, "GET", &asked, &[("if-none-match", &known)]);
        assert_eq!((status, headers["etag"].to_str().unwrap()), (304, first.as_str()), "{known}");
        assert!(headers.contains_key("annals-complete-through"));
    }
    server.post(numbered(101, json!({"actor": {"kind": "user", "id": "u1"}})));
    let (status, headers) = with(&server, "GET", &asked, &[("if-none-match", &first)]);
    assert_eq!(status, 200);
    assert_ne!(headers["etag"].to_str().unwrap(), first);
}

/// Who has somebody else's tag is told nothing by it: neither that it is right, nor that the page
/// is there, nor of its own page that it has not changed.
#[test]
fn a3_2_a_tag_of_another_workspace_opens_nothing() {
    let server = Server::with_events(&[numbered(1, json!({}))]);
    let mut same = numbered(1, json!({"action": "segment.updated"}));
    same["workspace_id"] = json!("other");
    assert_eq!(server.admin.post("/v1/events", &same).status, 202);
    List::of(&server.admin, "other").settle();
    let tag = server.list().answer("").header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let ask = |client: &Http, workspace: &str, tag: &str| {
        let request = client.request("GET", &List::of(client, workspace).path(""));
        let answer = client.send(request.header("if-none-match", tag));
        let is_told = answer.headers.contains_key("etag")
            || answer.headers.contains_key("annals-complete-through");
        (answer.status, is_told)
    };
    let stranger = server.annals.client_with("other", &["audit:read", "audit:admin"]);
    for known in [tag.as_str(), "*", "\"x\""] {
        for workspace in ["acme", "nowhere"] {
            assert_eq!(ask(&stranger, workspace, known), (404, false), "{workspace} {known}");
        }
        assert_eq!(ask(&server.annals.anonymous(), "acme", known), (401, false), "{known}");
        assert_eq!(ask(&server.admin.with_token(Some("x")), "acme", known), (401, false));
    }
    let writer = server.annals.client_with("acme", &["audit:write"]);
    assert_eq!(ask(&writer, "acme", &tag), (403, false));
    assert_eq!(ask(&stranger, "other", &tag), (200, true), "another page than that of the tag");
    let own = List::of(&stranger, "other").answer("").header("etag").to_owned();
    assert_eq!(ask(&stranger, "other", &own), (304, true));
    assert_eq!(ask(&server.admin, "acme", &tag), (304, true));
    assert_eq!(ask(&server.admin, "acme", &own), (200, true));
}

#[test]
fn answers_are_compressed_for_those_who_can() {
    let events: Vec<_> = (0..50).map(|n| numbered(n, json!({}))).collect();
    let server = Server::with_events(&events);
    for (accepted, used) in [("gzip", "gzip"), ("zstd", "zstd"), ("gzip, zstd", "zstd")] {
        let (status, headers) =
            with(&server, "GET", &server.list().path(""), &[("accept-encoding", accepted)]);
        assert_eq!((status, headers["content-encoding"].to_str().unwrap()), (200, used));
        assert!(headers["vary"].to_str().unwrap().contains("accept-encoding"));
    }
}

#[test]
fn only_listed_origins_may_call() {
    let options =
        UpOptions::default().variable("ANNALS_HTTP_ALLOWED_ORIGINS", "https://app.example.com");
    let server = Server::start_with(&options);
    let path = server.list().path("");
    let asks = |origin: &str| {
        [
            ("origin".to_owned(), origin.to_owned()),
            ("access-control-request-method".to_owned(), "GET".to_owned()),
            ("access-control-request-headers".to_owned(), "authorization".to_owned()),
        ]
    };
    let preflight = |origin: &str| {
        let asked = asks(origin);
        let asked: Vec<_> =
            asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        with(&server, "OPTIONS", &path, &asked).1
    };
    let allowed = preflight("https://app.example.com");
    assert_eq!(allowed["access-control-allow-origin"], "https://app.example.com");
    assert!(allowed["access-control-allow-headers"].to_str().unwrap().contains("authorization"));
    assert!(!allowed.contains_key("access-control-allow-credentials"));
    assert!(!preflight("https://evil.example.com").contains_key("access-control-allow-origin"));
    let (status, headers) = with(&server, "GET", &path, &[("origin", "https://app.example.com")]);
    assert_eq!(status, 200);
    assert_eq!(headers["access-control-allow-origin"], "https://app.example.com");
    let exposed = headers["access-control-expose-headers"].to_str().unwrap();
    assert!(exposed.contains("etag") && exposed.contains("annals-export-id"), "{exposed}");
    let plain = Server::start();
    let (_, headers) =
        with(&plain, "GET", &plain.list().path(""), &[("origin", "https://app.example.com")]);
    assert!(!headers.contains_key("access-control-allow-origin"), "nobody by default");
}

#[test]
fn everything_lies_below_the_base_path() {
    let options = UpOptions::default()
        .variable("ANNALS_HTTP_BASE_PATH", "/audit/")
        .variable("ANNALS_HTTP_FRAME_ANCESTORS", "https://app.example.com");
    let server = Server::start_with(&options);
    let get = |path: &str| server.admin.get(path);
    let page = get("/audit/ui/");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    assert!(policy.ends_with("frame-ancestors https://app.example.com"), "{policy}");
    assert_eq!(get("/audit/v1/workspaces/acme/events").json()["data"], json!([]));
    assert_eq!(get("/audit/livez").status, 200);
    for outside in ["/v1/workspaces/acme/events", "/ui/", "/audi"] {
        assert_eq!(get(outside).problem(), "not-found", "{outside}");
    }
    let event = json!({"workspace_id": "acme", "action": "a.b"});
    assert_eq!(server.admin.post("/audit/v1/events", &event).status, 202);
    let exporter = server.annals.client_with("acme", &["audit:export"]);
    let asked = exporter.post("/audit/v1/workspaces/acme/exports?format=csv", &json!(null)).json();
    let download = asked["download_url"].as_str().unwrap();
    assert!(download.starts_with("/audit/v1/"), "{download}");
    assert_eq!(server.annals.anonymous().get(download).status, 200);
    assert_eq!(exporter.get(asked["manifest_url"].as_str().unwrap()).json()["id"], asked["id"]);
}

/// A trace goes on: its id is in the answer, so that both sides' logs are found by it.
#[test]
fn a_trace_context_is_taken_up() {
    let server = Server::start();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let path = server.list().path("");
    let (status, headers) = with(&server, "GET", &path, &[("traceparent", &parent)]);
    let answered = headers["traceresponse"].to_str().unwrap();
    assert_eq!(status, 200);
    assert!(
        answered.starts_with(&format!("00-{trace}-")) && !answered.contains("00f067aa0ba902b7")
    );
    for wrong in ["", "00-x-y-01", &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32))] {
        let (status, headers) = with(&server, "GET", &path, &[("traceparent", wrong)]);
        assert_eq!((status, headers.contains_key("traceresponse")), (200, false), "{wrong}");
    }
}

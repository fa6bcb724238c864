//! Walks over resources, and the timeline of one.

use annals_tests::http::encode;
use annals_tests::list::micros;
use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

/// `count` segments and sources, each touched once, several in the same second.
fn touched(count: u64) -> Vec<Value> {
    let event = |n: u64| {
        let kind = if n.is_multiple_of(3) { "source" } else { "segment" };
        let id = format!("r{:03}", (n * 37) % count);
        numbered(n / 4, json!({"resources": [resource(kind, &id, &format!("Name {n}"))]}))
    };
    (0..count).map(event).collect()
}

fn key(row: &Value) -> (i64, String, String) {
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    (-micros(&text("last_at")), text("type"), text("id"))
}

/// All pages in one direction; the pages in the order in which they came.
fn walk(server: &Server, query: &str, first: Option<String>, side: &str) -> Vec<Vec<Value>> {
    let (mut cursor, mut pages) = (first, Vec::new());
    loop {
        let at = cursor.map(|cursor| format!("&cursor={}", encode(&cursor))).unwrap_or_default();
        let page = server.get(&format!("resources?{query}{at}"));
        pages.push(page["data"].as_array().unwrap().clone());
        match page["page"][side].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return pages,
        }
    }
}

#[test]
fn resources_are_walked_in_their_order_both_ways() {
    let server = Server::with_events(&touched(100));
    let all: Vec<Value> = walk(&server, "limit=1000", None, "next").concat();
    assert_eq!(all.len(), 100);
    assert!(all.is_sorted_by_key(key), "last_at desc, type, id");
    for limit in [1, 7, 100] {
        let query = format!("limit={limit}");
        let pages = walk(&server, &query, None, "next");
        assert!(pages.iter().all(|page| page.len() <= limit && !page.is_empty()));
        assert_eq!(pages.concat(), all, "{limit}");
    }
    let second = server.get("resources?limit=30");
    let cursor = second["page"]["next"].as_str().unwrap().to_owned();
    let pages = walk(&server, "limit=30", Some(cursor), "next");
    let last = server.get(&format!(
        "resources?limit=30&cursor={}",
        encode(second["page"]["next"].as_str().unwrap())
    ));
    assert_eq!(pages.concat(), all[30..]);
    let back = last["page"]["prev"].as_str().unwrap().to_owned();
    assert_eq!(walk(&server, "limit=30", Some(back), "prev").concat(), all[..30]);
}

#[test]
fn a_cursor_belongs_to_its_workspace_and_filter() {
    let server = Server::with_events(&touched(20));
    let page = server.get("resources?limit=5&resource_type=segment");
    let cursor = encode(page["page"]["next"].as_str().unwrap());
    for route in [
        format!("resources?limit=5&cursor={cursor}"),
        format!("resources?limit=5&resource_type=source&cursor={cursor}"),
        format!("events?limit=5&resource_type=segment&cursor={cursor}"),
        "resources?cursor=x".to_owned(),
    ] {
        let (status, problem, parameter) = server.refusal_of(&route);
        assert_eq!((status, problem.as_str()), (400, "cursor-mismatch"), "{route}");
        assert_eq!(parameter, "cursor");
    }
    let events = server.get("events?limit=5");
    let cursor = encode(events["page"]["next"].as_str().unwrap());
    let (status, problem, _) = server.refusal_of(&format!("resources?limit=5&cursor={cursor}"));
    assert_eq!((status, problem.as_str()), (400, "cursor-mismatch"));
}

#[test]
fn an_unchanged_page_of_resources_is_304_with_its_links() {
    let server = Server::with_events(&touched(20));
    let path = "/v1/workspaces/acme/resources?limit=5";
    let first = server.admin.get(path);
    let link = first.header("link").to_owned();
    assert!(link.starts_with("<?limit=5&cursor=") && link.ends_with("; rel=\"next\""), "{link}");
    let again = server.admin.request("GET", path).header("if-none-match", first.header("etag"));
    let again = server.admin.send(again);
    assert_eq!(again.status, 304);
    assert!(!again.header("annals-complete-through").is_empty());
    server.post_all(&[numbered(900, json!({"resources": [resource("segment", "new", "New")]}))]);
    let changed = server.admin.request("GET", path).header("if-none-match", first.header("etag"));
    assert_eq!(server.admin.send(changed).status, 200);
}

/// The timeline of a resource is the list of the events that name it, in any place.
#[test]
fn a_timeline_is_the_list_of_one_resource() {
    let first = |n, id| numbered(n, json!({"resources": [resource("segment", id, "VIP")]}));
    let server = Server::with_events(&[
        first(1, "s1"),
        first(2, "s2"),
        numbered(
            3,
            json!({"resources":
                [resource("segment", "s2", "VIP"), resource("segment", "s1", "X")]}),
        ),
        numbered(4, json!({"resources": [resource("source", "s1", "VIP")]})),
    ]);
    let numbers = |query: &str| -> Vec<u64> {
        let answer = server.get(&format!("resources/segment/s1/events?{query}"));
        let rows = answer["data"].as_array().unwrap().iter();
        rows.map(|row| row["metadata"]["n"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(""), [3, 1]);
    assert_eq!(numbers("to=2025-03-01T00:00:03Z"), [1]);
    let page = server.get("resources/segment/s1/events?limit=1&count=exact");
    assert_eq!(page["total"], json!({"value": 2, "relation": "eq"}));
    let cursor = encode(page["page"]["next"].as_str().unwrap());
    assert_eq!(numbers(&format!("limit=1&cursor={cursor}")), [1]);
    let listed = server.get("events?resource_type=segment&resource_id=s1");
    assert_eq!(server.get("resources/segment/s1/events")["data"], listed["data"]);
    assert_eq!(server.get("resources/segment/none/events")["data"], json!([]));
    let (status, _, parameter) = server.refusal_of("resources/segment/s1/events?resource_id=s2");
    assert_eq!((status, parameter.as_str()), (400, "resource_id"));
}

#[test]
fn an_unknown_or_bad_parameter_of_resources_is_400_naming_it() {
    let server = Server::start();
    let cases = [
        ("resources?resource_id=s1", "resource_id"),
        ("resources?creators=u1", "creators"),
        ("resources?edited_by_other=1", "edited_by_other"),
        ("resources?limit=0", "limit"),
        ("resources?creator=", "creator"),
        ("resources/segment/s1?limit=5", "limit"),
    ];
    for (route, name) in cases {
        let (status, problem, parameter) = server.refusal_of(route);
        assert_eq!((status, problem.as_str()), (400, "invalid-parameter"), "{route}");
        assert_eq!(parameter, name, "{route}");
    }
}

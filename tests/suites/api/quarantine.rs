//! Refused records of a workspace, page by page.

use serde_json::{Value, json};

use crate::server::{Server, numbered};

/// Records refused while they are told: more than one page of them.
const REFUSED: usize = 5;

/// A walk shows every refused record once, newest first; the link of a page leads to the next, and
/// the last page has none.
#[test]
fn refused_records_are_walked_by_their_links() {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let server = Server::with_events(&[numbered(0, json!({"event_id": id}))]);
    for n in 1..=REFUSED as u64 {
        let body = json!({"event_id": id, "description": format!("body {n}")});
        let answer = server.post(numbered(n, body));
        assert_eq!(answer.status, 422, "{}", answer.text());
    }
    server.list().settle();
    let (mut path, mut offsets) = ("?limit=2".to_owned(), Vec::new());
    loop {
        let answer = server.admin.get(&format!("/v1/workspaces/acme/quarantine{path}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page: Value = answer.json();
        for entry in page["data"].as_array().unwrap() {
            assert_eq!((&entry["reason"], &entry["event_id"]), (&json!("conflict"), &json!(id)));
            offsets.push(entry["position"]["offset"].as_u64().unwrap());
        }
        let Some(next) = page["page"]["next"].as_str() else {
            assert!(!answer.headers.contains_key("link"));
            break;
        };
        path = format!("?limit=2&cursor={next}");
        assert_eq!(answer.header("link"), format!("<{path}>; rel=\"next\""));
    }
    assert_eq!(offsets.len(), REFUSED);
    assert!(offsets.is_sorted_by(|newer, older| newer > older), "{offsets:?}");
}

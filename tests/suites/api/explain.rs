//! `explain`: how a page was found, told to administrators.

use annals_tests::list::List;
use serde_json::{Value, json};

use crate::server::{Server, named};

#[test]
fn an_administrator_is_told_how_a_page_was_found() {
    let server = Server::with_events(&[named(1, "Data Pipeline"), named(2, "VIP")]);
    let page = server.get("events?explain=true&resource_name=pipe");
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    let plan = &page["plan"];
    assert!(plan["steps"].as_u64().is_some_and(|steps| steps > 0), "{plan}");
    assert!(plan["groups"].is_array() && plan["name"].is_object(), "{plan}");
    let plain = server.get("events?resource_name=pipe");
    assert_eq!(plain.get("plan"), None);
    assert_eq!(plain["data"], page["data"]);
    assert_eq!(server.get("events?explain=false").get("plan"), None);
    let timeline = server.get("resources/segment/s1/events?explain=true");
    assert!(timeline["plan"].is_object(), "{timeline}");
}

#[test]
fn others_are_refused_an_explanation_and_nothing_else() {
    let server = Server::with_events(&[named(1, "VIP")]);
    let reader = server.annals.client_with("acme", &["audit:read", "audit:verify"]);
    let list = List::of(&reader, "acme");
    let refused = list.answer("explain=true");
    assert_eq!((refused.status, refused.problem()), (403, "forbidden".to_owned()));
    assert_eq!(refused.json()["errors"][0]["parameter"], "explain");
    assert_eq!(list.page("explain=false").data.len(), 1);
    let both = server.annals.client_with("acme", &["audit:read", "audit:admin"]);
    let page: Value = both.get_json(&List::of(&both, "acme").path("explain=true"));
    assert_eq!(page["data"][0]["resources"][0]["name"], json!("VIP"));
    assert!(page["plan"].is_object(), "{page}");
    let (status, problem, parameter) = server.refusal("explain=yes");
    assert_eq!((status, problem.as_str()), (400, "invalid-parameter"));
    assert_eq!(parameter, "explain");
}

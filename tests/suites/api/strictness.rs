//! Requests that are nearly right: they are told so, never answered as if they were.

use annals_tests::list::List;
use serde_json::json;

use crate::server::Server;

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn event_path(id: &str) -> String {
    format!("/v1/workspaces/acme/events/{id}")
}

/// Parameters of routes that take none were ignored.
#[test]
fn routes_without_parameters_refuse_every_parameter_by_name() {
    let server = Server::start();
    assert_eq!(server.post(json!({"event_id": ID})).status, 202);
    let paths = [
        &event_path(ID),
        "/v1/workspaces/acme/accounting",
        "/v1/workspaces/acme/actions",
        "/v1/admin/accounting",
    ];
    for path in paths {
        assert_eq!(server.admin.get(path).status, 200, "{path}");
        assert_eq!(server.admin.get(&format!("{path}?")).status, 200, "{path}");
        for query in ["foo=1", "foo", "foo=", "foo=%ff"] {
            let answer = server.admin.get(&format!("{path}?{query}"));
            let found = (answer.status, answer.problem());
            assert_eq!(found, (400, "invalid-parameter".to_owned()), "{path}?{query}");
            assert_eq!(answer.json()["errors"][0]["parameter"], "foo", "{path}?{query}");
        }
    }
    let stranger = server.annals.client_with("other", &["audit:read"]);
    let answer = stranger.get(&format!("{}?foo=1", event_path(ID)));
    assert_eq!(answer.status, 404, "access comes first");
}

/// A wrong method was answered without a body.
#[test]
fn a_wrong_method_is_405_naming_those_that_are_right() {
    let server = Server::start();
    assert_eq!(server.post(json!({"event_id": ID})).status, 202);
    let paths = [
        &List::of(&server.admin, "acme").path(""),
        &event_path(ID),
        "/v1/workspaces/acme/accounting",
        "/v1/admin/quarantine",
        "/livez",
    ];
    for path in paths {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let answer = server.admin.send(server.admin.request(method, path));
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.problem(), "not-found", "{method} {path}");
            let id = answer.json()["request_id"].as_str().unwrap().to_owned();
            assert_eq!(answer.header("x-request-id"), id);
            let allowed: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
            assert_eq!(allowed, ["GET", "HEAD"], "{method} {path}");
        }
    }
    assert_eq!(server.rows("").len(), 1, "nothing was deleted");
}

/// The bare, braced and URN spellings found the event too: one event, several addresses.
#[test]
fn an_event_has_one_address() {
    let server = Server::start();
    assert_eq!(server.post(json!({"event_id": ID})).status, 202);
    assert_eq!(server.admin.get(&event_path(ID)).status, 200);
    let bare = ID.replace('-', "");
    let others = [
        bare.clone(),
        format!("%7B{ID}%7D"),
        format!("urn:uuid:{ID}"),
        format!("{ID}%20"),
        format!("{bare}0000"),
        ID.replace("-ac96", "a-c96"),
        "x".repeat(36),
    ];
    for other in others {
        let answer = server.admin.get(&event_path(&other));
        assert_eq!((answer.status, answer.problem()), (404, "not-found".to_owned()), "{other}");
    }
}

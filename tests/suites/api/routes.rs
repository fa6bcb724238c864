//! L3 for every route there is: who is not signed in, who is a stranger and who lacks the scope is
//! answered alike, whatever is asked.

use annals_tests::http::{Answer, Http};
use serde_json::json;

use crate::server::{Server, numbered, resource};

/// Routes of a workspace and the scope that each needs.
const OF_A_WORKSPACE: [(&str, &str); 14] = [
    ("events", "audit:read"),
    ("events?unheard_of=1", "audit:read"),
    ("events?cursor=x", "audit:read"),
    ("events/01890a5d-ac96-774b-bcce-b302099a8057", "audit:read"),
    ("facets", "audit:read"),
    ("histogram", "audit:read"),
    ("resources", "audit:read"),
    ("resources/segment/s1", "audit:read"),
    ("resources/segment/s1/events", "audit:read"),
    ("actors", "audit:read"),
    ("resource-names?q=x", "audit:read"),
    ("actions", "audit:read"),
    ("quarantine", "audit:admin"),
    ("accounting", "audit:admin"),
];
/// The others, for administrators.
const OF_NO_WORKSPACE: [(&str, &str); 5] = [
    ("GET", "/v1/admin/accounting"),
    ("GET", "/v1/admin/quarantine"),
    ("GET", "/v1/api-keys"),
    ("POST", "/v1/viewer-tokens"),
    ("DELETE", "/v1/api-keys/none"),
];
const SCOPES: [&str; 5] =
    ["audit:read", "audit:write", "audit:export", "audit:verify", "audit:admin"];

/// Status, problem and body, the request's id aside.
fn refusal(answer: &Answer) -> (u16, String, String) {
    let mut body = answer.json();
    body["request_id"] = json!(null);
    (answer.status, answer.problem(), body.to_string())
}

fn ask(client: &Http, method: &str, path: &str) -> (u16, String, String) {
    refusal(&client.send(client.request(method, path)))
}

#[test]
fn a3_2_every_route_refuses_strangers_alike() {
    let server = Server::with_events(&[numbered(
        1,
        json!({"resources": [resource("segment", "s1", "VIP")]}),
    )]);
    let anonymous = server.annals.anonymous();
    let stranger = server.annals.client_with("other", &SCOPES);
    for (route, needed) in OF_A_WORKSPACE {
        let path = |workspace: &str| format!("/v1/workspaces/{workspace}/{route}");
        assert_eq!(ask(&anonymous, "GET", &path("acme")).0, 401, "{route}");
        let exists = ask(&stranger, "GET", &path("acme"));
        assert_eq!((exists.0, exists.1.as_str()), (404, "not-found"), "{route}");
        assert_eq!(exists, ask(&stranger, "GET", &path("nowhere")), "{route}");
        let lacking: Vec<&str> = SCOPES.into_iter().filter(|scope| *scope != needed).collect();
        let lacking = server.annals.client_with("acme", &lacking);
        let forbidden = ask(&lacking, "GET", &path("acme"));
        assert_eq!((forbidden.0, forbidden.1.as_str()), (403, "forbidden"), "{route}");
        assert!(!forbidden.2.contains("total") && !forbidden.2.contains("VIP"), "{route}");
    }
    for (method, path) in OF_NO_WORKSPACE {
        assert_eq!(ask(&anonymous, method, path).0, 401, "{path}");
        let reader = server.annals.client_with("*", &["audit:read", "audit:write"]);
        assert_eq!(ask(&reader, method, path).0, 403, "{path}");
    }
}

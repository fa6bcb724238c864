//! L3 for everything that is asked of a workspace besides its list: nobody's data but its own.

use serde_json::{Value, json};

use crate::server::{Server, numbered, post_settled, resource};

const ROUTES: [&str; 8] = [
    "facets",
    "histogram",
    "resources",
    "resources/segment/s1",
    "resources/segment/s1/events",
    "actors",
    "actors?q=secret",
    "resource-names?q=secret",
];

fn secret(workspace: &str) -> Value {
    let mut event = numbered(
        7,
        json!({
            "action": "secret.created", "actor": {"kind": "user", "id": "secret", "name": "Secret"},
            "resources": [resource("segment", "secret", "Secret plan")],
        }),
    );
    event["workspace_id"] = json!(workspace);
    event
}

#[test]
fn a3_2_no_route_tells_of_another_workspace() {
    let server = Server::start();
    assert_eq!(post_settled(&server.admin, &secret("other")).status, 202);
    server.post_all(&[numbered(1, json!({"resources": [resource("segment", "s1", "VIP")]}))]);
    for route in ROUTES {
        let answer = server.get(route).to_string().to_lowercase();
        assert!(!answer.contains("secret"), "{route}: {answer}");
        assert!(!answer.contains("2025-03-01t00:00:07"), "{route}: {answer}");
    }
    let (status, problem, _) = server.refusal_of("resources/segment/secret");
    assert_eq!((status, problem.as_str()), (404, "not-found"));
}

/// Positions tell of the neighbours' volume.
#[test]
fn a3_2_snapshots_have_positions_for_verifiers_only() {
    let server = Server::start();
    server.post_all(&[numbered(1, json!({}))]);
    let reader = server.annals.client_with("acme", &["audit:read"]);
    for route in ["facets", "histogram", "resources"] {
        let path = format!("/v1/workspaces/acme/{route}");
        let of = |answer: Value| answer["snapshot"]["complete_through"].get("positions").is_some();
        assert!(of(server.get(route)), "{route}");
        assert!(!of(reader.get_json(&path)), "{route}");
    }
}

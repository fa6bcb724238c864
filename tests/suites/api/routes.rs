//! L3 for every route there is, as the served document lists them: who is not signed in, who is a
//! stranger and who lacks the scope is answered alike, and sees and changes nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use annals_service::access::{Grants, Profile, Restriction, Scope, TokenClaims, TokenKey};
use annals_tests::http::{Answer, Http};
use annals_tests::list::List;
use annals_tests::process::UpOptions;
use annals_tests::wait;
use serde_json::{Value, json};

use crate::operations::{Operation, Things, all};
use crate::server::{Server, numbered, resource};

pub const SCOPES: [&str; 5] =
    ["audit:read", "audit:write", "audit:export", "audit:verify", "audit:admin"];
/// Nobody but its own people may see these.
const SECRETS: [&str; 3] = ["Layoffs", "acme", "u-secret"];

/// Status and body, the request's id aside.
fn told(answer: &Answer) -> (u16, String) {
    let text = answer.text();
    let told = serde_json::from_str(&text).map(|mut body: Value| {
        body["request_id"] = json!(null);
        body.to_string()
    });
    (answer.status, told.unwrap_or(text))
}

/// A server that seals and signs at once.
pub fn signing() -> Server {
    Server::start_with(&signing_at_once())
}

pub fn signing_at_once() -> UpOptions {
    UpOptions::default().variable("ANNALS_STORAGE_SEAL_INTERVAL_SECONDS", "1")
}

/// A workspace with an event that is signed, an export, a ticket and a key.
pub fn acme(server: &Server, own: &Http) -> Things {
    let workspace = "acme".to_owned();
    server.post_all(&[numbered(
        1,
        json!({
            "resources": [resource("segment", "s1", "Layoffs")],
            "actor": {"kind": "user", "id": "u-secret"},
            "changes": [{"path": "a", "before": 1, "after": 2}],
        }),
    )]);
    let event_id = server.rows("")[0]["event_id"].as_str().unwrap().to_owned();
    wait::until("a signed tree head", wait::PATIENCE, || {
        (own.get("/v1/log/0/checkpoint").status == 200).then_some(())
    });
    let export = own.get("/v1/workspaces/acme/events/export?format=csv");
    let export_id = export.header("annals-export-id").to_owned();
    let asked = own.post("/v1/workspaces/acme/exports?format=csv", &Value::Null).json();
    let ticket = asked["download_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let key = json!({"workspace": "acme", "scopes": ["audit:read"], "name": "Layoffs"});
    let key_id = own.post("/v1/api-keys", &key).json()["id"].as_str().unwrap().to_owned();
    Things { workspace, event_id, export_id, ticket, key_id }
}

/// Things that are not there, named as well as those that are.
fn nowhere() -> Things {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057".to_owned();
    let (workspace, ticket, key_id) = ("nowhere".to_owned(), "none".to_owned(), "none".to_owned());
    Things { workspace, event_id: id.clone(), export_id: id, ticket, key_id }
}

/// Tokens that are none: expired, signed by another installation, and with a letter exchanged.
fn worthless(server: &Server, good: &str) -> [String; 3] {
    let claims = TokenClaims {
        subject: "u1".to_owned(),
        grants: Grants::All,
        scopes: BTreeSet::from(Scope::ALL),
        ttl: Duration::from_secs(60),
        profile: Profile::default(),
        restriction: Restriction::default(),
    };
    let now = annals_tests::clock::now().timestamp().unsigned_abs();
    let own = TokenKey::load_or_create(&server.annals.data().join("secrets")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let another = TokenKey::load_or_create(elsewhere.path()).unwrap();
    let mut altered = good.to_owned();
    let at = altered.len() - 20;
    let other = if altered.as_bytes()[at] == b'A' { "B" } else { "A" };
    altered.replace_range(at..=at, other);
    [own.mint(&claims, now - 3_600).unwrap(), another.mint(&claims, now).unwrap(), altered]
}

/// The things that could have changed.
fn state(server: &Server) -> (Value, Value) {
    (server.get("accounting"), server.admin.get_json("/v1/api-keys"))
}

#[test]
fn a3_2_every_route_refuses_strangers_alike() {
    let server = signing();
    let own = server.annals.client_with("acme", &SCOPES);
    let things = acme(&server, &own);
    let document: Value = server.annals.anonymous().get_json("/openapi.json");
    let (open, closed): (Vec<_>, Vec<_>) =
        all(&document).into_iter().partition(|operation| operation.scope.is_none());
    let before = state(&server);
    let tokens = worthless(&server, own.token().unwrap()).map(Some);
    let unsigned: Vec<Http> =
        [None].into_iter().chain(tokens).map(|token| own.with_token(token.as_deref())).collect();
    let uniform = told(&closed[0].ask(&unsigned[0], &things));
    let stranger = server.annals.client_with("other", &SCOPES);
    for operation in &closed {
        let name = format!("{} {}", operation.method, operation.path);
        for client in &unsigned {
            assert_eq!(told(&operation.ask(client, &things)), uniform, "{name}");
        }
        let refused = told(&operation.ask(&stranger, &things));
        assert_eq!(refused, told(&operation.ask(&stranger, &nowhere())), "{name}");
        if operation.path.contains("{workspace}") {
            assert_eq!(refused.0, 404, "{name}: {}", refused.1);
        }
        let forbidden = told(&operation.ask(&lacking(&server, operation), &things));
        assert_eq!(forbidden.0, 403, "{name}: {}", forbidden.1);
        for (_, text) in [&refused, &forbidden] {
            assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{name}: {text}");
        }
    }
    assert_eq!(uniform.0, 401);
    for operation in open {
        let text = operation.ask(&unsigned[0], &nowhere()).text();
        let tells = |secret: &&str| text.contains(*secret) && operation.path != "/openapi.json";
        assert!(!SECRETS.iter().any(tells), "{}", operation.path);
    }
    assert_eq!(state(&server), before, "nothing was changed by those who may not");
    let rows = List::of(&own, "acme").rows("");
    assert_eq!(rows.len(), 1);
    assert!(closed.len() > 25, "{}", closed.len());
}

/// Otherwise what strangers are refused might be refused to everybody.
#[test]
fn a3_1_every_route_opens_to_who_has_its_scope() {
    let server = signing();
    let own = server.annals.client_with("acme", &SCOPES);
    let things = acme(&server, &own);
    let document: Value = server.annals.anonymous().get_json("/openapi.json");
    for operation in all(&document) {
        let client = match &operation.scope {
            Some(scope) => server.annals.client_with(granted(&operation), &[scope]),
            None => server.annals.anonymous(),
        };
        let answer = operation.ask(&client, &things);
        let name = format!("{} {}: {}", operation.method, operation.path, answer.text());
        assert!((200..300).contains(&answer.status), "{} {name}", answer.status);
    }
}

fn granted(operation: &Operation) -> &'static str {
    if operation.is_for_everything() { "*" } else { "acme" }
}

/// A client that may do everything there but this.
fn lacking(server: &Server, operation: &Operation) -> Http {
    let needed = operation.scope.as_deref();
    let others: Vec<&str> = SCOPES.into_iter().filter(|scope| Some(*scope) != needed).collect();
    server.annals.client_with(granted(operation), &others)
}

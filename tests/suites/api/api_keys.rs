//! L3: API keys made, listed and revoked over HTTP, in the same store as `annals apikey`.

use std::time::Duration;

use annals_tests::list::List;
use annals_tests::process::UpOptions;
use annals_tests::wait;
use serde_json::{Value, json};

use crate::server::Server;

/// How long a revoked key may still open.
const REVOKED_WITHIN: Duration = Duration::from_secs(5);

fn ask(workspace: &str) -> Value {
    json!({"workspace": workspace, "scopes": ["audit:read", "audit:write"], "name": "ci-bot",
           "actions": ["segment.*"], "ttl_seconds": 3600})
}

#[test]
fn a3_1_a_key_made_over_http_opens_until_it_is_revoked() {
    let server = Server::start_with(&UpOptions::recording_reads());
    let made = server.admin.post("/v1/api-keys", &ask("acme"));
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json();
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(key.starts_with(&format!("{id}.")));
    assert_eq!(made["workspaces"], json!(["acme"]));
    let bot = server.admin.with_token(Some(key));
    let path = List::of(&bot, "acme").path("");
    assert_eq!(bot.get(&path).status, 200);
    let write = |action: &str| {
        let event = json!({"workspace_id": "acme", "action": action});
        bot.post("/v1/events", &event).status
    };
    assert_eq!((write("segment.updated"), write("source.updated")), (202, 403));
    let listed: Value = server.admin.get_json("/v1/api-keys");
    assert_eq!(listed["data"][0]["id"], id);
    assert_eq!(listed["data"][0]["actions"], json!(["segment.*"]));
    assert!(!listed.to_string().contains(key), "the secret is told once");
    assert!(!listed.to_string().contains("sha256"), "{listed}");
    let data = server.annals.data().to_str().unwrap().to_owned();
    let same = annals_tests::command::run(&["apikey", "list", "--data", &data]);
    assert!(same.stdout.contains(id), "one store: {}", same.stdout);
    let revoke =
        || server.admin.send(server.admin.request("DELETE", &format!("/v1/api-keys/{id}")));
    assert_eq!(revoke().status, 204);
    wait::until("the revocation", REVOKED_WITHIN, || (bot.get(&path).status == 401).then_some(()));
    assert_eq!(revoke().status, 204, "again is no error");
    let listed: Value = server.admin.get_json("/v1/api-keys");
    assert!(listed["data"][0]["revoked_at"].is_string(), "it stays listed");
    for action in ["audit_log.api_key_created", "audit_log.api_key_revoked"] {
        let rows = wait::until(action, wait::PATIENCE, || {
            let rows = server.rows(&format!("action={action}"));
            (!rows.is_empty()).then_some(rows)
        });
        assert_eq!((rows.len(), &rows[0]["metadata"]["id"]), (1, &json!(id)));
    }
    assert!(server.rows("").iter().any(|row| row["action"] == "audit_log.api_key_revoked"));
}

#[test]
fn a3_2_an_administrator_sees_the_keys_of_its_own_workspaces_alone() {
    let server = Server::start();
    let acme = server.annals.client_with("acme", &["audit:admin"]);
    let other = server.annals.client_with("other", &["audit:admin"]);
    assert_eq!(server.annals.anonymous().get("/v1/api-keys").status, 401);
    let reader = server.annals.client_with("acme", &["audit:read", "audit:write"]);
    assert_eq!(reader.get("/v1/api-keys").status, 403);
    assert_eq!(reader.post("/v1/api-keys", &ask("acme")).status, 403);
    assert_eq!(acme.post("/v1/api-keys", &ask("other")).status, 404);
    assert_eq!(acme.post("/v1/api-keys", &ask("*")).status, 404);
    let both = json!({"workspace": ["acme", "other"], "scopes": ["audit:read"], "name": "both"});
    assert_eq!(acme.post("/v1/api-keys", &both).status, 404);
    assert_eq!(server.admin.post("/v1/api-keys", &both).status, 201);
    assert_eq!(server.admin.post("/v1/api-keys", &ask("*")).status, 201);
    let made = acme.post("/v1/api-keys", &ask("acme")).json();
    let count = |client: &annals_tests::http::Http| {
        let listed: Value = client.get_json("/v1/api-keys");
        listed["data"].as_array().unwrap().len()
    };
    assert_eq!((count(&acme), count(&other), count(&server.admin)), (1, 0, 3));
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(other.send(other.request("DELETE", &path)).status, 404);
    assert_eq!(acme.send(acme.request("DELETE", &path)).status, 204);
    for odd in ["none", "..%2F..%2Ftoken", "%00", "a.b"] {
        let path = format!("/v1/api-keys/{odd}");
        assert_eq!(acme.send(acme.request("DELETE", &path)).status, 404, "{odd}");
    }
}

#[test]
fn a3_1_a_faulty_key_is_pointed_at() {
    let server = Server::start();
    for (member, value, pointer) in [
        ("scopes", json!(["audit:reed"]), "/scopes/0"),
        ("scopes", json!([]), ""),
        ("name", json!(""), ""),
        ("actions", json!(["*.updated"]), "/actions/0"),
        ("ttl_seconds", json!(0), "/ttl_seconds"),
        ("workspace", json!(["acme", "*"]), "/workspace"),
        ("workspace", json!([]), ""),
        ("surprise", json!(1), "/surprise"),
    ] {
        let mut body = ask("acme");
        body[member] = value;
        let answer = server.admin.post("/v1/api-keys", &body);
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (400, "invalid-parameter"),
            "{body}"
        );
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{body}");
    }
}

/// A key of every workspace left no record anywhere.
#[test]
fn a3_5_a_key_of_all_workspaces_is_recorded_where_only_their_administrators_look() {
    let server = Server::start_with(&UpOptions::recording_reads());
    let made = server.admin.post("/v1/api-keys", &ask("*")).json();
    let id = made["id"].as_str().unwrap();
    let everything = List::of(&server.admin, "*");
    let row = wait::until("the record", wait::PATIENCE, || {
        everything.rows("action=audit_log.api_key_created").pop()
    });
    assert_eq!(row["metadata"]["id"], id);
    let acme = server.annals.client("acme");
    assert_eq!(acme.get(&List::of(&acme, "*").path("")).problem(), "not-found");
}

#[test]
fn the_command_does_over_http_what_it_does_in_a_directory() {
    let server = Server::start();
    let run = |arguments: &[&str], token: &str| {
        let mut command = annals_tests::environment::annals();
        command.arg("apikey").args(arguments).args(["--server", server.annals.address()]);
        let output = command.env("ANNALS_TOKEN", token).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().trim().to_owned();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let admin = server.admin.token().unwrap();
    let create = ["create", "--workspace", "acme", "--scope", "audit:read", "--name", "ci-bot"];
    let (code, key, _) = run(&create, admin);
    assert_eq!(code, Some(0));
    let (id, _) = key.split_once('.').unwrap();
    let bot = server.admin.with_token(Some(&key));
    assert_eq!(bot.get(&List::of(&bot, "acme").path("")).status, 200);
    let (code, listed, _) = run(&["list"], admin);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((code, &listed["id"], &listed["name"]), (Some(0), &json!(id), &json!("ci-bot")));
    assert_eq!(run(&["list"], "none").0, Some(1), "the answer is no");
    let (code, _, told) = run(&[&create[..], &["--ttl", "90000d"]].concat(), admin);
    assert!(code == Some(2) && told.contains("/ttl_seconds"), "{told}");
    assert_eq!(run(&["revoke", id], admin).0, Some(0));
    assert_eq!(run(&["revoke", "../x"], admin).0, Some(1));
    wait::until("the revocation", REVOKED_WITHIN, || {
        (bot.get(&List::of(&bot, "acme").path("")).status == 401).then_some(())
    });
}

/// A key of no action that there can be was made.
#[test]
fn the_command_refuses_actions_that_are_no_patterns() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().to_str().unwrap();
    let made = |action: &str| {
        let asked = ["apikey", "create", "--data", data, "--workspace", "acme"];
        let rest = ["--scope", "audit:write", "--name", "x", "--action", action];
        annals_tests::command::run(&[&asked[..], &rest[..]].concat())
    };
    assert_eq!(made("segment.*").code, Some(0));
    for action in ["", "*.updated", "a**"] {
        let refused = made(action);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{action}");
        assert!(refused.stderr.contains("--action"), "{}", refused.stderr);
    }
}

//! L3 with a real identity provider: its tokens open what their roles say, and nothing that a
//! forger can make opens anything.

use std::time::Duration;

use annals_tests::identity_provider::IdentityProvider;
use annals_tests::list::List;
use annals_tests::process::UpOptions;
use annals_tests::wait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::server::Server;

/// A new key is to count within a minute.
const ROTATION_PATIENCE: Duration = Duration::from_secs(60);

/// A server that trusts a provider, and has taken its keys in.
struct Trusting {
    server: Server,
    provider: IdentityProvider,
    _configuration: tempfile::TempDir,
}

impl Trusting {
    fn start() -> Self {
        let provider = IdentityProvider::start();
        let configuration = tempfile::tempdir().unwrap();
        let file = configuration.path().join("annals.toml");
        let issuer = provider.address();
        let text = format!(
            "[auth]\nissuer = '{issuer}'\naudience = ['annals']\njwks = '{issuer}/jwks'\n\
             algorithms = ['RS256', 'ES256']\n\
             roles = {{ admin = ['audit:*'], viewer = ['audit:read'] }}\n"
        );
        std::fs::write(&file, text).unwrap();
        let arguments = vec!["--config".to_owned(), file.to_str().unwrap().to_owned()];
        let server = Server::start_with(&UpOptions { arguments, ..UpOptions::recording_reads() });
        assert_eq!(server.post(json!({})).status, 202);
        let trusting = Self { server, provider, _configuration: configuration };
        let token = trusting.provider.token("admin-app");
        wait::until("the key set to be read", wait::PATIENCE, || {
            (trusting.status(&token, "acme") == 200).then_some(())
        });
        trusting
    }

    fn status(&self, token: &str, workspace: &str) -> u16 {
        let client = self.server.admin.with_token(Some(token));
        client.get(&List::of(&client, workspace).path("")).status
    }
}

#[test]
fn a3_1_the_roles_of_a_providers_token_decide() {
    let Trusting { server, provider, .. } = &Trusting::start();
    let admin = server.admin.with_token(Some(&provider.token("admin-app")));
    let event = json!({"workspace_id": "acme", "action": "segment.updated"});
    assert_eq!(admin.post("/v1/events", &event).status, 202);
    assert_eq!(admin.get("/v1/workspaces/acme/accounting").status, 200);
    assert_eq!(admin.get("/v1/workspaces/other/accounting").status, 404);
    assert_eq!(admin.get("/v1/admin/accounting").status, 403);
    let reader = server.admin.with_token(Some(&provider.token("reader-app")));
    for workspace in ["acme", "beta"] {
        assert_eq!(reader.get(&List::of(&reader, workspace).path("")).status, 200);
    }
    assert_eq!(reader.post("/v1/events", &event).status, 403);
    let guest = server.admin.with_token(Some(&provider.token("guest-app")));
    assert_eq!(guest.get(&List::of(&guest, "acme").path("")).status, 403, "a role of no use");
    let star = server.admin.with_token(Some(&provider.token("star-app")));
    assert_eq!(star.get(&List::of(&star, "acme").path("")).status, 404, "`*` is no workspace");
    // The installation's own tokens and keys go on working beside it.
    assert_eq!(server.admin.get(&List::of(&server.admin, "acme").path("")).status, 200);
}

/// Forty ways to forge a token: one answer, nothing fetched.
#[test]
fn a3_1_forged_tokens_are_refused_alike() {
    let trusting = Trusting::start();
    let forged = trusting.provider.forged();
    assert!(forged.len() > 40);
    let path = List::of(&trusting.server.admin, "acme").path("");
    let mut bodies = std::collections::BTreeMap::new();
    for (name, token) in &forged {
        let answer = trusting.server.admin.with_token(Some(token)).get(&path);
        if name == "good" {
            assert_eq!(answer.status, 200, "the table is made of a token that opens");
            continue;
        }
        assert_eq!(answer.status, 401, "{name}");
        let mut body: Value = answer.json();
        body["request_id"] = json!(null);
        bodies.insert(format!("{body} {}", answer.header("www-authenticate")), name);
    }
    assert_eq!(bodies.len(), 1, "one uniform answer: {bodies:?}");
    assert_eq!(trusting.provider.fetches().1, 0, "what a token points at is never fetched");
}

#[test]
fn a3_3_a_new_key_counts_within_a_minute_and_a_withdrawn_one_no_longer() {
    let trusting = Trusting::start();
    let old = trusting.provider.token("admin-app");
    trusting.provider.rotate();
    let new = trusting.provider.token("admin-app");
    wait::until("the new key to count", ROTATION_PATIENCE, || {
        (trusting.status(&new, "acme") == 200).then_some(())
    });
    assert_eq!(trusting.status(&old, "acme"), 200, "the old one is still in the set");
    trusting.provider.retire();
    wait::until("the old key to count no longer", ROTATION_PATIENCE, || {
        (trusting.status(&old, "acme") == 401).then_some(())
    });
    assert_eq!(trusting.status(&new, "acme"), 200);
}

/// However many unknown keys are named, the key set is fetched once more at most; and with the
/// provider gone the keys that are known go on counting.
#[test]
fn a3_1_unknown_keys_do_not_make_a_flood_and_an_absent_provider_locks_nobody_out() {
    let trusting = Trusting::start();
    let token = trusting.provider.token("admin-app");
    let (_, rest) = token.split_once('.').unwrap();
    let (before, _) = trusting.provider.fetches();
    let began = std::time::Instant::now();
    for number in 0..1_000_u32 {
        let header = format!(r#"{{"alg":"RS256","kid":"unknown-{number}"}}"#);
        let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.as_bytes()));
        assert_eq!(trusting.status(&forged, "acme"), 401);
    }
    let allowed = 1 + began.elapsed().as_secs() / 30;
    let (after, _) = trusting.provider.fetches();
    assert!(after - before <= allowed, "{} fetches, {allowed} allowed", after - before);
    let Trusting { server, provider, _configuration } = trusting;
    provider.kill();
    let client = server.admin.with_token(Some(&token));
    for _ in 0..20 {
        assert_eq!(client.get(&List::of(&client, "acme").path("")).status, 200);
    }
    assert_eq!(server.admin.get("/readyz").status, 200);
}

#[test]
fn a3_1_a_faulty_auth_section_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let check = |text: &str| {
        let file = directory.path().join("annals.toml");
        std::fs::write(&file, text).unwrap();
        annals_tests::command::run(&["config", "check", file.to_str().unwrap()])
    };
    let sound =
        "[auth]\nissuer = 'https://id.test'\naudience = ['a']\njwks = 'https://id.test/k'\n";
    assert_eq!(check(sound).code, Some(0));
    for (text, expected) in [
        ("[auth]\nissuers = 'x'\n", "did you mean `auth.issuer`"),
        ("[auth]\nissuer = 'https://id.test'\n", "auth.audience"),
        ("[auth]\nalgorithms = ['HS256']\n", "`HS256` is none of"),
        ("[auth]\nroles = { admin = ['audit:everything'] }\n", "no scope"),
        (&sound.replace("https://id.test/k", "http://id.test/k"), "has to be https"),
    ] {
        let checked = check(text);
        assert_eq!(checked.code, Some(2), "{text}");
        assert!(checked.stderr.contains(expected), "{text}: {}", checked.stderr);
    }
}

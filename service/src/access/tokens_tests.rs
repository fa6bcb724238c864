//! Tests of tokens: what is minted is accepted, and thirty forgeries are not.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const NOW: u64 = 1_800_000_000;

fn key() -> (tempfile::TempDir, TokenKey) {
    let directory = tempfile::tempdir().unwrap();
    let key = TokenKey::load_or_create(directory.path()).unwrap();
    (directory, key)
}

fn claims() -> TokenClaims {
    TokenClaims {
        subject: "u1".to_owned(),
        grants: Grants::one("acme"),
        scopes: BTreeSet::from([Scope::Read, Scope::Export]),
        ttl: Duration::from_secs(900),
        profile: Profile::default(),
        restriction: Restriction::default(),
    }
}

/// The payload that `mint` would sign, to be bent by a forger.
fn honest() -> Value {
    json!({"iss": "annals", "aud": "annals", "sub": "u1", "iat": NOW, "exp": NOW + 900,
           "workspaces": ["acme"], "scope": "audit:read"})
}

fn without(member: &str) -> Value {
    let mut payload = honest();
    payload.as_object_mut().unwrap().remove(member);
    payload
}

fn with(member: &str, value: Value) -> Value {
    let mut payload = honest();
    payload[member] = value;
    payload
}

fn unsigned(header: &Value, payload: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string().as_bytes());
    format!("{}.{}.{}", part(header), part(payload), URL_SAFE_NO_PAD.encode(signature))
}

fn signed(key: &TokenKey, payload: &Value) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), payload, &key.0.signing).unwrap()
}

#[test]
fn a_minted_token_leads_back_to_its_claims() {
    let (_directory, key) = key();
    let token = key.mint(&claims(), NOW).unwrap();
    let caller = key.verify(&token, NOW).unwrap();
    assert_eq!(caller.subject, "u1");
    assert_eq!(caller.grants, Grants::one("acme"));
    assert_eq!(caller.scopes, claims().scopes);
    assert!(caller.actions.is_empty());
    assert_eq!(key.verify(&signed(&key, &honest()), NOW).unwrap().subject, "u1");
}

#[test]
fn profile_and_restriction_come_back_and_an_unknown_claim_opens_nothing() {
    let (_directory, key) = key();
    let resource = NamedResource { r#type: "segment".to_owned(), id: "s9".to_owned() };
    let restriction = Restriction { resource: Some(resource), actor: Some("u2".to_owned()) };
    let profile = Profile { name: Some("Ana".to_owned()), email: None };
    let claims =
        TokenClaims { profile: profile.clone(), restriction: restriction.clone(), ..claims() };
    let caller = key.verify(&key.mint(&claims, NOW).unwrap(), NOW).unwrap();
    assert_eq!((caller.profile, caller.restriction), (profile, restriction));
    let confined = with("row_filter", json!("of a later version"));
    assert!(key.verify(&signed(&key, &confined), NOW).is_none());
}

#[test]
fn a_token_lives_from_its_birth_to_its_end_give_or_take_a_minute() {
    let (_directory, key) = key();
    let token = key.mint(&claims(), NOW).unwrap();
    assert!(key.verify(&token, NOW + 900 + 59).is_some());
    assert!(key.verify(&token, NOW + 900 + 60).is_none());
    let later = signed(&key, &with("nbf", json!(NOW + 60)));
    assert!(key.verify(&later, NOW).is_some());
    assert!(key.verify(&later, NOW - 1).is_none());
}

#[test]
fn the_key_file_is_made_once_and_kept() {
    let (directory, key) = key();
    let token = key.mint(&claims(), NOW).unwrap();
    let again = TokenKey::load_or_create(directory.path()).unwrap();
    assert!(again.verify(&token, NOW).is_some());
    std::fs::write(directory.path().join(FILE), b"not a key").unwrap();
    let refused = TokenKey::load_or_create(directory.path()).unwrap_err();
    assert!(matches!(refused, AccessError::NotAKey { .. }), "{refused}");
}

#[test]
fn another_installations_token_is_refused() {
    let (_directory, ours) = key();
    let (_other_directory, theirs) = key();
    assert!(ours.verify(&theirs.mint(&claims(), NOW).unwrap(), NOW).is_none());
}

#[test]
fn forged_headers_are_refused() {
    let (_directory, key) = key();
    let public = key.0.verifying.try_get_as_bytes().unwrap();
    for name in ["HS256", "HS384", "HS512"] {
        let algorithm: Algorithm = name.parse().unwrap();
        let secret = EncodingKey::from_secret(public);
        let token = jsonwebtoken::encode(&Header::new(algorithm), &honest(), &secret).unwrap();
        assert!(key.verify(&token, NOW).is_none(), "{name} keyed with the public key");
    }
    for name in ["none", "None", "nOnE", "", "RS256", "ES256", "PS512", "EdDSA", "Ed25519"] {
        for signature in [&b""[..], &[0; 64]] {
            let token = unsigned(&json!({"alg": name, "typ": "JWT"}), &honest(), signature);
            assert!(key.verify(&token, NOW).is_none(), "{name}, unsigned");
        }
    }
    let no_algorithm = unsigned(&json!({"typ": "JWT"}), &honest(), &[0; 64]);
    assert!(key.verify(&no_algorithm, NOW).is_none());
    let mut critical = Header::new(Algorithm::EdDSA);
    critical.crit = Some(vec!["exp".to_owned()]);
    let token = jsonwebtoken::encode(&critical, &honest(), &key.0.signing).unwrap();
    assert!(key.verify(&token, NOW).is_none(), "crit");
}

#[test]
fn wrong_or_missing_claims_are_refused_even_when_signed() {
    let (_directory, key) = key();
    let mut payloads: Vec<Value> =
        ["iss", "aud", "sub", "exp", "workspaces", "scope"].map(without).into();
    payloads.extend([
        with("iss", json!("somebody")),
        with("iss", json!("")),
        with("aud", json!("another")),
        with("aud", json!([])),
        with("exp", json!(NOW - 61)),
        with("exp", json!("tomorrow")),
        with("exp", json!(-1)),
        with("nbf", json!(NOW + 61)),
        with("workspaces", json!("acme")),
        json!([]),
        json!("text"),
    ]);
    for payload in payloads {
        assert!(key.verify(&signed(&key, &payload), NOW).is_none(), "{payload}");
    }
}

#[test]
fn any_changed_character_is_refused() {
    let (_directory, key) = key();
    let token = key.mint(&claims(), NOW).unwrap();
    // The last character carries four bits only; a decoder may or may not mind the other two.
    for at in 0..token.len() - 1 {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(bytes).unwrap();
        assert!(key.verify(&altered, NOW).is_none(), "character {at}");
    }
}

#[test]
fn garbage_is_refused_without_a_panic() {
    let (_directory, key) = key();
    let token = key.mint(&claims(), NOW).unwrap();
    let cut = &token[..token.len() / 2];
    for text in ["", "..", "a.b.c", "\u{0}.\u{1f600}.é", cut, &token.replace('.', "")] {
        assert!(key.verify(text, NOW).is_none(), "{text:?}");
    }
}

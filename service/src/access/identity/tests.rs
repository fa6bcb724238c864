//! Tests of a provider's tokens with keys of our own making; a real provider's are in the suite
//! `api`.

use super::*;
use crate::access::{Caller, Grants, Scope};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const NOW: u64 = 1_800_000_000;

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn jwk(key: &SigningKey, id: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": id,
           "x": encode(key.verifying_key().as_bytes())})
}

fn sign(key: &SigningKey, header: &Value, payload: &Value) -> String {
    let part = |value: &Value| encode(value.to_string().as_bytes());
    let message = format!("{}.{}", part(header), part(payload));
    let signature = encode(&key.sign(message.as_bytes()).to_bytes());
    format!("{message}.{signature}")
}

fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "JWT", "kid": "k1"})
}

fn payload() -> Value {
    json!({"iss": "https://id", "aud": "annals", "sub": "u1", "name": "Ana", "exp": NOW + 60,
           "workspace": "acme", "roles": ["admin", "unheard-of"]})
}

fn with(mut value: Value, member: &str, new: Value) -> Value {
    value[member] = new;
    value
}

/// A provider whose key set is a file with these keys.
struct Installation {
    directory: tempfile::TempDir,
    provider: Arc<IdentityProvider>,
}

impl Installation {
    fn with_claims(keys: &[Value], workspace_claim: &str, roles_claim: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("jwks.json");
        let options = IdentityProviderOptions {
            issuer: Some("https://id".to_owned()),
            audience: vec!["annals".to_owned()],
            jwks: Some(file.to_str().unwrap().to_owned()),
            roles: BTreeMap::from([("admin".to_owned(), vec!["audit:read".to_owned()])]),
            workspace_claim: workspace_claim.to_owned(),
            roles_claim: roles_claim.to_owned(),
            ..IdentityProviderOptions::default()
        };
        let provider = IdentityProvider::new(&options).unwrap().unwrap();
        let installation = Self { directory, provider };
        installation.write(&json!({"keys": keys}).to_string());
        installation
    }

    fn new(keys: &[Value]) -> Self {
        Self::with_claims(keys, "workspace", "roles")
    }

    /// Writes the key set and has it read; whether it was taken.
    fn write(&self, document: &str) -> bool {
        std::fs::write(self.directory.path().join("jwks.json"), document).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.provider.refresh()).is_ok()
    }

    fn verify(&self, token: &str) -> Option<Caller> {
        self.provider.verify(token, NOW)
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

#[test]
fn claims_become_a_caller_and_unknown_roles_grant_nothing() {
    let installation = Installation::new(&[jwk(&key(1), "k1")]);
    let caller = installation.verify(&sign(&key(1), &header(), &payload())).unwrap();
    assert_eq!((caller.subject.as_str(), caller.profile.name.as_deref()), ("u1", Some("Ana")));
    assert_eq!(caller.grants, Grants::one("acme"));
    assert_eq!(caller.scopes, BTreeSet::from([Scope::Read]));
    let nobody = with(payload(), "roles", json!("guest"));
    assert!(installation.verify(&sign(&key(1), &header(), &nobody)).unwrap().scopes.is_empty());
}

/// A workspace that a customer may name `*` would else open all others.
#[test]
fn a_star_in_a_claim_is_no_workspace() {
    let installation = Installation::new(&[jwk(&key(1), "k1")]);
    for star in [json!("*"), json!(["*", "acme"])] {
        let token = sign(&key(1), &header(), &with(payload(), "workspace", star));
        let grants = installation.verify(&token).unwrap().grants;
        assert!(!grants.include("other") && !grants.include("*"), "{grants:?}");
    }
}

#[test]
fn claims_may_be_lists_texts_and_lie_deep() {
    let keys = [jwk(&key(1), "k1")];
    let installation = Installation::with_claims(&keys, "https://a/ws", "/realm/roles");
    let claims = with(payload(), "https://a/ws", json!(["acme", "beta"]));
    let claims = with(claims, "realm", json!({"roles": "guest admin"}));
    let caller = installation.verify(&sign(&key(1), &header(), &claims)).unwrap();
    assert!(caller.grants.include("acme") && caller.grants.include("beta"));
    assert!(caller.has(Scope::Read));
}

#[test]
fn forged_headers_are_refused() {
    let (public, foreign) = (key(1), key(2));
    let installation = Installation::new(&[jwk(&public, "k1"), jwk(&key(3), "k3")]);
    let good = sign(&public, &header(), &payload());
    assert!(installation.verify(&good).is_some());
    let embedded = with(header(), "jwk", jwk(&foreign, "k1"));
    let cases = [
        ("another key", sign(&foreign, &header(), &payload())),
        ("its own key", sign(&foreign, &embedded, &payload())),
        ("jku", sign(&foreign, &with(header(), "jku", json!("https://evil")), &payload())),
        ("x5u", sign(&foreign, &with(header(), "x5u", json!("https://evil")), &payload())),
        ("unknown kid", sign(&public, &with(header(), "kid", json!("k2")), &payload())),
        ("kid as a path", sign(&public, &with(header(), "kid", json!("../k1")), &payload())),
        ("another's kid", sign(&public, &with(header(), "kid", json!("k3")), &payload())),
        ("kid is no text", sign(&public, &with(header(), "kid", json!(1)), &payload())),
        ("no kid", sign(&public, &json!({"alg": "EdDSA"}), &payload())),
        ("alg none", sign(&public, &with(header(), "alg", json!("none")), &payload())),
        ("alg of another kind", sign(&public, &with(header(), "alg", json!("RS256")), &payload())),
        ("crit", sign(&public, &with(header(), "crit", json!(["exp"])), &payload())),
        ("b64", sign(&public, &with(header(), "b64", json!(false)), &payload())),
    ];
    for (name, token) in cases {
        assert!(installation.verify(&token).is_none(), "{name}");
    }
    for name in ["HS256", "HS384", "HS512"] {
        let mut forged = jsonwebtoken::Header::new(name.parse().unwrap());
        forged.kid = Some("k1".to_owned());
        let secret = jsonwebtoken::EncodingKey::from_secret(public.verifying_key().as_bytes());
        let token = jsonwebtoken::encode(&forged, &payload(), &secret).unwrap();
        assert!(installation.verify(&token).is_none(), "{name} keyed with the public key");
    }
}

#[test]
fn wrong_claims_are_refused_even_when_signed() {
    let installation = Installation::new(&[jwk(&key(1), "k1")]);
    let mut cases = vec![
        with(payload(), "iss", json!("https://id/")),
        with(payload(), "iss", json!(["https://id"])),
        with(payload(), "aud", json!("another")),
        with(payload(), "aud", json!([])),
        with(payload(), "exp", json!(NOW - 60)),
        with(payload(), "exp", json!("9999999999")),
        with(payload(), "nbf", json!(NOW + 61)),
        with(payload(), "nbf", json!("soon")),
        with(payload(), "sub", json!("")),
        with(payload(), "sub", json!(7)),
        json!([]),
    ];
    for member in ["iss", "aud", "exp", "sub"] {
        let mut claims = payload();
        claims.as_object_mut().unwrap().remove(member);
        cases.push(claims);
    }
    for claims in cases {
        assert!(installation.verify(&sign(&key(1), &header(), &claims)).is_none(), "{claims}");
    }
    let leeway = with(with(payload(), "exp", json!(NOW - 59)), "nbf", json!(NOW + 60));
    assert!(installation.verify(&sign(&key(1), &header(), &leeway)).is_some());
}

#[test]
fn the_last_good_key_set_stays() {
    let installation = Installation::new(&[jwk(&key(1), "k1")]);
    let token = sign(&key(1), &header(), &payload());
    let shared = json!({"keys": [{"kty": "oct", "kid": "k1", "k": encode(&[7; 32])}]});
    for bad in ["", "[]", r#"{"keys": []}"#, r#"{"keys": [7]}"#, &shared.to_string()] {
        assert!(!installation.write(bad), "{bad}");
        assert!(installation.verify(&token).is_some(), "{bad}");
    }
    let rotated = json!({"keys": [jwk(&key(2), "k2")]}).to_string();
    assert!(installation.write(&rotated));
    assert!(installation.verify(&token).is_none(), "a withdrawn key opens nothing");
    let header = with(header(), "kid", json!("k2"));
    assert!(installation.verify(&sign(&key(2), &header, &payload())).is_some());
}

#[test]
fn keys_that_are_not_for_this_are_left_out() {
    let good = jwk(&key(1), "k1");
    for (member, value) in [
        ("use", json!("enc")),
        ("alg", json!("RS256")),
        ("key_ops", json!(["sign"])),
        ("crv", json!("Ed448")),
        ("x", json!("not base64url!")),
    ] {
        let installation =
            Installation::new(&[with(good.clone(), member, value), jwk(&key(2), "k2")]);
        let token = sign(&key(1), &header(), &payload());
        assert!(installation.verify(&token).is_none(), "{member}");
    }
    let weak = json!({"kty": "RSA", "kid": "k1", "n": "A".repeat(171), "e": "AQAB"});
    let installation = Installation::new(&[weak, jwk(&key(2), "k2")]);
    let only = sign(&key(2), &json!({"alg": "EdDSA"}), &payload());
    assert!(installation.verify(&only).is_some(), "the only usable key needs no id");
}

//! A provider's key set (RFC 7517): what its tokens may be signed with.
//!
//! A key that is not for signing, not asymmetric, too weak or not understood is left out; the
//! others count. `kid` is a key of this map and nothing else.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use std::collections::BTreeMap;

use super::options::CheckedOptions;

/// More keys than this are a provider's mistake.
const MAX_KEYS: usize = 100;
/// An RSA modulus in base64url: 2,048 bits are 342 characters.
const LEAST_MODULUS_CHARACTERS: usize = 342;

/// One key, and how tokens that it signed are to look.
#[derive(Clone)]
pub(super) struct VerifyingKey {
    pub(super) key: DecodingKey,
    pub(super) validation: Validation,
}

/// The usable keys of one moment.
#[derive(Default)]
pub(super) struct KeySet {
    by_id: BTreeMap<String, VerifyingKey>,
    /// Keys without an id. One of them is good for tokens without one.
    nameless: Vec<VerifyingKey>,
}

/// A document that is no key set, or holds no usable key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidKeySet {
    #[error("it is no JSON Web Key Set")]
    NoKeySet,
    #[error("none of its keys can be used with the configured algorithms")]
    NoUsableKey,
}

impl KeySet {
    pub(super) fn parse(document: &[u8], options: &CheckedOptions) -> Result<Self, InvalidKeySet> {
        let document: serde_json::Value =
            serde_json::from_slice(document).map_err(|_| InvalidKeySet::NoKeySet)?;
        let keys = document.get("keys").and_then(|keys| keys.as_array());
        let keys = keys.ok_or(InvalidKeySet::NoKeySet)?;
        let mut set = Self::default();
        for key in keys.iter().take(MAX_KEYS) {
            let Ok(jwk) = serde_json::from_value::<Jwk>(key.clone()) else { continue };
            let Some(verifying) = usable(&jwk, options) else { continue };
            match jwk.common.key_id {
                Some(id) => drop(set.by_id.insert(id, verifying)),
                None => set.nameless.push(verifying),
            }
        }
        if set.len() == 0 {
            return Err(InvalidKeySet::NoUsableKey);
        }
        Ok(set)
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len() + self.nameless.len()
    }

    /// The key of this id; without one, the only key there is.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&VerifyingKey> {
        match id {
            Some(id) => self.by_id.get(id),
            None if self.len() == 1 => self.by_id.values().chain(&self.nameless).next(),
            None => None,
        }
    }
}

/// The key with the algorithms that both it and the configuration admit.
fn usable(jwk: &Jwk, options: &CheckedOptions) -> Option<VerifyingKey> {
    let common = &jwk.common;
    if common.public_key_use.as_ref().is_some_and(|r#use| *r#use != PublicKeyUse::Signature) {
        return None;
    }
    let operations = common.key_operations.as_ref();
    if operations.is_some_and(|operations| !operations.contains(&KeyOperations::Verify)) {
        return None;
    }
    let mut algorithms = options.algorithms.clone();
    algorithms.retain(|algorithm| possible(&jwk.algorithm).contains(algorithm));
    if let Some(own) = common.key_algorithm {
        algorithms.retain(|algorithm| Algorithm::try_from(own).ok() == Some(*algorithm));
    }
    let key = DecodingKey::from_jwk(jwk).ok()?;
    let mut validation = Validation::new(*algorithms.first()?);
    validation.algorithms = algorithms;
    validation.set_issuer(&[&options.issuer]);
    validation.set_audience(&options.audience);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The time is the caller's: these two are checked where it is known.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    Some(VerifyingKey { key, validation })
}

/// What a key of this kind can sign with.
fn possible(parameters: &AlgorithmParameters) -> &'static [Algorithm] {
    use Algorithm as A;
    match parameters {
        AlgorithmParameters::RSA(rsa) if rsa.n.len() >= LEAST_MODULUS_CHARACTERS => {
            &[A::RS256, A::RS384, A::RS512, A::PS256, A::PS384, A::PS512]
        }
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => &[A::ES256],
            EllipticCurve::P384 => &[A::ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            &[A::EdDSA]
        }
        // A shared secret in a public document is none, and what is not known is not trusted.
        _ => &[],
    }
}

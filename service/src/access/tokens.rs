//! The installation's own tokens: JWTs (RFC 7519) signed with Ed25519 (RFC 8037).
//!
//! The algorithm is fixed by this code, never by a token. The time is the caller's, so the
//! library's own clock checks are off and repeated here.

use super::caller::{Caller, CallerKind, Grants, NamedResource, Profile, Restriction};
use super::error::AccessError;
use super::scope::Scope;
use super::secret_file::{create, random, read};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const FILE: &str = "token.key";
const ISSUER: &str = "annals";
const AUDIENCE: &str = "annals";
/// How far two machines' clocks may differ.
const LEEWAY_SECONDS: u64 = 60;

/// What a token says about its bearer.
#[derive(Debug, Clone)]
pub struct TokenClaims {
    /// The id that the bearer's reads are recorded under.
    pub subject: String,
    /// Workspaces granted.
    pub grants: Grants,
    /// Scopes granted.
    pub scopes: BTreeSet<Scope>,
    /// How long the token is good for.
    pub ttl: Duration,
    /// What the bearer's reads are recorded with besides the id.
    pub profile: Profile,
    /// What the bearer may read at most.
    pub restriction: Restriction,
}

/// The key that signs and checks the installation's tokens. Cheap to clone.
#[derive(Clone)]
pub struct TokenKey(Arc<Keys>);

struct Keys {
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
}

/// The claims as they stand in the token. `scope` is a space-separated list (RFC 8693).
///
/// A claim that is not known here may confine the bearer further: such a token opens nothing.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iss: String,
    aud: String,
    sub: String,
    iat: u64,
    exp: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<u64>,
    workspaces: BTreeSet<String>,
    scope: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource: Option<NamedResource>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
}

impl TokenKey {
    /// Reads `token.key` in the directory of secrets, making one first if there is none.
    pub fn load_or_create(secrets: &Path) -> Result<Self, AccessError> {
        let path = secrets.join(FILE);
        let not_a_key = || AccessError::NotAKey { path: path.clone() };
        if read(&path)?.is_none() {
            let fresh = SigningKey::from_bytes(&random()?);
            let document = fresh.to_pkcs8_der().map_err(|_| not_a_key())?;
            // Whoever loses the race uses the winner's key: it is read back below.
            create(&path, document.as_bytes())?;
        }
        let bytes = read(&path)?.ok_or_else(not_a_key)?;
        Self::from_pkcs8(&bytes).ok_or_else(not_a_key)
    }

    /// A key from its PKCS#8 document (RFC 5958).
    fn from_pkcs8(document: &[u8]) -> Option<Self> {
        let key = SigningKey::from_pkcs8_der(document).ok()?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Some(Self(Arc::new(Keys {
            signing: EncodingKey::from_ed_der(document),
            verifying: DecodingKey::from_ed_der(key.verifying_key().as_bytes()),
            validation,
        })))
    }

    /// Signs a token that is good from `now_seconds` on for the claims' time to live.
    pub fn mint(&self, claims: &TokenClaims, now_seconds: u64) -> Result<String, AccessError> {
        let scopes: Vec<&str> = claims.scopes.iter().map(|scope| scope.as_str()).collect();
        let payload = Payload {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.subject.clone(),
            iat: now_seconds,
            exp: now_seconds.saturating_add(claims.ttl.as_secs()),
            nbf: None,
            workspaces: claims.grants.clone().into(),
            scope: scopes.join(" "),
            name: claims.profile.name.clone(),
            email: claims.profile.email.clone(),
            resource: claims.restriction.resource.clone(),
            actor: claims.restriction.actor.clone(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &payload, &self.0.signing)
            .map_err(AccessError::Signing)
    }

    /// The bearer of a token that this key signed and that is good at `now_seconds`.
    pub fn verify(&self, token: &str, now_seconds: u64) -> Option<Caller> {
        let Keys { verifying, validation, .. } = &*self.0;
        let decoded = jsonwebtoken::decode::<Payload>(token, verifying, validation).ok()?;
        let payload = decoded.claims;
        // `crit` names extensions one must understand (RFC 7515 4.1.11); none is known here.
        let extended = decoded.header.crit.is_some();
        let expired = payload.exp.saturating_add(LEEWAY_SECONDS) <= now_seconds;
        let early = payload.nbf.is_some_and(|nbf| nbf > now_seconds + LEEWAY_SECONDS);
        if extended || expired || early {
            return None;
        }
        Some(Caller {
            kind: CallerKind::User,
            issuer: Some(payload.iss),
            subject: payload.sub,
            profile: Profile { name: payload.name, email: payload.email },
            grants: payload.workspaces.into(),
            // A scope of a newer version grants nothing here.
            scopes: payload.scope.split(' ').filter_map(|name| Scope::parse(name).ok()).collect(),
            actions: vec![],
            restriction: Restriction { resource: payload.resource, actor: payload.actor },
        })
    }
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey")
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;

//! `[auth]`: whose tokens are accepted besides the installation's own, and what they grant.

use super::super::scope::Scope;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What a provider signs with unless the configuration says otherwise.
const DEFAULT_ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];
/// Every algorithm there may be: asymmetric ones only, a shared secret never.
const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];
/// Stands in a role's list for every scope there is.
const ALL_SCOPES: &str = "audit:*";

/// The product's identity provider, as configured.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityProviderOptions {
    /// `iss` of its tokens. Without it no foreign token is accepted.
    pub issuer: Option<String>,
    /// One of these must be in a token's `aud`.
    pub audience: Vec<String>,
    /// Where its key set is: `https://…`, `http://` on this machine, or a file.
    pub jwks: Option<String>,
    /// Signature algorithms accepted; asymmetric ones.
    pub algorithms: Vec<String>,
    /// The claim that names the workspace, or several. `/a/b` is a JSON pointer.
    pub workspace_claim: String,
    /// The claim that names the roles: a list, or a text with spaces. `/a/b` is a JSON pointer.
    pub roles_claim: String,
    /// What each role may do. A role that is not here grants nothing.
    pub roles: BTreeMap<String, Vec<String>>,
    /// Whether reads are written into the workspace's own log.
    pub record_reads: bool,
}

impl Default for IdentityProviderOptions {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: Vec::new(),
            jwks: None,
            algorithms: DEFAULT_ALGORITHMS.map(str::to_owned).to_vec(),
            workspace_claim: "workspace".to_owned(),
            roles_claim: "roles".to_owned(),
            roles: BTreeMap::new(),
            record_reads: true,
        }
    }
}

/// Why `[auth]` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("auth.{key}: {message}")]
pub struct InvalidIdentityProvider {
    key: &'static str,
    message: String,
}

/// Where a key set comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeySource {
    Url(reqwest::Url),
    File(PathBuf),
}

/// The configuration, checked.
#[derive(Debug, Clone)]
pub(super) struct CheckedOptions {
    pub(super) issuer: String,
    pub(super) audience: Vec<String>,
    pub(super) source: KeySource,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) workspace_claim: String,
    pub(super) roles_claim: String,
    pub(super) roles: BTreeMap<String, BTreeSet<Scope>>,
}

impl IdentityProviderOptions {
    /// Says what is wrong, if anything; `None` without an issuer: there is no provider then.
    pub(super) fn checked(&self) -> Result<Option<CheckedOptions>, InvalidIdentityProvider> {
        let algorithms = self.algorithms.iter().map(|name| algorithm(name));
        let algorithms = algorithms.collect::<Result<Vec<_>, _>>()?;
        let roles = self.roles.iter().map(|(role, names)| Ok((role.clone(), scopes(names)?)));
        let roles = roles.collect::<Result<_, InvalidIdentityProvider>>()?;
        let Some(issuer) = self.issuer.clone() else {
            return match &self.jwks {
                Some(_) => Err(invalid("issuer", "is missing beside auth.jwks")),
                None => Ok(None),
            };
        };
        if self.audience.is_empty() {
            return Err(invalid("audience", "is missing: whose tokens these are must be certain"));
        }
        if algorithms.is_empty() {
            return Err(invalid("algorithms", "is empty: no token could be accepted"));
        }
        let jwks = self.jwks.as_deref().ok_or_else(|| invalid("jwks", "is missing"))?;
        Ok(Some(CheckedOptions {
            issuer,
            audience: self.audience.clone(),
            source: source(jwks)?,
            algorithms,
            workspace_claim: self.workspace_claim.clone(),
            roles_claim: self.roles_claim.clone(),
            roles,
        }))
    }
}

fn invalid(key: &'static str, message: impl Into<String>) -> InvalidIdentityProvider {
    InvalidIdentityProvider { key, message: message.into() }
}

fn algorithm(name: &str) -> Result<Algorithm, InvalidIdentityProvider> {
    let found = ALGORITHMS.iter().find(|(known, _)| *known == name);
    found.map(|(_, algorithm)| *algorithm).ok_or_else(|| {
        let known = ALGORITHMS.map(|(known, _)| known).join(", ");
        invalid("algorithms", format!("`{name}` is none of {known}"))
    })
}

fn scopes(names: &[String]) -> Result<BTreeSet<Scope>, InvalidIdentityProvider> {
    let mut scopes = BTreeSet::new();
    for name in names {
        match name.as_str() {
            ALL_SCOPES => scopes.extend(Scope::ALL),
            name => {
                let parsed = Scope::parse(name);
                scopes.insert(parsed.map_err(|error| invalid("roles", error.to_string()))?);
            }
        }
    }
    Ok(scopes)
}

/// Keys that anybody on the way may exchange prove nothing: plain HTTP only within this machine.
fn source(jwks: &str) -> Result<KeySource, InvalidIdentityProvider> {
    if !jwks.contains("://") {
        return Ok(KeySource::File(PathBuf::from(jwks)));
    }
    let url = reqwest::Url::parse(jwks)
        .map_err(|error| invalid("jwks", format!("`{jwks}` is no URL: {error}")))?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(KeySource::Url(url)),
        "http" if is_local => Ok(KeySource::Url(url)),
        _ => Err(invalid("jwks", format!("`{jwks}` has to be https"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured() -> IdentityProviderOptions {
        IdentityProviderOptions {
            issuer: Some("https://id.example.com".to_owned()),
            audience: vec!["annals".to_owned()],
            jwks: Some("https://id.example.com/jwks".to_owned()),
            roles: BTreeMap::from([("admin".to_owned(), vec!["audit:*".to_owned()])]),
            ..IdentityProviderOptions::default()
        }
    }

    #[test]
    fn without_an_issuer_there_is_no_provider() {
        assert!(IdentityProviderOptions::default().checked().unwrap().is_none());
        let checked = configured().checked().unwrap().unwrap();
        assert_eq!(checked.roles["admin"], BTreeSet::from(Scope::ALL));
        assert_eq!(checked.algorithms.len(), 4);
    }

    #[test]
    fn what_is_wrong_is_named() {
        type Change = fn(&mut IdentityProviderOptions);
        let cases: [(Change, &str); 9] = [
            (|o| o.issuer = None, "auth.issuer: is missing beside auth.jwks"),
            (|o| o.audience.clear(), "auth.audience: is missing"),
            (|o| o.jwks = None, "auth.jwks: is missing"),
            (|o| o.jwks = Some("http://id.example.com/jwks".into()), "auth.jwks: `http://id."),
            (|o| o.jwks = Some("ftp://id.example.com/jwks".into()), "auth.jwks: `ftp://id."),
            (|o| o.algorithms = vec!["HS256".into()], "auth.algorithms: `HS256` is none of RS256"),
            (|o| o.algorithms = vec!["none".into()], "auth.algorithms: `none` is none of RS256"),
            (|o| o.algorithms.clear(), "auth.algorithms: is empty"),
            (
                |o| drop(o.roles.insert("x".into(), vec!["audit:reed".into()])),
                "auth.roles: `audit:reed` is no scope",
            ),
        ];
        for (change, expected) in cases {
            let mut options = configured();
            change(&mut options);
            let error = options.checked().unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for local in ["http://127.0.0.1:1/jwks", "http://localhost/jwks", "http://[::1]/jwks"] {
            assert!(matches!(source(local), Ok(KeySource::Url(_))), "{local}");
        }
        assert_eq!(source("keys.json"), Ok(KeySource::File("keys.json".into())));
        for other in ["http://127.0.0.1.example.com/", "http://localhost.example.com/", "://"] {
            assert!(source(other).is_err(), "{other}");
        }
    }
}

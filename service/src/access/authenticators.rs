//! From the `Authorization` header to a caller.

use super::api_keys::ApiKeys;
use super::caller::Caller;
use super::identity::IdentityProvider;
use super::tokens::TokenKey;
use crate::clock::SharedClock;
use std::sync::Arc;

/// Longer bearer texts are refused unread.
const MAX_BEARER_BYTES: usize = 16 * 1024;

/// Turns a bearer text into a caller.
///
/// An implementation must answer `None` alike for every reason to refuse, must not panic on any
/// text and must not block on the network.
pub trait Authenticator: Send + Sync {
    /// The caller whom this text proves, if any.
    fn authenticate(&self, bearer: &str) -> Option<Caller>;
}

/// All ways in of one installation: its own tokens, those of the product's identity provider, and
/// API keys.
pub struct Authenticators {
    tokens: TokenKey,
    provider: Option<Arc<IdentityProvider>>,
    api_keys: Arc<ApiKeys>,
    clock: SharedClock,
}

impl Authenticators {
    /// Accepts tokens signed by `tokens` and the keys in `api_keys`.
    pub fn new(tokens: TokenKey, api_keys: Arc<ApiKeys>, clock: SharedClock) -> Self {
        Self { tokens, provider: None, api_keys, clock }
    }

    /// Accepts the tokens of an identity provider too.
    pub fn with_provider(mut self, provider: Option<Arc<IdentityProvider>>) -> Self {
        self.provider = provider;
        self
    }

    /// Reads keys of both kinds again as they change. For ever.
    pub async fn keep_fresh(self: Arc<Self>) {
        let of_provider = async {
            if let Some(provider) = &self.provider {
                provider.keep_fresh().await;
            }
        };
        tokio::join!(self.api_keys.clone().keep_fresh(), of_provider);
    }

    /// Our own key is tried first; what it did not sign may still be the provider's.
    fn token(&self, bearer: &str) -> Option<Caller> {
        let now = self.clock.unix_seconds();
        let own = self.tokens.verify(bearer, now);
        own.or_else(|| self.provider.as_ref()?.verify(bearer, now))
    }
}

impl Authenticator for Authenticators {
    fn authenticate(&self, bearer: &str) -> Option<Caller> {
        if bearer.len() > MAX_BEARER_BYTES {
            return None;
        }
        // The shape decides, so that no text is ever tried as a key and as a token.
        match bearer.bytes().filter(|byte| *byte == b'.').count() {
            2 => self.token(bearer),
            1 => self.api_keys.find(bearer),
            _ => None,
        }
    }
}

/// The bearer text of an `Authorization` header's value; the scheme's case does not matter (RFC
/// 9110).
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, text) = authorization.split_once(' ')?;
    let text = text.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::super::{ApiKeyRequest, Grants, Profile, Restriction, Scope, TokenClaims};
    use super::*;
    use crate::clock::{Clock, ManualClock};
    use std::collections::BTreeSet;
    use std::time::Duration;

    fn installation(clock: &Arc<ManualClock>) -> (tempfile::TempDir, Authenticators) {
        let directory = tempfile::tempdir().unwrap();
        let tokens = TokenKey::load_or_create(directory.path()).unwrap();
        let keys = Arc::new(ApiKeys::open(directory.path(), clock.clone()));
        (directory, Authenticators::new(tokens, keys, clock.clone()))
    }

    #[test]
    fn both_kinds_of_bearer_lead_to_their_caller() {
        let clock = Arc::new(ManualClock::at_seconds(1_000_000));
        let (_directory, both) = installation(&clock);
        let claims = TokenClaims {
            subject: "u1".to_owned(),
            grants: Grants::one("acme"),
            scopes: BTreeSet::from([Scope::Read]),
            ttl: Duration::from_secs(60),
            profile: Profile::default(),
            restriction: Restriction::default(),
        };
        let token = both.tokens.mint(&claims, clock.unix_seconds()).unwrap();
        assert_eq!(both.authenticate(&token).unwrap().subject, "u1");
        let request = ApiKeyRequest {
            name: "ci-bot".to_owned(),
            grants: Grants::All,
            scopes: BTreeSet::from([Scope::Write]),
            actions: vec![],
            ttl: None,
        };
        let made = both.api_keys.create(&request).unwrap();
        assert_eq!(both.authenticate(&made.bearer).unwrap().subject, made.key.id);
    }

    #[test]
    fn no_other_shape_is_even_tried() {
        let clock = Arc::new(ManualClock::at_seconds(1_000_000));
        let (_directory, both) = installation(&clock);
        let huge = format!("a.{}.c", "b".repeat(MAX_BEARER_BYTES));
        for text in ["", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d.e", "\0.\u{1f600}.", &huge] {
            assert_eq!(both.authenticate(text), None);
        }
    }

    #[test]
    fn the_scheme_must_be_bearer() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bEARER  abc "), Some("abc"));
        for other in ["abc", "Basic abc", "Bearer", "Bearer ", ""] {
            assert_eq!(bearer(other), None, "{other}");
        }
    }
}

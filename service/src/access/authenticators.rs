//! From the `Authorization` header to a caller.

use super::api_keys::ApiKeys;
use super::caller::Caller;
use super::identity::IdentityProvider;
use super::tokens::TokenKey;
use crate::clock::SharedClock;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
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

/// How long a token that was good is not checked again: a signature costs as much as the rest of a
/// small request. Withdrawn keys and ended tokens open nothing a second later.
const GOOD_FOR_MICROS: i64 = 1_000_000;
/// Tokens that are remembered.
const MAX_REMEMBERED: usize = 10_000;

/// All ways in of one installation: its own tokens, those of the product's identity provider, and
/// API keys.
pub struct Authenticators {
    tokens: TokenKey,
    provider: Option<Arc<IdentityProvider>>,
    api_keys: Arc<ApiKeys>,
    clock: SharedClock,
    /// Tokens lately found good, by their hash, and when.
    good: Mutex<HashMap<[u8; 32], (i64, Caller)>>,
}

impl Authenticators {
    /// Accepts tokens signed by `tokens` and the keys in `api_keys`.
    pub fn new(tokens: TokenKey, api_keys: Arc<ApiKeys>, clock: SharedClock) -> Self {
        Self { tokens, provider: None, api_keys, clock, good: Mutex::default() }
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

    /// The bearer of a token, checked at most a second ago.
    fn token(&self, bearer: &str) -> Option<Caller> {
        let now = self.clock.unix_micros();
        let hash: [u8; 32] = Sha256::digest(bearer).into();
        let is_fresh = |at: i64| (0..GOOD_FOR_MICROS).contains(&now.saturating_sub(at));
        if let Some((_, caller)) = self.good.lock().get(&hash).filter(|(at, _)| is_fresh(*at)) {
            return Some(caller.clone());
        }
        let caller = self.verify(bearer)?;
        let mut good = self.good.lock();
        if good.len() >= MAX_REMEMBERED {
            good.retain(|_, (at, _)| is_fresh(*at));
        }
        if good.len() < MAX_REMEMBERED {
            good.insert(hash, (now, caller.clone()));
        }
        Some(caller)
    }

    /// Our own key is tried first; what it did not sign may still be the provider's.
    fn verify(&self, bearer: &str) -> Option<Caller> {
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
    fn a_token_that_was_good_ends_all_the_same() {
        let clock = Arc::new(ManualClock::at_seconds(1_000_000));
        let (_directory, both) = installation(&clock);
        let claims = TokenClaims {
            subject: "u1".to_owned(),
            grants: Grants::one("acme"),
            scopes: BTreeSet::from([Scope::Read]),
            ttl: Duration::from_secs(1),
            profile: Profile::default(),
            restriction: Restriction::default(),
        };
        let token = both.tokens.mint(&claims, clock.unix_seconds()).unwrap();
        let other = if token.ends_with('A') { 'Q' } else { 'A' };
        let altered = format!("{}{other}", &token[..token.len() - 1]);
        for second in 0..61 {
            assert_eq!(both.authenticate(&token).unwrap().subject, "u1", "{second}");
            assert_eq!(both.authenticate(&altered), None, "{second}");
            clock.advance_micros(1_000_000);
        }
        assert_eq!(both.authenticate(&token), None, "its time and the leeway are over");
        for number in 0..=MAX_REMEMBERED {
            let claims = TokenClaims { subject: number.to_string(), ..claims.clone() };
            let token = both.tokens.mint(&claims, clock.unix_seconds()).unwrap();
            assert_eq!(both.authenticate(&token).unwrap().subject, claims.subject);
        }
        assert!(both.good.lock().len() <= MAX_REMEMBERED);
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

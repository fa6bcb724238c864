//! Who calls, and what they may do.
//!
//! Authentication turns a bearer text into a `Caller`; `Caller::may` is the only question asked of
//! it. A workspace that was not granted looks exactly like one that does not exist.

mod api_keys;
mod authenticators;
mod caller;
mod error;
mod identity;
mod rate_limits;
mod scope;
mod secret_file;
mod symmetric_key;
mod tokens;

pub use api_keys::{ApiKey, ApiKeyRequest, ApiKeys, NewApiKey};
pub use authenticators::{Authenticator, Authenticators, bearer};
pub use caller::{Access, Caller, CallerKind, Grants, NamedResource, Profile, Restriction};
pub use error::AccessError;
pub use identity::{IdentityProvider, IdentityProviderOptions, InvalidIdentityProvider};
pub use rate_limits::{OverLimit, RateLimits, RateState};
pub use scope::{InvalidScope, Scope};
pub use symmetric_key::load_or_create_key;
pub use tokens::{TokenClaims, TokenKey};

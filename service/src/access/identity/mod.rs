//! Tokens of the product's identity provider: JWTs (RFC 7519) checked against its key set.
//!
//! Guarantees: the algorithm comes from the configuration and the key, never from a token; `kid`
//! only looks a key up; nothing a token names is ever fetched. The last good key set is kept while
//! the provider is out of reach. Deliberately not here: sign-in, sessions, userinfo.

mod claims;
mod key_set;
mod options;
mod provider;

#[cfg(test)]
mod tests;

pub use options::{IdentityProviderOptions, InvalidIdentityProvider};
pub use provider::IdentityProvider;

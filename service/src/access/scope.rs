//! The five things a caller may be allowed to do.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::ToSchema;

/// A permission, as carried in tokens and API keys.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
pub enum Scope {
    /// Send events: `audit:write`.
    #[serde(rename = "audit:write")]
    Write,
    /// Read pages, feeds, counts: `audit:read`.
    #[serde(rename = "audit:read")]
    Read,
    /// Take rows out in bulk: `audit:export`.
    #[serde(rename = "audit:export")]
    Export,
    /// Read proofs, positions and tree heads: `audit:verify`.
    #[serde(rename = "audit:verify")]
    Verify,
    /// Keys, quarantine, accounting: `audit:admin`. Implies no other scope.
    #[serde(rename = "audit:admin")]
    Admin,
}

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no scope; there are audit:write, audit:read, audit:export, audit:verify, audit:admin"
)]
pub struct InvalidScope(pub String);

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 5] = [Self::Write, Self::Read, Self::Export, Self::Verify, Self::Admin];

    /// The name in tokens, keys and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Write => "audit:write",
            Self::Read => "audit:read",
            Self::Export => "audit:export",
            Self::Verify => "audit:verify",
            Self::Admin => "audit:admin",
        }
    }

    /// Reads a name such as `audit:read`.
    pub fn parse(name: &str) -> Result<Self, InvalidScope> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == name)
            .ok_or_else(|| InvalidScope(name.to_owned()))
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::parse(name)
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_from_its_name_and_from_json() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Ok(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        for name in ["", "read", "audit:", "audit:*", "AUDIT:READ", "audit:read "] {
            assert_eq!(Scope::parse(name), Err(InvalidScope(name.to_owned())), "{name}");
        }
    }
}

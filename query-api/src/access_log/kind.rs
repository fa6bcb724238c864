//! What is done with a workspace's data or keys, and the action it is recorded as.

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessKind {
    /// Read something.
    Viewed,
    /// Took rows out in bulk.
    Exported,
    /// Fetched proofs.
    Verified,
    /// Minted a token.
    TokenMinted,
    /// Made an API key.
    ApiKeyCreated,
    /// Revoked an API key.
    ApiKeyRevoked,
}

impl AccessKind {
    /// Those that are left out of lists, counts, feeds and exports unless they are asked for.
    pub(crate) const HIDDEN: [Self; 4] =
        [Self::Viewed, Self::Exported, Self::Verified, Self::TokenMinted];

    /// The action key.
    pub fn action(self) -> &'static str {
        match self {
            Self::Viewed => "audit_log.viewed",
            Self::Exported => "audit_log.exported",
            Self::Verified => "audit_log.verified",
            Self::TokenMinted => "audit_log.token_minted",
            Self::ApiKeyCreated => "audit_log.api_key_created",
            Self::ApiKeyRevoked => "audit_log.api_key_revoked",
        }
    }

    /// Keys of the hidden actions.
    pub(crate) fn hidden_actions() -> Vec<String> {
        Self::HIDDEN.map(|kind| kind.action().to_owned()).to_vec()
    }

    /// Whether an action key or a `prefix*` pattern names hidden actions, and not merely covers
    /// them among others.
    pub(crate) fn is_named_by(pattern: &str) -> bool {
        match pattern.strip_suffix('*') {
            Some(prefix) => {
                let names = |kind: &Self| kind.action().starts_with(prefix);
                prefix.starts_with("audit_log.") && Self::HIDDEN.iter().any(names)
            }
            None => Self::HIDDEN.iter().any(|kind| kind.action() == pattern),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_them_only_with_their_own_prefix() {
        for pattern in ["audit_log.viewed", "audit_log.*", "audit_log.v*", "audit_log.exported"] {
            assert!(AccessKind::is_named_by(pattern), "{pattern}");
        }
        for pattern in ["*", "a*", "audit_log*", "audit_log.x*", "audit_log.api_key_created"] {
            assert!(!AccessKind::is_named_by(pattern), "{pattern}");
        }
    }

    #[test]
    fn every_action_is_one_that_only_annals_writes() {
        for kind in AccessKind::HIDDEN {
            assert!(annals_schemas::is_reserved_action(kind.action()));
        }
    }
}

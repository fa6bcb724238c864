//! The one who calls.

use super::scope::Scope;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// An authenticated caller and all that was granted to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whether a person or a key calls.
    pub kind: CallerKind,
    /// Who vouches for the subject; nobody but this installation does for a key.
    pub issuer: Option<String>,
    /// The id the caller's own reads are recorded under.
    pub subject: String,
    /// What else is known of it.
    pub profile: Profile,
    /// The workspaces it may touch.
    pub grants: Grants,
    /// What it may do there.
    pub scopes: BTreeSet<Scope>,
    /// Actions it may write: `segment.updated`, or `segment.*` for a prefix; empty means all.
    pub actions: Vec<String>,
    /// What it may read at most of the workspaces granted.
    pub restriction: Restriction,
}

/// What calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallerKind {
    /// A person, or whoever a token was minted for.
    User,
    /// The bearer of an API key.
    ApiKey,
}

/// What is known of a caller besides its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Display name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// What a caller is confined to within its workspaces; all parts hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restriction {
    /// Events of this resource only.
    pub resource: Option<NamedResource>,
    /// Events performed by the actor of this id only.
    pub actor: Option<String>,
}

/// A resource by its type and id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedResource {
    /// Kind of thing.
    pub r#type: String,
    /// Stable id within the type.
    pub id: String,
}

/// The workspaces granted to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "BTreeSet<String>", from = "BTreeSet<String>")]
pub enum Grants {
    /// Every workspace, written `*`.
    All,
    /// These and no others.
    Workspaces(BTreeSet<String>),
}

/// The answer to "may this caller do that there".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Yes.
    Granted,
    /// The workspace is granted, the scope is not: 403.
    Forbidden,
    /// The workspace is not granted: 404, whether or not it exists.
    NotFound,
}

impl Restriction {
    /// Whether it confines at all.
    pub fn is_some(&self) -> bool {
        self.resource.is_some() || self.actor.is_some()
    }
}

impl Caller {
    /// Whether the caller may use `scope` on `workspace`.
    pub fn may(&self, workspace: &str, scope: Scope) -> Access {
        if !self.grants.include(workspace) {
            Access::NotFound
        } else if self.has(scope) {
            Access::Granted
        } else {
            Access::Forbidden
        }
    }

    /// Tells callers apart: a key and people of two issuers may have the same id.
    pub fn identity(&self) -> String {
        match &self.issuer {
            Some(issuer) => format!("{issuer}\n{}", self.subject),
            None => format!("key\n{}", self.subject),
        }
    }

    /// Whether the scope was granted at all.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

impl Grants {
    /// The grant for one workspace, or for all when it is `*`.
    pub fn one(workspace: &str) -> Self {
        Self::from(BTreeSet::from([workspace.to_owned()]))
    }

    /// Whether `workspace` is among them.
    pub fn include(&self, workspace: &str) -> bool {
        match self {
            Self::All => true,
            Self::Workspaces(granted) => granted.contains(workspace),
        }
    }
}

impl From<BTreeSet<String>> for Grants {
    fn from(workspaces: BTreeSet<String>) -> Self {
        if workspaces.contains("*") { Self::All } else { Self::Workspaces(workspaces) }
    }
}

impl From<Grants> for BTreeSet<String> {
    fn from(grants: Grants) -> Self {
        match grants {
            Grants::All => Self::from(["*".to_owned()]),
            Grants::Workspaces(workspaces) => workspaces,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader_of(workspace: &str) -> Caller {
        Caller {
            kind: CallerKind::User,
            issuer: Some("annals".to_owned()),
            subject: "u1".to_owned(),
            profile: Profile::default(),
            grants: Grants::one(workspace),
            scopes: BTreeSet::from([Scope::Read]),
            actions: vec![],
            restriction: Restriction::default(),
        }
    }

    #[test]
    fn a_foreign_workspace_is_not_found_whatever_the_scope() {
        let caller = reader_of("acme");
        assert_eq!(caller.may("acme", Scope::Read), Access::Granted);
        assert_eq!(caller.may("acme", Scope::Write), Access::Forbidden);
        for scope in Scope::ALL {
            assert_eq!(caller.may("other", scope), Access::NotFound);
            assert_eq!(caller.may("", scope), Access::NotFound);
            assert_eq!(caller.may("*", scope), Access::NotFound);
        }
    }

    #[test]
    fn a_star_grants_every_workspace_but_no_scope() {
        let caller = reader_of("*");
        assert_eq!(caller.may("anything", Scope::Read), Access::Granted);
        assert_eq!(caller.may("anything", Scope::Admin), Access::Forbidden);
    }

    /// One person took the requests of another issuer's of the same name.
    #[test]
    fn callers_of_two_issuers_and_keys_are_told_apart() {
        let of = |issuer: Option<&str>| {
            Caller { issuer: issuer.map(str::to_owned), ..reader_of("acme") }.identity()
        };
        let all = BTreeSet::from([of(Some("annals")), of(Some("https://id.test")), of(None)]);
        assert_eq!(all.len(), 3, "{all:?}");
    }

    #[test]
    fn no_grant_is_not_all_grants() {
        let none: Grants = BTreeSet::new().into();
        assert!(!none.include("acme") && !none.include(""));
    }
}

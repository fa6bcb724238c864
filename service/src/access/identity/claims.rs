//! From a verified token's claims to a caller.

use super::super::caller::{Caller, CallerKind, Grants, Profile, Restriction};
use super::options::CheckedOptions;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How far two machines' clocks may differ.
const LEEWAY_SECONDS: f64 = 60.0;
/// Values of a claim that are looked at.
const MAX_VALUES: usize = 1_000;

/// The claims of a token whose signature, issuer and audience hold.
pub(super) struct Claims<'a> {
    claims: &'a Map<String, Value>,
    options: &'a CheckedOptions,
}

impl<'a> Claims<'a> {
    pub(super) fn new(claims: &'a Map<String, Value>, options: &'a CheckedOptions) -> Self {
        Self { claims, options }
    }

    /// Whether the token is good at this moment, give or take a minute. `exp` must be there.
    pub(super) fn are_good_at(&self, now_seconds: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "exact for two hundred million years")]
        let now = now_seconds as f64;
        let ends = self.claims.get("exp").and_then(Value::as_f64);
        let begins = match self.claims.get("nbf") {
            None => Some(0.0),
            Some(begins) => begins.as_f64(),
        };
        let good = |(ends, begins): (f64, f64)| {
            now < ends + LEEWAY_SECONDS && begins <= now + LEEWAY_SECONDS
        };
        ends.zip(begins).is_some_and(good)
    }

    /// The caller; `None` without a subject, or if the issuer is no text: libraries take lists.
    pub(super) fn caller(&self) -> Option<Caller> {
        if self.text("iss").as_ref() != Some(&self.options.issuer) {
            return None;
        }
        let subject = self.text("sub").filter(|subject| !subject.is_empty())?;
        let roles = self.values(&self.options.roles_claim, true);
        let scopes = roles.iter().filter_map(|role| self.options.roles.get(role)).flatten();
        let mut workspaces = self.values(&self.options.workspace_claim, false);
        // `*` is the operator's own word. Whoever may name workspaces in the product could else
        // take all of them with one name.
        workspaces.remove("*");
        Some(Caller {
            kind: CallerKind::User,
            issuer: Some(self.options.issuer.clone()),
            subject,
            profile: Profile { name: self.text("name"), email: self.text("email") },
            grants: Grants::Workspaces(workspaces),
            scopes: scopes.copied().collect(),
            actions: Vec::new(),
            restriction: Restriction::default(),
        })
    }

    fn text(&self, name: &str) -> Option<String> {
        self.claims.get(name)?.as_str().map(str::to_owned)
    }

    /// Texts of a claim: of a list, or one; with `spaces` one holds several.
    fn values(&self, name: &str, spaces: bool) -> BTreeSet<String> {
        match self.find(name) {
            Some(Value::String(text)) if spaces => {
                text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
            }
            Some(Value::String(text)) => BTreeSet::from([text.clone()]),
            Some(Value::Array(values)) => {
                let texts = values.iter().take(MAX_VALUES).filter_map(Value::as_str);
                texts.map(str::to_owned).collect()
            }
            _ => BTreeSet::new(),
        }
    }

    fn find(&self, name: &str) -> Option<&Value> {
        match name.strip_prefix('/') {
            None => self.claims.get(name),
            Some(path) => {
                let mut parts = path.split('/').map(|p| p.replace("~1", "/").replace("~0", "~"));
                let first = self.claims.get(&parts.next()?)?;
                parts.try_fold(first, |value, part| value.get(part.as_str()))
            }
        }
    }
}

//! Access, asked for again while an answer is still being given.

use annals_service::access::{Access, Scope};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::access::credentials;
use crate::state::{ApiState, Served};

/// The credentials of a request that lasts.
pub(crate) struct Renewal {
    token: Option<String>,
}

impl Renewal {
    /// Whether they still open this workspace for reading.
    pub(super) fn holds(&self, state: &ApiState, workspace: &str) -> bool {
        let caller = self.token.as_deref().and_then(|text| state.authenticator.authenticate(text));
        caller.is_some_and(|caller| caller.may(workspace, Scope::Read) == Access::Granted)
    }
}

impl FromRequestParts<Served> for Renewal {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Served) -> Result<Self, Self::Rejection> {
        Ok(Self { token: credentials(parts).map(str::to_owned) })
    }
}

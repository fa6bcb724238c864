//! The parameters of a route that has none.

use std::convert::Infallible;

use annals_service::problem::Problem;
use axum::extract::{FromRequestParts, RawQuery};
use axum::http::request::Parts;

use super::Pairs;

/// Proof that the query string is empty. Stands after the extractor that says who calls, so that
/// nobody learns of parameters before of access.
pub(crate) struct NoParameters;

impl<S: Send + Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query: Result<_, Infallible> = RawQuery::from_request_parts(parts, state).await;
        let Ok(RawQuery(query)) = query;
        Pairs::parse(&query.unwrap_or_default()).finish(&[])?;
        Ok(Self)
    }
}

//! The parameter of a state: the moment it is asked for.

use std::convert::Infallible;

use annals_schemas::Instant;
use annals_service::problem::Problem;
use axum::extract::{FromRequestParts, RawQuery};
use axum::http::request::Parts;

use super::{Pairs, values};

/// The moment in `at`, if given. Stands after the extractor that says who calls.
pub(crate) struct Moment(pub(crate) Option<Instant>);

impl<S: Send + Sync> FromRequestParts<S> for Moment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query: Result<_, Infallible> = RawQuery::from_request_parts(parts, state).await;
        let Ok(RawQuery(query)) = query;
        let mut pairs = Pairs::parse(&query.unwrap_or_default());
        let at = pairs.read("at", values::instant);
        pairs.finish(&["at"])?;
        Ok(Self(at))
    }
}

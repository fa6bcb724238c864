//! The parameter of a type-ahead: what was typed so far.

use std::convert::Infallible;

use annals_service::problem::Problem;
use axum::extract::{FromRequestParts, RawQuery};
use axum::http::request::Parts;

use super::{Pairs, values};

/// The text in `q`; empty without. Stands after the extractor that says who calls.
pub(crate) struct TypedText(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for TypedText {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query: Result<_, Infallible> = RawQuery::from_request_parts(parts, state).await;
        let Ok(RawQuery(query)) = query;
        let mut pairs = Pairs::parse(&query.unwrap_or_default());
        let text = pairs.read("q", values::typed).unwrap_or_default();
        pairs.finish(&["q"])?;
        Ok(Self(text))
    }
}

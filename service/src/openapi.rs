//! What all routes draw alike in the document of the API (OpenAPI 3.1): problems, and closed sets
//! of names. Drawn from what is served, so that the two cannot differ.

use std::collections::BTreeMap;

use utoipa::openapi::schema::Type;
use utoipa::openapi::{
    ContentBuilder, Object, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema,
};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{Body, MEDIA_TYPE, ProblemKind};

/// Answers with problems of these kinds, one a status.
pub fn problems(kinds: &[ProblemKind]) -> BTreeMap<String, RefOr<Response>> {
    let mut names = BTreeMap::<String, Vec<String>>::new();
    for kind in kinds {
        let of_status = names.entry(kind.status().as_str().to_owned()).or_default();
        of_status.push(format!("`{}`", kind.name()));
    }
    let content = || {
        let schema = Ref::from_schema_name(Body::name());
        ContentBuilder::new().schema(Some(schema)).build()
    };
    let response = |names: Vec<String>| {
        let response = ResponseBuilder::new().description(names.join(" or "));
        response.content(MEDIA_TYPE, content()).build().into()
    };
    names.into_iter().map(|(status, names)| (status, response(names))).collect()
}

/// The schemas that [`problems`] refers to, by name.
pub fn problem_schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(Body::name().into_owned(), Body::schema())];
    Body::schemas(&mut schemas);
    schemas
}

/// A closed set of names.
pub fn one_of(names: &[&str]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.iter().copied())).build()
}

//! Values with their counts.

use std::collections::BTreeMap;

use annals_schemas::Labels;
use annals_store::{Facet, FacetTerm, FacetValue};
use serde::Serialize;
use utoipa::ToSchema;

use super::SnapshotShape;
use crate::openapi::ActorKindName;
use crate::parameters::FacetParameters;

/// Values with exact counts.
#[derive(Serialize, ToSchema)]
pub(crate) struct FacetsAnswer {
    facets: BTreeMap<&'static str, Vec<FacetShape>>,
    /// Whether there are more values than were asked for.
    truncated: BTreeMap<&'static str, bool>,
    snapshot: SnapshotShape,
}

/// A value and how many events have it.
#[derive(Serialize, ToSchema)]
struct FacetShape {
    /// Null for an actor without an id.
    value: Option<String>,
    /// Of an actor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ActorKindName>, inline)]
    kind: Option<&'static str>,
    /// Name of an actor, null if none is known; label of an action; the value itself otherwise.
    label: Option<String>,
    count: u64,
}

impl FacetsAnswer {
    /// `language` is the request's `Accept-Language`.
    pub(crate) fn new(
        facets: Vec<Facet>,
        labels: &Labels,
        language: Option<&str>,
        snapshot: SnapshotShape,
    ) -> Self {
        let truncated =
            facets.iter().map(|facet| (FacetParameters::name(facet.by), facet.truncated));
        let truncated = truncated.collect();
        let shape = |value| FacetShape::new(value, labels, language);
        let facets = facets.into_iter().map(|facet| {
            let values = facet.values.into_iter().map(shape).collect();
            (FacetParameters::name(facet.by), values)
        });
        Self { facets: facets.collect(), truncated, snapshot }
    }
}

impl FacetShape {
    fn new(value: FacetValue, labels: &Labels, language: Option<&str>) -> Self {
        let FacetValue { value, count } = value;
        let plain =
            |text: String| Self { label: Some(text.clone()), value: Some(text), kind: None, count };
        match value {
            FacetTerm::Actor { id, kind, name } => {
                Self { value: id, kind: Some(kind.as_str()), label: name, count }
            }
            FacetTerm::Action(action) => {
                let label = Some(labels.label(&action, language));
                Self { value: Some(action), kind: None, label, count }
            }
            FacetTerm::ResourceType(text) => plain(text),
            FacetTerm::Kind(kind) => plain(kind.as_str().to_owned()),
            FacetTerm::Outcome(outcome) => plain(outcome.as_str().to_owned()),
        }
    }
}

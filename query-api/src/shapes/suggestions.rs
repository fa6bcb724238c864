//! Type-ahead.

use annals_store::{ActorSuggestion, NameSuggestion};
use serde::Serialize;
use utoipa::ToSchema;

use super::principal::PrincipalShape;

/// Actors whose name begins so.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActorsAnswer {
    data: Vec<ActorShape>,
}

/// Somebody and what is known of them.
#[derive(Serialize, ToSchema)]
#[schema(as = ActorSuggestion)]
struct ActorShape {
    #[serde(flatten)]
    actor: PrincipalShape,
    count: u64,
}

impl From<Vec<ActorSuggestion>> for ActorsAnswer {
    fn from(suggestions: Vec<ActorSuggestion>) -> Self {
        let shape = |ActorSuggestion { actor, count }| ActorShape { actor: actor.into(), count };
        Self { data: suggestions.into_iter().map(shape).collect() }
    }
}

/// Names that match.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResourceNamesAnswer {
    data: Vec<NameShape>,
}

/// A name.
#[derive(Serialize, ToSchema)]
#[schema(as = NameSuggestion)]
struct NameShape {
    r#type: String,
    id: String,
    name: String,
    current_name: Option<String>,
}

impl From<Vec<NameSuggestion>> for ResourceNamesAnswer {
    fn from(suggestions: Vec<NameSuggestion>) -> Self {
        let shape = |suggestion: NameSuggestion| NameShape {
            r#type: suggestion.resource_type,
            id: suggestion.id,
            name: suggestion.name,
            current_name: suggestion.current_name,
        };
        Self { data: suggestions.into_iter().map(shape).collect() }
    }
}

//! The types of resources, and the actions on each.

/// Types, the most frequent first, each with how many of the verbs it knows: 77 actions in all.
pub(crate) const TYPES: [(&str, usize); 12] = [
    ("segment", 10),
    ("campaign", 10),
    ("contact", 9),
    ("list", 8),
    ("template", 7),
    ("report", 6),
    ("workflow", 6),
    ("form", 5),
    ("dashboard", 5),
    ("integration", 4),
    ("domain", 4),
    ("invoice", 3),
];

/// The most frequent first.
const VERBS: [&str; 10] = [
    "viewed", "updated", "created", "deleted", "renamed", "exported", "enabled", "disabled",
    "shared", "restored",
];

/// How unequal types and verbs are.
pub(super) const TYPE_EXPONENT: f64 = 1.3;
pub(super) const VERB_EXPONENT: f64 = 1.0;

/// The action of a type and a verb, `noun.verb`.
pub(crate) fn action(resource_type: usize, verb: usize) -> String {
    let (noun, verbs) = TYPES[resource_type];
    format!("{noun}.{}", VERBS[verb % verbs])
}

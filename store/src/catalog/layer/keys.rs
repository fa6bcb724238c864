//! The hashes by which a layer's tables find things. Part of the format.

use annals_schemas::ActorKind;

use crate::packed::key_hash;

pub(crate) fn actor_key(kind: ActorKind, id: Option<&str>) -> u64 {
    optional(kind.code(), id)
}

/// Of an action or a type.
pub(crate) fn text_key(text: &str) -> u64 {
    key_hash(&[text.as_bytes()])
}

pub(crate) fn resource_key(resource_type: u32, id: &str) -> u64 {
    optional(resource_type, Some(id))
}

pub(crate) fn name_key(resource: u32, text: Option<&str>) -> u64 {
    optional(resource, text)
}

fn optional(code: u32, text: Option<&str>) -> u64 {
    let code = code.to_le_bytes();
    match text {
        Some(text) => key_hash(&[&code, text.as_bytes()]),
        None => key_hash(&[&code]),
    }
}

//! The filter's flags as the list's query string.

use crate::cli::ExportArguments;

/// Names with `_` for `-`, values percent-encoded.
pub(super) fn query(arguments: &ExportArguments) -> String {
    let one = |text: &Option<String>| text.iter().cloned().collect::<Vec<_>>();
    let include_access = arguments.include_access.then(|| "true".to_owned());
    let parameters = [
        ("actor", arguments.actor.clone()),
        ("actor_kind", arguments.actor_kind.clone()),
        ("on_behalf_of", arguments.on_behalf_of.clone()),
        ("action", arguments.action.clone()),
        ("kind", arguments.kind.clone()),
        ("outcome", arguments.outcome.clone()),
        ("resource_type", arguments.resource_type.clone()),
        ("resource_id", one(&arguments.resource_id)),
        ("resource_name", one(&arguments.resource_name)),
        ("name_scope", one(&arguments.name_scope)),
        ("name_match", one(&arguments.name_match)),
        ("from", one(&arguments.from)),
        ("to", one(&arguments.to)),
        ("request_id", one(&arguments.request_id)),
        ("trace_id", one(&arguments.trace_id)),
        ("include_access", one(&include_access)),
    ];
    let mut query = String::new();
    for (name, values) in parameters {
        for value in values {
            query += &format!("&{name}={}", encoded(&value));
        }
    }
    query
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_values_stay_whole() {
        assert_eq!(encoded("a&é"), "%61%26%C3%A9");
    }
}

//! Single values: what they may be, and what is wrong with others.

use annals_schemas::Instant;
use annals_store::{CountMode, NameMatch, NameScope, fold_name};

const MAX_LIMIT: usize = 1000;
const MAX_NAME_CHARACTERS: usize = 256;

/// One of a closed set, by its wire name.
pub(super) fn member<T: Copy>(
    all: &'static [T],
    name: impl Fn(T) -> &'static str,
) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        all.iter().copied().find(|member| name(*member) == text).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|member| name(*member)).collect();
            format!("`{text}` is none of {}", names.join(", "))
        })
    }
}

/// An RFC 3339 moment with a zone.
pub(super) fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).map_err(|error| error.to_string())
}

/// 1 to 1000.
pub(super) fn limit(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    number.ok_or_else(|| format!("`{text}` is no number from 1 to {MAX_LIMIT}"))
}

/// At most 256 characters; what nothing is left of once it is folded (white space, marks alone)
/// asks nothing.
pub(super) fn name(text: &str) -> Result<Option<String>, String> {
    let characters = text.chars().count();
    if characters > MAX_NAME_CHARACTERS {
        return Err(format!("has {characters} characters, the limit is {MAX_NAME_CHARACTERS}"));
    }
    Ok((!fold_name(text).is_empty()).then(|| text.to_owned()))
}

/// What a person is typing: at most as long as a name.
pub(super) fn typed(text: &str) -> Result<String, String> {
    name(text).map(Option::unwrap_or_default)
}

/// Something not empty.
pub(super) fn present(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("is empty".to_owned()) } else { Ok(text.to_owned()) }
}

/// An action key, or a prefix ending in `*`.
pub(super) fn action(text: &str) -> Result<String, String> {
    let body = text.strip_suffix('*').unwrap_or(text);
    if text.is_empty() || body.contains('*') {
        return Err(format!("`{text}` is no action key and no prefix ending in `*`"));
    }
    Ok(text.to_owned())
}

pub(super) fn name_match(text: &str) -> Result<NameMatch, String> {
    member(&[NameMatch::Contains, NameMatch::Exact, NameMatch::Prefix], |mode| match mode {
        NameMatch::Contains => "contains",
        NameMatch::Exact => "exact",
        NameMatch::Prefix => "prefix",
    })(text)
}

pub(super) fn name_scope(text: &str) -> Result<NameScope, String> {
    member(&[NameScope::Ever, NameScope::Event], |scope| match scope {
        NameScope::Ever => "ever",
        NameScope::Event => "event",
    })(text)
}

pub(super) fn count(text: &str) -> Result<CountMode, String> {
    member(&[CountMode::None, CountMode::Bounded, CountMode::Exact], |mode| match mode {
        CountMode::None => "none",
        CountMode::Bounded => "bounded",
        CountMode::Exact => "exact",
    })(text)
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("`{other}` is neither true nor false")),
    }
}

//! Single values: what they may be, and what is wrong with others.

use std::time::Duration;

use annals_schemas::{ActionPattern, Instant, Position};
use annals_store::{CountMode, NameMatch, NameScope, fold_name};
use chrono_tz::Tz;

const MAX_LIMIT: usize = 1000;
const MAX_NAME_CHARACTERS: usize = 256;
/// Longest request or trace id of an event.
const MAX_EXACT_CHARACTERS: usize = 1000;
/// Longest wait of a long poll.
const MAX_WAIT: Duration = Duration::from_secs(60);

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
    ActionPattern::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
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

/// An IANA time zone.
pub(super) fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| format!("`{text}` is no IANA time zone such as Europe/Paris"))
}

/// A length of time such as `30s`, `500ms` or `1m`, up to a minute.
pub(super) fn wait(text: &str) -> Result<Duration, String> {
    let split = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let millis = match unit {
        "ms" => 1,
        "s" | "" => 1_000,
        "m" => 60_000,
        _ => 0,
    };
    let given = number.parse::<u64>().ok().filter(|_| millis > 0);
    let length = given.and_then(|number| number.checked_mul(millis)).map(Duration::from_millis);
    length
        .filter(|length| *length <= MAX_WAIT)
        .ok_or_else(|| format!("`{text}` is no length of time from 0s to 60s, such as 30s"))
}

/// A place in the log: `partition:offset`.
pub(super) fn position(text: &str) -> Result<Position, String> {
    let wrong = || format!("`{text}` is no position such as 3:12345");
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (partition, offset) = text.split_once(':').ok_or_else(wrong)?;
    let parsed = partition.parse().ok().zip(offset.parse().ok());
    let parsed = parsed.filter(|_| plain(partition) && plain(offset));
    parsed.map(|(partition, offset)| Position { partition, offset }).ok_or_else(wrong)
}

/// An exact identifier: not empty, at most as long as an event may carry.
pub(super) fn exact(text: &str) -> Result<String, String> {
    let characters = text.chars().count();
    if characters > MAX_EXACT_CHARACTERS {
        return Err(format!("has {characters} characters, the limit is {MAX_EXACT_CHARACTERS}"));
    }
    present(text)
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("`{other}` is neither true nor false")),
    }
}

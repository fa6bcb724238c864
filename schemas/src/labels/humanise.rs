//! A readable form of an action key.

use crate::kind::words;

/// Shown for an action in which nothing is visible.
const NAMELESS: &str = "Unnamed action";

/// The key as a sentence: `segment.updated` → `Segment updated`, `iam.CreateDBUser` → `Iam create
/// DB user`. Never blank.
pub fn humanise(action: &str) -> String {
    let mixed_case = action.chars().any(char::is_lowercase);
    let mut sentence = String::with_capacity(action.len() + 4);
    for word in action.split('.').flat_map(words) {
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        // Among small letters a run of capitals is an abbreviation.
        let abbreviation = mixed_case && word.len() > 1 && !word.chars().any(char::is_lowercase);
        if abbreviation {
            sentence.push_str(word);
        } else if word.is_ascii() {
            sentence.extend(word.chars().map(|letter| letter.to_ascii_lowercase()));
        } else {
            sentence.push_str(&word.to_lowercase());
        }
    }
    match (sentence.chars().next(), action.trim()) {
        (Some(first), _) if first.is_ascii() => {
            sentence[..1].make_ascii_uppercase();
            sentence
        }
        (Some(first), _) => first.to_uppercase().chain(sentence.chars().skip(1)).collect(),
        (None, "") => NAMELESS.to_owned(),
        (None, visible) => visible.to_owned(),
    }
}

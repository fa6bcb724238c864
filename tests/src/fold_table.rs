//! What the name fold makes of every code point, as the lines of `tests/golden/folds.txt`.

use annals_store::fold_name;

/// A line for each code point that the fold changes between two letters: its number and those of
/// what becomes of it, hexadecimal; `-` where nothing is left of it.
pub fn lines() -> impl Iterator<Item = String> {
    ('\0'..=char::MAX).filter_map(line)
}

fn line(letter: char) -> Option<String> {
    let folded = fold_name(&format!("x{letter}x"));
    let inner = folded.strip_prefix('x').and_then(|rest| rest.strip_suffix('x'));
    let inner = inner.expect("what stands before and after a code point folds to itself");
    if inner.chars().eq([letter]) {
        return None;
    }
    let numbers: Vec<String> = inner.chars().map(|c| format!("{:x}", u32::from(c))).collect();
    let numbers = if numbers.is_empty() { "-".to_owned() } else { numbers.join(" ") };
    Some(format!("{:x} {numbers}", u32::from(letter)))
}

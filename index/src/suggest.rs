//! Type-ahead for names: what fits best while a person is typing.
//!
//! Three ranks, each only when the one before left room: every part of the text begins a word;
//! every part is somewhere in the name; one part of at least four characters begins a word but for
//! one typo, and the others are somewhere in the name. Within a rank shorter names (in characters,
//! up to 255) come first, then lower codes. The index yields candidates in that order without
//! knowing a name's text; the text is asked for one name after another until the limit is reached.
//!
//! Work is bounded: beyond the constants here candidates are left out, never wrong ones given.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use roaring::RoaringBitmap;

use crate::IndexError;
use crate::pinned::{PinnedPartitionNames, SizedCandidate};
use crate::typo::begins_with_one_typo;

/// Postings walked for one of the first two ranks.
const GATHERED_NAMES_MAX: usize = 100_000;

/// Postings walked for typos.
const GATHERED_TYPOS_MAX: usize = 20_000;

/// Names whose text is asked for, all ranks together.
const VERIFIED_NAMES_MAX: u32 = 20_000;

/// Parts that are tried as the one with the typo.
const TYPO_PARTS_MAX: usize = 4;

/// Characters of the shortest part in which a typo is forgiven.
const TYPO_CHARS_MIN: usize = 4;

/// Gives the folded text of a name by its code; `None` for a code the caller does not know.
type NameOf<'a> = &'a dyn Fn(u32) -> Option<String>;

impl PinnedPartitionNames {
    /// Codes of covered names that fit `text` (folded), best first, at most `limit`.
    pub fn suggest_with(
        &self,
        text: &str,
        limit: usize,
        name_of: &dyn Fn(u32) -> Option<String>,
    ) -> Result<Vec<u32>, IndexError> {
        let parts: Vec<&str> = text.split(' ').filter(|part| !part.is_empty()).collect();
        let mut ranking = Ranking::new(limit, name_of);
        if parts.is_empty() {
            return Ok(ranking.codes);
        }
        let beginnings: Vec<String> = parts.iter().map(|part| format!(" {part}")).collect();
        let beginnings: Vec<&str> = beginnings.iter().map(String::as_str).collect();
        for needles in [&beginnings, &parts] {
            let mut found = Vec::new();
            self.gather(needles, GATHERED_NAMES_MAX, &mut found)?;
            // A space before the name makes the beginning of a word a substring as well.
            ranking.extend(found, &|name| needles.iter().all(|needle| name.contains(needle)));
            if ranking.is_full() {
                return Ok(ranking.codes);
            }
        }
        let typos = Typo::each_of(&parts);
        let mut found = Vec::new();
        for typo in &typos {
            for needle in &typo.intact {
                let mut needles = typo.others.clone();
                needles.push(needle);
                self.gather(&needles, GATHERED_TYPOS_MAX, &mut found)?;
            }
        }
        ranking.extend(found, &|name| typos.iter().any(|typo| typo.is_in(name)));
        Ok(ranking.codes)
    }
}

/// The answer as it grows.
struct Ranking<'a> {
    limit: usize,
    name_of: NameOf<'a>,
    verifications_left: u32,
    codes: Vec<u32>,
    ranked: RoaringBitmap,
}

impl<'a> Ranking<'a> {
    fn new(limit: usize, name_of: NameOf<'a>) -> Self {
        let verifications_left = VERIFIED_NAMES_MAX;
        Self { limit, name_of, verifications_left, codes: Vec::new(), ranked: RoaringBitmap::new() }
    }

    fn is_full(&self) -> bool {
        self.codes.len() >= self.limit || self.verifications_left == 0
    }

    /// Appends those of `candidates` that pass, best first. The name is given with a space before.
    fn extend(&mut self, candidates: Vec<SizedCandidate>, fits: &dyn Fn(&str) -> bool) {
        let mut best_first: BinaryHeap<_> = candidates.into_iter().map(Reverse).collect();
        let mut last = None;
        while let Some(Reverse(candidate)) = best_first.pop().filter(|_| !self.is_full()) {
            if last == Some(candidate) || self.ranked.contains(candidate.code) {
                continue;
            }
            last = Some(candidate);
            self.verifications_left -= 1;
            let name = (self.name_of)(candidate.code).map(|name| format!(" {name}"));
            if name.is_some_and(|name| fits(&name)) {
                self.codes.push(candidate.code);
                self.ranked.insert(candidate.code);
            }
        }
    }
}

/// One part taken as mistyped, the others as they are.
struct Typo<'a> {
    mistyped: Vec<char>,
    others: Vec<&'a str>,
    /// Whatever the edit is, one of these is in the name: the edit is in the second half, in the
    /// first half, or exchanges the characters where they meet.
    intact: [String; 3],
}

impl<'a> Typo<'a> {
    fn each_of(parts: &[&'a str]) -> Vec<Typo<'a>> {
        let long_enough = |part: &&str| part.chars().nth(TYPO_CHARS_MIN - 1).is_some();
        let mut typos = Vec::new();
        for (at, part) in parts.iter().enumerate().filter(|(_, part)| long_enough(part)) {
            let mut others = parts.to_vec();
            others.remove(at);
            typos.push(Typo::new(part.chars().collect(), others));
        }
        typos.truncate(TYPO_PARTS_MAX);
        typos
    }

    fn new(mistyped: Vec<char>, others: Vec<&'a str>) -> Self {
        let half = mistyped.len() / 2;
        let mut exchanged = mistyped.clone();
        exchanged.swap(half - 1, half);
        let beginning = |chars: &[char]| -> String { [' '].iter().chain(chars).collect() };
        let intact = [
            beginning(&mistyped[..half]),
            mistyped[half..].iter().collect(),
            beginning(&exchanged),
        ];
        Self { mistyped, others, intact }
    }

    fn is_in(&self, name: &str) -> bool {
        self.others.iter().all(|part| name.contains(part))
            && name.split(' ').any(|word| begins_with_one_typo(word, &self.mistyped))
    }
}

#[cfg(test)]
#[path = "suggest_tests.rs"]
mod tests;

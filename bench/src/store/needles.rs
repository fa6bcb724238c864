//! Search texts of known frequency among the names of a workspace.

use std::collections::BTreeSet;

use annals_store::fold_name;

use crate::generator::{Random, Workspace};

/// Names looked at, and texts tried on them.
const SAMPLE: u64 = 20_000;
const CANDIDATES: usize = 1_500;
/// Shorter ones are hardly words.
const WORD_CHARACTERS: usize = 4;
/// How many texts of each frequency.
const WANTED: usize = 20;
/// In no name: names are made of syllables.
pub(super) const ABSENT: &str = "qzxjq";
/// Kind of number stream.
const NEEDLE: u64 = 0x6e65_6564;

/// Texts by frequency.
#[derive(Debug)]
pub(super) struct Needles {
    /// Two letters, in about 1.7 % of the names.
    pub(super) two_letters: Vec<String>,
    /// Three letters, in about 1 %.
    pub(super) three_letters: Vec<String>,
    /// Whole words, in about 3 %.
    pub(super) words: Vec<String>,
    /// In about 30 % of the names.
    pub(super) thirty_percent: Vec<String>,
    /// In about 1 %.
    pub(super) one_percent: Vec<String>,
    /// In about 0.1 %.
    pub(super) tenth_percent: Vec<String>,
}

impl Needles {
    /// Looks for texts among the names of a workspace.
    pub(super) fn of(workspace: &Workspace) -> Self {
        let mut random = Random::of(&[NEEDLE, workspace.resources]);
        let names: Vec<String> = (0..SAMPLE.min(workspace.resources))
            .map(|_| any_name(workspace, &mut random))
            .collect();
        let shares = |texts: BTreeSet<String>| -> Vec<(f64, String)> {
            let share = |text: &str| {
                names.iter().filter(|name| name.contains(text)).count() as f64 / names.len() as f64
            };
            texts.into_iter().map(|text| (share(&text), text)).collect()
        };
        let mut parts = |lengths: &[usize]| {
            let any = (0..CANDIDATES).map(|_| {
                let (name, length) = (random.index(names.len()), random.pick(lengths));
                part_of(&names[name], length, &mut random)
            });
            shares(any.filter(|text| !text.trim().is_empty() && !text.contains(' ')).collect())
        };
        let short = parts(&[2]);
        let long = parts(&[2, 3, 3, 4, 5, 6]);
        let three = parts(&[3]);
        let words = names.iter().flat_map(|name| name.split(' '));
        let words = words.filter(|word| word.chars().count() >= WORD_CHARACTERS);
        let words = shares(words.take(CANDIDATES).map(str::to_owned).collect());
        Self {
            two_letters: nearest(&short, 0.017),
            three_letters: nearest(&three, 0.01),
            words: nearest(&words, 0.03),
            thirty_percent: nearest(&long, 0.3),
            one_percent: nearest(&long, 0.01),
            tenth_percent: nearest(&long, 0.001),
        }
    }
}

/// The texts whose share is nearest to one wanted.
fn nearest(candidates: &[(f64, String)], share: f64) -> Vec<String> {
    let mut sorted: Vec<&(f64, String)> =
        candidates.iter().filter(|(found, _)| *found > 0.0).collect();
    let distance = |found: f64| (found / share).ln().abs();
    sorted.sort_by(|(a, _), (b, _)| distance(*a).total_cmp(&distance(*b)));
    sorted.into_iter().take(WANTED).map(|(_, text)| text.clone()).collect()
}

/// A folded name of any resource of a workspace.
pub(super) fn any_name(workspace: &Workspace, random: &mut Random) -> String {
    let number = random.below(workspace.resources);
    let which = random.below(workspace.names_of(number));
    fold_name(&workspace.name_of(number, which))
}

/// So many characters of a text, from anywhere in it.
pub(super) fn part_of(text: &str, characters: usize, random: &mut Random) -> String {
    let length = text.chars().count();
    let start = random.index(length.saturating_sub(characters) + 1);
    text.chars().skip(start).take(characters).collect()
}

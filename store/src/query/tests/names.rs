//! An index over names that is behind and says too much, as it may.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::world::World;
use crate::fixture::Dice;
use crate::names::{NameIndex, NameIndexError, PinnedNames};

/// Covers the first names of a world.
#[derive(Clone)]
pub(super) struct TestIndex {
    folded: Vec<String>,
    /// Every so many names one is a candidate though it does not match.
    wrong: usize,
    is_broken: bool,
    /// How often it was asked for names: it knows of some, and told them or failed.
    asked: Arc<AtomicU64>,
}

impl TestIndex {
    pub(super) fn of(world: &World, dice: &mut Dice) -> Self {
        let sealed = world.catalog.sealed();
        let view = sealed.view();
        let mut folded = Vec::new();
        let names = view.lengths().names;
        view.for_each_folded(0..names, &mut |_, name| folded.push(name.to_owned())).unwrap();
        let covered = dice.below(u64::from(names) + 1);
        folded.truncate(usize::try_from(covered).unwrap());
        let wrong = dice.pick(&[1, 5, usize::MAX]);
        let is_broken = dice.below(8) == 0;
        Self { folded, wrong, is_broken, asked: Arc::default() }
    }

    /// How often it told which names may match, if it is whole; how often it failed to, if not.
    pub(super) fn asked(&self) -> (u64, u64) {
        let asked = self.asked.load(Ordering::Relaxed);
        if self.is_broken { (0, asked) } else { (asked, 0) }
    }

    fn found(&self, parts: &[&str]) -> Vec<u32> {
        let all = (0..).zip(self.folded.iter().enumerate());
        let found = all.filter(|(_, (index, name))| {
            index % self.wrong == 0 || parts.iter().all(|part| name.contains(part))
        });
        found.map(|(code, _)| code).collect()
    }
}

impl NameIndex for TestIndex {
    fn pin(&self, _workspace: &str) -> Result<Box<dyn PinnedNames>, NameIndexError> {
        Ok(Box::new(self.clone()))
    }
}

impl PinnedNames for TestIndex {
    fn covered(&self) -> u32 {
        u32::try_from(self.folded.len()).unwrap()
    }

    fn bound(&self, parts: &[&str]) -> Result<u32, NameIndexError> {
        Ok(u32::try_from(self.found(parts).len()).unwrap())
    }

    fn candidates(&self, parts: &[&str]) -> Result<Vec<u32>, NameIndexError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_broken {
            return Err(NameIndexError { detail: "broken".into(), source: None });
        }
        Ok(self.found(parts))
    }

    fn suggest(
        &self,
        _text: &str,
        _limit: usize,
        _name_of: &dyn Fn(u32) -> Option<String>,
    ) -> Result<Vec<u32>, NameIndexError> {
        Ok(Vec::new())
    }
}

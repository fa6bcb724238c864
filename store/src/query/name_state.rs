//! What is known of a name condition: for planners, and for people who ask for a plan.

use super::found_names::Found;
use super::name_resolution::{Resolution, VERIFY_NANOS};
use super::names::{Answer, NameSearch, Resolved};
use super::plan_report::{NamePlan, NameTreatment};
use crate::StoreError;
use crate::catalog::{NameSet, NamesView};
use crate::packed::CodeSet;

/// What one name costs to judge where it is met in a row, in nanoseconds.
const JUDGE_NANOS: u64 = 150;

impl NameSearch {
    /// Whether judging names has cost as much as going on to the next way would.
    #[inline]
    pub(super) fn is_due(&self) -> bool {
        let spent = |judged: u64| judged.saturating_mul(JUDGE_NANOS);
        match &self.answer {
            Answer::Found(_) => false,
            Answer::Hinted(hint) => spent(self.judged - self.judged_lazily) > hint.verify_nanos(),
            Answer::Lazy => self.asking_nanos().is_some_and(|nanos| spent(self.judged) > nanos),
        }
    }

    /// Whether asking for candidates is cheaper than judging the names of so many rows.
    pub(super) fn is_worth_asking(&self, rows: f64) -> bool {
        let Some(nanos) = self.asking_nanos() else { return false };
        // Names repeat: of the rows met about half bear one not met before.
        let lazy = rows * JUDGE_NANOS as f64 / 2.0;
        matches!(self.answer, Answer::Lazy) && lazy > nanos as f64
    }

    /// Whether finding all names that match is cheaper than judging those of so many rows.
    pub(super) fn is_worth_finding(&self, rows: f64) -> bool {
        let lazy = rows * JUDGE_NANOS as f64 / 2.0;
        let cost = match &self.answer {
            Answer::Found(_) => return false,
            Answer::Hinted(hint) => hint.verify_nanos(),
            Answer::Lazy => match (self.asking_nanos(), &self.resolution) {
                (Some(nanos), Some(resolution)) => nanos + self.verifying_nanos(resolution),
                _ => return false,
            },
        };
        lazy > cost as f64
    }

    /// What asking for candidates would cost, in nanoseconds.
    pub(super) fn asking_nanos(&self) -> Option<u64> {
        let resolution = self.resolution.as_ref()?;
        Some(match &self.kept {
            Some(known) => resolution.kept_nanos(known, self.ring.is_some()),
            None => resolution.cost_nanos(),
        })
    }

    /// What verifying all of them would cost, in nanoseconds.
    fn verifying_nanos(&self, resolution: &Resolution) -> u64 {
        match &self.kept {
            Some(known) if known.are_exact() && self.asks_text_alone() => 0,
            Some(known) => known.count() * VERIFY_NANOS,
            None => resolution.verify_nanos(),
        }
    }

    /// What is left to verify, in nanoseconds; `None` once all that match are found.
    pub(super) fn verify_nanos(&self) -> Option<u64> {
        match &self.answer {
            Answer::Hinted(hint) => Some(hint.verify_nanos()),
            _ => None,
        }
    }

    /// How many candidates are left to verify, and whether most of them bear the text.
    pub(super) fn candidates(&self) -> Option<(usize, bool)> {
        let Answer::Hinted(hint) = &self.answer else { return None };
        let is_tight = self.resolution.as_ref().is_some_and(Resolution::is_tight);
        Some((hint.candidates.codes.len(), is_tight))
    }

    /// Names up to the seal of which every matching row bears one.
    #[inline]
    pub(super) fn hint(&self) -> Option<&NameSet> {
        match &self.answer {
            Answer::Found(found) => Some(&found.names),
            Answer::Hinted(hint) => Some(&hint.names),
            Answer::Lazy => None,
        }
    }

    /// The names up to the seal, once they are found.
    #[inline]
    pub(super) fn found(&self) -> Option<&NameSet> {
        match &self.answer {
            Answer::Found(found) => Some(&found.names),
            _ => None,
        }
    }

    /// What the planner may rely on.
    pub(super) fn resolved(&self) -> Resolved {
        match &self.answer {
            Answer::Found(found) => Resolved::Found {
                resources: found.resources.clone(),
                exactly: found.exactly,
                share: found.names.share(),
            },
            Answer::Hinted(hint) => Resolved::Hinted { share: hint.names.share() },
            Answer::Lazy => {
                let kept = self.kept.as_ref().map(|known| known.share());
                let share = kept.or(self.resolution.as_ref().and_then(Resolution::share));
                Resolved::Lazy { share: share.unwrap_or(0.2) }
            }
        }
    }

    /// The resources that names were found of.
    pub(super) fn found_resources(
        &self,
        names: &mut NamesView<'_>,
    ) -> Result<Option<CodeSet>, StoreError> {
        match (&self.given, &self.answer) {
            // Those asked for by id; whether their names fit is for who looks at them.
            (Some(given), _) => Ok(Some(given.clone())),
            (None, Answer::Found(found)) => found.all_resources(&self.live, names).map(Some),
            (None, _) => Ok(None),
        }
    }

    /// Whether no row can match.
    pub(super) fn is_empty(&self) -> bool {
        self.live.names.is_empty() && self.found().is_some_and(NameSet::is_empty)
    }

    /// Whether names are asked for, and not only ids.
    pub(super) fn has_needle(&self) -> bool {
        self.needle.is_some()
    }

    /// Forgets what was resolved, so that rows are tested as they come until that has cost so much.
    #[cfg(test)]
    pub(super) fn forget(&mut self, cost_nanos: u64) {
        if let Some(resolution) = self.resolution.as_mut() {
            resolution.pretend_cost(cost_nanos);
            self.kept = None;
            self.answer = Answer::Lazy;
        }
    }

    /// How the condition was treated. `names` must know those up to the seal.
    pub(super) fn report(&self, names: &mut NamesView<'_>) -> Result<NamePlan, StoreError> {
        let resolution = self.resolution.as_ref();
        let treatment = match &self.answer {
            Answer::Lazy => NameTreatment::Lazy,
            Answer::Hinted(hint) => {
                NameTreatment::Hinted { names: hint.candidates.codes.len() as u64 }
            }
            Answer::Found(Found { resources: Some(resources), .. }) if self.given.is_some() => {
                NameTreatment::Given { resources: resources.len() as u64 }
            }
            Answer::Found(found) => NameTreatment::Resolved {
                names: (found.matching.len() + self.live.names.len()) as u64,
                resources: found.all_resources(&self.live, names)?.len() as u64,
            },
        };
        Ok(NamePlan {
            bound: match (&self.kept, resolution) {
                (Some(known), Some(resolution)) => known.bound(resolution.sealed_names()),
                (None, Some(resolution)) => resolution.bound(),
                (_, None) => 0,
            },
            treatment,
            index_used: resolution.is_some_and(Resolution::asked_index),
            covered: resolution.map_or(0, Resolution::covered),
            verified: self.judged + resolution.map_or(0, Resolution::verified),
        })
    }
}

//! Counting large sealed groups once: what was counted is kept with the segment.

use std::ops::Range;
use std::sync::Arc;

use super::compiled::{Compiled, Condition};
use super::search::Search;
use super::visit::{Visitor, visit_group};
use crate::StoreError;
use crate::catalog::NameSet;
use crate::partition::SealedGroup;
use crate::rows::Rows;
use crate::segment::KeptCounts;

/// Counting fewer rows is not worth keeping.
const KEPT_ROWS_MIN: usize = if cfg!(test) { 8 } else { 1 << 16 };

/// Shows a visitor the matching rows of one sealed group, or the counts of them that are kept.
pub(super) fn visit_sealed<V: Visitor>(
    group: &SealedGroup,
    visitor: &mut V,
    search: &mut Search<'_>,
) -> Result<(), StoreError> {
    let rows = group.segment.rows(group.group)?;
    visit_keeping(&rows, (group.segment.kept_counts(), group.group), visitor, search)
}

/// The same of any rows that never change.
pub(super) fn visit_keeping<R: Rows, V: Visitor>(
    rows: &R,
    (kept, group): (&KeptCounts, u32),
    visitor: &mut V,
    search: &mut Search<'_>,
) -> Result<(), StoreError> {
    let compiled = search.compiled;
    let range = compiled.span.rows(rows);
    // A snapshot that cuts the group has counts of its own.
    let is_whole = rows.last_seq() <= compiled.snapshot;
    let is_worth = range.len() >= KEPT_ROWS_MIN && is_whole && !compiled.asks_nothing();
    let kept_as = visitor.counted().filter(|_| is_worth && !search.is_empty());
    let Some((what, mut fresh)) = kept_as.zip(visitor.part()) else {
        return visit_group(rows, visitor, search);
    };
    if search.is_worth_finding(range.len() as f64) {
        search.find_names()?;
    }
    let names = search.found_names();
    if compiled.by_name && names.is_none() {
        return visit_group(rows, visitor, search);
    }
    let key = key((group, &range), &what, compiled, names);
    if let Some(counts) = kept.get(&key) {
        search.work.step(counts.iter().map(|counts| counts.len() as u64).sum())?;
        visitor.add_counts(&counts);
        return Ok(());
    }
    visit_group(rows, &mut fresh, search)?;
    let counts: Arc<[Vec<u32>]> = fresh.into_counts().into();
    visitor.add_counts(&counts);
    kept.put(key, &counts);
    Ok(())
}

/// Everything that the counts of a group depend on, each part after its length.
fn key(
    (group, range): (u32, &Range<u32>),
    what: &[u64],
    compiled: &Compiled,
    names: Option<&NameSet>,
) -> Vec<u64> {
    let mut key = vec![group.into(), range.start.into(), range.end.into(), what.len() as u64];
    key.extend_from_slice(what);
    let mut push = |condition: &Condition| {
        key.extend([condition.dimension as u64, condition.codes.len() as u64]);
        key.extend(condition.codes.iter().map(u64::from));
    };
    compiled.columns.iter().for_each(&mut push);
    // Names that were found are of the types asked for.
    if names.is_none() {
        compiled.types.iter().for_each(&mut push);
    }
    // Asked for or hidden: rows of these actions are counted in either case.
    compiled.hidden.iter().for_each(|hidden| push(&hidden.others));
    if let Some(names) = names {
        key.push(u64::MAX);
        key.extend_from_slice(names.words());
    }
    key
}

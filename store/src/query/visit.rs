//! Every matching row of a snapshot, for whatever is counted of them. In no particular order.

use std::ops::Range;

use super::batch::{BATCH_LEN, Batch};
use super::compiled::{Compiled, Condition};
use super::kept::visit_sealed;
use super::mask::Mask;
use super::page_request::Direction;
use super::pin::{Pin, PinRequest};
use super::plan::Wanted;
use super::search::Search;
use super::walk::{Matching, Walk};
use crate::StoreError;
use crate::partition::PartitionStore;
use crate::rows::{Dimension, Rows};

/// Takes matching rows in.
///
/// It is called under the partition's lock for rows of the live tail: it must be quick, and must
/// not ask the partition for anything.
pub(crate) trait Visitor {
    /// Some rows of a group that match: each row comes once, the rows of a group in page order.
    fn rows<R: Rows>(
        &mut self,
        rows: &R,
        matching: &[u32],
        search: &mut Search<'_>,
    ) -> Result<(), StoreError>;

    /// The rows of a window that match: each row comes once.
    fn mask<R: Rows>(
        &mut self,
        rows: &R,
        mask: &Mask,
        search: &mut Search<'_>,
    ) -> Result<(), StoreError>
    where
        Self: Sized,
    {
        row_by_row(self, rows, mask, search)
    }

    /// What of a group matches, told without walking it. `false` if it has to be walked.
    fn whole<R: Rows>(
        &mut self,
        _rows: &R,
        _whole: &Whole<'_>,
        _search: &mut Search<'_>,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// One that has seen nothing yet, to take in a part; `None` if parts cannot be told apart.
    fn part(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// What it counts; `None` if its counts cannot be kept.
    fn counted(&self) -> Option<Vec<u64>> {
        None
    }

    /// Takes off what a part has taken in.
    fn take_off(&mut self, _part: &Self)
    where
        Self: Sized,
    {
    }

    /// What was counted of one group.
    fn into_counts(self) -> Vec<Vec<u32>>
    where
        Self: Sized,
    {
        Vec::new()
    }

    /// Takes in what another one has counted.
    fn add_counts(&mut self, _counts: &[Vec<u32>]) {}

    /// Whether it has seen enough.
    fn is_done(&self) -> bool {
        false
    }
}

/// Shows a visitor the rows of a mask one by one.
pub(super) fn row_by_row<R: Rows, V: Visitor>(
    visitor: &mut V,
    rows: &R,
    mask: &Mask,
    search: &mut Search<'_>,
) -> Result<(), StoreError> {
    let (mut mask, mut batch) = (mask.clone(), Batch::default());
    while !mask.is_empty() {
        batch.clear();
        mask.take((Direction::Newer, BATCH_LEN), &mut batch);
        visitor.rows(rows, batch.rows(), search)?;
    }
    Ok(())
}

/// What of a group matches, if that can be said in a word.
#[derive(Debug)]
pub(crate) enum Whole<'a> {
    /// All rows of the range.
    Range(Range<u32>),
    /// The rows of the range that have one of some codes, each in one of the lists only.
    Lists { range: Range<u32>, dimension: Dimension, codes: &'a crate::packed::CodeSet },
}

/// Shows a visitor every row of a snapshot that matches a filter. `None` before the workspace's
/// first record.
pub(crate) fn visit<V: Visitor>(
    store: &PartitionStore,
    request: PinRequest<'_>,
    visitor: &mut V,
) -> Result<Option<Pin>, StoreError> {
    let live = Pin::new(store, request, |search, now| {
        for chunk in &now.chunks {
            visit_group(*chunk, visitor, search)?;
        }
        Ok(())
    })?;
    let Some((mut pin, ())) = live else { return Ok(None) };
    let (mut search, sealed) = pin.search();
    for chunk in sealed.frozen.iter() {
        visit_group(&**chunk, visitor, &mut search)?;
    }
    // Should names have to be resolved, it is for all groups that are left.
    search.groups_left = sealed.groups.len();
    for group in sealed.groups.iter() {
        if visitor.is_done() {
            break;
        }
        let bounds = super::merge::Source::bounds(&group);
        if bounds.is_some_and(|(oldest, newest)| search.compiled.span.meets(oldest, newest)) {
            visit_sealed(group, visitor, &mut search)?;
        }
        search.groups_left -= 1;
    }
    Ok(Some(pin))
}

/// Shows a visitor the matching rows of one group.
pub(crate) fn visit_group<R: Rows, V: Visitor>(
    rows: &R,
    visitor: &mut V,
    search: &mut Search<'_>,
) -> Result<(), StoreError> {
    let compiled = search.compiled;
    let range = compiled.span.rows(rows);
    if range.is_empty() || visitor.is_done() || search.is_empty() {
        return Ok(());
    }
    // Hidden rows are few: they are found and taken off again.
    let hidden = compiled.hidden.as_ref();
    let mut part = hidden.and_then(|_| visitor.part());
    if (hidden.is_none() || part.is_some())
        && let Some(whole) = whole(rows, &range, search)
        && visitor.whole(rows, &whole, search)?
    {
        if let (Some(hidden), Some(part)) = (hidden, &mut part) {
            walk_group(rows, range, &hidden.only, part, search)?;
            visitor.take_off(part);
        }
        return Ok(());
    }
    walk_group(rows, range, compiled, visitor, search)
}

fn walk_group<R: Rows, V: Visitor>(
    rows: &R,
    range: Range<u32>,
    compiled: &Compiled,
    visitor: &mut V,
    search: &mut Search<'_>,
) -> Result<(), StoreError> {
    let wanted = Wanted { range, direction: Direction::Newer, hits: None };
    let mut walk = Walk::new(rows, wanted, compiled, search)?;
    while !visitor.is_done() {
        match walk.next_matching(search)? {
            Matching::End => break,
            Matching::Mask(mask) => visitor.mask(rows, mask, search)?,
            Matching::Rows(matching) => visitor.rows(rows, matching, search)?,
        }
    }
    Ok(())
}

/// What of a group matches, if one condition or none is asked and all rows are in the snapshot.
fn whole<'s, R: Rows>(rows: &R, range: &Range<u32>, search: &Search<'s>) -> Option<Whole<'s>> {
    let compiled = search.compiled;
    if rows.last_seq() > compiled.snapshot {
        return None;
    }
    if compiled.asks_nothing() {
        return Some(Whole::Range(range.clone()));
    }
    if !rows.has_lists() || compiled.by_name {
        return None;
    }
    let of = |condition: &'s Condition| Whole::Lists {
        range: range.clone(),
        dimension: condition.dimension,
        codes: &condition.codes,
    };
    match (&compiled.columns[..], &compiled.types) {
        ([condition], None) => Some(of(condition)),
        // A row with several types is in several lists.
        ([], Some(types)) if types.codes.len() == 1 || !rows.has_further() => Some(of(types)),
        _ => None,
    }
}

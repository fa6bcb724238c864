//! Rows of a frozen tail, read some way ahead.
//!
//! In page order they lie anywhere in memory, and each would be waited for: the row, then its
//! value. Of many at once these misses overlap.

use std::hint::black_box;

use crate::fold::FoldedRow;
use crate::touch::touch;

/// Rows that are read ahead together; with their values they fit the first-level cache.
const ROWS: usize = 32;
/// The part of a value that is read ahead: more of it the processor fetches by itself.
const VALUE_BYTES: usize = 512;

/// The same rows in the same order.
pub(super) fn read_ahead<'a>(
    mut rows: impl Iterator<Item = &'a FoldedRow>,
) -> impl Iterator<Item = &'a FoldedRow> {
    let mut read = Vec::with_capacity(ROWS).into_iter();
    std::iter::from_fn(move || {
        if let Some(row) = read.next() {
            return Some(row);
        }
        let mut next = Vec::with_capacity(ROWS);
        next.extend(rows.by_ref().take(ROWS));
        read_all(&next);
        read = next.into_iter();
        read.next()
    })
}

fn read_all(rows: &[&FoldedRow]) {
    let seqs = rows.iter().map(|row| row.visible().map_or(0, |visible| visible.key.seq));
    black_box(seqs.fold(0, |sum, seq| sum ^ seq));
    let values = rows.iter().filter_map(|row| row.record.value.as_deref());
    values.for_each(|value| touch(&value[..value.len().min(VALUE_BYTES)]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partition::chunk::tests::row;

    #[test]
    fn rows_come_in_their_order_and_none_is_left_out() {
        for count in [0, 1, ROWS, ROWS + 1, 3 * ROWS + 5] {
            let rows: Vec<_> = (0..count as u64).map(|seq| row(7, seq)).collect();
            let read: Vec<_> = read_ahead(rows.iter().map(AsRef::as_ref)).collect();
            assert_eq!(read.len(), count);
            assert!(read.iter().zip(&rows).all(|(read, row)| std::ptr::eq(*read, &**row)));
        }
    }
}

//! Counting the rows of a window by columns read in one run.

use super::mask::{MASK_LEN, Mask, Places};
use super::search::Search;
use super::tally::Tally;
use crate::StoreError;
use crate::rows::Rows;

/// Types with codes below this are remembered as bits of one word.
const TYPES_IN_WORD: u32 = u64::BITS;

impl Tally {
    /// Counts the codes of the candidates, which are at these places of the window.
    pub(super) fn add_places<R: Rows>(&mut self, rows: &R, mask: &Mask, places: &[u16]) {
        let (column, base) = (self.column(), self.base());
        if !mask.is_dense() {
            let start = mask.window().start;
            for place in places {
                let code = rows.code(column, start + u32::from(*place));
                self.count(code.wrapping_sub(base));
            }
            return;
        }
        let mut codes = [0; MASK_LEN];
        mask.codes(rows, column, &mut codes);
        for place in places {
            let code = codes[*place as usize % MASK_LEN];
            self.count(code.wrapping_sub(base));
        }
    }

    /// Counts a code; the greatest stands for none.
    #[inline]
    fn count(&mut self, code: u32) {
        match self.counts.get_mut(code as usize) {
            Some(count) => *count += 1,
            None if code == u32::MAX => {}
            None => self.add(code, 1),
        }
    }

    /// Counts the types of the rows' resources that are asked for, each once a row.
    pub(super) fn add_types_of_mask<R: Rows>(
        &mut self,
        rows: &R,
        mask: &Mask,
        places: &[u16],
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        let names = search.found_names();
        if search.names.is_some() && (names.is_none() || !mask.knows_first()) {
            return self.add_types_one_by_one(rows, mask, search);
        }
        let column = self.column();
        self.add_places(rows, mask, places);
        // Few rows match by another resource than their first.
        mask.without_first().each(|row| {
            if let Some(code) = rows.code(column, row).checked_sub(1) {
                self.counts[code as usize] -= 1;
            }
        });
        if !rows.has_further() {
            return Ok(());
        }
        let mut row_types = RowTypes::default();
        let mut further = |row: u32, resource_type, name, is_hit: bool| {
            let is_asked = is_hit & names.is_none_or(|names| names.contains(name));
            if row_types.row != Some(row) {
                let first = mask.has_first(row).then(|| rows.code(column, row).wrapping_sub(1));
                row_types.begin(row, first);
            }
            if is_asked && row_types.is_new(resource_type) {
                self.count(resource_type);
            }
        };
        if mask.is_sparse() {
            mask.each(|row| {
                let each = |(code, name)| further(row, code, name, true);
                rows.further(row).iter().for_each(each);
            });
        } else {
            let each = |row, code, name| further(row, code, name, mask.has(row));
            rows.each_further(mask.window(), each);
        }
        Ok(())
    }

    fn add_types_one_by_one<R: Rows>(
        &mut self,
        rows: &R,
        mask: &Mask,
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        let mut places: Places = [0; MASK_LEN + 8];
        let start = mask.window().start;
        for place in mask.places(&mut places) {
            let row = start + u32::from(*place);
            self.add_types_of(rows, row, rows.code(self.column(), row), search)?;
        }
        Ok(())
    }
}

/// The types counted already of one row.
#[derive(Debug, Default)]
struct RowTypes {
    row: Option<u32>,
    /// Bit `code` of small codes.
    small: u64,
    others: Vec<u32>,
}

impl RowTypes {
    fn begin(&mut self, row: u32, first: Option<u32>) {
        (self.row, self.small) = (Some(row), 0);
        self.others.clear();
        if let Some(first) = first {
            self.is_new(first);
        }
    }

    /// Whether a type has not been counted; it has been from now on.
    fn is_new(&mut self, code: u32) -> bool {
        if code >= TYPES_IN_WORD {
            let is_new = !self.others.contains(&code);
            self.others.extend(is_new.then_some(code));
            return is_new;
        }
        let is_new = self.small >> code & 1 == 0;
        self.small |= 1 << code;
        is_new
    }
}

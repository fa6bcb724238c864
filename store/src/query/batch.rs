//! Candidate rows one by one, tested together: one condition on all of them before the next.

/// Most rows of a batch.
pub(super) const BATCH_LEN: usize = BATCH_ROWS as usize;
/// The same in row numbers.
pub(super) const BATCH_ROWS: u32 = 128;

/// Rows in the order of the walk.
#[derive(Debug)]
pub(super) struct Batch {
    rows: [u32; BATCH_LEN],
    len: usize,
}

impl Default for Batch {
    fn default() -> Self {
        Self { rows: [0; BATCH_LEN], len: 0 }
    }
}

impl Batch {
    #[inline]
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows[..self.len]
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Appends a row; there must be room.
    #[inline]
    pub(super) fn push(&mut self, row: u32) {
        self.rows[self.len] = row;
        self.len += 1;
    }

    /// Keeps the rows that fit.
    #[inline]
    pub(super) fn keep(&mut self, mut fits: impl FnMut(u32) -> bool) {
        let mut kept = 0;
        for index in 0..self.len {
            let row = self.rows[index];
            // No branch: whether a row fits cannot be foretold.
            self.rows[kept] = row;
            kept += usize::from(fits(row));
        }
        self.len = kept;
    }

    /// The same with a test that can fail.
    #[inline]
    pub(super) fn try_keep<E>(
        &mut self,
        mut fits: impl FnMut(u32) -> Result<bool, E>,
    ) -> Result<(), E> {
        let mut kept = 0;
        for index in 0..self.len {
            let row = self.rows[index];
            if fits(row)? {
                self.rows[kept] = row;
                kept += 1;
            }
        }
        self.len = kept;
        Ok(())
    }
}

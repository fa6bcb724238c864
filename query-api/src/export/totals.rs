//! What a manifest says of the rows that were written.

use annals_schemas::hex;
use annals_store::OrderKey;
use sha2::{Digest, Sha256};

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) rows: u64,
    /// Least and greatest seq.
    pub(super) seqs: Option<(u64, u64)>,
}

/// Keeps count of what is written.
#[derive(Default)]
pub(super) struct Tally {
    digest: Sha256,
    totals: Totals,
}

impl Tally {
    /// Adds the next rows and their bytes.
    pub(super) fn add(&mut self, rows: &[OrderKey], bytes: &[u8]) {
        rows.iter().for_each(|row| self.totals.count(row.seq));
        self.digest.update(bytes);
    }

    /// The end: what was written, and the SHA-256 of all of it in hexadecimal.
    pub(super) fn finish(self) -> (Totals, String) {
        (self.totals, hex(&self.digest.finalize()))
    }
}

impl Totals {
    fn count(&mut self, seq: u64) {
        self.rows += 1;
        let (least, greatest) = self.seqs.unwrap_or((seq, seq));
        self.seqs = Some((least.min(seq), greatest.max(seq)));
    }
}

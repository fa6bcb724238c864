//! What rows say beside their records, as one digest.
//!
//! A row is what its record and its annotations make of it, as long as it is written as Annals
//! writes rows. The record leads to the signed root; with the digest of the annotations, which is a
//! seventh of a row, every byte of the rows is known, and they need not be hashed themselves.

use annals_schemas::{EventHead, EventRest, Record, checked_parts, hex};
use sha2::{Digest, Sha256};

use super::written::seq_of_written;

/// Takes in the annotations of one row after the other.
#[derive(Debug, Default)]
pub struct Annotations {
    digest: Sha256,
    row: Vec<u8>,
    /// Of a row the annotations cannot be told, or they are not asked for.
    is_broken: bool,
}

impl Annotations {
    /// Adds the row of a record, without the end of its line.
    pub fn add(&mut self, line: &[u8], record: &Record) {
        let parts = checked_parts(record).ok().flatten();
        if parts.as_ref().and_then(|parts| self.seq(line, parts, record)).is_none() {
            self.give_up();
        }
    }

    /// Adds the row of a record that was taken apart; its seq. `None` if only a parser can read it.
    pub(super) fn seq(
        &mut self,
        line: &[u8],
        parts: &(EventHead<'_>, EventRest<'_>),
        record: &Record,
    ) -> Option<u64> {
        self.row.clear();
        let seq = seq_of_written(line, parts, record, &mut self.row)?;
        // Rows end with an empty line, which no annotation is.
        self.row.push(b'\n');
        if !self.is_broken {
            self.digest.update(&self.row);
        }
        Some(seq)
    }

    /// A row is written in a way of its own, or nobody asks: from now on there is no digest.
    pub(super) fn give_up(&mut self) {
        self.is_broken = true;
    }

    /// The SHA-256 of all annotations in hexadecimal, if every row had them.
    pub fn finish(self) -> Option<String> {
        (!self.is_broken).then(|| hex(&self.digest.finalize()))
    }
}

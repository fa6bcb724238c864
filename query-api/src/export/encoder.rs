//! Rows to bytes, with what a manifest says of them.

use std::sync::Arc;

use annals_schemas::{Labels, hex};
use annals_store::Row;
use axum::body::Bytes;
use sha2::{Digest, Sha256};

use super::csv;
use crate::parameters::ExportFormat;
use crate::shapes::RowText;

/// Writes batches of rows and keeps count.
pub(super) struct Encoder {
    format: ExportFormat,
    labels: Arc<Labels>,
    language: Option<String>,
    with_positions: bool,
    digest: Sha256,
    totals: Totals,
    /// Of the last batch, for the size of the next one's buffer.
    batch_bytes: usize,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) rows: u64,
    /// Least and greatest seq.
    pub(super) seqs: Option<(u64, u64)>,
}

impl Encoder {
    pub(super) fn new(
        format: ExportFormat,
        labels: Arc<Labels>,
        language: Option<String>,
        with_positions: bool,
    ) -> Self {
        let (digest, totals) = (Sha256::new(), Totals::default());
        Self { format, labels, language, with_positions, digest, totals, batch_bytes: 0 }
    }

    /// What comes before the first row.
    pub(super) fn head(&mut self) -> Bytes {
        let mut out = Vec::new();
        if let ExportFormat::Csv(zone) = self.format {
            csv::write_header(zone, &mut out);
        }
        self.digest.update(&out);
        out.into()
    }

    /// The bytes of the next rows.
    pub(super) fn rows(&mut self, rows: &[Row]) -> Bytes {
        let mut out = Vec::with_capacity(self.batch_bytes + self.batch_bytes / 8 + 4096);
        let text = RowText {
            labels: &self.labels,
            language: self.language.as_deref(),
            with_positions: self.with_positions,
        };
        for row in rows {
            self.totals.count(row.seq);
            match self.format {
                ExportFormat::Csv(zone) => csv::write_row(row, text, zone, &mut out),
                ExportFormat::Ndjson => {
                    text.write(row, &mut out);
                    out.push(b'\n');
                }
            }
        }
        self.batch_bytes = out.len();
        self.digest.update(&out);
        out.into()
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

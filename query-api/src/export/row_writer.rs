//! Rows to bytes, in the format that was asked for.

use std::sync::Arc;

use annals_schemas::Labels;
use annals_store::RowView;

use super::csv;
use crate::parameters::ExportFormat;
use crate::shapes::RowText;

/// Writes the rows of one export.
#[derive(Clone)]
pub(super) struct RowWriter {
    pub(super) format: ExportFormat,
    pub(super) labels: Arc<Labels>,
    /// The request's `Accept-Language`.
    pub(super) language: Option<String>,
    pub(super) with_positions: bool,
}

impl RowWriter {
    /// What comes before the first row.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if let ExportFormat::Csv(zone) = self.format {
            csv::write_header(zone, &mut out);
        }
        out
    }

    /// Appends a row.
    pub(super) fn write(&self, row: &RowView<'_>, out: &mut Vec<u8>) {
        let Self { labels, with_positions, .. } = self;
        let language = self.language.as_deref();
        let text = RowText { labels, language, with_positions: *with_positions };
        match self.format {
            ExportFormat::Csv(zone) => csv::write_row(row, text, zone, out),
            ExportFormat::Ndjson => {
                text.write(row, out);
                out.push(b'\n');
            }
        }
    }
}

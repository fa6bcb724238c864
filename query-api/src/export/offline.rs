//! Rows for a bundle: the list's, written without a server.

use std::collections::BTreeMap;

use annals_schemas::Labels;
use annals_service::problem::Problem;
use annals_store::{Filter, Row};

use crate::parameters::{ExportParameters, Pairs};
use crate::shapes::RowText;

/// What a bundle is of.
pub struct OfflineExport {
    /// Which rows.
    pub filter: Filter,
    /// The filter as it was given.
    pub given: BTreeMap<String, Vec<String>>,
    labels: Labels,
}

impl OfflineExport {
    /// Reads the list's filter from a query string; every fault is named.
    pub fn parse(query: &str, labels: Labels) -> Result<Self, Problem> {
        let pairs = Pairs::parse(&format!("{query}&format=ndjson"));
        let ExportParameters { filter, given, .. } = ExportParameters::read(pairs, &labels)?;
        Ok(Self { filter, given, labels })
    }

    /// A row on one line, with its position and without the line's end.
    pub fn line(&self, row: &Row) -> Vec<u8> {
        let mut line = Vec::new();
        let text = RowText { labels: &self.labels, language: None, with_positions: true };
        text.write(&row.view(), &mut line);
        line
    }
}

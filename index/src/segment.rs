//! One immutable tantivy segment of names, opened: what its readers cost is paid once.

use std::sync::Arc;

use tantivy::columnar::ColumnValues;
use tantivy::index::{InvertedIndexReader, Segment, SegmentId, SegmentReader};
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, TantivyError};

use crate::IndexError;
use crate::intersection::documents_with_all;
use crate::ordinal::Ordinal;
use crate::schema::{CODE, Fields, LENGTH};

/// The readers of one segment.
pub(crate) struct NameSegment {
    id: SegmentId,
    workspaces: Arc<InvertedIndexReader>,
    grams: Arc<InvertedIndexReader>,
    codes: Arc<dyn ColumnValues<u64>>,
    lengths: Arc<dyn ColumnValues<u64>>,
}

impl NameSegment {
    /// Opens a segment. Fails when its parts do not tell of the same documents.
    pub(crate) fn open(segment: &Segment, fields: &Fields) -> Result<Self, TantivyError> {
        let reader = SegmentReader::open(segment)?;
        let opened = Self {
            id: segment.id(),
            workspaces: reader.inverted_index(fields.workspace)?,
            grams: reader.inverted_index(fields.grams)?,
            codes: reader.fast_fields().u64(CODE)?.values,
            lengths: reader.fast_fields().u64(LENGTH)?.values,
        };
        let documents = reader.max_doc();
        let complete =
            opened.codes.num_vals() == documents && opened.lengths.num_vals() == documents;
        if !complete || reader.has_deletes() {
            let detail = format!("segment {} does not hold {documents} names", opened.id);
            return Err(TantivyError::InternalError(detail));
        }
        Ok(opened)
    }

    pub(crate) fn id(&self) -> SegmentId {
        self.id
    }

    /// Visits every workspace that has names here, with their number.
    pub(crate) fn visit_workspaces(
        &self,
        visit: &mut dyn FnMut(Ordinal, &str, &TermInfo),
    ) -> Result<(), IndexError> {
        let mut terms = self.workspaces.terms().stream().map_err(IndexError::reading)?;
        while let Some((term, info)) = terms.next() {
            if let Some((ordinal, workspace)) = Ordinal::split(term) {
                visit(ordinal, workspace, info);
            }
        }
        Ok(())
    }

    /// The codes of all names of a workspace, by its term.
    pub(crate) fn codes_of_workspace(&self, term: &TermInfo) -> Result<Vec<u32>, IndexError> {
        let mut blocks = self
            .workspaces
            .read_block_postings_from_terminfo(term, IndexRecordOption::Basic)
            .map_err(IndexError::reading)?;
        let mut documents = Vec::new();
        while !blocks.docs().is_empty() {
            documents.extend_from_slice(blocks.docs());
            blocks.advance();
        }
        Ok(values_of(self.codes.as_ref(), &documents))
    }

    /// The postings of each gram in one workspace; `None` when one of them is in no name.
    pub(crate) fn terms_of(
        &self,
        ordinal: Ordinal,
        grams: &[&str],
    ) -> Result<Option<Vec<TermInfo>>, IndexError> {
        let mut key = String::with_capacity(16);
        ordinal.push_to(&mut key);
        let prefix = key.len();
        let mut terms = Vec::with_capacity(grams.len());
        for gram in grams {
            key.truncate(prefix);
            key.push_str(gram);
            match self.grams.terms().get(key.as_bytes()).map_err(IndexError::reading)? {
                Some(term) => terms.push(term),
                None => return Ok(None),
            }
        }
        Ok(Some(terms))
    }

    /// Documents with all terms, at most `most`: ascending, with [`documents_with_all`]'s licence.
    pub(crate) fn documents(
        &self,
        terms: Vec<TermInfo>,
        most: usize,
    ) -> Result<Vec<DocId>, IndexError> {
        documents_with_all(&self.grams, terms, most).map_err(IndexError::reading)
    }

    /// The name codes of documents.
    pub(crate) fn codes(&self, documents: &[DocId]) -> Vec<u32> {
        values_of(self.codes.as_ref(), documents)
    }

    /// The lengths of the names of documents, in characters, at most 255.
    pub(crate) fn lengths(&self, documents: &[DocId]) -> Vec<u32> {
        values_of(self.lengths.as_ref(), documents)
    }
}

/// Values were made of `u32` when indexed.
fn values_of(column: &dyn ColumnValues<u64>, documents: &[DocId]) -> Vec<u32> {
    let mut wide = vec![0; documents.len()];
    column.get_vals(documents, &mut wide);
    wide.into_iter().map(|value| u32::try_from(value).unwrap_or(u32::MAX)).collect()
}

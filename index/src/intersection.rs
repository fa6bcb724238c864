//! Which documents carry all of several terms, straight from the postings.

use std::io;

use tantivy::index::InvertedIndexReader;
use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet};

/// So few documents are cheaper verified than reduced further.
const WORTH_REDUCING_DOCUMENTS: usize = 8;

/// Documents that carry all terms, ascending; perhaps some that carry only the rarest ones. At
/// most `most` of the rarest term's documents are looked at.
pub(crate) fn documents_with_all(
    reader: &InvertedIndexReader,
    mut terms: Vec<TermInfo>,
    most: usize,
) -> io::Result<Vec<DocId>> {
    terms.sort_unstable_by_key(|term| term.doc_freq);
    let Some((rarest, others)) = terms.split_first() else {
        return Ok(Vec::new());
    };
    let mut documents = first_documents(reader, rarest, most)?;
    for term in others {
        if documents.len() <= WORTH_REDUCING_DOCUMENTS {
            break;
        }
        let postings = reader.read_postings_from_terminfo(term, IndexRecordOption::Basic)?;
        keep_common(&mut documents, postings);
    }
    Ok(documents)
}

fn first_documents(
    reader: &InvertedIndexReader,
    term: &TermInfo,
    most: usize,
) -> io::Result<Vec<DocId>> {
    let mut blocks = reader.read_block_postings_from_terminfo(term, IndexRecordOption::Basic)?;
    let wanted = most.min(term.doc_freq as usize);
    let mut documents = Vec::with_capacity(wanted);
    while documents.len() < wanted && !blocks.docs().is_empty() {
        let block = blocks.docs();
        documents.extend_from_slice(&block[..block.len().min(wanted - documents.len())]);
        blocks.advance();
    }
    Ok(documents)
}

fn keep_common(documents: &mut Vec<DocId>, mut postings: SegmentPostings) {
    documents.retain(|document| {
        // Postings only go forward: a seek may not point behind them.
        let reached = match postings.doc() {
            behind if behind < *document => postings.seek(*document),
            current => current,
        };
        reached == *document
    });
}

//! The fields of a name's document. Nothing is stored: an answer is made of postings and columns.

use tantivy::schema::{
    FAST, Field, IndexRecordOption, Schema, TantivyDocument, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{Index, IndexSettings};

use crate::grams::GramTokenizer;
use crate::ordinal::Ordinal;

pub(crate) const CODE: &str = "code";
pub(crate) const LENGTH: &str = "length";

const GRAM_TOKENIZER: &str = "annals-grams";
const LENGTH_MAX_CHARS: usize = 255;

/// The fields, in the order of the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// One term a document: the workspace's ordinal, then its id.
    pub(crate) workspace: Field,
    /// The ordinal with each gram of the name.
    pub(crate) grams: Field,
    code: Field,
    length: Field,
}

/// The schema of every name index.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let fields = Fields {
        workspace: builder.add_text_field("workspace", terms_of("raw")),
        grams: builder.add_text_field("grams", terms_of(GRAM_TOKENIZER)),
        code: builder.add_u64_field(CODE, FAST),
        length: builder.add_u64_field(LENGTH, FAST),
    };
    (builder.build(), fields)
}

fn terms_of(tokenizer: &str) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false),
    )
}

/// The settings of every name index.
pub(crate) fn settings() -> IndexSettings {
    IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() }
}

/// Gives an index the tokenizers its schema names: they are not part of its files.
pub(crate) fn register_tokenizers(index: &mut Index) {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(GRAM_TOKENIZER, GramTokenizer::default());
    index.set_tokenizers(tokenizers);
}

impl Fields {
    /// The document of one name; `workspace_term` as made by [`workspace_term`].
    pub(crate) fn document(
        &self,
        ordinal: Ordinal,
        workspace_term: &str,
        code: u32,
        folded: &str,
    ) -> TantivyDocument {
        let mut name = String::with_capacity(folded.len() + 5);
        ordinal.push_to(&mut name);
        name.push(' ');
        name.push_str(folded);
        let mut document = TantivyDocument::new();
        document.add_text(self.workspace, workspace_term);
        document.add_text(self.grams, name);
        document.add_u64(self.code, u64::from(code));
        document.add_u64(self.length, folded.chars().take(LENGTH_MAX_CHARS).count() as u64);
        document
    }
}

/// The term that all names of a workspace have: its number of documents is what is covered.
pub(crate) fn workspace_term(ordinal: Ordinal, workspace: &str) -> String {
    let mut term = String::with_capacity(workspace.len() + 4);
    ordinal.push_to(&mut term);
    term.push_str(workspace);
    term
}

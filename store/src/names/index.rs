//! What the planner asks of an index over distinct names. The crate `index` answers it; the index
//! is derived and may be absent or behind: names it does not cover are scanned.

/// The planner could not use the index: it scans instead.
#[derive(Debug, thiserror::Error)]
#[error("name index: {detail}")]
pub struct NameIndexError {
    /// What went wrong.
    pub detail: String,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// An index over the distinct names of all workspaces of one partition.
pub trait NameIndex: Send + Sync {
    /// One workspace's names at this moment. Must stay as they are while the handle lives.
    fn pin(&self, workspace: &str) -> Result<Box<dyn PinnedNames>, NameIndexError>;
}

/// The names of one workspace, as of the pin.
pub trait PinnedNames: Send {
    /// Names with a code below this are indexed. Codes are dense and given in log order.
    fn covered(&self) -> u32;

    /// An upper bound for the number of covered names that contain every part. Parts are folded and
    /// not empty. Must read document frequencies only.
    fn bound(&self, parts: &[&str]) -> Result<u32, NameIndexError>;

    /// Codes of covered names, ascending, each once: every one that contains all parts, perhaps
    /// others too. The caller verifies each.
    fn candidates(&self, parts: &[&str]) -> Result<Vec<u32>, NameIndexError>;

    /// Codes of names that fit what a person is typing, best first: a word that begins so, then a
    /// substring, then with one typo forgiven. `text` is folded, and so is what `name_of` gives:
    /// the text of a name by its code, `None` for one that the caller does not know.
    fn suggest(
        &self,
        text: &str,
        limit: usize,
        name_of: &dyn Fn(u32) -> Option<String>,
    ) -> Result<Vec<u32>, NameIndexError>;
}

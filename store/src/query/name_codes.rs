//! Codes of names up to the seal: listed by this search, or kept with the text it asks for.

use std::borrow::Cow;
use std::sync::Arc;

use crate::StoreError;
use crate::catalog::{BearingNames, NameRing, NameSet, NamesView};
use crate::packed::CodeSet;

/// Codes of names, each once.
#[derive(Debug)]
pub(super) enum NameCodes {
    Listed(Vec<u32>),
    /// Those that an earlier search has left: all of them, and no more than are sealed.
    Kept(Arc<BearingNames>),
}

impl Default for NameCodes {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl NameCodes {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Listed(codes) => codes.len(),
            Self::Kept(known) => usize::try_from(known.count()).unwrap_or(usize::MAX),
        }
    }

    /// Whether an earlier search has left them.
    pub(super) fn are_kept(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    /// All of them.
    pub(super) fn codes(&self) -> Cow<'_, [u32]> {
        match self {
            Self::Listed(codes) => Cow::Borrowed(codes),
            Self::Kept(known) => Cow::Owned(known.codes(u32::MAX)),
        }
    }

    pub(super) fn into_vec(self) -> Vec<u32> {
        match self {
            Self::Listed(codes) => codes,
            Self::Kept(_) => self.codes().into_owned(),
        }
    }

    /// The same as a set, where names up to the seal have codes below `end`; with a ring, also the
    /// other names of their resources.
    pub(super) fn set(&self, end: u32, ring: Option<&NameRing>) -> Arc<NameSet> {
        match self {
            Self::Kept(known) => known.set(ring),
            Self::Listed(codes) => Arc::new(NameSet::of(codes.iter().copied(), end, ring)),
        }
    }

    /// The resources that bear them.
    pub(super) fn resources(&self, names: &mut NamesView<'_>) -> Result<Arc<CodeSet>, StoreError> {
        match self {
            Self::Kept(known) => known.resources(names),
            Self::Listed(codes) => names.resources_of(codes).map(Arc::new),
        }
    }
}

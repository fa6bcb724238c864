//! Names as people search them: the fold that says which letters are the same.

mod fold;
mod index;
mod needle;

pub use fold::fold_name;
pub use index::{NameIndex, NameIndexError, PinnedNames};
pub use needle::NameMatch;
pub(crate) use needle::Needle;

//! What is known of records before they are folded one after the other.

use std::hint::black_box;

use super::{Decoded, Projection};
use crate::catalog::Sought;

/// What is coming with one record. Good as long as no catalog was frozen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coming {
    /// Code of the workspace whose key it has.
    pub(super) code: Option<u32>,
    /// Of an event.
    pub(super) sought: Option<Sought>,
}

impl Projection {
    /// Looks at records that are about to be folded, and reads ahead what they will touch.
    /// Workspaces that are new get their codes.
    pub(crate) fn look_ahead(&mut self, records: &[Decoded]) -> Vec<Coming> {
        let coming: Vec<Coming> = records.iter().map(|decoded| self.coming(decoded)).collect();
        let sought = coming.iter().filter_map(|coming| coming.code.zip(coming.sought));
        let catalog = |code: u32| &self.workspace(code).catalog;
        // Reads of one pass do not wait for each other, those of the next wait for the pass before.
        let expected: Vec<_> =
            sought.map(|(code, sought)| (code, catalog(code).expected(sought))).collect();
        let all = expected.iter();
        let things = all.clone().fold(0, |sum, (code, of)| sum ^ catalog(*code).touch_things(*of));
        let texts = all.fold(0, |sum, (code, of)| sum ^ catalog(*code).touch_texts(*of));
        black_box(things ^ texts);
        coming
    }

    fn coming(&mut self, decoded: &Decoded) -> Coming {
        let code = decoded.owner().map(|owner| self.intern(owner));
        let found = decoded.outcome.as_ref().ok().zip(code);
        let sought = found.map(|(found, code)| {
            self.workspace(code).catalog.sought(&found.event.head(&decoded.record))
        });
        Coming { code, sought }
    }
}

//! Brings an index up to what the store has sealed, from wherever it stands.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::{IndexError, PartitionIndex};

/// Names between two commits: what is lost when the process stops while an index is rebuilt.
const NAMES_PER_COMMIT: u64 = 100_000;

/// Where the names of a partition come from.
pub trait NameSource {
    /// Every workspace that has names, with the number of those sealed: codes `0..n`.
    fn workspaces(&self) -> Result<Vec<(String, u32)>, IndexError>;

    /// Visits the folded names of `codes` of one workspace, in code order, none left out. Must end
    /// with the visitor's first error; own failures are [`IndexError::from_source`].
    fn visit_names(
        &self,
        workspace: &str,
        codes: Range<u32>,
        visit: &mut dyn FnMut(u32, &str) -> Result<(), IndexError>,
    ) -> Result<(), IndexError>;
}

/// What one feeding did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedReport {
    /// Names added, all of them committed.
    pub names_added: u64,
    /// The time it took.
    pub elapsed: Duration,
}

/// Adds every name of `source` that `index` does not cover and commits, at the end and in between.
/// After an error the commits made so far stay: feeding again goes on from there.
pub fn feed(index: &PartitionIndex, source: &dyn NameSource) -> Result<FeedReport, IndexError> {
    let started = Instant::now();
    let mut names_added = 0;
    for (workspace, sealed) in source.workspaces()? {
        let next = index.next_code(&workspace)?;
        if next >= sealed {
            continue;
        }
        source.visit_names(&workspace, next..sealed, &mut |code, folded| {
            if index.add(&workspace, code, folded)? {
                names_added += 1;
                if names_added % NAMES_PER_COMMIT == 0 {
                    index.commit()?;
                }
            }
            Ok(())
        })?;
    }
    index.commit()?;
    let elapsed = started.elapsed();
    if names_added > 0 {
        let directory = index.directory().display();
        tracing::debug!(%directory, names_added, ?elapsed, "names fed");
    }
    Ok(FeedReport { names_added, elapsed })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::fixture::{self, open};

    /// Numbered names; the one at `failing` cannot be read, once.
    struct Numbered {
        workspaces: Vec<(String, u32)>,
        failing: Cell<Option<u32>>,
    }

    impl NameSource for Numbered {
        fn workspaces(&self) -> Result<Vec<(String, u32)>, IndexError> {
            Ok(self.workspaces.clone())
        }

        fn visit_names(
            &self,
            workspace: &str,
            codes: Range<u32>,
            visit: &mut dyn FnMut(u32, &str) -> Result<(), IndexError>,
        ) -> Result<(), IndexError> {
            for code in codes {
                if self.failing.get() == Some(code) {
                    self.failing.set(None);
                    return Err(IndexError::from_source(workspace, "torn"));
                }
                visit(code, &format!("list {code}"))?;
            }
            Ok(())
        }
    }

    fn numbered(a: u32, b: u32) -> Numbered {
        let workspaces = vec![("a".to_owned(), a), ("ab".to_owned(), b)];
        Numbered { workspaces, failing: Cell::new(None) }
    }

    #[test]
    fn feeding_adds_what_is_not_covered_and_nothing_twice() {
        let directory = fixture::directory();
        let index = open(directory.path());
        assert_eq!(feed(&index, &numbered(3, 40)).unwrap().names_added, 43);
        assert_eq!(feed(&index, &numbered(3, 40)).unwrap().names_added, 0);
        assert_eq!(feed(&index, &numbered(5, 41)).unwrap().names_added, 3);
        assert_eq!((index.covered("a"), index.covered("ab"), index.names()), (5, 41, 46));
        assert_eq!(index.pin_names("ab").candidates(&["list 40"]).unwrap(), [40]);
        // A source that is behind takes nothing away.
        assert_eq!(feed(&index, &numbered(1, 1)).unwrap().names_added, 0);
        assert_eq!(index.names(), 46);
    }

    #[test]
    fn a_failed_feeding_is_gone_on_with_exactly_where_it_stopped() {
        let directory = fixture::directory();
        let source = numbered(30, 30);
        source.failing.set(Some(20));
        let index = open(directory.path());
        let failure = feed(&index, &source).unwrap_err();
        assert!(failure.is_retryable());
        assert_eq!(failure.to_string(), "name index: cannot read the names of workspace \"a\"");
        assert_eq!((index.covered("a"), index.next_code("a").unwrap()), (0, 20));
        assert_eq!(feed(&index, &source).unwrap().names_added, 40);
        assert_eq!((index.covered("a"), index.covered("ab")), (30, 30));
    }
}

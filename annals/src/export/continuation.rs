//! What shows that the export's tree continues heads that somebody has kept.

use annals_verify::{BundleContinuation, Checkpoint, consistency, verify_consistency};

use super::Source;
use super::tree_files::TreeFiles;
use crate::exit::Failure;

/// A proof for each kept head that is older than the export's. A head of another tree, or one that
/// the tree does not lead to, makes no export.
pub(super) fn all(source: &Source, tree: &TreeFiles) -> Result<Vec<BundleContinuation>, Failure> {
    let Checkpoint { origin, head } = &source.checkpoint;
    let mut proofs = Vec::new();
    for (name, kept) in &source.kept {
        let old = kept.head.size;
        if &kept.origin != origin {
            let detail = format!("it is a head of {}, the export is of {origin}", kept.origin);
            return Err(Failure::usage(format!("{name}: {detail}")));
        }
        if old > head.size {
            let detail = format!("it is of {old} records, the newest signed head of {}", head.size);
            return Err(Failure::no(format!("{name}: {detail}")));
        }
        if old == 0 {
            continue;
        }
        let hashes = consistency(tree, old, head.size).map_err(|error| Failure::config(&error))?;
        if !verify_consistency(&kept.head, head, &hashes) {
            let detail = format!("the first {old} records here have another root");
            return Err(Failure::no(format!("{name}: {detail}")));
        }
        if old < head.size {
            proofs.push(BundleContinuation::new(old, &hashes));
        }
    }
    Ok(proofs)
}

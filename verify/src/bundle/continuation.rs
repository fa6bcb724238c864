//! Whether an export's tree continues a tree head that somebody has kept.

use annals_schemas::hex;
use serde::{Deserialize, Serialize};

use super::BundleReport;
use crate::{Checkpoint, Hash, Tree, TreeHead, VerifyError, unhex, verify_consistency};

/// What shows that the tree begins with an older one: a consistency proof of RFC 6962.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleContinuation {
    /// Size of the older tree.
    pub size: u64,
    /// The proof, each hash in hexadecimal.
    pub hashes: Vec<String>,
}

impl BundleContinuation {
    /// Of an older tree's size, from the hashes of its proof.
    pub fn new(size: u64, hashes: &[Hash]) -> Self {
        Self { size, hashes: hashes.iter().map(|hash| hex(hash)).collect() }
    }

    fn leads(&self, old: &TreeHead, new: &TreeHead) -> bool {
        let hashes: Option<Vec<Hash>> = self.hashes.iter().map(|hash| unhex(hash)).collect();
        hashes.is_some_and(|hashes| verify_consistency(old, new, &hashes))
    }
}

impl BundleReport {
    /// Holds a kept head, whose signature was verified, against the export's. Undecided if it is of
    /// another tree or a larger one, or if nothing in the export leads from the one to the other.
    pub fn check_kept(&self, kept: &Checkpoint, name: &str) -> Result<(), VerifyError> {
        let Checkpoint { origin, head } = &self.checkpoint;
        if &kept.origin != origin {
            let detail = format!("it is a head of {}, the export is of {origin}", kept.origin);
            return Err(VerifyError::undecided(name, detail));
        }
        let (old, new) = (kept.head.size, head.size);
        if old > new {
            let detail = format!("it is of {old} records, the export of {new}: it was made before");
            return Err(VerifyError::undecided(name, detail));
        }
        let mut proofs = self.manifest.continues.iter().filter(|proof| proof.size == old);
        let is_sound = match old {
            0 => kept.head == Tree::default().head(),
            _ if old == new => kept.head == *head,
            _ => {
                let detail = format!(
                    "nothing in the export shows that its {new} records begin with these {old}: \
                     annals export --checkpoint"
                );
                let proof = proofs.next().ok_or_else(|| VerifyError::undecided(name, detail))?;
                proof.leads(&kept.head, head)
            }
        };
        match is_sound {
            true => Ok(()),
            false => {
                let detail = format!("another tree: it does not begin with the {old} of {name}");
                Err(VerifyError::unsound("checkpoint", detail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::BundleManifest;
    use crate::consistency;
    use crate::proof::tests::Leaves;

    const ORIGIN: &str = "annals/00/0";

    fn checkpoint(origin: &str, head: TreeHead) -> Checkpoint {
        Checkpoint { origin: origin.to_owned(), head }
    }

    /// An export of 40 records that shows what it continues at one size.
    fn report(leaves: &Leaves, shown: u64) -> BundleReport {
        let Ok(hashes) = consistency(leaves, shown, 40);
        let manifest = r#"{"format":"","workspace":"w","filter":{},"origin":"","partition":0,
            "partitions":1,"tree_size":40,"rows":0,"records":0,"first_seq":null,"last_seq":null,
            "last_offset":null,"files":[],"key_id":"","signature":""}"#;
        let mut manifest: BundleManifest = serde_json::from_str(manifest).unwrap();
        manifest.continues.push(BundleContinuation::new(shown, &hashes));
        let checkpoint = checkpoint(ORIGIN, leaves.head(40));
        BundleReport { manifest, signed_by: String::new(), checkpoint }
    }

    #[test]
    fn a_kept_head_is_continued_or_is_not_or_nothing_can_be_told() {
        let leaves = Leaves::new(50);
        let mut other = Leaves::new(50);
        other.0[3][0] ^= 1;
        let report = report(&leaves, 17);
        let checked = |origin: &str, head| {
            report
                .check_kept(&checkpoint(origin, head), "kept")
                .map_err(|error| (matches!(error, VerifyError::Unsound { .. }), error.to_string()))
        };
        for size in [0, 17, 40] {
            assert_eq!(checked(ORIGIN, leaves.head(size)), Ok(()), "{size}");
        }
        for size in [17, 40] {
            let (is_unsound, said) = checked(ORIGIN, other.head(size)).unwrap_err();
            assert!(is_unsound && said.contains("of kept"), "{said}");
        }
        for (origin, size, named) in [
            (ORIGIN, 16, "annals export --checkpoint"),
            (ORIGIN, 50, "it is of 50 records, the export of 40"),
            ("annals/00/1", 17, "it is a head of annals/00/1"),
        ] {
            let (is_unsound, said) = checked(origin, leaves.head(size)).unwrap_err();
            assert!(!is_unsound && said.starts_with("kept: ") && said.contains(named), "{said}");
        }
    }

    #[test]
    fn a_proof_with_a_changed_or_missing_hash_leads_nowhere() {
        let leaves = Leaves::new(40);
        let sound = report(&leaves, 17);
        let kept = checkpoint(ORIGIN, leaves.head(17));
        for at in 0..sound.manifest.continues[0].hashes.len() {
            let mut changed = sound.clone();
            changed.manifest.continues[0].hashes[at] = hex(&[7; 32]);
            assert!(matches!(changed.check_kept(&kept, "kept"), Err(VerifyError::Unsound { .. })));
            changed.manifest.continues[0].hashes.remove(at);
            assert!(matches!(changed.check_kept(&kept, "kept"), Err(VerifyError::Unsound { .. })));
        }
    }
}

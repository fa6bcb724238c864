//! Signs the tree head of every manifest, after it was committed; and manifests of exports.
//!
//! If we stop between commit and signature, the next start signs what the newest manifest says.
//! A store that is behind its own signed heads was replaced by an older copy, one with another root
//! than was signed by another history: nothing is signed there any more, and an operator has to
//! decide.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use annals_query_api::SignManifest;
use annals_schemas::Partition;
use annals_service::with_causes;
use annals_store::{Committed, PartitionStore, Store, TreeHead};
use annals_verify::{Checkpoint, origin, sign_http_manifest, sign_note};
use serde_json::{Map, Value};

use crate::failpoints::reached;
use crate::signing_keys::SigningKeys;

/// How often it is looked for new manifests.
const LOOK_INTERVAL: Duration = Duration::from_millis(300);

/// Signs the manifests of exports over HTTP with the newest key. The keys stay in here; one that
/// cannot be read leaves a manifest unsigned, and the export's rows are none the worse.
pub(super) fn of_manifests(keys: SigningKeys) -> SignManifest {
    let sign = move |origin: &str, manifest: &mut Map<String, Value>| {
        let signers = keys.signers(origin).map_err(|failure| format!("{failure:?}"))?;
        let newest = signers.first().ok_or("there is no signing key")?;
        sign_http_manifest(manifest, newest).map_err(|error| error.to_string())
    };
    Arc::new(move |origin, manifest| {
        if let Err(reason) = sign(origin, manifest) {
            tracing::error!(reason, "the manifest of an export is not signed");
        }
    })
}

/// Goes on for ever.
pub(super) async fn keep_signing(store: Store, keys: SigningKeys) {
    let mut signed: BTreeMap<Partition, u64> = BTreeMap::new();
    let mut refused: BTreeMap<Partition, String> = BTreeMap::new();
    loop {
        for partition in store.partitions() {
            let number = partition.number();
            let before = signed.get(&number).copied();
            match sign(&partition, before, &keys).await {
                Ok(size) => {
                    signed.extend(size.map(|size| (number, size)));
                    refused.remove(&number);
                }
                Err(reason) if refused.get(&number) == Some(&reason) => {}
                Err(reason) => {
                    tracing::error!(partition = number, reason, "its tree head is not signed");
                    refused.insert(number, reason);
                }
            }
        }
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
}

/// Signs the newest committed head unless that is done; the size that is signed now.
pub(crate) async fn sign(
    partition: &PartitionStore,
    signed: Option<u64>,
    keys: &SigningKeys,
) -> Result<Option<u64>, String> {
    let failed = |error: annals_store::StoreError| with_causes(&error);
    let committed = partition.newest_committed().await.map_err(failed)?;
    let Some(Committed { tree, .. }) = committed else { return Ok(None) };
    if signed == Some(tree.size) {
        return Ok(signed);
    }
    let kept = partition.head_sizes().await.map_err(failed)?;
    match kept.last() {
        Some(last) if *last > tree.size => Err(format!(
            "a head of size {last} was signed, the newest manifest has {}: an older copy?",
            tree.size
        )),
        Some(last) if *last == tree.size => match is_signed(partition, &tree).await? {
            true => Ok(Some(*last)),
            false => Err(format!(
                "the head that was signed of size {last} has another root than the newest \
                 manifest: another history?"
            )),
        },
        _ => {
            let origin = origin(&partition.log_id(), partition.number());
            let signers = keys.signers(&origin).map_err(|failure| format!("{failure:?}"))?;
            let note = sign_note(&Checkpoint { origin, head: tree }.to_string(), &signers);
            reached("head-signed");
            // If we stop here the manifest has no head; the next look signs the same.
            partition.keep_head(tree.size, note.into()).await.map_err(failed)?;
            reached("head-kept");
            Ok(Some(tree.size))
        }
    }
}

/// Whether the head that is kept of this size is this one.
async fn is_signed(partition: &PartitionStore, tree: &TreeHead) -> Result<bool, String> {
    let found = partition.head(tree.size).await.map_err(|error| with_causes(&error))?;
    let note = found.map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned());
    let kept = note.and_then(|note| Checkpoint::unverified(&note));
    Ok(kept.is_some_and(|kept| kept.head == *tree))
}

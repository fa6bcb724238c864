//! A store, record by record: every leaf is made anew from the rows, and the root compared at every
//! manifest, at every signed head, and at every tree head that somebody else has kept.

use std::iter::Peekable;
use std::path::Path;
use std::vec::IntoIter;

use annals_store::{MarkedEntry, PartitionStore, Storage, Store, StoreError, TreeHead};
use annals_verify::{Chain, Checkpoint, VerifierKey, VerifyError, origin};

use super::kept;
use crate::cli::VerifyArguments;
use crate::config::Config;
use crate::sealed_places::store_options;

/// Entries whose leaves are hashed together, unless a root is expected before.
const AT_ONCE: usize = 512;

/// A root that the tree has to have at a size.
struct Expected {
    head: TreeHead,
    /// Who says so.
    position: String,
    is_signed: bool,
}

pub(super) async fn verify(
    config: &Config,
    arguments: &VerifyArguments,
    keys: &[VerifierKey],
) -> Result<Vec<String>, VerifyError> {
    let target = &arguments.target;
    // Gone when this returns: segments behind a URL are kept there while they are read.
    let cache = tempfile::tempdir();
    let cache = cache.map_err(|error| VerifyError::undecided("cache", error.to_string()))?;
    let storage = open(config, target, cache.path())?;
    let opened = Store::open_read_only(storage.clone(), store_options()).await.map_err(damage)?;
    let store = opened.ok_or_else(|| {
        VerifyError::undecided(target.clone(), "there is no store here and no export")
    })?;
    if let Some((partition, reason)) = store.unavailable().into_iter().next() {
        return Err(VerifyError::unsound(format!("partition {partition}"), reason));
    }
    let kept = kept::read(&arguments.checkpoint, keys)?;
    check_origins(&store, &kept)?;
    let (mut said, mut is_anything_signed) = (Vec::new(), false);
    for partition in store.partitions() {
        let origin = origin(&store.log_id(), partition.number());
        let own = kept.iter().filter(|(_, checkpoint)| checkpoint.origin == origin);
        let own = own.map(|(position, checkpoint)| Expected {
            head: checkpoint.head,
            position: position.clone(),
            is_signed: true,
        });
        let checked = Checked { store: &store, partition: &partition, origin: &origin, keys };
        match checked.verify(own.collect()).await? {
            Some(sound) => {
                is_anything_signed = true;
                said.push(sound);
            }
            None => said.push(checked.say_nothing_is_there(&storage).await?),
        }
    }
    match is_anything_signed {
        true => Ok(said),
        false => Err(VerifyError::undecided(target, "nothing is sealed and signed yet")),
    }
}

/// Every kept head is one of this store's partitions.
fn check_origins(store: &Store, kept: &[(String, Checkpoint)]) -> Result<(), VerifyError> {
    let log_id = store.log_id();
    let count = store.partition_count();
    let origins: Vec<String> = (0..count).map(|partition| origin(&log_id, partition)).collect();
    for (name, Checkpoint { origin, .. }) in kept {
        if origins.contains(origin) {
            continue;
        }
        return Err(match origin.starts_with(&format!("annals/{log_id}/")) {
            true => {
                let detail = format!("it is a head of {origin}, the store has {count} partitions");
                VerifyError::unsound(name, detail)
            }
            false => {
                let detail = format!("it is a head of {origin}, the store is of log {log_id}");
                VerifyError::undecided(name, detail)
            }
        });
    }
    Ok(())
}

/// A data directory, a store's directory, or a URL.
fn open(config: &Config, target: &str, cache: &Path) -> Result<Storage, VerifyError> {
    let failed = |error: StoreError| VerifyError::undecided(target, error.to_string());
    let directory = Path::new(target);
    let below = directory.join("store");
    match (below.join("log.json").is_file(), directory.is_dir()) {
        (true, _) => Storage::local(&below).map_err(failed),
        (false, true) => Storage::local(directory).map_err(failed),
        (false, false) if target.contains("://") => {
            config.storage.open_url(target, cache).map_err(failed)
        }
        _ => Err(VerifyError::undecided(
            target,
            "it is no directory of an export or a store, and no URL",
        )),
    }
}

/// What a store's error means: damage is an answer.
fn damage(error: StoreError) -> VerifyError {
    match error {
        StoreError::Corrupt { path, at, detail } => {
            VerifyError::unsound(format!("{path} byte {at}"), detail)
        }
        error => VerifyError::undecided("store", annals_service::with_causes(&error)),
    }
}

struct Checked<'a> {
    store: &'a Store,
    partition: &'a PartitionStore,
    origin: &'a str,
    keys: &'a [VerifierKey],
}

impl Checked<'_> {
    /// What is sound; `None` if there is neither a record nor anything that says there was one.
    async fn verify(&self, kept: Vec<Expected>) -> Result<Option<String>, VerifyError> {
        let (kept, mut expected) = (kept.len(), kept);
        for committed in self.partition.committed().await.map_err(damage)? {
            let position = format!("{}, manifest {}", self.name(), committed.number);
            expected.push(Expected { head: committed.tree, position, is_signed: false });
        }
        let signed = self.signed_heads().await?;
        let heads = signed.len();
        expected.extend(signed);
        let Some(largest) = expected.iter().map(|expected| expected.head.size).max() else {
            return Ok(None);
        };
        expected.sort_by_key(|expected| expected.head.size);
        let signed = expected.iter().filter(|expected| expected.is_signed);
        let signed = signed.map(|expected| expected.head.size).max();
        let chain = self.walk(expected)?;
        let signed = signed.unwrap_or(0);
        if signed < largest {
            let detail = format!("the last {} records are not signed yet", largest - signed);
            return Err(VerifyError::undecided(self.name(), detail));
        }
        let last = chain.last().unwrap_or(0);
        Ok(Some(format!(
            "sound: {}, {largest} records up to offset {last}, signed heads: {heads}, kept heads: \
             {kept}",
            self.name()
        )))
    }

    /// A partition without manifests and heads has had no record, as far as anything here says.
    async fn say_nothing_is_there(&self, storage: &Storage) -> Result<String, VerifyError> {
        let (number, name) = (self.partition.number(), self.name());
        let files = storage.list(&format!("partitions/{number}")).await.map_err(damage)?;
        match files.first() {
            None => Ok(format!("nothing told of {name}: no record is sealed there")),
            Some(file) => {
                let detail = format!("{file} is there, but neither a manifest nor a signed head");
                Err(VerifyError::undecided(name, detail))
            }
        }
    }

    fn name(&self) -> String {
        format!("partition {}", self.partition.number())
    }

    async fn signed_heads(&self) -> Result<Vec<Expected>, VerifyError> {
        let mut heads = Vec::new();
        for size in self.partition.head_sizes().await.map_err(damage)? {
            let found = self.partition.head(size).await.map_err(damage)?;
            let Some((path, bytes)) = found else { continue };
            if !self.keys.iter().any(|key| key.name() == self.origin) {
                let what = format!("a key named {}", self.origin);
                return Err(VerifyError::undecided(what, "it was not given"));
            }
            let text = String::from_utf8(bytes.to_vec());
            let text = text.map_err(|_| VerifyError::unsound(&path, "it is no text"))?;
            let Checkpoint { origin, head } = Checkpoint::verified(&text, self.keys, &path)?;
            if (origin.as_str(), head.size) != (self.origin, size) {
                return Err(VerifyError::unsound(path, "it is the head of another tree"));
            }
            heads.push(Expected { head, position: path, is_signed: true });
        }
        Ok(heads)
    }

    /// The root after the last record against those that are expected there.
    fn compare(
        &self,
        chain: &Chain,
        expected: &mut Peekable<IntoIter<Expected>>,
    ) -> Result<(), VerifyError> {
        let (tree, offset) = (chain.tree(), chain.last().unwrap_or(0));
        while let Some(wanted) = expected.next_if(|wanted| wanted.head.size == tree.head_size()) {
            if tree.head() != wanted.head {
                let what = "the records up to here have another root than is signed or said";
                let position = format!("{}, offset {offset}", self.name());
                return Err(VerifyError::unsound(
                    position,
                    format!("{what} by {}", wanted.position),
                ));
            }
        }
        Ok(())
    }

    /// Lets the chain take entries up to each root that is expected, which is compared there.
    fn extend(
        &self,
        chain: &mut Chain,
        mut entries: &[MarkedEntry],
        expected: &mut Peekable<IntoIter<Expected>>,
    ) -> Result<(), VerifyError> {
        while !entries.is_empty() {
            let next = expected.peek().map_or(u64::MAX, |wanted| wanted.head.size);
            let count = next.saturating_sub(chain.tree().head_size()).max(1);
            let count = usize::try_from(count).unwrap_or(usize::MAX).min(AT_ONCE);
            let (now, later) = entries.split_at(count.min(entries.len()));
            chain.extend(now)?;
            self.compare(chain, expected)?;
            entries = later;
        }
        Ok(())
    }

    /// Every record in order; every root that is expected.
    fn walk(&self, expected: Vec<Expected>) -> Result<Chain, VerifyError> {
        let mut chain = Chain::default();
        let mut expected = expected.into_iter().peekable();
        for segment in self.partition.sealed_segments() {
            let (log_id, partitions) = (self.store.log_id(), self.store.partition_count());
            for entries in segment.verified_entries(log_id, partitions) {
                self.extend(&mut chain, &entries.map_err(damage)?, &mut expected)?;
            }
        }
        match expected.next() {
            None => Ok(chain),
            Some(Expected { head, position, .. }) => {
                let size = chain.tree().head_size();
                let detail = format!("a tree of {} records was signed, {size} are here", head.size);
                Err(VerifyError::unsound(position, detail))
            }
        }
    }
}

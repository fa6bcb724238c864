//! API keys: long-lived secrets for machines, kept as one small file a key.
//!
//! Only the SHA-256 of a secret is stored. The directory is read again every second by a task of
//! its own (`keep_fresh`), so that a key made or revoked by another process counts within a second
//! or two, and nobody who calls waits for a disk. A file that cannot be read is a key that does not
//! open anything. Revoked and expired keys stay listed; the oldest go when there are too many.

use super::caller::{Caller, CallerKind, Grants, Profile, Restriction};
use super::error::AccessError;
use super::scope::Scope;
use super::secret_file::{create, hexadecimal, random, read, remove, replace, storage};
use crate::clock::SharedClock;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;

const DIRECTORY: &str = "api-keys";
const REREAD_INTERVAL: Duration = Duration::from_secs(1);
/// The coarsest time that file systems keep, and something for clocks that differ.
const SETTLED_AFTER_MICROS: i64 = 5_000_000;
/// Keys that open something.
const MAX_KEYS: usize = 10_000;
/// Keys that open nothing any more.
const MAX_ENDED_KEYS: usize = 10_000;
const MAX_NAME_CHARACTERS: usize = 200;
const ID_BYTES: usize = 12;
const SECRET_BYTES: usize = 32;

/// One key as it is stored: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Names the key in lists, logs and revocations; the caller's subject.
    pub id: String,
    /// For people.
    pub name: String,
    /// SHA-256 of the secret's text, in hexadecimal.
    pub secret_sha256: String,
    /// Workspaces granted.
    pub grants: Grants,
    /// Scopes granted.
    pub scopes: BTreeSet<Scope>,
    /// Actions it may write (`segment.*`); empty means all.
    pub actions: Vec<String>,
    /// Unix seconds.
    pub created_at: u64,
    /// Unix seconds; from then on the key is refused.
    pub expires_at: Option<u64>,
    /// Unix seconds; a revoked key stays listed.
    pub revoked_at: Option<u64>,
}

/// What a new key shall be.
#[derive(Debug, Clone)]
pub struct ApiKeyRequest {
    /// For people.
    pub name: String,
    /// Workspaces granted.
    pub grants: Grants,
    /// Scopes granted.
    pub scopes: BTreeSet<Scope>,
    /// Actions it may write; empty means all.
    pub actions: Vec<String>,
    /// Until when it is good; without one it does not expire.
    pub ttl: Option<Duration>,
}

/// A key just made. Its bearer text cannot be had again.
pub struct NewApiKey {
    /// What was stored.
    pub key: ApiKey,
    /// `id.secret`.
    pub bearer: String,
}

/// The keys of one installation.
pub struct ApiKeys {
    directory: PathBuf,
    clock: SharedClock,
    known: Mutex<Known>,
}

/// The directory as last read.
#[derive(Default)]
struct Known {
    by_id: Arc<BTreeMap<String, ApiKey>>,
    /// When the directory was changed last, if that was long enough before it was read.
    changed_at_micros: Option<i64>,
}

impl ApiKeys {
    /// The keys under the directory of secrets; it need not exist yet.
    pub fn open(secrets: &Path, clock: SharedClock) -> Self {
        let keys = Self { directory: secrets.join(DIRECTORY), clock, known: Mutex::default() };
        keys.refresh();
        keys
    }

    /// Reads the directory again every second, off the threads that answer. For ever.
    pub async fn keep_fresh(self: Arc<Self>) {
        loop {
            tokio::time::sleep(REREAD_INTERVAL).await;
            let keys = self.clone();
            if let Err(error) = tokio::task::spawn_blocking(move || keys.refresh()).await {
                tracing::error!(%error, "reading the API keys ended early");
            }
        }
    }

    /// Makes and stores a key. It is durable when this returns.
    pub fn create(&self, request: &ApiKeyRequest) -> Result<NewApiKey, AccessError> {
        check(request)?;
        let created_at = self.clock.unix_seconds();
        let (good, ended): (Vec<_>, Vec<_>) =
            self.list()?.into_iter().partition(|key| key.is_good_at(created_at));
        if good.len() >= MAX_KEYS {
            return Err(AccessError::InvalidRequest("there are 10,000 good keys already"));
        }
        for key in &ended[..ended.len().saturating_sub(MAX_ENDED_KEYS)] {
            remove(&self.path(&key.id))?;
        }
        let secret = hexadecimal(&random::<SECRET_BYTES>()?);
        let key = ApiKey {
            id: hexadecimal(&random::<ID_BYTES>()?),
            name: request.name.clone(),
            secret_sha256: digest(&secret),
            grants: request.grants.clone(),
            scopes: request.scopes.clone(),
            actions: request.actions.clone(),
            created_at,
            expires_at: request.ttl.map(|ttl| created_at.saturating_add(ttl.as_secs())),
            revoked_at: None,
        };
        create(&self.path(&key.id), &encode(&key))?;
        self.refresh();
        let bearer = format!("{}.{secret}", key.id);
        Ok(NewApiKey { key, bearer })
    }

    /// Every key, revoked and expired ones included, oldest first.
    pub fn list(&self) -> Result<Vec<ApiKey>, AccessError> {
        let mut keys: Vec<ApiKey> = read_all(&self.directory)?.into_values().collect();
        keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(keys)
    }

    /// Revokes a key for good; `false` when there is none of that id. Again is no error.
    pub fn revoke(&self, id: &str) -> Result<bool, AccessError> {
        // The id is looked up before it becomes part of a path.
        let Some(mut key) = read_all(&self.directory)?.remove(id) else { return Ok(false) };
        if key.revoked_at.is_none() {
            key.revoked_at = Some(self.clock.unix_seconds());
            replace(&self.path(id), &encode(&key))?;
        }
        self.refresh();
        Ok(true)
    }

    /// The caller whom `id.secret` proves, if any.
    pub(super) fn find(&self, bearer: &str) -> Option<Caller> {
        let (id, secret) = bearer.split_once('.')?;
        let by_id = self.known.lock().by_id.clone();
        let key = by_id.get(id);
        // An unknown id costs the same comparison as a known one.
        let stored = key.map_or("", |key| key.secret_sha256.as_str());
        let expected = format!("{stored:0<64}");
        let equal = bool::from(digest(secret).as_bytes().ct_eq(expected.as_bytes()));
        let key = key.filter(|key| equal && key.is_good_at(self.clock.unix_seconds()))?;
        Some(Caller {
            kind: CallerKind::ApiKey,
            issuer: None,
            subject: key.id.clone(),
            profile: Profile { name: Some(key.name.clone()), email: None },
            grants: key.grants.clone(),
            scopes: key.scopes.clone(),
            actions: key.actions.clone(),
            restriction: Restriction::default(),
        })
    }

    /// Reads the directory, unless it has not changed: keys are made, revoked and removed by names.
    /// If reading fails, the keys read last stay.
    fn refresh(&self) {
        let changed_at_micros = changed_at_micros(&self.directory);
        if changed_at_micros.is_some() && changed_at_micros == self.known.lock().changed_at_micros {
            return;
        }
        match read_all(&self.directory) {
            Ok(by_id) => {
                // Within the grain of a file system's time a further change would look like none.
                let now = self.clock.unix_micros();
                let is_settled = |at: &i64| now.saturating_sub(*at) > SETTLED_AFTER_MICROS;
                let changed_at_micros = changed_at_micros.filter(is_settled);
                *self.known.lock() = Known { by_id: Arc::new(by_id), changed_at_micros };
            }
            Err(error) => tracing::error!(%error, "cannot read the API keys; the last stay"),
        }
    }

    fn path(&self, id: &str) -> PathBuf {
        self.directory.join(format!("{id}.json"))
    }
}

impl ApiKey {
    fn is_good_at(&self, now_seconds: u64) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now_seconds < end)
    }
}

fn check(request: &ApiKeyRequest) -> Result<(), AccessError> {
    let name_length = request.name.chars().count();
    if name_length == 0 || name_length > MAX_NAME_CHARACTERS {
        return Err(AccessError::InvalidRequest("a key needs a name of 1 to 200 characters"));
    }
    if request.scopes.is_empty() {
        return Err(AccessError::InvalidRequest("a key needs at least one scope"));
    }
    if matches!(&request.grants, Grants::Workspaces(granted) if granted.is_empty()) {
        return Err(AccessError::InvalidRequest("a key needs at least one workspace, or `*`"));
    }
    Ok(())
}

fn digest(secret: &str) -> String {
    hexadecimal(&Sha256::digest(secret.as_bytes()))
}

fn encode(key: &ApiKey) -> Vec<u8> {
    serde_json::to_vec_pretty(key).expect("a key has only text members")
}

/// When an entry of the directory was last made, replaced or removed.
fn changed_at_micros(directory: &Path) -> Option<i64> {
    let changed_at = std::fs::metadata(directory).ok()?.modified().ok()?;
    let since = changed_at.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok()
}

/// Reads every `<id>.json` whose content is the key of that id.
fn read_all(directory: &Path) -> Result<BTreeMap<String, ApiKey>, AccessError> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(storage("list", directory, source)),
    };
    let mut by_id = BTreeMap::new();
    for entry in entries.take(2 * (MAX_KEYS + MAX_ENDED_KEYS)) {
        let path = entry.map_err(|source| storage("list", directory, source))?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let bytes = read(&path)?.unwrap_or_default();
        match serde_json::from_slice::<ApiKey>(&bytes) {
            Ok(key) if path.file_stem().is_some_and(|stem| stem == key.id.as_str()) => {
                by_id.insert(key.id.clone(), key);
            }
            _ => tracing::error!(path = %path.display(), "not an API key file; it opens nothing"),
        }
    }
    Ok(by_id)
}

#[cfg(test)]
#[path = "api_keys_tests.rs"]
mod tests;

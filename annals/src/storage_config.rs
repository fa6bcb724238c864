//! `[storage]`: where segments lie, when they are made and merged.

use std::path::{Path, PathBuf};
use std::time::Duration;

use annals_broker::local::Fsync;
use annals_projector::ProjectorOptions;
use annals_service::config::{Key, Kind};
use annals_store::{
    AzureOptions, CacheOptions, CompactionOptions, GcsOptions, S3Options, Storage, StorageOptions,
    StoreError,
};
use serde::Deserialize;

use crate::data_directory::DataDirectory;
use crate::exit::Failure;

/// After how long the demo seals.
const DEMO_SEAL_INTERVAL_SECONDS: u64 = 30;

/// Keys of the section. `deploy/annals.toml` explains each.
pub(crate) const KEYS: [Key; 22] = [
    Key::new("storage.url", Kind::Text),
    Key::new("storage.s3_endpoint", Kind::Text),
    Key::new("storage.s3_region", Kind::Text),
    Key::new("storage.s3_access_key_id", Kind::Text),
    Key::new("storage.s3_secret_access_key", Kind::Text),
    Key::new("storage.s3_session_token", Kind::Text),
    Key::new("storage.s3_allow_http", Kind::Boolean),
    Key::new("storage.gcs_endpoint", Kind::Text),
    Key::new("storage.gcs_service_account", Kind::Text),
    Key::new("storage.gcs_allow_http", Kind::Boolean),
    Key::new("storage.azure_account", Kind::Text),
    Key::new("storage.azure_access_key", Kind::Text),
    Key::new("storage.azure_endpoint", Kind::Text),
    Key::new("storage.azure_allow_http", Kind::Boolean),
    Key::new("storage.seal_bytes", Kind::Integer),
    Key::new("storage.seal_interval_seconds", Kind::Integer),
    Key::new("storage.tail_bytes", Kind::Integer),
    Key::new("storage.cache_bytes", Kind::Integer),
    Key::new("storage.compaction", Kind::Boolean),
    Key::new("storage.compaction_tiers", Kind::List),
    Key::new("storage.grace_seconds", Kind::Integer),
    Key::new("storage.fsync", Kind::Text),
];

#[derive(Deserialize)]
#[serde(default)]
pub(crate) struct StorageConfig {
    url: Option<String>,
    s3_endpoint: Option<String>,
    s3_region: Option<String>,
    s3_access_key_id: Option<String>,
    s3_secret_access_key: Option<String>,
    s3_session_token: Option<String>,
    s3_allow_http: bool,
    gcs_endpoint: Option<String>,
    gcs_service_account: Option<String>,
    gcs_allow_http: bool,
    azure_account: Option<String>,
    azure_access_key: Option<String>,
    azure_endpoint: Option<String>,
    azure_allow_http: bool,
    seal_bytes: usize,
    seal_interval_seconds: u64,
    tail_bytes: usize,
    cache_bytes: u64,
    compaction: bool,
    compaction_tiers: Vec<String>,
    grace_seconds: u64,
    fsync: String,
}

impl std::fmt::Debug for StorageConfig {
    /// Without the credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StorageConfig").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Default for StorageConfig {
    fn default() -> Self {
        let projector = ProjectorOptions::default();
        Self {
            url: None,
            s3_endpoint: None,
            s3_region: None,
            s3_access_key_id: None,
            s3_secret_access_key: None,
            s3_session_token: None,
            s3_allow_http: false,
            gcs_endpoint: None,
            gcs_service_account: None,
            gcs_allow_http: false,
            azure_account: None,
            azure_access_key: None,
            azure_endpoint: None,
            azure_allow_http: false,
            seal_bytes: projector.seal_bytes,
            seal_interval_seconds: projector.seal_interval.as_secs(),
            tail_bytes: projector.tail_bytes,
            cache_bytes: 16 << 30,
            compaction: true,
            compaction_tiers: Vec::new(),
            grace_seconds: 600,
            fsync: "always".into(),
        }
    }
}

impl StorageConfig {
    /// Seals, and with that signs, after half a minute unless told otherwise: whoever looks at the
    /// demo wants to see an event verified.
    pub(crate) fn seal_soon(&mut self) {
        if self.seal_interval_seconds == Self::default().seal_interval_seconds {
            self.seal_interval_seconds = DEMO_SEAL_INTERVAL_SECONDS;
        }
    }

    /// Checks what one value says of another.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.tail_bytes < self.seal_bytes {
            return Err(Failure::usage("storage.tail_bytes is below storage.seal_bytes"));
        }
        if self.seal_interval_seconds == 0 {
            return Err(Failure::usage("storage.seal_interval_seconds has to be at least 1"));
        }
        self.fsync()?;
        self.compaction()?;
        Ok(())
    }

    /// The embedded log's durability.
    pub(crate) fn fsync(&self) -> Result<Fsync, Failure> {
        match self.fsync.as_str() {
            "always" => Ok(Fsync::Always),
            "interval" => Ok(Fsync::Interval(Duration::from_millis(100))),
            other => Err(Failure::usage(format!(
                "storage.fsync is `{other}`, it has to be `always` or `interval` (every 100 ms)"
            ))),
        }
    }

    /// Bounds of the projector; its name indexes lie at `names`.
    pub(crate) fn projector(&self, names: PathBuf) -> ProjectorOptions {
        ProjectorOptions {
            seal_bytes: self.seal_bytes,
            tail_bytes: self.tail_bytes,
            seal_interval: Duration::from_secs(self.seal_interval_seconds),
            names_directory: Some(names),
            ..ProjectorOptions::default()
        }
    }

    /// How segments are merged.
    pub(crate) fn compaction(&self) -> Result<CompactionOptions, Failure> {
        let mut options = CompactionOptions::default();
        let tiers = self.compaction_tiers.iter().map(|tier| {
            let bad = || Failure::usage(format!("storage.compaction_tiers: `{tier}` is no number"));
            tier.trim().parse().map_err(|_| bad())
        });
        let tiers: Vec<u64> = tiers.collect::<Result<_, _>>()?;
        if !tiers.is_sorted_by(|a, b| a < b) {
            return Err(Failure::usage("storage.compaction_tiers has to ascend"));
        }
        if !tiers.is_empty() {
            options.tiers = tiers;
        }
        if !self.compaction {
            options.tiers = Vec::new();
        }
        Ok(options)
    }

    /// Bytes of records in memory at most, before they are sealed.
    pub(crate) fn seal_bytes(&self) -> usize {
        self.seal_bytes
    }

    /// How long replaced files stay.
    pub(crate) fn grace(&self) -> Duration {
        Duration::from_secs(self.grace_seconds)
    }

    /// Whether segments lie elsewhere than below the data directory.
    pub(crate) fn is_remote(&self) -> bool {
        self.url.is_some()
    }

    /// Whether there may be a store, without making one.
    pub(crate) fn is_there(&self, data: &DataDirectory) -> bool {
        self.url.is_some() || data.store().is_dir()
    }

    /// Where segments lie: below the data directory unless a URL says otherwise.
    pub(crate) fn open(&self, data: &DataDirectory) -> Result<Storage, Failure> {
        let own = data.store().display().to_string();
        let url = self.url.as_deref().unwrap_or(&own);
        let cache = CacheOptions { directory: data.cache(), limit_bytes: self.cache_bytes };
        Storage::from_url(url, &self.options(cache))
            .map_err(|error| Failure::usage(format!("storage.url: {error}")))
    }

    /// A storage of this URL, whose segments are kept in a directory while they are read.
    pub(crate) fn open_url(&self, url: &str, cache: &Path) -> Result<Storage, StoreError> {
        let cache = CacheOptions { directory: cache.to_owned(), limit_bytes: self.cache_bytes };
        Storage::from_url(url, &self.options(cache))
    }

    fn options(&self, cache: CacheOptions) -> StorageOptions {
        let s3 = S3Options {
            endpoint: self.s3_endpoint.clone(),
            region: self.s3_region.clone(),
            access_key_id: self.s3_access_key_id.clone(),
            secret_access_key: self.s3_secret_access_key.clone(),
            session_token: self.s3_session_token.clone(),
            allow_http: self.s3_allow_http,
        };
        let gcs = GcsOptions {
            endpoint: self.gcs_endpoint.clone(),
            service_account: self.gcs_service_account.clone(),
            allow_http: self.gcs_allow_http,
        };
        let azure = AzureOptions {
            account: self.azure_account.clone(),
            access_key: self.azure_access_key.clone(),
            endpoint: self.azure_endpoint.clone(),
            allow_http: self.azure_allow_http,
        };
        StorageOptions { cache: Some(cache), s3, gcs, azure }
    }
}

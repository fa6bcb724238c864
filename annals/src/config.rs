//! The configuration of every role: `annals.toml`, then `ANNALS_*`, then flags.

mod registry;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use annals_broker::kafka::KafkaOptions;
use annals_broker::local::LocalOptions;
use annals_query_api::QueryLimits;
use annals_service::access::{IdentityProvider, IdentityProviderOptions, RateLimits};
use annals_service::config::{Key, Kind, Known, Value, load};
use serde::Deserialize;

use crate::exit::Failure;
use crate::storage_config::{self, StorageConfig};
use registry::RegistryConfig;

/// Read from the working directory if it is there and no other is given.
const DEFAULT_FILE: &str = "annals.toml";

/// All keys there are. `deploy/annals.toml` explains each.
pub(crate) const KNOWN: Known = Known {
    keys: &[
        &[
            Key::new("http.listen", Kind::Text),
            Key::new("http.admin_listen", Kind::Text),
            Key::new("http.frame_ancestors", Kind::List),
            Key::new("auth.issuer", Kind::Text),
            Key::new("auth.audience", Kind::List),
            Key::new("auth.jwks", Kind::Text),
            Key::new("auth.algorithms", Kind::List),
            Key::new("auth.workspace_claim", Kind::Text),
            Key::new("auth.roles_claim", Kind::Text),
            Key::new("auth.roles", Kind::Table),
            Key::new("auth.record_reads", Kind::Boolean),
            Key::new("http.allowed_origins", Kind::List),
            Key::new("http.base_path", Kind::Text),
            Key::new("kafka.brokers", Kind::Text),
            Key::new("kafka.topic", Kind::Text),
            Key::new("kafka.properties", Kind::Properties),
        ],
        &storage_config::KEYS,
        &[
            Key::new("registry.file", Kind::Text),
            Key::new("registry.url", Kind::Text),
            Key::new("registry.user", Kind::Text),
            Key::new("registry.password", Kind::Text),
            Key::new("limits.event_bytes", Kind::Integer),
            Key::new("limits.batch_events", Kind::Integer),
            Key::new("limits.batch_bytes", Kind::Integer),
            Key::new("limits.steps_per_query", Kind::Integer),
            Key::new("limits.milliseconds_per_query", Kind::Integer),
            Key::new("limits.queries_per_workspace", Kind::Integer),
            Key::new("limits.requests_per_minute_per_caller", Kind::Integer),
            Key::new("limits.requests_per_minute_per_workspace", Kind::Integer),
            Key::new("telemetry.log", Kind::Text),
        ],
    ],
    other_variables: &["ANNALS_SERVER", "ANNALS_TOKEN", "ANNALS_OUTBOX_DSN", "ANNALS_CRASH_AT"],
};

/// Everything that can be configured.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    pub(crate) http: Http,
    pub(crate) auth: IdentityProviderOptions,
    pub(crate) kafka: Kafka,
    pub(crate) storage: StorageConfig,
    pub(crate) registry: RegistryConfig,
    pub(crate) limits: LimitsConfig,
    pub(crate) telemetry: Telemetry,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Http {
    listen: String,
    admin_listen: Option<String>,
    pub(crate) frame_ancestors: Vec<String>,
    pub(crate) allowed_origins: Vec<String>,
    base_path: String,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Kafka {
    pub(crate) brokers: Option<String>,
    pub(crate) topic: String,
    pub(crate) properties: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct LimitsConfig {
    pub(crate) event_bytes: usize,
    pub(crate) batch_events: usize,
    pub(crate) batch_bytes: usize,
    steps_per_query: u64,
    milliseconds_per_query: u64,
    pub(crate) queries_per_workspace: usize,
    pub(crate) requests_per_minute_per_caller: u32,
    pub(crate) requests_per_minute_per_workspace: u32,
}

impl LimitsConfig {
    /// What one query may do.
    pub(crate) fn of_a_query(&self) -> QueryLimits {
        let duration = Duration::from_millis(self.milliseconds_per_query);
        QueryLimits { steps: self.steps_per_query, duration }
    }

    /// How many requests callers and workspaces may make.
    pub(crate) fn rates(&self) -> RateLimits {
        RateLimits::per_minute(
            self.requests_per_minute_per_caller,
            self.requests_per_minute_per_workspace,
        )
    }
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Telemetry {
    pub(crate) log: String,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            admin_listen: None,
            frame_ancestors: Vec::new(),
            allowed_origins: Vec::new(),
            base_path: String::new(),
        }
    }
}

impl Http {
    /// Where API and page are served.
    pub(crate) fn listen(&self) -> Result<SocketAddr, Failure> {
        address("http.listen", &self.listen)
    }

    /// Where metrics and the reasons of readiness are served besides.
    pub(crate) fn admin_listen(&self) -> Result<Option<SocketAddr>, Failure> {
        let wanted = self.admin_listen.as_deref();
        wanted.map(|wanted| address("http.admin_listen", wanted)).transpose()
    }

    /// What stands before every path, such as `/audit`; empty for nothing.
    pub(crate) fn base_path(&self) -> Result<String, Failure> {
        let path = self.base_path.trim_end_matches('/');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let segments = path.split('/').skip(1).all(|part| !matches!(part, "" | "." | ".."));
        if path.is_empty() || path.starts_with('/') && path.bytes().all(plain) && segments {
            return Ok(path.to_owned());
        }
        let wanted = "is no path such as /audit";
        Err(Failure::usage(format!("http.base_path: `{}` {wanted}", self.base_path)))
    }
}

fn address(key: &str, wanted: &str) -> Result<SocketAddr, Failure> {
    wanted.parse().map_err(|_| Failure::usage(format!("{key}: `{wanted}` is no HOST:PORT")))
}

impl Default for Kafka {
    fn default() -> Self {
        let topic = "annals.events.v1".to_owned();
        Self { brokers: None, topic, properties: BTreeMap::new() }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let limits = annals_schemas::Limits::GATEWAY;
        Self {
            event_bytes: limits.event_bytes,
            batch_events: annals_schemas::BATCH_MAX_EVENTS,
            batch_bytes: annals_schemas::BATCH_MAX_BYTES,
            steps_per_query: 100_000_000,
            milliseconds_per_query: 10_000,
            queries_per_workspace: 0,
            requests_per_minute_per_caller: 0,
            requests_per_minute_per_workspace: 0,
        }
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { log: "info".into() }
    }
}

impl Config {
    /// Reads file, environment and flags, and checks what one value says of another.
    pub(crate) fn load(file: Option<&Path>, flags: &[(&str, Value)]) -> Result<Self, Failure> {
        let fallback = Path::new(DEFAULT_FILE);
        let file = file.or_else(|| fallback.is_file().then_some(fallback));
        let config: Self = load(&KNOWN, file, flags).map_err(|error| Failure::config(&error))?;
        config.storage.check()?;
        Ok(config)
    }

    /// The product's identity provider, if one is configured.
    pub(crate) fn identity_provider(&self) -> Result<Option<Arc<IdentityProvider>>, Failure> {
        IdentityProvider::new(&self.auth).map_err(|error| Failure::config(&error))
    }

    /// The embedded log's settings.
    pub(crate) fn local_log(&self) -> Result<LocalOptions, Failure> {
        let topic = self.kafka.topic.clone();
        Ok(LocalOptions { topic, fsync: self.storage.fsync()?, ..LocalOptions::default() })
    }

    /// Kafka's settings.
    pub(crate) fn kafka(&self, brokers: &str) -> KafkaOptions {
        let mut options = KafkaOptions::new(brokers, self.kafka.topic.clone());
        options.properties = self.kafka.properties.clone();
        options
    }
}

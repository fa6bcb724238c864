//! `[registry]`: what is known of actions, and the schema registry in front of the log.

use std::path::PathBuf;
use std::sync::Arc;

use annals_projector::{RegistryClient, RegistryOptions, Resolver};
use annals_service::clock::SystemClock;
use serde::Deserialize;

use crate::exit::Failure;

/// The section. `deploy/annals.toml` explains each key.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RegistryConfig {
    /// Labels, kinds, aliases and secrets of actions.
    pub(crate) file: Option<PathBuf>,
    url: Option<String>,
    user: Option<String>,
    password: Option<String>,
}

impl std::fmt::Debug for RegistryConfig {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistryConfig").field("file", &self.file).field("url", &self.url).finish()
    }
}

impl RegistryConfig {
    /// What asks the schema registry; nothing is asked yet. Without one, framed values are refused.
    pub(crate) fn resolver(&self) -> Result<Resolver, Failure> {
        let (user, password) = (self.user.clone(), self.password.clone());
        let Some(url) = self.url.clone() else {
            return match user.or(password) {
                None => Ok(Resolver::default()),
                Some(_) => Err(Failure::usage("registry.user and .password need registry.url")),
            };
        };
        let client = RegistryClient::new(&RegistryOptions { url, user, password });
        let client = client.map_err(|error| Failure::config(&error))?;
        Ok(Resolver::asking(Arc::new(client), SystemClock::shared()))
    }
}

//! One identity provider: its keys as last seen, and when to look again.

use super::claims::Claims;
use super::key_set::KeySet;
use super::options::{CheckedOptions, IdentityProviderOptions, InvalidIdentityProvider, KeySource};
use crate::access::caller::Caller;
use jsonwebtoken::errors::ErrorKind;
use parking_lot::RwLock;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The key set is read again this often: a withdrawn key is accepted for less than a minute more,
/// the time that reading it may take included.
const REFRESH_INTERVAL: Duration = Duration::from_secs(45);
/// However many unknown keys are met, it is read at most this often.
const LEAST_INTERVAL: Duration = Duration::from_secs(30);
/// How long the provider may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// A longer document is none.
const MAX_BYTES: usize = 256 * 1024;

/// Checks tokens of one provider.
pub struct IdentityProvider {
    options: CheckedOptions,
    client: reqwest::Client,
    keys: RwLock<Arc<KeySet>>,
    /// A token named a key that is not known, or was not signed by the one it named.
    unknown_key: Notify,
}

/// Why a key set was not taken; the last one stays.
#[derive(Debug, thiserror::Error)]
pub(super) enum RefreshError {
    #[error("cannot read the file")]
    File(#[from] std::io::Error),
    #[error("cannot fetch it")]
    Fetch(#[from] reqwest::Error),
    #[error("the provider answered {0}")]
    Status(u16),
    #[error("it is larger than {MAX_BYTES} bytes")]
    TooLarge,
    #[error(transparent)]
    Invalid(#[from] super::key_set::InvalidKeySet),
}

impl IdentityProvider {
    /// The configured provider, if there is one. It accepts nothing before its first key set.
    pub fn new(
        options: &IdentityProviderOptions,
    ) -> Result<Option<Arc<Self>>, InvalidIdentityProvider> {
        let Some(options) = options.checked()? else { return Ok(None) };
        let client = reqwest::Client::builder()
            .timeout(FETCH_TIMEOUT)
            // Whoever answers at the configured address does not choose another one.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client of constants can be built");
        let keys = RwLock::default();
        Ok(Some(Arc::new(Self { options, client, keys, unknown_key: Notify::new() })))
    }

    /// The bearer of a token that the provider signed and that is good at `now_seconds`.
    pub(in crate::access) fn verify(&self, token: &str, now_seconds: u64) -> Option<Caller> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        // `crit` names extensions one must understand (RFC 7515 4.1.11); none is known here.
        if header.crit.is_some() || header.extras.inner().contains_key("b64") {
            return None;
        }
        let keys = self.keys.read().clone();
        let Some(found) = keys.find(header.kid.as_deref()) else {
            self.unknown_key.notify_one();
            return None;
        };
        let decoded =
            jsonwebtoken::decode::<Map<String, Value>>(token, &found.key, &found.validation);
        let decoded = match decoded {
            Ok(decoded) => decoded,
            Err(error) => {
                // Some providers change a key and keep its id.
                if matches!(error.kind(), ErrorKind::InvalidSignature) {
                    self.unknown_key.notify_one();
                }
                return None;
            }
        };
        let claims = Claims::new(&decoded.claims, &self.options);
        claims.are_good_at(now_seconds).then(|| claims.caller()).flatten()
    }

    /// Reads the key set now, then from time to time and when an unknown key is met. For ever.
    pub async fn keep_fresh(&self) {
        loop {
            match self.refresh().await {
                Ok(keys) => {
                    metrics::counter!("annals_service_key_set_reads_total", "outcome" => "ok")
                        .increment(1);
                    tracing::debug!(keys, "the identity provider's key set was read");
                }
                Err(error) => {
                    metrics::counter!("annals_service_key_set_reads_total", "outcome" => "failed")
                        .increment(1);
                    let error = crate::with_causes(&error);
                    tracing::warn!(%error, "the identity provider's last key set stays");
                }
            }
            tokio::time::sleep(LEAST_INTERVAL).await;
            let rest = REFRESH_INTERVAL.saturating_sub(LEAST_INTERVAL);
            // Told meanwhile or now: both count, however often.
            let _ = tokio::time::timeout(rest, self.unknown_key.notified()).await;
        }
    }

    /// Replaces the keys by those of the source; the number of them.
    pub(super) async fn refresh(&self) -> Result<usize, RefreshError> {
        let document = match &self.options.source {
            KeySource::File(path) => read(path)?,
            KeySource::Url(url) => self.fetch(url.clone()).await?,
        };
        let keys = KeySet::parse(&document, &self.options)?;
        let len = keys.len();
        *self.keys.write() = Arc::new(keys);
        Ok(len)
    }

    async fn fetch(&self, url: reqwest::Url) -> Result<Vec<u8>, RefreshError> {
        let mut response = self.client.get(url).send().await?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(RefreshError::Status(response.status().as_u16()));
        }
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if document.len() + chunk.len() > MAX_BYTES {
                return Err(RefreshError::TooLarge);
            }
            document.extend_from_slice(&chunk);
        }
        Ok(document)
    }
}

/// A small file, read at start and every few minutes: not worth a thread of its own.
fn read(path: &std::path::Path) -> Result<Vec<u8>, RefreshError> {
    if std::fs::metadata(path)?.len() > MAX_BYTES as u64 {
        return Err(RefreshError::TooLarge);
    }
    Ok(std::fs::read(path)?)
}

//! A client of the gateway: sends events over HTTP and says what became of each.
//!
//! Guarantees: one request after the other, in order; a pause that the server asks for is kept; no
//! redirect is followed, which could carry the token elsewhere. Deliberately not here: queues and
//! trying again ([`Recorder`](crate::Recorder) and `annals import` do, each in its way).

mod answer;
mod front;
#[cfg(all(test, feature = "gateway"))]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use annals_schemas::Event;
use parking_lot::Mutex;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use tokio::time::Instant;

pub use answer::{Fate, PostError};

/// Where a gateway takes batches.
const PATH: &str = "/v1/events:batch";
/// A pause that a server asks for is kept up to this long.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
/// Far more than a gateway says of a batch.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// Gives a bearer token for each request.
pub type Token = Arc<dyn Fn() -> String + Send + Sync>;

/// A gateway at an address, and the right to write there. Cheap to clone.
#[derive(Clone)]
pub struct GatewayClient {
    http: reqwest::Client,
    url: String,
    token: Token,
    /// Before this the server wants to be left alone.
    not_before: Arc<Mutex<Option<Instant>>>,
}

/// A client that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made")]
pub struct NoClient(#[source] reqwest::Error);

impl GatewayClient {
    /// A gateway at `http(s)://HOST[:PORT][/BASE]`; the key is an API key or a token.
    ///
    /// # Errors
    /// When the system's certificates or TLS cannot be used.
    pub fn new(url: &str, key: impl Into<String>) -> Result<Self, NoClient> {
        let key = key.into();
        Self::with_token(url, Arc::new(move || key.clone()))
    }

    /// The same with a token that changes.
    ///
    /// # Errors
    /// See [`new`](Self::new).
    pub fn with_token(url: &str, token: Token) -> Result<Self, NoClient> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("annals-ingest/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(NoClient)?;
        let url = format!("{}{PATH}", url.trim_end_matches('/'));
        Ok(Self { http, url, token, not_before: Arc::default() })
    }

    /// Sends events as one batch, once the pause that the server last asked for is over: one fate
    /// an event, in order. Dropping it half way leaves open what has landed.
    ///
    /// # Errors
    /// See [`PostError`]: nothing is known of any of them.
    pub async fn post(&self, events: &[Event]) -> Result<Vec<Fate>, PostError> {
        let mut body = Vec::new();
        for event in events {
            event.write_json(&mut body);
            body.push(b'\n');
        }
        self.post_lines(body, events.len()).await
    }

    /// The same of events that are written already, one a line.
    ///
    /// # Errors
    /// See [`post`](Self::post).
    pub async fn post_lines(&self, body: Vec<u8>, events: usize) -> Result<Vec<Fate>, PostError> {
        let pause = *self.not_before.lock();
        if let Some(until) = pause {
            tokio::time::sleep_until(until).await;
        }
        let request = self.http.post(&self.url).bearer_auth((self.token)());
        let request = request.header(CONTENT_TYPE, "application/x-ndjson").body(body);
        let response = request.send().await.map_err(|error| PostError::unreachable(&error))?;
        let status = response.status().as_u16();
        let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let asked = asked.and_then(|text| text.parse().ok()).map(Duration::from_secs);
        *self.not_before.lock() =
            asked.map(|pause: Duration| Instant::now() + pause.min(RETRY_AFTER_MAX));
        let text = read(response).await?;
        answer::read(status, &text, events)
    }
}

/// The body of an answer, up to its bound.
async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, PostError> {
    let mut text = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| PostError::unreachable(&error))?
    {
        if text.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(PostError::Unreachable { detail: "an answer without end".to_owned() });
        }
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}

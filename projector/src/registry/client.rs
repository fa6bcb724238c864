//! A registry over HTTP: one GET of Confluent's API.

use std::time::Duration;

use annals_schemas::{SCHEMA_MAX_BYTES, SchemaId};
use annals_service::with_causes;
use async_trait::async_trait;
use reqwest::{StatusCode, Url};
use serde::Deserialize;

use super::{Answer, Away, ID_MAX, SchemaSource};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// JSON escapes may double a text, and something stands around it.
const ANSWER_MAX_BYTES: usize = 2 * SCHEMA_MAX_BYTES + 4096;
/// By which a registry itself says that there is no such schema.
const SCHEMA_NOT_FOUND: u32 = 40403;

/// Where a registry is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryOptions {
    /// `http(s)://HOST[:PORT][/BASE]`; below it `/schemas/ids/…` is asked.
    pub url: String,
    /// Basic authentication, if it asks for one.
    pub user: Option<String>,
    /// With this.
    pub password: Option<String>,
}

/// An address that is none, or a client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum InvalidRegistry {
    /// The address.
    #[error("registry.url `{0}` is no http(s)://HOST[:PORT][/BASE]")]
    Url(String),
    /// The system's certificates, or TLS.
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
}

/// Asks a registry.
pub struct RegistryClient {
    http: reqwest::Client,
    base: Url,
    credentials: Option<(String, Option<String>)>,
}

#[derive(Deserialize)]
struct Found {
    schema: String,
    #[serde(default, rename = "schemaType")]
    schema_type: Option<String>,
    #[serde(default)]
    references: Option<Vec<serde_json::Value>>,
}

#[derive(Deserialize)]
struct Refused {
    error_code: u32,
}

impl RegistryClient {
    /// A client of this registry; nothing is asked yet.
    ///
    /// # Errors
    /// When the address is none, or TLS cannot be used.
    pub fn new(options: &RegistryOptions) -> Result<Self, InvalidRegistry> {
        let invalid = || InvalidRegistry::Url(options.url.clone());
        // A slash at the end: what is asked lies below.
        let base = format!("{}/", options.url.trim_end_matches('/'));
        let base: Url = base.parse().map_err(|_| invalid())?;
        let is_web = matches!(base.scheme(), "http" | "https") && base.has_host();
        let has_secret = !base.username().is_empty() || base.password().is_some();
        if !is_web || has_secret || base.query().is_some() || base.fragment().is_some() {
            return Err(invalid());
        }
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // Whoever answers at the configured address does not choose another one.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("annals/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(InvalidRegistry::Client)?;
        let credentials = options.user.clone().map(|user| (user, options.password.clone()));
        Ok(Self { http, base, credentials })
    }
}

#[async_trait]
impl SchemaSource for RegistryClient {
    async fn schema(&self, id: SchemaId) -> Result<Answer, Away> {
        if id.0 > ID_MAX {
            return Ok(Answer::Unknown);
        }
        let url = self.base.join(&format!("schemas/ids/{id}"));
        let url = url.map_err(|error| Away { detail: error.to_string() })?;
        let accept = "application/vnd.schemaregistry.v1+json, application/json";
        let mut request = self.http.get(url).header(reqwest::header::ACCEPT, accept);
        if let Some((user, password)) = &self.credentials {
            request = request.basic_auth(user, password.as_ref());
        }
        let away = |error: reqwest::Error| Away {
            detail: format!("the registry cannot be asked: {}", with_causes(&error.without_url())),
        };
        let mut response = request.send().await.map_err(away)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(away)? {
            if body.len() + chunk.len() > ANSWER_MAX_BYTES {
                return too_long(status);
            }
            body.extend_from_slice(&chunk);
        }
        read(status, &body)
    }
}

fn too_long(status: StatusCode) -> Result<Answer, Away> {
    match status {
        StatusCode::OK => Ok(Answer::Unknown),
        status => Err(Away { detail: format!("the registry answered {status}, without end") }),
    }
}

/// What an answer says; everything that is not plainly a registry's is no answer.
fn read(status: StatusCode, body: &[u8]) -> Result<Answer, Away> {
    let unread = || Away { detail: format!("the registry answered {status}, which says nothing") };
    match status {
        StatusCode::OK => {
            let found: Found = serde_json::from_slice(body).map_err(|_| unread())?;
            let is_avro = found.schema_type.is_none_or(|kind| kind == "AVRO");
            let is_whole = found.references.is_none_or(|references| references.is_empty());
            match is_avro && is_whole && found.schema.len() <= SCHEMA_MAX_BYTES {
                true => Ok(Answer::Schema(found.schema)),
                false => Ok(Answer::Unknown),
            }
        }
        StatusCode::NOT_FOUND => {
            // Something on the way may answer 404 as well.
            let refused: Refused = serde_json::from_slice(body).map_err(|_| unread())?;
            match refused.error_code {
                SCHEMA_NOT_FOUND => Ok(Answer::Unknown),
                _ => Err(unread()),
            }
        }
        _ => Err(Away { detail: format!("the registry answered {status}") }),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn only_a_registry_says_that_there_is_no_schema() {
        let read =
            |status: u16, body: &str| read(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        let schema = |text: &str| Ok(Answer::Schema(text.to_owned()));
        assert_eq!(read(200, r#"{"schema":"\"string\""}"#), schema("\"string\""));
        assert_eq!(read(200, r#"{"schema":"s","schemaType":"AVRO","references":[]}"#), schema("s"));
        for other in [
            r#"{"schema":"{}","schemaType":"JSON"}"#,
            r#"{"schema":"s","references":[{"name":"a","subject":"b","version":1}]}"#,
            &format!(r#"{{"schema":"{}"}}"#, "x".repeat(SCHEMA_MAX_BYTES + 1)),
        ] {
            assert_eq!(read(200, other), Ok(Answer::Unknown));
        }
        assert_eq!(read(404, r#"{"error_code":40403,"message":"x"}"#), Ok(Answer::Unknown));
        for (status, body) in [
            (404, ""),
            (404, "<html>no such page</html>"),
            (404, r#"{"error_code":404,"message":"HTTP 404 Not Found"}"#),
            (404, r#"{"error_code":0,"message":"RESTEASY003870: Unable to extract parameter"}"#),
            (404, r#"{"error_code":40401,"message":"Subject not found"}"#),
            (200, "<html>sign in</html>"),
            (200, r#"{"error_code":40403}"#),
            (204, ""),
            (302, r#"{"schema":"s"}"#),
            (401, r#"{"error_code":40101}"#),
            (500, r#"{"error_code":50001}"#),
            (503, r#"{"schema":"s"}"#),
        ] {
            assert!(read(status, body).is_err(), "{status} {body}");
        }
    }

    #[test]
    fn an_address_is_one_of_the_web_without_secrets() {
        let new = |url: &str| {
            RegistryClient::new(&RegistryOptions { url: url.into(), ..Default::default() })
        };
        for url in ["http://r:8081", "https://r/apis/ccompat/v7", "http://127.0.0.1:1/x/"] {
            let joined = new(url).unwrap().base.join("schemas/ids/7").unwrap().to_string();
            assert_eq!(joined, format!("{}/schemas/ids/7", url.trim_end_matches('/')));
        }
        for url in ["", "r:8081", "ftp://r", "http://a:b@r", "http://r?x=1", "http://r#x"] {
            assert!(new(url).is_err(), "{url}");
        }
    }
}

//! A plain HTTP client: one request, one answer, nothing interpreted.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::runtime::Runtime;

/// A client with a server and perhaps a token. Cloning shares the connections.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    address: String,
    token: Option<String>,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body bytes.
    pub body: Vec<u8>,
}

impl Http {
    /// For a server at `http://HOST:PORT`.
    pub fn new(address: &str, token: Option<String>) -> Self {
        let builder = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60));
        let client = builder.build().expect("a plain client can always be built");
        Self { client, address: address.to_owned(), token }
    }

    /// The token in use.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The server's address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The same server with another token.
    #[must_use]
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(ToOwned::to_owned), ..self.clone() }
    }

    /// GET of a path with its query.
    pub fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path))
    }

    /// GET that must be answered with 200 and a JSON body of this shape.
    pub fn get_json<T: DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text());
        answer.parse()
    }

    /// POST of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_bytes(path, "application/json", body.to_string().into_bytes())
    }

    /// POST of any bytes.
    pub fn post_bytes(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.send(self.request("POST", path).header("content-type", content_type).body(body))
    }

    /// A request to be completed by the caller and given to [`Http::send`].
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().expect("the suites use known methods");
        let request = self.client.request(method, format!("{}{path}", self.address));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When no answer comes.
    pub fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.try_send(request).unwrap_or_else(|error| panic!("{}: {error:?}", self.address))
    }

    /// Sends a request to a server that may be going down.
    pub fn try_send(&self, request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        runtime().block_on(Self::exchange(request))
    }

    /// Sends a request, for callers inside a runtime.
    pub async fn exchange(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        Ok(Answer { status, headers, body })
    }
}

impl Answer {
    /// The body as JSON of a shape.
    ///
    /// # Panics
    /// When it has another shape.
    pub fn parse<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in: {}", self.text()))
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        self.parse()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's text; empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The name of the problem: the last part of its `type`.
    ///
    /// # Panics
    /// When the answer is not `application/problem+json`.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        assert!(problem["title"].is_string() && problem["request_id"].is_string(), "{problem}");
        let kind = problem["type"].as_str().unwrap_or_default();
        kind.rsplit(['/', ':', '#']).next().unwrap_or_default().to_owned()
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("the machine can start threads"))
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn encoding_leaves_only_unreserved_characters() {
        assert_eq!(encode("a/b c~%"), "a%2Fb%20c~%25");
        assert_eq!(encode("é"), "%C3%A9");
    }
}

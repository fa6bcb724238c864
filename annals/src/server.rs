//! A running server that a command talks to: `--server`, otherwise `ANNALS_SERVER`; with the token
//! in `ANNALS_TOKEN`.

use annals_ingest::client::GatewayClient;
use annals_service::environment::variable;
use annals_service::with_causes;
use reqwest::Method;
use serde_json::Value;

use crate::exit::Failure;

/// A server and the right to ask it.
pub(crate) struct Server {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Server {
    /// The server given, or that of the environment; `None` if there is neither.
    pub(crate) fn given(argument: Option<&str>) -> Result<Option<Self>, Failure> {
        let Some(url) = argument.map(str::to_owned).or_else(|| variable("ANNALS_SERVER")) else {
            return Ok(None);
        };
        let token = variable("ANNALS_TOKEN")
            .ok_or_else(|| Failure::usage("a server needs a token in ANNALS_TOKEN"))?;
        Self::new(&url, token).map(Some)
    }

    pub(crate) fn new(url: &str, token: String) -> Result<Self, Failure> {
        let client = reqwest::Client::builder().build();
        let client = client.map_err(|error| Failure::dependency(&error))?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned(), token })
    }

    /// Where it takes events.
    pub(crate) fn gateway(&self) -> Result<GatewayClient, Failure> {
        GatewayClient::new(&self.url, &self.token).map_err(|error| Failure::dependency(&error))
    }

    /// Sends a request; its status and body.
    pub(crate) async fn send(
        &self,
        (method, path): (Method, &str),
        body: Option<(&str, Vec<u8>)>,
    ) -> Result<(u16, String), Failure> {
        let url = format!("{}{path}", self.url);
        let mut request = self.client.request(method, &url).bearer_auth(&self.token);
        if let Some((media_type, body)) = body {
            request = request.header("content-type", media_type).body(body);
        }
        let failed =
            |error: reqwest::Error| Failure::unreachable(format!("{url}: {}", with_causes(&error)));
        let response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        Ok((status, response.text().await.map_err(failed)?))
    }

    /// Asks for something; the answer's JSON, or what was wrong.
    pub(crate) async fn ask(
        &self,
        (method, path): (Method, &str),
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
        let (status, text) = self.send((method, path), body).await?;
        let answer = serde_json::from_str(&text).unwrap_or_default();
        match status {
            200..300 => Ok(answer),
            _ => Err(refusal(status, &answer, &text)),
        }
    }

    /// Asks for a text.
    pub(crate) async fn text(&self, path: &str) -> Result<String, Failure> {
        let (status, text) = self.send((Method::GET, path), None).await?;
        match status {
            200..300 => Ok(text),
            _ => Err(refusal(status, &serde_json::from_str(&text).unwrap_or_default(), &text)),
        }
    }
}

fn refusal(status: u16, answer: &Value, text: &str) -> Failure {
    match status {
        400 => Failure::usage(said(answer, text)),
        401..500 => Failure::no(said(answer, text)),
        _ => Failure::unreachable(said(answer, text)),
    }
}

/// A problem in words: what it is, and each fault.
fn said(problem: &Value, text: &str) -> String {
    let texts = |value: &Value, names: &[&str]| -> Vec<String> {
        names.iter().filter_map(|name| value[*name].as_str().map(str::to_owned)).collect()
    };
    let mut said = texts(problem, &["title", "detail"]);
    for fault in problem["errors"].as_array().into_iter().flatten() {
        said.push(texts(fault, &["pointer", "detail"]).join(" "));
    }
    if said.is_empty() { text.to_owned() } else { said.join(": ") }
}

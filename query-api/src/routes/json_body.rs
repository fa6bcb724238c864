//! A small JSON body, read strictly: what is wrong is pointed at.

use std::time::Duration;

use annals_schemas::push_step;
use annals_service::problem::{Problem, ProblemKind};
use axum::body::{Body, Bytes, to_bytes};
use serde::de::DeserializeOwned;

/// Longer bodies are refused.
const MAX_BYTES: usize = 64 * 1024;
/// How long a body may take to arrive.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// The body as a `T`; unknown members are the type's to refuse.
pub(super) async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    parse(&bytes_of(body).await?)
}

/// The same where a body may be left out.
pub(super) async fn read_if_any<T: DeserializeOwned>(body: Body) -> Result<Option<T>, Problem> {
    let bytes = bytes_of(body).await?;
    parse(if bytes.is_empty() { b"null" } else { &bytes })
}

async fn bytes_of(body: Body) -> Result<Bytes, Problem> {
    let bytes = tokio::time::timeout(MAX_WAIT, to_bytes(body, MAX_BYTES)).await;
    let bytes =
        bytes.map_err(|_| Problem::new(ProblemKind::Timeout).detail("the body took too long"))?;
    bytes.map_err(|_| {
        Problem::new(ProblemKind::PayloadTooLarge)
            .detail(format!("the body is over the limit of {MAX_BYTES} bytes, or broke off"))
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        fault(&pointer, error.inner().to_string())
    })?;
    reader.end().map_err(|error| fault("", error.to_string()))?;
    Ok(value)
}

/// The problem with one member of a body.
pub(super) fn fault(pointer: &str, detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::InvalidParameter)
        .detail("the body is not as it has to be")
        .pointer(pointer, detail)
}

/// RFC 6901.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => push_step(&mut pointer, &index.to_string()),
            Segment::Map { key } => push_step(&mut pointer, key),
            Segment::Enum { variant } => push_step(&mut pointer, variant),
            Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its faults are looked at")]
    struct Example {
        a: Vec<u8>,
    }

    async fn refusal(body: &str) -> serde_json::Value {
        let problem = read::<Example>(Body::from(body.to_owned())).await.unwrap_err();
        let body = to_bytes(problem.into_response().into_body(), MAX_BYTES).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[tokio::test]
    async fn what_is_wrong_is_pointed_at() {
        for (body, pointer) in [
            (r#"{"a": [1, "x"]}"#, "/a/1"),
            (r#"{"a": 7}"#, "/a"),
            ("7", ""),
            ("", ""),
            (r#"{"a": []} more"#, ""),
        ] {
            assert_eq!(refusal(body).await["errors"][0]["pointer"], pointer, "{body}");
        }
        let unknown = refusal(r#"{"a": [], "b/c": 1}"#).await;
        assert!(unknown["errors"][0]["detail"].as_str().unwrap().contains("b/c"), "{unknown}");
        let long = refusal(&" ".repeat(MAX_BYTES + 1)).await;
        assert_eq!(long["status"], 413);
    }
}

//! Tests of problem details.

use super::*;
use serde_json::{Value, json};

async fn sent(problem: Problem) -> (Response<()>, Value) {
    let (parts, body) = problem.into_response().into_parts();
    let bytes = axum::body::to_bytes(body, 64 * 1024).await.unwrap();
    (Response::from_parts(parts, ()), serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_problem_has_the_documented_members() {
    let problem = Problem::new(ProblemKind::InvalidParameter)
        .detail("`actr` is no parameter; did you mean `actor`?")
        .parameter("actr", "unknown")
        .pointer("/resources/0/type", "missing")
        .request_id("r1");
    let (response, body) = sent(problem).await;
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let expected = json!({
        "type": "https://annals.dev/problems/invalid-parameter",
        "title": "A parameter is not valid",
        "status": 400,
        "detail": "`actr` is no parameter; did you mean `actor`?",
        "errors": [
            {"parameter": "actr", "detail": "unknown"},
            {"pointer": "/resources/0/type", "detail": "missing"},
        ],
        "request_id": "r1",
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn every_name_has_its_documented_status() {
    let documented = [
        ("invalid-parameter", 400),
        ("cursor-mismatch", 400),
        ("unauthenticated", 401),
        ("forbidden", 403),
        ("not-found", 404),
        ("cursor-expired", 410),
        ("payload-too-large", 413),
        ("schema-violation", 422),
        ("rate-limited", 429),
        ("internal", 500),
        ("behind", 503),
        ("log-unavailable", 503),
        ("timeout", 504),
    ];
    for (kind, (name, status)) in ProblemKind::ALL.into_iter().zip(documented) {
        assert_eq!((kind.name(), kind.status().as_u16()), (name, status));
        let (response, body) = sent(Problem::new(kind)).await;
        assert_eq!(response.status().as_u16(), status);
        assert!(body["type"].as_str().unwrap().ends_with(&format!("/{name}")), "{body}");
        assert_eq!(body["status"], status);
    }
}

#[tokio::test]
async fn a_401_says_the_same_whatever_the_reason() {
    let told = Problem::new(ProblemKind::Unauthenticated).detail("expired").parameter("a", "b");
    let (response, body) = sent(told).await;
    let (_, plain) = sent(Problem::new(ProblemKind::Unauthenticated)).await;
    assert_eq!(body, plain);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn retry_after_becomes_a_header() {
    let (response, _) = sent(Problem::new(ProblemKind::RateLimited).retry_after(7)).await;
    assert_eq!(response.headers()["retry-after"], "7");
}

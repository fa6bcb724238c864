//! Who may write what where.

use super::*;

const EVENT: &str = r#"{"workspace_id":"acme","action":"a.b"}"#;

async fn status_as(caller: &str, body: &str) -> (StatusCode, String) {
    let fixture = Fixture::new();
    let request = request("/v1/events", caller, "application/json").body(body.to_owned().into());
    let answered = fixture.send(request.unwrap()).await;
    let name = if answered.status.is_success() { "" } else { answered.problem() };
    (answered.status, name.to_owned())
}

#[tokio::test]
async fn callers_are_told_apart() {
    let foreign = r#"{"workspace_id":"other","action":"a.b"}"#;
    let [segment, invited, again, segments, source] = [
        "segment.updated",
        "user.invited",
        "user.invited.again",
        "segments.updated",
        "source.created",
    ]
    .map(|action| format!(r#"{{"workspace_id":"acme","action":"{action}"}}"#));
    let cases = [
        ("writer", EVENT, 202, ""),
        ("any", foreign, 202, ""),
        ("writer", foreign, 404, "not-found"),
        ("reader", EVENT, 403, "forbidden"),
        ("nobody", EVENT, 401, "unauthenticated"),
        ("writer", &source, 202, ""),
        ("segments", &segment, 202, ""),
        ("segments", &invited, 202, ""),
        ("segments", &again, 403, "forbidden"),
        ("segments", &segments, 403, "forbidden"),
        ("segments", &source, 403, "forbidden"),
        ("segments", EVENT, 403, "forbidden"),
    ];
    for (caller, body, status, name) in cases {
        let expected = (StatusCode::from_u16(status).unwrap(), name.to_owned());
        assert_eq!(status_as(caller, body).await, expected, "{caller} {body}");
    }
}

#[tokio::test]
async fn every_way_to_be_nobody_gives_the_same_401() {
    let fixture = Fixture::new();
    let mut bodies = Vec::new();
    for authorization in
        [None, Some("Bearer nobody"), Some("Basic writer"), Some("writer"), Some("")]
    {
        let mut request = Request::post("/v1/events").header("x-request-id", "test-1");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let answered = fixture.send(request.body(EVENT.into()).unwrap()).await;
        assert_eq!(answered.status, StatusCode::UNAUTHORIZED, "{authorization:?}");
        assert_eq!(answered.headers.get("www-authenticate").unwrap(), "Bearer");
        bodies.push(answered.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
}

#[tokio::test]
async fn a_body_is_not_even_read_for_nobody() {
    let fixture = Fixture::new();
    let body = Body::from(vec![b'x'; 10 << 20]);
    let request = request("/v1/events", "nobody", "application/json").body(body).unwrap();
    assert_eq!(fixture.send(request).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn parameters_encodings_and_other_methods_are_refused() {
    let fixture = Fixture::new();
    let answered = fixture.post("/v1/events?dry_run=true", "application/json", EVENT).await;
    assert_eq!(answered.problem(), "invalid-parameter");
    assert_eq!(answered.body["errors"][0]["parameter"], "dry_run");
    let encoded = request("/v1/events", "writer", "application/json")
        .header("content-encoding", "br")
        .body(EVENT.into());
    assert_eq!(fixture.send(encoded.unwrap()).await.problem(), "invalid-parameter");
    let get = Request::get("/v1/events").body(Body::empty()).unwrap();
    let answered = fixture.send(get).await;
    assert_eq!(answered.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answered.headers.get("allow").unwrap(), "POST");
}

/// A client that lost events could not say so: its telling was refused as an action of Annals' own.
#[tokio::test]
async fn a_recorder_may_tell_of_losses_and_of_nothing_else_in_our_name() {
    let told = |events: u64, more: &str| {
        format!(
            r#"{{"workspace_id":"acme","action":"annals.events_lost","outcome":"failure"{more},
                "actor":{{"kind":"service","id":"annals-recorder"}},"metadata":{{
                "producer_id":"r1","events":{events},"first_number":4,"last_number":9,
                "first_at":"2026-01-01T00:00:00.000000Z","last_at":null}}}}"#
        )
    };
    for caller in ["writer", "segments", "any"] {
        let accepted = (StatusCode::ACCEPTED, String::new());
        assert_eq!(status_as(caller, &told(3, "")).await, accepted, "{caller}");
    }
    let refused = (StatusCode::UNPROCESSABLE_ENTITY, "schema-violation".to_owned());
    for body in [told(7, ""), told(3, r#","description":"all is well""#)] {
        assert_eq!(status_as("writer", &body).await, refused, "{body}");
    }
    let foreign = told(3, "").replace("acme", "other");
    assert_eq!(status_as("writer", &foreign).await.0, StatusCode::NOT_FOUND);
}

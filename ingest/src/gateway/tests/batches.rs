//! Arrays and NDJSON.

use super::*;

#[tokio::test]
async fn outcomes_stand_in_request_order_whatever_the_mix() {
    let directory = tempfile::tempdir().unwrap();
    for fixture in [Fixture::new(), Fixture::on_disk(directory.path())] {
        let answered = fixture
            .post_batch(
                r#"[
                {"workspace_id":"acme","action":"a.first"},
                {"workspace_id":"other","action":"a.foreign"},
                {"workspace_id":"acme","action":"a.b","colour":1},
                17,
                {"workspace_id":"acme","action":"annals.own"},
                {"workspace_id":"acme","action":"a.last"}]"#,
            )
            .await;
        assert_eq!(answered.status, StatusCode::ACCEPTED);
        let expected = [
            ("accepted", None),
            ("rejected", Some("not-found")),
            ("rejected", Some("schema-violation")),
            ("rejected", Some("schema-violation")),
            ("rejected", Some("schema-violation")),
            ("accepted", None),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(status, error)| ((*status).to_owned(), error.map(str::to_owned)))
            .collect();
        assert_eq!(answered.items(), expected);
        assert_eq!(answered.body["items"][2]["error"]["errors"][0]["pointer"], "/colour");
        let actions: Vec<_> =
            fixture.events().await.into_iter().map(|event| event.action).collect();
        assert_eq!(actions, ["a.first", "a.last"]);
    }
}

#[tokio::test]
async fn all_rejected_is_still_202_and_an_empty_array_is_nothing() {
    let fixture = Fixture::new();
    let answered = fixture.post_batch("[1, 2]").await;
    assert_eq!((answered.status, answered.items().len()), (StatusCode::ACCEPTED, 2));
    let answered = fixture.post_batch("[]").await;
    assert_eq!((answered.status, answered.items().len()), (StatusCode::ACCEPTED, 0));
}

#[tokio::test]
async fn what_is_no_array_is_400() {
    let fixture = Fixture::new();
    for body in ["", "{}", "nonsense", "[1, 2", "[1] trailing", "{\"workspace_id\":\"acme\"}"] {
        let answered = fixture.post_batch(body).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answered.problem(), "invalid-parameter", "{body}");
    }
    let answered = fixture.post("/v1/events:batch", "application/json", vec![b'[', 0xff]).await;
    assert_eq!(answered.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn ndjson_is_read_line_by_line_and_a_bad_line_is_one_item() {
    let fixture = Fixture::new();
    let body = "{\"workspace_id\":\"acme\",\"action\":\"a.1\"}\r\n\n{broken\n  \
                {\"workspace_id\":\"acme\",\"action\":\"a.2\"}";
    for path in ["/v1/events:batch", "/v1/events"] {
        let answered = fixture.post(path, "application/x-ndjson; charset=utf-8", body).await;
        assert_eq!(answered.status, StatusCode::ACCEPTED);
        let statuses: Vec<_> = answered.items().into_iter().map(|(status, _)| status).collect();
        assert_eq!(statuses, ["accepted", "rejected", "accepted"]);
    }
    let mut bytes = body.as_bytes().to_vec();
    bytes.extend_from_slice(b"\n{\"workspace_id\":\"ac\xffme\",\"action\":\"a.3\"}\n");
    let answered = fixture.post("/v1/events:batch", "application/x-ndjson", bytes).await;
    assert_eq!(answered.items()[3], ("rejected".to_owned(), Some("schema-violation".to_owned())));
}

#[tokio::test]
async fn a_batch_of_1_000_events_is_taken_and_one_more_is_413() {
    let fixture = Fixture::new();
    let one = r#"{"workspace_id":"acme","action":"a.b"}"#;
    let batch = |count: usize| format!("[{}]", vec![one; count].join(","));
    let answered = fixture.post_batch(&batch(1_000)).await;
    assert_eq!((answered.status, answered.items().len()), (StatusCode::ACCEPTED, 1_000));
    let answered = fixture.post_batch(&batch(1_001)).await;
    assert_eq!(answered.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answered.body["detail"], "the batch has 1001 events, the limit is 1000");
    let lines = format!("{one}\n").repeat(1_001);
    let answered = fixture.post("/v1/events:batch", "application/x-ndjson", lines).await;
    assert_eq!(answered.problem(), "payload-too-large");
}

#[tokio::test]
async fn a_body_over_4_mib_is_413_announced_or_not() {
    let fixture = Fixture::new();
    let large = vec![b' '; (4 << 20) + 1];
    let answered = fixture.post("/v1/events:batch", "application/json", large.clone()).await;
    assert_eq!(answered.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answered.problem(), "payload-too-large");
    let mut announced = request("/v1/events:batch", "writer", "application/json");
    announced = announced.header("content-length", large.len());
    let answered = fixture.send(announced.body(Body::empty()).unwrap()).await;
    assert_eq!(answered.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn one_oversize_event_is_rejected_alone() {
    let fixture = Fixture::new();
    let large = format!(
        r#"[{{"workspace_id":"acme","action":"a.b","metadata":{{"x":"{}"}}}},
            {{"workspace_id":"acme","action":"a.c"}}]"#,
        "x".repeat(70_000)
    );
    let answered = fixture.post_batch(&large).await;
    let expected = [
        ("rejected".to_owned(), Some("payload-too-large".to_owned())),
        ("accepted".to_owned(), None),
    ];
    assert_eq!(answered.items(), expected);
}

#[tokio::test]
async fn an_id_repeated_within_a_batch_is_a_duplicate_the_second_time() {
    let fixture = Fixture::new();
    let event = |workspace: &str| {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        format!(r#"{{"event_id":"{id}","workspace_id":"{workspace}","action":"a.b"}}"#)
    };
    let body = format!("[{},{},{}]", event("acme"), event("acme"), event("globex"));
    let request = request("/v1/events:batch", "any", "application/json").body(body.into());
    let answered = fixture.send(request.unwrap()).await;
    let statuses: Vec<_> = answered.items().into_iter().map(|(status, _)| status).collect();
    assert_eq!(statuses, ["accepted", "duplicate", "accepted"]);
    assert_eq!(fixture.records().await.len(), 3);
}

/// A conflict within one batch was answered `duplicate`.
#[tokio::test]
async fn an_id_repeated_with_other_content_is_rejected_and_still_goes_to_the_log() {
    let fixture = Fixture::new();
    let event = |action: &str| {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        format!(r#"{{"event_id":"{id}","workspace_id":"acme","action":"{action}"}}"#)
    };
    let batch = format!("[{},{},{},{}]", event("a.b"), event("a.c"), event("a.b"), event("a.c"));
    let answered = fixture.post_batch(&batch).await;
    let conflict = ("rejected".to_owned(), Some("schema-violation".to_owned()));
    let expected =
        [("accepted".to_owned(), None), conflict.clone(), ("duplicate".to_owned(), None), conflict];
    assert_eq!(answered.items(), expected);
    assert_eq!(answered.body["items"][1]["error"]["errors"][0]["pointer"], "/event_id");
    assert_eq!(fixture.records().await.len(), 4, "the fold quarantines conflicts");
}

#[tokio::test]
async fn deep_nesting_is_an_error_and_no_stack_overflow() {
    let fixture = Fixture::new();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = format!(r#"[{{"workspace_id":"acme","action":"a","metadata":{{"x":{deep}}}}}]"#);
    let answered = fixture.post_batch(&body).await;
    assert_eq!(answered.items()[0].0, "rejected");
    let shallow = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let body = format!(r#"{{"workspace_id":"acme","action":"a","metadata":{{"x":{shallow}}}}}"#);
    assert_eq!(fixture.post_one(&body).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

//! `POST /v1/events` with one event.

use serde_json::json;

use super::*;

const WHOLE: &str = r#"{
    "event_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "occurred_at": "2026-10-25T03:30:00.000123+02:00",
    "workspace_id": "acme",
    "actor": {"kind": "user", "id": "u1", "name": "Ana", "email": "ana@acme.test"},
    "action": "segment.updated", "outcome": "success",
    "resources": [{"type": "segment", "id": "s9", "name": "VIP EU"}],
    "context": {"ip": "203.0.113.7"},
    "changes": [{"path": "country", "before": ["FR"], "after": ["FR", "DE"]}],
    "metadata": {"any": "json"} }"#;

#[tokio::test]
async fn an_accepted_event_is_on_the_log_as_it_was_given() {
    let directory = tempfile::tempdir().unwrap();
    for fixture in [Fixture::new(), Fixture::on_disk(directory.path())] {
        let answered = fixture.post_one(WHOLE).await;
        assert_eq!(answered.status, StatusCode::ACCEPTED);
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(answered.body, json!({"items": [{"event_id": id, "status": "accepted"}]}));
        let records = fixture.records().await;
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].key.as_deref(), Some(b"acme".as_slice()));
        let headers: Vec<_> =
            records[0].headers.iter().map(|h| (h.name.as_str(), h.value.as_deref())).collect();
        let expected = [
            ("content-type", Some(b"application/avro".as_slice())),
            ("annals-schema", Some(b"1".as_slice())),
        ];
        assert_eq!(headers, expected);
        let event = &fixture.events().await[0];
        assert_eq!(event.occurred_at.unwrap().to_string(), "2026-10-25T01:30:00.000123Z");
        assert_eq!(event.actor.principal.name.as_deref(), Some("Ana"));
        assert_eq!(event.changes[0].after.as_ref().unwrap().as_str(), r#"["FR", "DE"]"#);
    }
}

#[tokio::test]
async fn an_absent_id_is_assigned_and_returned() {
    let fixture = Fixture::new();
    let answered = fixture.post_one(r#"{"workspace_id":"acme","action":"a.b"}"#).await;
    assert_eq!(answered.status, StatusCode::ACCEPTED);
    let id: Uuid = serde_json::from_value(answered.body["items"][0]["event_id"].clone()).unwrap();
    assert_eq!(id.get_version_num(), 7);
    assert_eq!(fixture.events().await[0].event_id, id);
}

#[tokio::test]
async fn positions_are_for_those_who_may_verify() {
    let fixture = Fixture::new();
    for (caller, seen) in [("writer", false), ("verifier", true), ("any", true)] {
        let body = r#"{"workspace_id":"acme","action":"a.b"}"#;
        let request = request("/v1/events", caller, "application/json").body(body.into());
        let answered = fixture.send(request.unwrap()).await;
        let position = &answered.body["items"][0]["position"];
        assert_eq!(position["offset"].is_u64() && position["partition"].is_u64(), seen, "{caller}");
    }
}

#[tokio::test]
async fn a_traceparent_travels_with_the_record_if_it_is_one() {
    let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (given, kept) in [(good, true), ("00-zz-b7ad6b7169203331-01", false), ("x", false)] {
        let fixture = Fixture::new();
        let request = request("/v1/events", "writer", "application/json")
            .header("traceparent", given)
            .body(r#"{"workspace_id":"acme","action":"a.b"}"#.into());
        assert_eq!(fixture.send(request.unwrap()).await.status, StatusCode::ACCEPTED);
        let records = fixture.records().await;
        let header = records[0].header("traceparent").map(|value| value.to_vec());
        assert_eq!(header, kept.then(|| good.as_bytes().to_vec()), "{given}");
    }
}

#[tokio::test]
async fn bad_events_are_422_with_every_fault_and_nothing_reaches_the_log() {
    let base = |more: &str| format!(r#"{{"workspace_id":"acme","action":"a.b"{more}}}"#);
    let cases = [
        (r#"{"workspace_id":"acme","action":"#.to_owned(), vec![""]),
        ("".to_owned(), vec![""]),
        ("null".to_owned(), vec![""]),
        ("[]".to_owned(), vec![""]),
        ("{}".to_owned(), vec!["/workspace_id", "/action"]),
        (base(r#","occurred_at":"2026-10-25T01:30:00""#), vec!["/occurred_at"]),
        (base(r#","occurred_at":17"#), vec!["/occurred_at"]),
        (base(r#","colour":"red""#), vec!["/colour"]),
        (
            base(r#","actor":{"kind":"user","shoe":1},"context":{"x/y":2}"#),
            vec!["/actor/shoe", "/context/x~1y"],
        ),
        (base(r#","resources":[{"type":"t","id":"i"},{"type":"t"}]"#), vec!["/resources/1/id"]),
        (base(r#","event_id":"not-a-uuid""#), vec!["/event_id"]),
        (base(r#","metadata":[]"#), vec!["/metadata"]),
        (r#"{"workspace_id":"acme","action":"audit_log.viewed"}"#.to_owned(), vec!["/action"]),
        (r#"{"workspace_id":"acme","action":"annals.sealed"}"#.to_owned(), vec!["/action"]),
        (r#"{"workspace_id":"","action":"a"}"#.to_owned(), vec!["/workspace_id"]),
    ];
    let fixture = Fixture::new();
    for (body, pointers) in cases {
        let answered = fixture.post_one(&body).await;
        assert_eq!(answered.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(answered.problem(), "schema-violation", "{body}");
        assert_eq!(answered.pointers(), pointers, "{body}: {}", answered.body);
        let rejected = vec![("rejected".to_owned(), Some("schema-violation".to_owned()))];
        assert_eq!(answered.items(), rejected, "{body}");
    }
    assert_eq!(fixture.records().await, Vec::new());
}

#[tokio::test]
async fn invalid_utf_8_is_told_by_its_byte() {
    let fixture = Fixture::new();
    let body = b"{\"workspace_id\":\"acme\",\"action\":\"a\xff\"}".to_vec();
    let answered = fixture.post("/v1/events", "application/json", body).await;
    assert_eq!(answered.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answered.body["detail"], "invalid UTF-8 at byte 34");
}

#[tokio::test]
async fn an_event_over_64_kib_is_413() {
    let fixture = Fixture::new();
    let event = |length: usize| {
        let start = r#"{"workspace_id":"acme","action":"a.b","metadata":{"x":""#;
        format!("{start}{}\"}}}}", "x".repeat(length - start.len() - 3))
    };
    assert_eq!(fixture.post_one(&event(65_536)).await.status, StatusCode::ACCEPTED);
    let answered = fixture.post_one(&event(65_537)).await;
    assert_eq!(answered.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answered.problem(), "payload-too-large");
    assert_eq!(answered.body["detail"], "the event has 65537 bytes, the limit is 65536");
    let too_many = r#"{"type":"t","id":"i"},"#.repeat(33);
    let too_many = too_many.trim_end_matches(',');
    let body = format!(r#"{{"workspace_id":"acme","action":"a.b","resources":[{too_many}]}}"#);
    let answered = fixture.post_one(&body).await;
    assert_eq!(
        (answered.status, answered.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "schema-violation")
    );
}

/// A gateway beside a projection that shows this event.
fn knowing(event: Event) -> Fixture {
    struct Knows(Event);
    #[async_trait]
    impl KnownEvents for Knows {
        async fn known(&self, workspace: &WorkspaceId, event_id: Uuid) -> Option<[u8; 32]> {
            let is_it = *workspace == self.0.workspace_id && event_id == self.0.event_id;
            is_it.then(|| annals_schemas::content_hash(&self.0))
        }
    }
    let log: Arc<dyn Log> = Arc::new(MemoryLog::new("events", 1, Arc::new(|| 1)));
    let gateway = Gateway::new(log.producer(), Arc::new(Names), GatewayLimits::default())
        .with_known_events(Arc::new(Knows(event)));
    Fixture::of(log, gateway)
}

/// The event as the fold decodes it from the log.
async fn recorded(json: &str) -> Event {
    let fixture = Fixture::new();
    assert_eq!(fixture.post_one(json).await.status, StatusCode::ACCEPTED);
    fixture.events().await.remove(0)
}

#[tokio::test]
async fn a_known_event_is_a_duplicate_and_still_goes_to_the_log() {
    let fixture = knowing(recorded(WHOLE).await);
    let answered = fixture.post_one(WHOLE).await;
    assert_eq!(answered.status, StatusCode::OK);
    assert_eq!(answered.items(), [("duplicate".to_owned(), None)]);
    assert_eq!(fixture.records().await.len(), 1, "the fold counts and proves it");
}

/// A known id with other content was answered `duplicate`: the producer believed it recorded.
#[tokio::test]
async fn a_known_id_with_other_content_is_rejected_and_still_goes_to_the_log() {
    let fixture = knowing(recorded(WHOLE).await);
    let other = WHOLE.replace("VIP EU", "VIP US");
    let answered = fixture.post_one(&other).await;
    assert_eq!(answered.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answered.problem(), "schema-violation");
    assert_eq!(answered.pointers(), ["/event_id"]);
    let detail =
        "event 01890a5d-ac96-774b-bcce-b302099a8057 was recorded before with other content";
    assert_eq!(answered.body["detail"], detail);
    let rejected = ("rejected".to_owned(), Some("schema-violation".to_owned()));
    assert_eq!(answered.items(), std::slice::from_ref(&rejected));
    // In one batch with the same content again, the visible event decides for both.
    let answered = fixture.post_batch(&format!("[{other},{WHOLE}]")).await;
    assert_eq!(answered.status, StatusCode::ACCEPTED);
    assert_eq!(answered.items(), [rejected, ("duplicate".to_owned(), None)]);
    assert_eq!(fixture.records().await.len(), 3, "the fold quarantines it where admins see it");
}

/// A1.7: what `actions.json` calls secret is not on the log, whatever the producer sent.
#[tokio::test]
async fn a1_7_secret_values_are_masked_before_they_reach_the_log() {
    let log: Arc<dyn Log> = Arc::new(MemoryLog::new("events", 4, Arc::new(|| 1_000)));
    let labels = r#"{"source.updated": {"secret": ["password"]}}"#;
    let labels = Arc::new(Labels::parse(labels).unwrap());
    let gateway = Gateway::new(log.producer(), Arc::new(Names), GatewayLimits::default());
    let fixture = Fixture::of(log, gateway.with_actions(Arc::new(move || labels.clone())));
    let answered = fixture
        .post_one(
            r#"{"workspace_id":"acme","action":"source.updated","metadata":{"password":"hunter2"},
                "changes":[{"path":"password","before":"hunter1","after":"hunter2"}]}"#,
        )
        .await;
    assert_eq!(answered.status, StatusCode::ACCEPTED, "{}", answered.body);
    let value = fixture.records().await[0].value.clone().unwrap();
    assert!(!value.windows(6).any(|window| window == b"hunter"), "the raw value is on the log");
    let event = fixture.events().await.remove(0);
    let masked = event.changes[0].before.as_ref().map(annals_schemas::JsonText::as_str);
    assert_eq!(masked, Some("\"••••\""));
}

/// What a product says of its own actions is checked where events come in, by place and without
/// values, and what is refused is not on the log.
#[tokio::test]
async fn an_event_has_to_be_as_the_schema_of_its_action_says() {
    let log: Arc<dyn Log> = Arc::new(MemoryLog::new("events", 4, Arc::new(|| 1_000)));
    let labels = r#"{"source.updated": {"secret": ["password"], "schema": {
        "properties": {"metadata": {"properties": {"password": {"minLength": 8}}},
            "resources": {"minItems": 1}}}}}"#;
    let labels = Arc::new(Labels::parse(labels).unwrap());
    let gateway = Gateway::new(log.producer(), Arc::new(Names), GatewayLimits::default());
    let fixture = Fixture::of(log, gateway.with_actions(Arc::new(move || labels.clone())));
    let bad =
        r#"{"workspace_id":"acme","action":"source.updated","metadata":{"password":"hunter2"}}"#;
    let answered = fixture.post_one(bad).await;
    assert_eq!(answered.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answered.body);
    assert_eq!(answered.problem(), "schema-violation");
    assert_eq!(answered.pointers(), ["/metadata/password", "/resources"]);
    assert!(!answered.body.to_string().contains("hunter"), "{}", answered.body);
    // Checked as it came, masked as it goes.
    let good = r#"{"workspace_id":"acme","action":"source.updated",
        "resources":[{"type":"s","id":"1"}],"metadata":{"password":"long enough"}}"#;
    let other = r#"{"workspace_id":"acme","action":"source.viewed"}"#;
    let answered = fixture.post_batch(&format!("[{good},{bad},{other}]")).await;
    let rejected = ("rejected".to_owned(), Some("schema-violation".to_owned()));
    let accepted = ("accepted".to_owned(), None);
    assert_eq!(answered.items(), [accepted.clone(), rejected, accepted]);
    assert_eq!(fixture.records().await.len(), 2);
}

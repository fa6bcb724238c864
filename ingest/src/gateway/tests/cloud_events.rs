//! The CloudEvents HTTP binding: binary, structured and batch, on both paths.

use super::*;

const STRUCTURED: &str = r#"{"specversion":"1.0","id":"e-1","source":"/segments",
    "type":"segment.updated","time":"2026-10-25T01:30:00Z","workspaceid":"acme","datacontenttype":"application/json",
    "data":{"actor":{"kind":"user","id":"u1"}}}"#;

fn id() -> Uuid {
    annals_schemas::cloud_event_id("/segments", "e-1")
}

#[tokio::test]
async fn structured_and_binary_give_the_same_event() {
    for path in ["/v1/events", "/v1/events:batch"] {
        let fixture = Fixture::new();
        let answered = fixture.post(path, "application/cloudevents+json", STRUCTURED).await;
        assert_eq!(answered.status, StatusCode::ACCEPTED, "{}", answered.body);
        let binary = request(path, "writer", "application/json")
            .header("ce-specversion", "1.0")
            .header("ce-id", "e-1")
            .header("ce-source", "%2Fsegments")
            .header("ce-type", "segment.updated")
            .header("ce-time", "2026-10-25T01:30:00Z")
            .header("ce-workspaceid", "acme")
            .body(r#"{"actor":{"kind":"user","id":"u1"}}"#.into());
        let answered = fixture.send(binary.unwrap()).await;
        assert_eq!(answered.status, StatusCode::ACCEPTED, "{}", answered.body);
        let events = fixture.events().await;
        assert_eq!(events.len(), 2);
        assert_eq!(events[0], events[1]);
        assert_eq!(events[0].event_id, id());
        assert_eq!(events[0].action, "segment.updated");
    }
}

#[tokio::test]
async fn a_batch_of_cloud_events_has_one_outcome_each() {
    let fixture = Fixture::new();
    let body = format!("[{STRUCTURED}, {{\"specversion\":\"0.3\"}}]");
    for path in ["/v1/events", "/v1/events:batch"] {
        let answered = fixture.post(path, "application/cloudevents-batch+json", body.clone()).await;
        assert_eq!(answered.status, StatusCode::ACCEPTED);
        let expected = [
            ("accepted".to_owned(), None),
            ("rejected".to_owned(), Some("schema-violation".to_owned())),
        ];
        assert_eq!(answered.items(), expected);
    }
}

#[tokio::test]
async fn plain_json_with_specversion_is_read_as_on_the_topic() {
    let fixture = Fixture::new();
    let answered = fixture.post_batch(&format!("[{STRUCTURED}]")).await;
    assert_eq!(answered.items(), [("accepted".to_owned(), None)]);
    // The word within the data makes no CloudEvent of an event.
    let answered = fixture
        .post_one(r#"{"workspace_id":"acme","action":"a.b","metadata":{"specversion":"1.0"}}"#)
        .await;
    assert_eq!(answered.status, StatusCode::ACCEPTED);
    assert_eq!(fixture.events().await.len(), 2);
}

#[tokio::test]
async fn faults_point_into_the_whole_document() {
    let fixture = Fixture::new();
    let bad = STRUCTURED.replace(r#""id":"u1""#, r#""shoe":1"#);
    let answered = fixture.post("/v1/events", "application/cloudevents+json", bad).await;
    assert_eq!(answered.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answered.pointers(), ["/data/actor/shoe"]);
}

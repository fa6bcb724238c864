//! The log away, slow or refusing; more in flight than there is room for.

use annals_broker::{Appended, BrokerError};
use annals_schemas::NewRecord;
use annals_service::access::RateLimits;

use super::*;

const EVENT: &str = r#"{"workspace_id":"acme","action":"a.b"}"#;

/// Takes appends, says so, and never answers.
#[derive(Default)]
struct BlackHole {
    asked: tokio::sync::Notify,
}

#[async_trait]
impl Producer for BlackHole {
    async fn append_all(&self, _: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        self.asked.notify_one();
        std::future::pending().await
    }
}

/// Takes the first record of each call and is away for the others.
struct FirstOnly;

#[async_trait]
impl Producer for FirstOnly {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        let outcome = |index: usize| match index {
            0 => {
                Ok(Appended { position: Position { partition: 0, offset: 0 }, timestamp_ms: None })
            }
            _ => Err(BrokerError::Unavailable { detail: "away".to_owned() }),
        };
        (0..records.len()).map(outcome).collect()
    }
}

fn over(producer: Arc<dyn Producer>, limits: GatewayLimits) -> Fixture {
    let log: Arc<dyn Log> = Arc::new(MemoryLog::new("events", 1, Arc::new(|| 1)));
    Fixture::of(log, Gateway::new(producer, Arc::new(Names), limits))
}

#[tokio::test]
async fn a_log_out_of_reach_is_503_with_retry_after_and_comes_back() {
    let log = MemoryLog::new("events", 1, Arc::new(|| 1));
    log.set_available(false);
    let fixture = Fixture::with(Arc::new(log.clone()));
    for answered in
        [fixture.post_one(EVENT).await, fixture.post_batch(&format!("[{EVENT}, 17]")).await]
    {
        assert_eq!(answered.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answered.problem(), "log-unavailable");
        assert_eq!(answered.headers.get("retry-after").unwrap(), "1");
        let whole = json!({
            "type": "https://annals.dev/problems/log-unavailable",
            "title": "The log is out of reach",
            "status": 503,
            "detail": "the log did not acknowledge; try again with the same event_id",
            "request_id": "test-1",
        });
        assert_eq!(answered.body, whole, "nothing is said of what may be on the log");
    }
    log.set_available(true);
    assert_eq!(fixture.post_one(EVENT).await.status, StatusCode::ACCEPTED);
    assert_eq!(fixture.records().await.len(), 1);
}

#[tokio::test]
async fn what_part_of_a_batch_was_not_acknowledged_is_told_item_by_item() {
    let fixture = over(Arc::new(FirstOnly), GatewayLimits::default());
    let answered = fixture.post_batch(&format!("[{EVENT}, 17, {EVENT}]")).await;
    assert_eq!(answered.status, StatusCode::ACCEPTED);
    let expected = [
        ("accepted".to_owned(), None),
        ("rejected".to_owned(), Some("schema-violation".to_owned())),
        ("rejected".to_owned(), Some("log-unavailable".to_owned())),
    ];
    assert_eq!(answered.items(), expected);
}

#[tokio::test]
async fn a_silent_log_is_503_after_the_timeout() {
    let limits =
        GatewayLimits { append_timeout: Duration::from_millis(50), ..GatewayLimits::default() };
    let fixture = over(Arc::new(BlackHole::default()), limits);
    let answered = fixture.post_one(EVENT).await;
    assert_eq!(answered.problem(), "log-unavailable");
}

#[tokio::test]
async fn beyond_the_room_in_flight_it_is_429_at_once() {
    let limits = GatewayLimits {
        batch_bytes: 10 << 10,
        in_flight_bytes: 10 << 10,
        append_timeout: Duration::from_secs(60),
        ..GatewayLimits::default()
    };
    let hole = Arc::new(BlackHole::default());
    let fixture = Arc::new(over(Arc::clone(&hole) as Arc<dyn Producer>, limits));
    // Without content-length each request takes room for the largest body.
    let post = || {
        let fixture = Arc::clone(&fixture);
        tokio::spawn(async move { fixture.post_one(EVENT).await.status })
    };
    let waiting = post();
    hole.asked.notified().await;
    let answered = fixture.post_one(EVENT).await;
    assert_eq!(answered.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answered.problem(), "rate-limited");
    assert_eq!(answered.headers.get("retry-after").unwrap(), "1");
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    // The room is free again: the next one reaches the log.
    let next = post();
    hole.asked.notified().await;
    next.abort();
}

#[tokio::test]
async fn a_body_that_never_ends_is_a_timeout() {
    let limits =
        GatewayLimits { body_timeout: Duration::from_millis(50), ..GatewayLimits::default() };
    let fixture = over(Arc::new(BlackHole::default()), limits);
    let stream = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let request = request("/v1/events", "writer", "application/json").body(stream).unwrap();
    let answered = fixture.send(request).await;
    assert_eq!(answered.status, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(answered.problem(), "timeout");
}

#[tokio::test]
async fn a_caller_over_its_rate_is_429_before_its_body_is_read() {
    let log: Arc<dyn Log> = Arc::new(MemoryLog::new("events", 1, Arc::new(|| 1)));
    let gateway = Gateway::new(log.producer(), Arc::new(Names), GatewayLimits::default());
    let fixture =
        Fixture::of(log, gateway.with_rate_limits(Arc::new(RateLimits::per_minute(2, 0))));
    for _ in 0..2 {
        assert_eq!(fixture.post_one(EVENT).await.status, StatusCode::ACCEPTED);
    }
    let answered = fixture.post_one(EVENT).await;
    assert_eq!(answered.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answered.problem(), "rate-limited");
    assert!(answered.headers.contains_key("retry-after"));
    assert_eq!(fixture.records().await.len(), 2);
}

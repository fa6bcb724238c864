//! The gateway while Kafka is away: nothing is acknowledged, nothing is lost, pages go on.

use annals_tests::http::Answer;
use annals_tests::kafka::KafkaNode;
use annals_tests::process::AnnalsProcess;
use annals_tests::wait;
use serde_json::{Value, json};

use crate::shown::{actions, numbered};

const EVENTS: &str = "/v1/events";
const BATCH: &str = "/v1/events:batch";

/// 503 and when to try again; what was shown is shown. Once Kafka is back the same events are
/// taken, each once, whether the log had them already or not.
#[test]
fn while_the_log_is_away_nothing_is_acknowledged_and_pages_go_on() {
    let kafka = KafkaNode::start();
    let options = kafka.up_on_new_topic("gateway", 2);
    let directory = tempfile::tempdir().unwrap();
    let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
    let client = annals.client("acme");
    assert_eq!(client.post(EVENTS, &event(0)).status, 202);
    assert_eq!(actions(&annals, "acme", 1), numbered(0..1));

    kafka.stop();
    let batch = json!([event(2), event(3)]);
    let (one, several) = std::thread::scope(|scope| {
        let one = scope.spawn(|| client.post(EVENTS, &event(1)));
        let several = scope.spawn(|| client.post(BATCH, &batch));
        assert_eq!(actions(&annals, "acme", 1), numbered(0..1), "pages need no log");
        (one.join().unwrap(), several.join().unwrap())
    });
    assert_log_unavailable(&one);
    assert_log_unavailable(&several);

    kafka.start_again();
    let taken = wait::until("the log to be back", wait::PATIENCE * 2, || {
        let answer = client.post(EVENTS, &event(1));
        matches!(answer.status, 200 | 202).then_some(answer)
    });
    assert_eq!(taken.json()["items"][0]["status"], "accepted");
    assert_eq!(client.post(BATCH, &batch).status, 202);
    assert_eq!(client.post(EVENTS, &event(4)).status, 202);
    let mut shown = actions(&annals, "acme", 5);
    shown.sort_unstable();
    assert_eq!(shown, numbered(0..5));
}

fn event(number: u32) -> Value {
    let id = format!("00000000-0000-7000-8000-{number:012}");
    json!({"workspace_id": "acme", "event_id": id, "action": format!("count.n{number}")})
}

fn assert_log_unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.problem()), (503, "log-unavailable".to_owned()));
    assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    let told: Value = answer.json();
    assert_eq!(told["title"], "The log is out of reach");
    assert_eq!(told["detail"], "the log did not acknowledge; try again with the same event_id");
    assert_eq!(told.get("items"), None, "nothing is said to be accepted");
}

//! `up --demo`: a believable workspace, its history on the first start, then live traffic.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use annals_broker::Producer;
use annals_ingest::new_record;
use annals_schemas::{Event, Instant, WorkspaceId};
use annals_service::clock::SharedClock;
use annals_store::Store;

use crate::demo::{DEMO_WORKSPACE, DemoHistory, DemoTraffic};

/// The same story every time: easier to talk about.
const SEED: u64 = 2026;
const HISTORY_BATCH: usize = 500;
/// The projection is asked this often whether it has caught up with the log.
const CATCH_UP_PAUSE: Duration = Duration::from_millis(50);

/// Prints what to open.
#[expect(clippy::print_stdout, reason = "the demo's answer")]
pub(super) fn announce(address: SocketAddr, token: &str) {
    println!("open http://{address}/ui/#token={token}&workspace={DEMO_WORKSPACE}");
}

/// Appends the history if the workspace is empty, then an event every few seconds, for ever.
pub(super) async fn generate(producer: Arc<dyn Producer>, store: Store, clock: SharedClock) {
    let now = || Instant::from_micros(clock.unix_micros()).unwrap_or(Instant::MIN);
    let workspace = WorkspaceId::new(DEMO_WORKSPACE).expect("a constant within the limits");
    let Ok(reader) = store.workspace(&workspace) else { return };
    while reader.complete_through().is_none() {
        tokio::time::sleep(CATCH_UP_PAUSE).await;
    }
    let began = now();
    if reader.last_seq() == 0 {
        let history: Vec<Event> = DemoHistory::new(SEED, began).collect();
        for batch in history.chunks(HISTORY_BATCH) {
            append(&*producer, batch).await;
        }
    }
    let mut traffic = DemoTraffic::new(SEED, began);
    loop {
        tokio::time::sleep(Duration::from_millis(traffic.next_pause_ms())).await;
        if let Some(event) = traffic.next_event(now()) {
            append(&*producer, &[event]).await;
        }
    }
}

async fn append(producer: &dyn Producer, events: &[Event]) {
    let records = events.iter().map(|event| new_record(event, None)).collect();
    let outcomes = producer.append_all(records).await;
    if let Some(error) = outcomes.into_iter().find_map(Result::err) {
        tracing::warn!(%error, "demo traffic not appended");
    }
}

//! A product's service that records what it does, a process of its own so that it can be killed.
//!
//! usage: recorder-host DIRECTORY up|away FIRST COUNT
//!
//! Records that many events, numbered from FIRST, by `emit_durable`, and prints the number of each
//! once it is safe. The log in front is an embedded one in DIRECTORY/log, or one that never
//! answers; the spool is DIRECTORY/spool. At last it waits until nothing is in the spool, if the
//! log is up.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::collections::VecDeque;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use annals_broker::local::{LocalLog, LocalOptions};
use annals_broker::{Appended, BrokerError, Log as _, Producer};
use annals_ingest::{Recorder, RecorderOptions, SpoolOptions, new_event};
use annals_schemas::{Instant, NewRecord, WorkspaceId};
use async_trait::async_trait;

/// Events on their way at once.
const AT_ONCE: usize = 40;

/// Takes appends and never answers.
struct BlackHole;

#[async_trait]
impl Producer for BlackHole {
    async fn append_all(&self, _: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        std::future::pending().await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, log, first, count] = &arguments[..] else {
        panic!("usage: recorder-host DIRECTORY up|away FIRST COUNT")
    };
    let number = |text: &String| text.parse::<u64>().expect("a number");
    let (directory, is_up) = (Path::new(directory), log == "up");
    let producer: Arc<dyn Producer> = match is_up {
        true => open_log(directory).producer(),
        false => Arc::new(BlackHole),
    };
    let options = RecorderOptions {
        spool: Some(SpoolOptions {
            after: Duration::from_millis(5),
            ..SpoolOptions::new(directory.join("spool"))
        }),
        ..RecorderOptions::default()
    };
    let recorder = Recorder::start(producer, options).expect("nobody else holds the spool");
    let mut answers = VecDeque::new();
    for number in number(first)..number(first) + number(count) {
        answers.push_back((number, recorder.emit_durable(event(number))));
        if answers.len() >= AT_ONCE {
            print_oldest(&mut answers).await;
        }
    }
    while !answers.is_empty() {
        print_oldest(&mut answers).await;
    }
    while is_up && recorder.spooled() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn open_log(directory: &Path) -> LocalLog {
    let options = LocalOptions::default();
    LocalLog::open(&directory.join("log"), options, Arc::new(|| 0)).expect("the log opens")
}

fn event(number: u64) -> annals_schemas::Event {
    let workspace = WorkspaceId::new("acme").expect("a legal id");
    new_event(workspace, format!("count.n{number}"), Instant::from_millis_clamped(0))
}

async fn print_oldest<T>(answers: &mut VecDeque<(u64, T)>)
where
    T: Future<Output = Result<(), annals_ingest::NotSafe>>,
{
    let Some((number, answer)) = answers.pop_front() else { return };
    if answer.await.is_ok() {
        println!("{number}");
        std::io::stdout().flush().expect("somebody reads");
    }
}

//! Calls `emit` between two lines on stderr, so that who traces this process can tell what the
//! calls do.

use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

use annals_ingest::Recorder;
use annals_schemas::Event;

/// Events emitted on end; made before.
const RUN: usize = 5_000;
/// How long a run's events may take to be safe. On a full disk they never are.
const REST: Duration = Duration::from_millis(200);

pub(crate) fn run(recorder: &Recorder, calls: u64) -> Result<(), Box<dyn Error>> {
    for first in (0..calls).step_by(RUN) {
        let events: Vec<Event> = (first..calls.min(first + RUN as u64)).map(super::event).collect();
        say("calls begin")?;
        for event in events {
            recorder.emit(event);
        }
        say("calls end")?;
        recorder.flush(REST);
    }
    println!("lost {}", recorder.lost());
    Ok(())
}

/// In one call to the system.
fn say(line: &str) -> std::io::Result<()> {
    std::io::stderr().write_all(format!("{line}\n").as_bytes())
}

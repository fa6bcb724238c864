//! Records by `emit` alone, an event a millisecond, and prints the number of each once it is
//! emitted: what a host does that waits for nothing.

use std::error::Error;
use std::io::Write as _;
use std::thread;
use std::time::Duration;

use annals_ingest::Recorder;

const PAUSE: Duration = Duration::from_millis(1);

pub(crate) fn run(recorder: &Recorder, first: u64) -> Result<(), Box<dyn Error>> {
    for number in first.. {
        recorder.emit(super::event(number));
        println!("{number}");
        std::io::stdout().flush()?;
        thread::sleep(PAUSE);
    }
    Ok(())
}

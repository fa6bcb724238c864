//! Ends under load: threads record as fast as they can, and the recorder is dropped as soon as the
//! last of them has.

use std::error::Error;
use std::time::Instant;

use annals_ingest::Recorder;

pub(crate) fn run(recorder: Recorder, threads: u64, count: u64) -> Result<(), Box<dyn Error>> {
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (recorder, first) = (&recorder, thread * count);
            scope.spawn(move || {
                for number in first..first + count {
                    recorder.emit(super::event(number));
                }
            });
        }
    });
    // Everything else has found room, and must be safe before this process ends.
    println!("lost {}", recorder.lost());
    let started = Instant::now();
    drop(recorder);
    println!("ended in {} ms", started.elapsed().as_millis());
    Ok(())
}

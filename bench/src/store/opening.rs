//! Opening a store: from the device, and again with everything in the page cache.

use std::error::Error;
use std::path::Path;

use rustix::fs::{Advice, fadvise};

use super::engine::Engine;
use super::stored;
use crate::report::{Memory, Samples, Started, Table, bytes, bytes_read, memory_bytes};

const WARM_RUNS: usize = 5;

/// Opens, prints what that takes, and what stays resident.
pub(super) async fn measure(directory: &Path) -> Result<(), Box<dyn Error>> {
    let files = stored::files(directory)?;
    let stored: u64 = files.iter().map(|(_, size)| size).sum();
    for (path, _) in &files {
        fadvise(std::fs::File::open(path)?, 0, None, Advice::DontNeed)?;
    }
    let resident = memory_bytes(Memory::Resident);
    let ((asked_before, fetched_before), started) = (bytes_read(), Started::now());
    let engine = Engine::open(directory).await?;
    let (spent, (asked, fetched)) = (started.spent(), bytes_read());
    let (after, anonymous) = (memory_bytes(Memory::Resident), memory_bytes(Memory::Anonymous));
    drop(engine);
    let mut warm = Samples::default();
    for _ in 0..WARM_RUNS {
        let started = Started::now();
        drop(Engine::open(directory).await?);
        warm.push(started.spent().wall);
    }
    let table = Table::of_figures("**Open the store**");
    let millis = |time: std::time::Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    table.row("page cache empty", &[millis(spent.wall)]);
    table.row("page cache warm, median of 5", &[millis(warm.per_mille(500))]);
    let share = |read: u64| {
        let percent = read as f64 * 100.0 / stored.max(1) as f64;
        format!("{} ({percent:.1} % of the store)", bytes(read))
    };
    table.row("read by calls", &[share(asked - asked_before)]);
    table.row("fetched from the device", &[share(fetched - fetched_before)]);
    table.row("resident (VmRSS), no queries", &[bytes(after)]);
    table.row("of it before opening", &[bytes(resident)]);
    table.row("of it not backed by files", &[bytes(anonymous)]);
    Ok(())
}

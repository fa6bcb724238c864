//! The one suite, at every level of durability and with tiny files.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn passes_the_conformance_suite() {
    let levels = [Fsync::Always, Fsync::Interval(Duration::from_millis(50))];
    for fsync in levels {
        for (partitions, segment_bytes) in [(1, 64 << 20), (4, 1_000)] {
            let directory = tempfile::tempdir().unwrap();
            let options = LocalOptions { partitions, segment_bytes, fsync, ..Default::default() };
            let clock: Clock = Arc::new(|| {
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                i64::try_from(now.unwrap().as_millis()).unwrap()
            });
            let log = LocalLog::open(directory.path(), options, clock).unwrap();
            conformance::run(&log).await;
        }
    }
}

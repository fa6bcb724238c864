//! Power cuts: every write not synced may be lost, whole or in part, and every file whose
//! directory was not synced. What was acknowledged is there afterwards, and opening succeeds.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;

use parking_lot::Mutex;
use proptest::prelude::*;

use super::*;

/// Keeps for each file what is known to be on disk.
#[derive(Default)]
struct Disk {
    durable: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    /// Synced, but their directory was not: a cut takes them.
    nameless: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
}

fn path_of(file: &File) -> PathBuf {
    std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap()
}

impl Files for Disk {
    fn sync(&self, file: &File) -> io::Result<()> {
        let path = path_of(file);
        let bytes = std::fs::read(&path)?;
        let mut durable = self.durable.lock();
        if let Some(known) = durable.get_mut(&path) {
            *known = bytes;
        } else {
            self.nameless.lock().insert(path, bytes);
        }
        Ok(())
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        let path = path.canonicalize()?;
        let mut durable = self.durable.lock();
        self.nameless.lock().retain(|file, bytes| {
            let named = file.parent() == Some(&path);
            if named {
                durable.insert(file.clone(), bytes.clone());
            }
            !named
        });
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)?;
        let to = to.canonicalize()?;
        let from = to.with_file_name(from.file_name().unwrap());
        let mut nameless = self.nameless.lock();
        if let Some(bytes) = nameless.remove(&from) {
            nameless.insert(to, bytes);
        }
        Ok(())
    }
}

impl Disk {
    /// What the disk holds after a cut: synced bytes; of the others, 16-byte sectors at random.
    fn cut(&self, directory: &Path, mut chance: impl FnMut() -> bool) {
        let durable = self.durable.lock();
        let mut directories = vec![directory.canonicalize().unwrap()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(&directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                    continue;
                }
                let now = std::fs::read(&path).unwrap();
                let known = durable.get(&path);
                if known.is_none() && chance() {
                    std::fs::remove_file(&path).unwrap();
                    continue;
                }
                let mut left = known.cloned().unwrap_or_default();
                let length = if chance() { now.len() } else { left.len() };
                left.resize(length, 0);
                for (sector, current) in left.chunks_mut(16).zip(now.chunks(16)) {
                    if chance() {
                        let shared = sector.len().min(current.len());
                        sector[..shared].copy_from_slice(&current[..shared]);
                    }
                }
                std::fs::write(&path, left).unwrap();
            }
        }
    }
}

/// Appends groups, keeps a copy of the directory in mid-write, and cuts.
async fn survive(seed: u64, groups: usize, segment_bytes: u64) {
    let mut state = seed | 1;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let directory = tempfile::tempdir().unwrap();
    let disk = Arc::new(Disk::default());
    let options = LocalOptions { segment_bytes, ..Default::default() };
    let mut acknowledged = 0;
    for _ in 0..3 {
        let log = open_on(directory.path(), options.clone(), disk.clone());
        let found = values(&log).await;
        assert!(found.len() >= acknowledged, "seed {seed}: {} of {acknowledged}", found.len());
        assert_eq!(found, numbered(0..found.len()), "seed {seed}");
        let mut next = found.len();
        for _ in 0..groups {
            let count = 1 + usize::try_from(random() % 4).unwrap();
            let group = numbered(next..next + count).iter().map(|v| record("acme", v)).collect();
            assert!(log.producer().append_all(group).await.iter().all(Result::is_ok));
            next += count;
        }
        acknowledged = next;
        drop(log);
        // One more group was being written when the power went: nobody heard of it.
        let file = log_files(directory.path()).pop().unwrap();
        let mut bytes = std::fs::read(&file).unwrap();
        let synced = bytes.len();
        let base_end = u32::try_from(synced).unwrap();
        for (index, value) in numbered(next..next + 3).iter().enumerate() {
            let unsynced = u32::try_from(bytes.len()).unwrap() - base_end;
            let offset = (next + index) as u64;
            frame::encode(&mut bytes, &record("acme", value), offset, 1_000, unsynced);
        }
        std::fs::write(&file, bytes).unwrap();
        disk.cut(directory.path(), || random() % 2 == 0);
        // What is left is what the next start finds on disk.
        let mut durable = disk.durable.lock();
        durable.retain(|path, _| path.exists());
        for (path, bytes) in durable.iter_mut() {
            *bytes = std::fs::read(path).unwrap();
        }
        disk.nameless.lock().clear();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_was_acknowledged_survives_a_power_cut(seed: u64, groups in 1_usize..8, large: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(survive(seed, groups, if large { 1 << 20 } else { TINY }));
    }
}

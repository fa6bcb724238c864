//! A disk that is really small, and so gets really full.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of its own, unmounted when dropped.
pub struct SmallDisk {
    /// Where it is mounted.
    pub path: PathBuf,
}

impl SmallDisk {
    /// Mounts one of this size (as `mount` takes it) there.
    ///
    /// # Panics
    /// When it cannot be mounted: it needs root or sudo.
    pub fn mount(path: &Path, size: &str) -> Self {
        std::fs::create_dir_all(path).expect("a directory can be made");
        let mut mount = privileged("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size},mode=1777"), "tmpfs"]).arg(path);
        let mounted = mount.status().expect("mount can be run").success();
        assert!(mounted, "{mount:?} failed: it needs root or sudo");
        Self { path: path.to_path_buf() }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let mut unmount = privileged("umount");
        // Lazily: files of a process that was just killed may be open for a moment.
        let _ = unmount.arg("--lazy").arg(&self.path).status();
    }
}

fn privileged(program: &str) -> Command {
    let root = std::fs::metadata("/proc/self").is_ok_and(|meta| {
        use std::os::unix::fs::MetadataExt as _;
        meta.uid() == 0
    });
    if root {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

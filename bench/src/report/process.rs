//! What the kernel says of this process. A field that is missing counts as 0.

/// Which measure of memory.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Memory {
    /// Resident at this moment.
    Resident,
    /// The most that ever was resident.
    Peak,
    /// Of what is resident: not backed by files.
    Anonymous,
}

/// Memory of this process.
pub(crate) fn memory_bytes(which: Memory) -> u64 {
    let field = match which {
        Memory::Resident => "VmRSS:",
        Memory::Peak => "VmHWM:",
        Memory::Anonymous => "RssAnon:",
    };
    number("/proc/self/status", field) * 1024
}

/// Bytes read so far: asked of the kernel, and fetched from the device.
pub(crate) fn bytes_read() -> (u64, u64) {
    let file = "/proc/self/io";
    (number(file, "rchar:"), number(file, "read_bytes:"))
}

fn number(file: &str, field: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

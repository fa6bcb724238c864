//! What a command answers, on standard output.

use std::fmt::Display;
use std::io::{ErrorKind, Write as _};

/// Writes a line. That nobody reads it to its end (`annals verify … | head -1`) is no failure: what
/// the exit code says is still true.
pub(crate) fn say(line: impl Display) {
    write(format_args!("{line}\n"));
}

/// Writes a text that has its own line ends.
pub(crate) fn write(text: impl Display) {
    match write!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            tracing::error!(%error, "standard output takes nothing");
        }
        _ => {}
    }
}

//! In-process figures of the whole path: fold, seal, open, pages. `make bench` runs it.
//!
//! usage: annals-bench FILE.ndjson    event JSON, one event a line

mod load;
mod pages;
mod spread;

use std::process::ExitCode;

#[expect(clippy::print_stderr, reason = "usage goes to stderr")]
fn main() -> ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        eprintln!("usage: annals-bench FILE.ndjson");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let Ok(runtime) = runtime else { return ExitCode::from(3) };
    match runtime.block_on(load::load(&file)) {
        Ok(loaded) => {
            pages::measure(&loaded);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("annals-bench: {error}");
            ExitCode::from(2)
        }
    }
}

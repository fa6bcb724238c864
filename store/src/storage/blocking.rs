//! File calls that may wait for a disk, kept off the threads that run futures.

/// Runs work on the runtime's blocking threads; in place where there is no runtime.
///
/// # Panics
/// When the work does.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return work() };
    match runtime.spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

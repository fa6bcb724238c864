//! One handler a file.

pub(crate) mod accounting;
pub(crate) mod actions;
pub(crate) mod admin_accounting;
pub(crate) mod admin_quarantine;
pub(crate) mod event;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod quarantine;

use annals_service::problem::{Problem, ProblemKind};
use annals_store::StoreError;

/// Runs store work off the threads that answer requests, and maps its failures.
async fn reading<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(StoreError::OverBudget { limit, .. })) => Err(Problem::new(ProblemKind::Timeout)
            .detail(format!("the query looked at {limit} rows; narrow the date range or filters"))),
        Ok(Err(error)) => {
            tracing::error!(error = %error, source = ?std::error::Error::source(&error), "reading");
            Err(Problem::new(ProblemKind::Internal))
        }
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

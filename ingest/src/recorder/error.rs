//! Why a recorder does not start, and why an event is not safe.

use annals_broker::BrokerError;

/// A recorder that could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system gives no thread.
    #[error("the recorder gets no thread")]
    Thread(#[source] std::io::Error),
    /// The spool cannot be used: another process holds it, or its directory cannot be written.
    #[error("the recorder's spool cannot be used")]
    Spool(#[source] BrokerError),
}

/// Why [`super::Recorder::emit_durable`] answers that an event is not safe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSafe {
    /// Neither the queue nor, in time, log or spool had room.
    #[error("the recorder has no room for the event")]
    NoRoom,
    /// It breaks a rule, or the log refuses it for good.
    #[error("the event is refused: {detail}")]
    Refused {
        /// The rule.
        detail: String,
    },
    /// Neither log nor spool took it within [`super::RecorderOptions::durable_deadline`]. It is
    /// still on its way, and whether it becomes safe is open: the same event may be recorded again,
    /// its id tells that it is one.
    #[error("the event was not safe in time")]
    Late,
    /// This process was forked from the one that started the recorder, and has no thread of it.
    #[error("the recorder was started before this process was forked: start one in it")]
    Forked,
    /// The recorder ended first. Whether the event reached the log is open.
    #[error("the recorder ended before the event was safe")]
    Ended,
}

impl NotSafe {
    /// Whether the same event may be taken later.
    pub fn is_retryable(&self) -> bool {
        !matches!(self, Self::Refused { .. } | Self::Forked)
    }
}

//! What a gateway's answer means for each event of a batch.

use serde::Deserialize;

/// What became of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The log has it.
    Taken,
    /// The log did not acknowledge it this time: the same again, later.
    Again,
    /// It will never be taken like this; why.
    Refused(String),
}

/// Why nothing is known of any event of a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The gateway or its log has no room for now: the same again, later.
    #[error("{detail}")]
    Busy {
        /// What was said.
        detail: String,
    },
    /// No answer, or none of a gateway: the same again, if it is one.
    #[error("{detail}")]
    Unreachable {
        /// What was seen.
        detail: String,
    },
    /// The token opens nothing, or may not write.
    #[error("{detail}")]
    Denied {
        /// What was said.
        detail: String,
    },
    /// The batch is refused as a whole; parts of it may pass.
    #[error("{detail}")]
    TooMuch {
        /// What was said.
        detail: String,
    },
}

impl PostError {
    pub(super) fn unreachable(error: &reqwest::Error) -> Self {
        let (mut detail, mut source) = (error.to_string(), std::error::Error::source(error));
        while let Some(cause) = source {
            detail = format!("{detail}: {cause}");
            source = cause.source();
        }
        Self::Unreachable { detail }
    }

    /// Whether the same batch may be taken later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable { .. })
    }
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    status: String,
    error: Option<ItemError>,
}

#[derive(Deserialize, Default)]
struct ItemError {
    #[serde(rename = "type")]
    kind: Option<String>,
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    pointer: Option<String>,
    detail: String,
}

/// One fate for each of so many events.
pub(super) fn read(status: u16, body: &[u8], events: usize) -> Result<Vec<Fate>, PostError> {
    let text = || String::from_utf8_lossy(&body[..body.len().min(1_000)]).into_owned();
    let detail = || format!("status {status}: {}", text());
    match status {
        200 | 202 => match serde_json::from_slice::<Answer>(body) {
            Ok(answer) if answer.items.len() == events => {
                Ok(answer.items.into_iter().map(Item::fate).collect())
            }
            _ => Err(PostError::Unreachable { detail: format!("not understood: {}", detail()) }),
        },
        400 | 413 | 422 => Err(PostError::TooMuch { detail: detail() }),
        401 | 403 => Err(PostError::Denied { detail: detail() }),
        429 | 503 => Err(PostError::Busy { detail: detail() }),
        _ => Err(PostError::Unreachable { detail: detail() }),
    }
}

impl Item {
    fn fate(self) -> Fate {
        if matches!(self.status.as_str(), "accepted" | "duplicate") {
            return Fate::Taken;
        }
        let error = self.error.unwrap_or_default();
        if error.kind.as_deref() == Some("log-unavailable") {
            return Fate::Again;
        }
        let faults: Vec<String> = error
            .errors
            .iter()
            .map(|fault| match fault.pointer.as_deref() {
                Some(pointer) if !pointer.is_empty() => format!("{pointer}: {}", fault.detail),
                _ => fault.detail.clone(),
            })
            .collect();
        let detail = error.detail.unwrap_or_else(|| "rejected".to_owned());
        Fate::Refused(if faults.is_empty() { detail } else { faults.join("; ") })
    }
}

//! An error in one line, for log lines and command answers.

/// An error with its causes, outermost first. A cause that its parent's text ends with already is
/// not said twice.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Failure {
        #[error("the disk is full")]
        Disk,
        #[error("storing failed")]
        Storing(#[source] Box<Failure>),
        #[error("sealing: {0}")]
        Sealing(#[source] Box<Failure>),
    }

    #[test]
    fn every_cause_is_said_once() {
        let storing = Failure::Storing(Box::new(Failure::Disk));
        assert_eq!(with_causes(&storing), "storing failed: the disk is full");
        let sealing = Failure::Sealing(Box::new(Failure::Disk));
        assert_eq!(with_causes(&sealing), "sealing: the disk is full");
    }
}

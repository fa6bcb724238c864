//! How a command ends: 0 done, 1 the answer is no, 2 usage or configuration, 3 a dependency is out
//! of reach.

use std::process::ExitCode;

/// A command that did not succeed.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// The answer is no.
    pub(crate) fn no(message: impl Into<String>) -> Self {
        Self { code: 1, message: message.into() }
    }

    /// Wrong usage or configuration.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }

    /// Something needed is out of reach.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self { code: 3, message: message.into() }
    }

    /// Usage failure from an error with its causes.
    pub(crate) fn config(error: &dyn std::error::Error) -> Self {
        Self::usage(chain(error))
    }

    /// Out-of-reach failure from an error with its causes.
    pub(crate) fn dependency(error: &dyn std::error::Error) -> Self {
        Self::unreachable(chain(error))
    }

    /// Says it on stderr and gives the exit code.
    #[expect(clippy::print_stderr, reason = "this is the command's answer")]
    pub(crate) fn report(&self) -> ExitCode {
        eprintln!("annals: {}", self.message);
        ExitCode::from(self.code)
    }
}

/// An error and its causes on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
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

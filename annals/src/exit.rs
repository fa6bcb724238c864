//! How a command ends: 0 done, 1 the answer is no, 2 usage or configuration, 3 a dependency is out
//! of reach.

use std::process::ExitCode;

use annals_service::with_causes;

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
        Self::usage(with_causes(error))
    }

    /// Out-of-reach failure from an error with its causes.
    pub(crate) fn dependency(error: &dyn std::error::Error) -> Self {
        Self::unreachable(with_causes(error))
    }

    /// Says it on stderr and gives the exit code.
    #[expect(clippy::print_stderr, reason = "this is the command's answer")]
    pub(crate) fn report(&self) -> ExitCode {
        eprintln!("annals: {}", self.message);
        ExitCode::from(self.code)
    }
}

//! How a command ends: 0 done, 1 the answer is no, 2 usage or configuration, 3 a dependency is out
//! of reach.

use std::process::ExitCode;

use annals_service::with_causes;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// A command that did not succeed.
#[derive(Debug, Clone)]
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

    /// Whether it is an answer, not a trouble on the way to one.
    pub(crate) fn is_no(&self) -> bool {
        self.code == 1
    }

    /// The answer is no, and this showed it.
    pub(crate) fn explains(&self, found: &str) -> Self {
        Self::no(format!("{found} ({})", self.message))
    }

    /// Says it on stderr and gives the exit code.
    #[expect(clippy::print_stderr, reason = "this is the command's answer")]
    pub(crate) fn report(&self) -> ExitCode {
        eprintln!("annals: {}", self.message);
        ExitCode::from(self.code)
    }
}

//! Suite `crash`: `kill -9` of `annals up` while events come in, at every commit boundary and at
//! random moments. Afterwards nothing is lost, nothing is double, and a rebuild from the log alone
//! gives the same rows, counts and roots (INV-2, INV-5).
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

mod evidence;
mod moment;
mod outbox;
mod outcome;
mod rebuild;
mod recorder;
mod rounds;

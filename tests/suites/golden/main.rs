//! Suite `golden`: formats and rules that never change, against scripts that share no code with
//! the product.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

mod entries;
mod folds;
mod formats;

//! What queue and progress are made of. The model in `tests/model/` compiles the same two files
//! with a checker's own instead, which tries the orders in which threads may run.

pub(super) use std::sync::Arc;
pub(super) use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub(super) use parking_lot::{Condvar, Mutex};
pub(super) use tokio::sync::mpsc as channel;

//! A native client whose farewell may block: joining its thread takes up to 100 ms, flushing what
//! it still has up to half a second.
//!
//! Guarantees: who drops it does not wait. Deliberately not here: waiting for what it still has;
//! whoever wants that has asked for its deliveries before.

use std::ops::Deref;

/// A client that takes its leave on a thread of its own, whoever drops it: a host's thread, or one
/// that runs async tasks.
pub(super) struct Farewell<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Farewell<T> {
    pub fn of(client: T) -> Self {
        Self(Some(client))
    }
}

impl<T: Send + 'static> Deref for Farewell<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is taken only by `drop`")
    }
}

impl<T: Send + 'static> Drop for Farewell<T> {
    fn drop(&mut self) {
        let Some(client) = self.0.take() else { return };
        let farewell = std::thread::Builder::new().name("annals-kafka-end".to_owned());
        // Not the runtime's threads: one that is shut down drops what it is given where it is. A
        // system that gives no thread drops it here.
        let _ = farewell.spawn(move || drop(client));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread::{self, ThreadId};

    use super::*;

    /// Tells where it was dropped.
    struct Client(mpsc::Sender<ThreadId>);

    impl Drop for Client {
        fn drop(&mut self) {
            self.0.send(thread::current().id()).expect("the test waits for it");
        }
    }

    /// Dropping the clients of a connection that failed once held the recorder's thread for
    /// 100 ms, and outside of a runtime whoever dropped them.
    #[test]
    fn nobody_who_drops_a_client_waits_for_its_farewell() {
        let (told, dropped) = mpsc::channel();
        drop(Farewell::of(Client(told.clone())));
        assert_ne!(dropped.recv().unwrap(), thread::current().id(), "on a thread of the host");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { drop(Farewell::of(Client(told.clone()))) });
        assert_ne!(dropped.recv().unwrap(), thread::current().id(), "on a thread that runs tasks");
        // A task that is left behind when its runtime ends.
        let left = Farewell::of(Client(told));
        runtime.spawn(async move {
            let _left = left;
            std::future::pending::<()>().await;
        });
        runtime.shutdown_background();
        assert_ne!(dropped.recv().unwrap(), thread::current().id(), "with its runtime");
    }
}

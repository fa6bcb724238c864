//! The wish to stop, seen by every task.
//!
//! A `Shutdown` is raised once and stays raised. It does not wait for anybody: each task decides
//! what it must finish first.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// A shared, one-way switch from running to stopping.
#[derive(Debug, Clone)]
pub struct Shutdown {
    switch: watch::Sender<bool>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// A switch that nobody has raised yet.
    pub fn new() -> Self {
        Self { switch: watch::Sender::new(false) }
    }

    /// A switch that the first SIGTERM or SIGINT raises. Must be called inside a tokio runtime.
    pub fn on_signals() -> std::io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = Self::new();
        let raised = shutdown.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
                _ = interrupt.recv() => tracing::info!("SIGINT: stopping"),
                () = raised.requested() => {}
            }
            raised.request();
        });
        Ok(shutdown)
    }

    /// Raises the switch; raising it again changes nothing.
    pub fn request(&self) {
        self.switch.send_replace(true);
    }

    /// True once the switch is raised.
    pub fn is_requested(&self) -> bool {
        *self.switch.borrow()
    }

    /// Returns as soon as the switch is raised; at once when it already is.
    pub async fn requested(&self) {
        let mut watching = self.switch.subscribe();
        // `self` holds a sender, so the channel cannot close while this waits.
        let _ = watching.wait_for(|raised| *raised).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_request_wakes_every_clone_and_stays() {
        let shutdown = Shutdown::new();
        let waiting = tokio::spawn({
            let shutdown = shutdown.clone();
            async move { shutdown.requested().await }
        });
        assert!(!shutdown.is_requested());
        shutdown.clone().request();
        tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
        shutdown.requested().await;
        assert!(shutdown.is_requested());
    }

    #[tokio::test]
    async fn sigterm_raises_the_switch() {
        let shutdown = Shutdown::on_signals().unwrap();
        let own_pid = std::process::id().to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &own_pid]).status().unwrap();
        assert!(sent.success());
        tokio::time::timeout(Duration::from_secs(5), shutdown.requested()).await.unwrap();
    }
}

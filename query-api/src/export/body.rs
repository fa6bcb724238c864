//! The body of an export: it ends well only if the export said so.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use futures::Stream;
use tokio::sync::mpsc::Receiver;

/// What comes through the channel.
pub(super) enum Part {
    Bytes(Bytes),
    /// Everything was sent.
    End,
}

/// Parts as a stream. A channel that closes without an end is an error, which aborts the transfer:
/// a client must not take a cut file for a whole one.
pub(super) struct ExportBody {
    parts: Receiver<Part>,
    is_over: bool,
}

impl ExportBody {
    pub(super) fn new(parts: Receiver<Part>) -> Self {
        Self { parts, is_over: false }
    }
}

impl Stream for ExportBody {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        match ready!(self.parts.poll_recv(context)) {
            Some(Part::Bytes(bytes)) => Poll::Ready(Some(Ok(bytes))),
            Some(Part::End) => {
                self.is_over = true;
                Poll::Ready(None)
            }
            None => {
                self.is_over = true;
                let cut = io::Error::new(io::ErrorKind::UnexpectedEof, "the export was cut");
                Poll::Ready(Some(Err(cut)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use tokio::sync::mpsc;

    use super::*;

    async fn received(parts: Vec<Part>) -> Vec<io::Result<Bytes>> {
        let (sender, receiver) = mpsc::channel(8);
        for part in parts {
            sender.send(part).await.map_err(drop).unwrap();
        }
        drop(sender);
        ExportBody::new(receiver).collect().await
    }

    #[tokio::test]
    async fn only_an_end_ends_well() {
        let bytes = || Part::Bytes(Bytes::from_static(b"x"));
        let whole = received(vec![bytes(), Part::End]).await;
        assert!(whole.len() == 1 && whole[0].is_ok(), "{whole:?}");
        let cut = received(vec![bytes()]).await;
        assert!(cut.len() == 2 && cut[0].is_ok() && cut[1].is_err(), "{cut:?}");
    }
}

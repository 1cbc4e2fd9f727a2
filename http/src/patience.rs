//! How long a connection may say nothing.
//!
//! The server looks at the first bytes of a connection to tell HTTP/1 from HTTP/2, and has no limit for that by itself.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// What a connection of HTTP/2 begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Accepts as another acceptor does, and then waits only so long for the first bytes.
#[derive(Debug, Clone)]
pub(crate) struct Patient<A> {
    inner: A,
    patience: Duration,
}

impl<A> Patient<A> {
    pub(crate) fn new(inner: A, patience: Duration) -> Self {
        Self { inner, patience }
    }
}

impl<A, I, S> Accept<I, S> for Patient<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
{
    type Stream = Opening<A::Stream>;
    type Service = A::Service;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let (accepting, patience) = (self.inner.accept(stream, service), self.patience);
        Box::pin(async move {
            let (stream, service) = accepting.await?;
            let opening = Opening { stream, seen: 0, until: Some(Box::pin(tokio::time::sleep(patience))) };
            Ok((opening, service))
        })
    }
}

/// A connection whose first bytes are awaited until it is clear what it speaks; later limits are the server's.
#[derive(Debug)]
pub(crate) struct Opening<T> {
    stream: T,
    /// How many bytes of the preface came.
    seen: usize,
    until: Option<Pin<Box<Sleep>>>,
}

impl<T> Opening<T> {
    /// Takes note of bytes that came. It is clear what is spoken once they differ from the preface, or are all of it.
    fn note(&mut self, bytes: &[u8]) {
        let awaited = PREFACE.get(self.seen..).unwrap_or_default();
        if awaited.starts_with(bytes) && bytes.len() < awaited.len() {
            self.seen += bytes.len();
        } else {
            self.until = None;
        }
    }

    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(until) = &mut self.until else { return Poll::Pending };
        until.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Opening<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if Pin::new(&mut self.stream).poll_read(context, buffer)?.is_pending() {
            return self.poll_patience(context);
        }
        if self.until.is_some() {
            let fresh = buffer.filled().get(before..).unwrap_or_default();
            self.note(fresh);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Opening<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

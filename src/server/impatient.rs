//! A connection whose other side must take what is sent.
//!
//! Time limits of requests end when the answer is made. Whoever asks and does not read would keep
//! a connection and its buffers for ever; so nothing more is read while something cannot be sent,
//! and that only for a while. It lies below the encryption: what counts is what the system takes.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::connections::Counted;

/// How long an answer may wait for its reader.
#[derive(Debug, Clone, Copy)]
struct Patience {
    stuck: Duration,
    /// When the server stops.
    at_stop: Duration,
}

const PATIENCE: Patience =
    Patience { stuck: Duration::from_secs(20), at_stop: Duration::from_secs(2) };
/// Bytes that a reader must take within that time, so that one byte now and then is not enough.
const MOVED_MIN: usize = 4 << 10;

/// What carries a connection, as long as there is patience.
#[derive(Debug)]
pub(super) struct Impatient<S> {
    stream: S,
    draining: Arc<AtomicBool>,
    patience: Patience,
    stuck: Option<Stuck>,
    _counted: Option<Counted>,
}

/// The answer waits.
#[derive(Debug)]
struct Stuck {
    until: Pin<Box<Sleep>>,
    moved: usize,
}

impl<S> Impatient<S> {
    /// What it is over.
    pub(super) fn stream(&self) -> &S {
        &self.stream
    }

    /// Over `stream`, counted as `counted` while it lives; less patient once `draining`.
    pub(super) fn new(stream: S, draining: Arc<AtomicBool>, counted: Option<Counted>) -> Self {
        Self { stream, draining, patience: PATIENCE, stuck: None, _counted: counted }
    }

    /// What came of sending `whole` bytes.
    fn moved(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
        whole: usize,
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(outcome) = outcome else { return self.wait(context) };
        if let (Ok(count), Some(stuck)) = (&outcome, &mut self.stuck) {
            stuck.moved += count;
            if *count == whole || MOVED_MIN <= stuck.moved {
                self.stuck = None;
            }
        }
        Poll::Ready(outcome)
    }

    /// Waits for the reader as long as there is patience.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Patience { stuck, at_stop } = self.patience;
        let stuck = self.stuck.get_or_insert_with(|| {
            let until = Box::pin(tokio::time::sleep(stuck));
            Stuck { until, moved: 0 }
        });
        let soon = Instant::now() + at_stop;
        if self.draining.load(Ordering::Relaxed) && soon < stuck.until.deadline() {
            stuck.until.as_mut().reset(soon);
        }
        ready!(stuck.until.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Impatient<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.stuck.is_some() {
            // Whoever reads is woken when the answer moves: it is the same task.
            return Poll::Pending;
        }
        Pin::new(&mut this.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Impatient<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.moved(context, outcome, bytes.len())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(context, pieces);
        this.moved(context, outcome, pieces.iter().map(|piece| piece.len()).sum())
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn line(room: usize) -> (Impatient<DuplexStream>, DuplexStream, Arc<AtomicBool>) {
        let (near, far) = duplex(room);
        let draining = Arc::new(AtomicBool::new(false));
        let mut line = Impatient::new(near, Arc::clone(&draining), None);
        line.patience = Patience { stuck: 400 * MS, at_stop: 50 * MS };
        (line, far, draining)
    }

    /// How long it takes until what cannot be sent is given up, while `reader` does its best.
    async fn given_up(
        mut line: Impatient<DuplexStream>,
        reader: impl Future<Output = ()>,
    ) -> Duration {
        let begun = Instant::now();
        let write = async {
            let cause = line.write_all(&[7; 1 << 20]).await.unwrap_err();
            assert_eq!(cause.kind(), io::ErrorKind::TimedOut);
        };
        tokio::select! {
            () = write => {}
            () = reader => panic!("the reader ended first"),
        }
        begun.elapsed()
    }

    async fn read_each(mut far: DuplexStream, bytes: usize, every: Duration) {
        let mut taken = vec![0; bytes];
        while far.read_exact(&mut taken).await.is_ok() {
            tokio::time::sleep(every).await;
        }
    }

    #[actix_web::test]
    async fn whoever_reads_nothing_or_next_to_nothing_is_let_go() {
        let (near, _far, _) = line(1_000);
        let waited = given_up(near, std::future::pending()).await;
        assert!(400 * MS <= waited, "{waited:?}");
        let (near, far, _) = line(1_000);
        let waited = given_up(near, read_each(far, 10, 20 * MS)).await;
        assert!(400 * MS <= waited, "{waited:?}: a little now and then is not enough");
    }

    #[actix_web::test]
    async fn whoever_reads_slowly_is_waited_for() {
        let (mut near, far, _) = line(1_000);
        let reader = read_each(far, 1_000, 5 * MS);
        let write = async move {
            near.write_all(&[7; 200_000]).await.unwrap();
        };
        let begun = Instant::now();
        futures_util::future::join(write, reader).await;
        assert!(400 * MS < begun.elapsed(), "it took longer than nothing may");
    }

    #[actix_web::test]
    async fn a_server_that_stops_is_less_patient() {
        let (mut near, _far, draining) = line(1_000);
        near.patience.stuck = Duration::from_secs(3_600);
        draining.store(true, Ordering::Relaxed);
        assert!(50 * MS <= given_up(near, std::future::pending()).await);
    }

    #[actix_web::test]
    async fn nothing_is_read_while_an_answer_waits() {
        let (mut near, mut far, _) = line(100);
        far.write_all(b"next").await.unwrap();
        let sent = tokio::time::timeout(20 * MS, near.write_all(&[7; 200]));
        assert!(sent.await.is_err(), "the reader is behind");
        let mut taken = [0; 4];
        let read = tokio::time::timeout(20 * MS, near.read_exact(&mut taken));
        assert!(read.await.is_err());
        far.read_exact(&mut [0; 100]).await.unwrap();
        near.write_all(&[7; 50]).await.unwrap();
        near.read_exact(&mut taken).await.unwrap();
        assert_eq!(&taken, b"next");
    }
}

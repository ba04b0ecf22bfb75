//! A connection that cannot be held by doing nothing.
//!
//! Time limits of requests end when the answer is made. Whoever asks and does not read would keep
//! a connection, its buffers and every further question that they have sent for ever; so nothing
//! more is read while an answer cannot be sent, and that only for a while.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::connections::{Counted, Waiting};
use super::framing::Framing;

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
/// Bytes that are read before what they ask is looked at. The server takes all requests of a read
/// into its queue, each with its headers.
const READ_MAX: usize = 4 << 10;
/// Requests that may be sent before an answer moves. Browsers and proxies send one; whoever sends
/// more would have them all held in memory, 7 KiB each.
const QUESTIONS_MAX: usize = 16;

/// What carries a connection, with its bounds.
pub(super) struct Line<S> {
    stream: S,
    draining: Arc<AtomicBool>,
    patience: Patience,
    stuck: Option<Stuck>,
    /// Bytes read since the reading paused last.
    read: usize,
    /// Requests begun since an answer moved last.
    questions: usize,
    framing: Framing,
    /// Until the first request has come whole.
    waiting: Option<Waiting>,
    _counted: Option<Counted>,
}

/// The answer waits.
struct Stuck {
    until: Pin<Box<Sleep>>,
    moved: usize,
}

impl<S> Line<S> {
    /// A line over `stream`, counted as `counted` while it lives; less patient once `draining`.
    pub(super) fn new(stream: S, draining: Arc<AtomicBool>, counted: Option<Counted>) -> Self {
        Self {
            stream,
            draining,
            patience: PATIENCE,
            stuck: None,
            read: 0,
            questions: 0,
            framing: Framing::default(),
            waiting: None,
            _counted: counted,
        }
    }

    /// The same, let go when its place is wanted before the first request has come whole.
    pub(super) fn waiting(mut self, waiting: Option<Waiting>) -> Self {
        self.waiting = waiting;
        self
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

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.waiting.as_ref().is_some_and(|waiting| waiting.is_wanted(context)) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if this.stuck.is_some() {
            // Whoever reads is woken when the answer moves: it is the same task.
            return Poll::Pending;
        }
        if READ_MAX <= this.read {
            this.read = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let most = (READ_MAX - this.read).min(into.remaining());
        let mut piece = ReadBuf::new(into.initialize_unfilled_to(most));
        let Poll::Ready(outcome) = Pin::new(&mut this.stream).poll_read(context, &mut piece) else {
            this.read = 0;
            return Poll::Pending;
        };
        let count = piece.filled().len();
        this.questions += this.framing.begun(piece.filled_mut());
        if this.framing.has_come_whole() {
            this.waiting = None;
        }
        if QUESTIONS_MAX < this.questions {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        into.advance(count);
        this.read += count;
        Poll::Ready(outcome)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Poll::Ready(outcome) = Pin::new(&mut this.stream).poll_write(context, bytes) else {
            return this.wait(context);
        };
        this.questions = 0;
        if let (Ok(count), Some(stuck)) = (&outcome, &mut this.stuck) {
            stuck.moved += count;
            if *count == bytes.len() || MOVED_MIN <= stuck.moved {
                this.stuck = None;
            }
        }
        Poll::Ready(outcome)
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
    use crate::server::connections::Connections;

    const MS: Duration = Duration::from_millis(1);

    fn line(room: usize) -> (Line<DuplexStream>, DuplexStream, Arc<AtomicBool>) {
        let (near, far) = duplex(room);
        let draining = Arc::new(AtomicBool::new(false));
        let mut line = Line::new(near, Arc::clone(&draining), None);
        line.patience = Patience { stuck: 400 * MS, at_stop: 50 * MS };
        (line, far, draining)
    }

    /// How long it takes until what cannot be sent is given up, while `reader` does its best.
    async fn given_up(mut line: Line<DuplexStream>, reader: impl Future<Output = ()>) -> Duration {
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
    async fn whoever_asks_on_and_on_before_an_answer_is_let_go() {
        let one: &[u8] = b"GET /api/health HTTP/1.1\r\nhost: h\r\n\r\n";
        let (mut near, mut far, _) = line(1 << 20);
        let mut taken = vec![0; QUESTIONS_MAX * one.len()];
        for _ in 0..2 {
            far.write_all(&one.repeat(QUESTIONS_MAX)).await.unwrap();
            near.read_exact(&mut taken).await.unwrap();
            near.write_all(b"an answer").await.unwrap();
        }
        far.write_all(&one.repeat(QUESTIONS_MAX + 2)).await.unwrap();
        let cause = near.read_to_end(&mut taken).await.unwrap_err();
        assert_eq!(cause.kind(), io::ErrorKind::InvalidData);
    }

    /// What is read of `sent` through a line that holds `room` bytes.
    async fn arrived(room: usize, sent: &[u8]) -> io::Result<Vec<u8>> {
        let (mut near, mut far, _) = line(room);
        // Each end goes when it is done: the other hears it.
        let write = async move { far.write_all(sent).await };
        let read = async move {
            let mut taken = Vec::new();
            near.read_to_end(&mut taken).await.map(|_| taken)
        };
        futures_util::future::join(write, read).await.1
    }

    #[actix_web::test]
    async fn a_long_body_arrives_whole() {
        let body: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let head = format!("POST /x HTTP/1.1\r\ncontent-length: {}\r\n\r\n", body.len());
        let sent = [head.as_bytes(), &body].concat();
        assert!(arrived(1_000, &sent).await.unwrap() == sent);
    }

    #[actix_web::test]
    async fn an_upload_full_of_first_lines_arrives_whole() {
        let body = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n".repeat(1_000);
        let head = format!("POST /x HTTP/1.1\r\ncontent-length: {}\r\n\r\n", body.len());
        let sent = [head.as_bytes(), &body].concat();
        assert!(arrived(1_000, &sent).await.unwrap() == sent);
    }

    #[actix_web::test]
    async fn whoever_says_only_half_of_it_is_let_go_when_others_come_and_nobody_else() {
        let all = Connections::new(100, 2, |_| false);
        let from = |last: u8| all.wait([10, 0, 0, last].into());
        let half = b"GET / HTTP/1.1\r\nhost: h\r\n";
        let mut lines = Vec::new();
        for rest in [&b""[..], b"\r\n"] {
            let (near, mut far, _) = line(1_000);
            far.write_all(&[half, rest].concat()).await.unwrap();
            let mut near = near.waiting(from(1));
            near.read_exact(&mut vec![0; half.len() + rest.len()]).await.unwrap();
            lines.push((near, far));
        }
        let others = [from(2), from(3)];
        let mut taken = [0; 10];
        let [(slow, _far), (whole, far)] = &mut lines[..] else { panic!("two were made") };
        let cause = slow.read(&mut taken).await.unwrap_err();
        assert_eq!(cause.kind(), io::ErrorKind::ConnectionAborted);
        far.write_all(b"next").await.unwrap();
        whole.read_exact(&mut taken[..4]).await.unwrap();
        assert_eq!((&taken[..4], others.iter().flatten().count()), (&b"next"[..], 2));
    }

    #[actix_web::test]
    async fn requests_that_reads_cut_in_two_are_counted() {
        let asked = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n".repeat(QUESTIONS_MAX + 1);
        let cause = arrived(10, &asked).await.unwrap_err();
        assert_eq!(cause.kind(), io::ErrorKind::InvalidData);
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

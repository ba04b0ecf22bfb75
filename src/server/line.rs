//! A connection that cannot be held by asking on and on.
//!
//! Every further question that somebody sends would be kept until the answers before it are out;
//! so only a few are taken before an answer moves. It lies above the encryption: what counts is
//! what is asked. What lies below it is [`Impatient`](super::impatient::Impatient).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connections::Waiting;
use super::framing::Framing;
use crate::web::envelope::InFlight;

/// Bytes that are read before what they ask is looked at. The server takes all requests of a read
/// into its queue, each with its headers.
const READ_MAX: usize = 4 << 10;
/// Requests that may be sent before an answer moves. Browsers and proxies send one; whoever sends
/// more would have them all held in memory, 7 KiB each.
const QUESTIONS_MAX: usize = 16;

/// What carries a connection, with its bounds.
#[derive(Debug)]
pub(super) struct Line<S> {
    stream: S,
    /// Bytes read since the reading paused last.
    read: usize,
    /// Requests begun since an answer moved last.
    questions: usize,
    framing: Framing,
    /// Until the first request has come whole.
    waiting: Option<Waiting>,
    _open: Option<InFlight>,
}

impl<S> Line<S> {
    /// A line over `stream`.
    pub(super) fn new(stream: S) -> Self {
        let (framing, waiting) = (Framing::default(), None);
        Self { stream, read: 0, questions: 0, framing, waiting, _open: None }
    }

    /// The same, let go when its place is wanted before the first request has come whole.
    pub(super) fn waiting(mut self, waiting: Option<Waiting>) -> Self {
        self.waiting = waiting;
        self
    }

    /// The same, counted while it lives.
    pub(super) fn counted(mut self, open: InFlight) -> Self {
        self._open = Some(open);
        self
    }

    /// What carries it.
    pub(super) fn stream(&self) -> &S {
        &self.stream
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
        let outcome = Pin::new(&mut this.stream).poll_write(context, bytes);
        if outcome.is_ready() {
            this.questions = 0;
        }
        outcome
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

    fn line(room: usize) -> (Line<DuplexStream>, DuplexStream) {
        let (near, far) = duplex(room);
        (Line::new(near), far)
    }

    #[actix_web::test]
    async fn whoever_asks_on_and_on_before_an_answer_is_let_go() {
        let one: &[u8] = b"GET /api/health HTTP/1.1\r\nhost: h\r\n\r\n";
        let (mut near, mut far) = line(1 << 20);
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
        let (mut near, mut far) = line(room);
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
            let (near, mut far) = line(1_000);
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
}

//! Answers in pieces. The server copies whatever a body gives into the buffer of its connection,
//! so that a body in one piece would lie there once more, as large as it is, for each of those
//! who ask for it and do not read.

use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

/// The most bytes of a piece.
const PIECE: usize = 16 << 10;

struct Pieces {
    body: BoxBody,
    rest: Bytes,
}

/// The same body, given in pieces.
pub(super) fn cut(body: BoxBody) -> BoxBody {
    match body.size() {
        BodySize::None => body,
        BodySize::Sized(bytes) if bytes <= PIECE as u64 => body,
        _ => Pieces { body, rest: Bytes::new() }.boxed(),
    }
}

impl MessageBody for Pieces {
    type Error = Box<dyn StdError>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(bytes)) => self.rest = bytes,
                end => return Poll::Ready(end),
            }
        }
        let length = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_body_is_the_same_in_pieces() {
        let whole: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut body = cut(BoxBody::new(whole.clone()));
        assert_eq!(body.size(), BodySize::Sized(400_000));
        let (mut all, mut pieces) = (Vec::new(), 0);
        while let Some(piece) =
            std::future::poll_fn(|context| Pin::new(&mut body).poll_next(context)).await
        {
            let piece = piece.unwrap();
            assert!(piece.len() <= PIECE);
            all.extend_from_slice(&piece);
            pieces += 1;
        }
        assert_eq!((all == whole, pieces), (true, 25));
    }
}

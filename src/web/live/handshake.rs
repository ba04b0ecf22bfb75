//! Who is let in: the handshake of a connection, and those who are told at once to go.

use std::convert::Infallible;
use std::sync::Arc;

use actix_http::ws;
use actix_web::body::{BodyStream, MessageBody};
use actix_web::dev::ResponseHead;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::{self, Stream};

use super::hub::NoSeat;
use super::socket::Socket;
use super::{Feed, Hub, protocol};
use crate::vocab::problem::ProblemKind;
use crate::web::{Answer, Failure, permit, site};

/// Answers the handshake of `request`, whose `payload` is what the client will send.
///
/// Whoever's session has ended is let in and told so at once (4401): a page cannot see the
/// status of a refused handshake.
///
/// # Errors
/// No handshake, a foreign page, or the session cannot be looked up.
pub fn open(request: &HttpRequest, payload: Payload, hub: &Hub, feed: Data<Feed>) -> Answer {
    let signed = permit::signed(request);
    let Ok(handshake) = ws::handshake(request.head()) else {
        signed?;
        let detail = "This address speaks WebSocket only.";
        return Err(Failure::new("live.handshake", ProblemKind::Malformed, detail));
    };
    let call = match signed {
        Ok(signed) => signed.call,
        Err(failure) if failure.kind() == ProblemKind::SignIn => {
            return upgrade(handshake, farewell(protocol::SESSION_ENDED, "session ended"));
        }
        Err(failure) => return Err(failure),
    };
    demand_own_origin(request)?;
    let seat = match hub.enter(&call.actor) {
        Ok(seat) => seat,
        Err(NoSeat::Full) => {
            return upgrade(handshake, farewell(protocol::TOO_MANY, "too many connections"));
        }
        Err(NoSeat::Closing) => {
            return upgrade(handshake, farewell(protocol::GOING_AWAY, "server stops"));
        }
    };
    let (token, gate) = (permit::token(request)?, Arc::clone(permit::gate(request)?));
    let socket = Socket::new(seat, (payload, feed, gate), (call, token));
    upgrade(handshake, stream::unfold(socket, Socket::next))
}

pub(super) type Frames = Result<Bytes, Infallible>;

fn upgrade(
    mut handshake: actix_http::ResponseBuilder,
    frames: impl Stream<Item = Frames> + 'static,
) -> Answer {
    let answer = handshake.message_body(BodyStream::new(frames)).map_err(|_| {
        Failure::new("live.handshake", ProblemKind::Fault, "the handshake has no answer")
    })?;
    Ok(HttpResponse::from(answer.map_body(|_: &mut ResponseHead, body| body.boxed())))
}

fn farewell(code: u16, reason: &str) -> impl Stream<Item = Frames> + use<> {
    stream::iter([Ok(protocol::close(code, reason))])
}

/// Refuses a page of another origin, which a browser would let use the cookie.
///
/// # Errors
/// `live.origin`.
fn demand_own_origin(request: &HttpRequest) -> Result<(), Failure> {
    if request.headers().contains_key(header::AUTHORIZATION) {
        // No page can make a browser send this with a WebSocket.
        return Ok(());
    }
    if site::is_own_origin(request) == Some(true) {
        return Ok(());
    }
    let detail = "Only pages of this server may listen here with a cookie.";
    Err(Failure::new("live.origin", ProblemKind::NotAllowed, detail))
}

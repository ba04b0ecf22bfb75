//! One connection: a stream of frames that is the body of the answer to the handshake.
//!
//! There is no task and no channel beside it: the connection's own task polls the stream,
//! which waits for the client, for its line and for the time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use actix_http::ws::{OpCode, Parser};
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut, Data, Payload};
use futures_util::StreamExt;
use tokio::time::{Instant, sleep_until};

use super::Feed;
use super::flow::Flow;
use super::handshake::Frames;
use super::hub::Seat;
use super::line::{Parcel, Taken, Whose};
use super::protocol::{self, Wish};
use crate::vocab::actor::Call;
use crate::vocab::problem::ProblemKind;
use crate::web::{Failure, Gate};

/// Bytes that go out at a time.
const CHUNK: usize = 8 * 1024;
/// Between two signs of life, and the longest that an ended session stays connected.
pub const BEAT: Duration = Duration::from_secs(15);
/// How long the last frame is waited for to be answered.
const GOODBYE: Duration = Duration::from_millis(500);
/// Messages that a client may send at once, and one more each [`MESSAGE_EVERY`].
const MESSAGES_MAX: u32 = 60;
const MESSAGE_EVERY: Duration = Duration::from_millis(100);
/// The bad message that ends the connection.
const STRIKES_MAX: u32 = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// The last frame is sent; the client's answer is waited for until then.
    Closing(Instant),
    Done,
}

pub(super) struct Socket {
    seat: Seat,
    payload: Payload,
    feed: Data<Feed>,
    gate: Arc<dyn Gate>,
    call: Call,
    token: String,
    received: BytesMut,
    /// Frames that wait for nothing: greetings, answers, the last one.
    front: BytesMut,
    /// What was missed and comes before what is new, each with the place before it.
    backlog: VecDeque<(i64, Parcel)>,
    /// Everything up to here was sent.
    place: i64,
    flow: Flow,
    beat_at: Instant,
    beat_due: bool,
    ask_due: bool,
    /// When the messages of the client would be used up.
    messages: Instant,
    strikes: u32,
    stage: Stage,
}

impl Socket {
    pub(super) fn new(
        seat: Seat,
        (payload, feed, gate): (Payload, Data<Feed>, Arc<dyn Gate>),
        (call, token): (Call, String),
    ) -> Self {
        let place = seat.hub().head();
        let hello = protocol::hello(place, feed.ui, &(feed.now)());
        // Those who came at the same moment do not beat at the same moment.
        let offset = Duration::from_millis(seat.line.number * 617 % 5_000);
        let now = Instant::now();
        Self {
            seat,
            payload,
            feed,
            gate,
            call,
            token,
            received: BytesMut::new(),
            front: BytesMut::from(hello.as_ref()),
            backlog: VecDeque::new(),
            place,
            flow: Flow::default(),
            beat_at: now + BEAT - offset,
            beat_due: false,
            ask_due: false,
            messages: now,
            strikes: 0,
            stage: Stage::Open,
        }
    }

    /// The next bytes for the client; `None` when the connection ends.
    pub(super) async fn next(mut self) -> Option<(Frames, Self)> {
        loop {
            let chunk = self.chunk();
            if !chunk.is_empty() {
                return Some((Ok(chunk.freeze()), self));
            }
            let until = match self.stage {
                Stage::Done => return None,
                Stage::Closing(until) => until,
                Stage::Open => {
                    self.flow.ends_at().map_or(self.beat_at, |confirm| confirm.min(self.beat_at))
                }
            };
            tokio::select! {
                () = self.seat.line.bell.notified() => {
                    if self.seat.hub().is_closing() {
                        self.close(protocol::GOING_AWAY, "server stops");
                    }
                }
                piece = self.payload.next() => self.receive(piece),
                () = sleep_until(until) => self.on_time(),
            }
        }
    }

    fn on_time(&mut self) {
        let now = Instant::now();
        match self.stage {
            Stage::Done => {}
            Stage::Closing(until) => {
                if until <= now {
                    self.stage = Stage::Done;
                }
            }
            Stage::Open => {
                if self.flow.ends_at().is_some_and(|end| end <= now) {
                    self.close(protocol::TOO_SLOW, "too slow");
                } else if self.beat_at <= now {
                    self.beat_at = now + BEAT;
                    (self.beat_due, self.ask_due) = (true, true);
                    self.look_again();
                }
            }
        }
    }

    /// Asks whether the session still holds, and what its holder may see now.
    fn look_again(&mut self) {
        match self.gate.peek(&self.token, self.call.address) {
            Ok(Some(actor)) => self.call.actor = actor,
            Err(failure) if failure.kind() == ProblemKind::SignIn => {
                self.close(protocol::SESSION_ENDED, "session ended or locked");
            }
            Ok(None) => self.close(protocol::SESSION_ENDED, "session ended"),
            // Nothing is told to somebody of whom it is not known what they may see.
            Err(_) => self.close(1011, "try again"),
        }
    }

    /// Sends the last frame. What waits before it is dropped.
    fn close(&mut self, code: u16, reason: &str) {
        if self.stage == Stage::Open {
            self.front.extend_from_slice(&protocol::close(code, reason));
            self.backlog.clear();
            self.stage = Stage::Closing(Instant::now() + GOODBYE);
        }
    }

    /// What can be sent now.
    fn chunk(&mut self) -> BytesMut {
        if self.stage == Stage::Open && self.seat.line.is_too_slow() {
            self.close(protocol::TOO_SLOW, "too slow");
        }
        let mut chunk = BytesMut::new();
        while self.stage == Stage::Open && chunk.len() < CHUNK && self.flow.has_room() {
            let before = chunk.len();
            let more = self.fill(&mut chunk);
            self.flow.sent(chunk.len() - before);
            if !more {
                break;
            }
        }
        let ask = self.ask_due || self.flow.is_unsure();
        if ask && !self.flow.is_asking() && self.stage == Stage::Open {
            self.ask_due = false;
            self.flow.ask();
            chunk.extend_from_slice(&protocol::ping());
        }
        if self.front.is_empty() {
            return chunk;
        }
        // Greetings come before, the last frame after; answers belong anywhere.
        let mut front = std::mem::take(&mut self.front);
        if self.stage == Stage::Open {
            front.extend_from_slice(&chunk);
            return front;
        }
        chunk.extend_from_slice(&front);
        chunk
    }

    /// Takes one thing that waits; whether more may.
    fn fill(&mut self, chunk: &mut BytesMut) -> bool {
        if !self.backlog.is_empty() && self.seat.line.take_doubt() {
            self.look_again();
        }
        if self.stage != Stage::Open {
            return false;
        }
        if let Some((_, parcel)) = self.backlog.pop_front() {
            self.deliver(&parcel, chunk);
            return true;
        }
        // Asked before the line is: what came up to here is in it.
        let head = self.seat.hub().head();
        let taken = self.seat.line.take();
        // Asked after: whoever put it there said first whom to doubt.
        if self.seat.line.take_doubt() {
            self.look_again();
            if self.stage != Stage::Open {
                return false;
            }
        }
        match taken {
            Taken::Parcel(parcel) => self.deliver(&parcel, chunk),
            Taken::Resync => {
                let topics = self.seat.topics();
                chunk.extend_from_slice(&protocol::resync(head, &topics));
                // The next overflow is judged by whether this was taken.
                self.ask_due = true;
            }
            Taken::TooSlow => self.close(protocol::TOO_SLOW, "too slow"),
            Taken::Nothing => {
                self.place = head;
                if std::mem::take(&mut self.beat_due) {
                    chunk.extend_from_slice(&protocol::beat(head, &(self.feed.now)()));
                }
                return false;
            }
        }
        true
    }

    fn deliver(&self, parcel: &Parcel, chunk: &mut BytesMut) {
        let may = self.call.actor.may(parcel.permission);
        let admits = |whose| (self.feed.admits)(&self.call.actor, whose);
        if may && parcel.patient.is_none_or(admits) {
            chunk.extend_from_slice(&parcel.frame);
        }
    }

    fn receive(&mut self, piece: Option<Result<Bytes, PayloadError>>) {
        let Some(Ok(piece)) = piece else {
            self.stage = Stage::Done;
            return;
        };
        self.received.extend_from_slice(&piece);
        while self.stage != Stage::Done {
            match Parser::parse(&mut self.received, true, protocol::MESSAGE_MAX) {
                Ok(Some((whole, code, data))) => {
                    self.hear(whole, code, &data.unwrap_or_default());
                }
                Ok(None) => break,
                Err(_) => {
                    self.refuse_all("not understood");
                    return;
                }
            }
        }
        // The parser waits for the whole of a frame, however long it says it will be.
        if protocol::MESSAGE_MAX + 14 < self.received.len() {
            self.refuse_all("too long");
        } else if self.received.is_empty() {
            self.received = BytesMut::new();
        }
    }

    /// Nothing that follows can be understood.
    fn refuse_all(&mut self, reason: &str) {
        self.received = BytesMut::new();
        if self.stage == Stage::Open {
            self.close(protocol::MISBEHAVED, reason);
        } else {
            self.stage = Stage::Done;
        }
    }

    fn hear(&mut self, whole: bool, code: OpCode, data: &[u8]) {
        match (code, self.stage) {
            (OpCode::Close, Stage::Closing(_)) => self.stage = Stage::Done,
            (OpCode::Close, _) => {
                self.close(1000, "");
                self.stage = Stage::Closing(Instant::now());
            }
            (OpCode::Pong, _) if self.flow.is_asking() => {
                self.flow.confirmed();
                self.seat.line.confirmed();
            }
            (_, Stage::Open) => {
                if let Err(failure) = self.heed(whole, code, data) {
                    let failure = failure.under(&self.call.request_id);
                    self.front.extend_from_slice(&protocol::error(&failure));
                    self.strikes += 1;
                    if STRIKES_MAX <= self.strikes {
                        self.close(protocol::MISBEHAVED, "too many bad messages");
                    }
                }
            }
            _ => {}
        }
    }

    fn heed(&mut self, whole: bool, code: OpCode, data: &[u8]) -> Result<(), Failure> {
        let now = Instant::now();
        self.messages = self.messages.max(now) + MESSAGE_EVERY;
        if now + MESSAGES_MAX * MESSAGE_EVERY < self.messages {
            let kind = ProblemKind::Busy { retry_after_s: 1 };
            return Err(Failure::new("live.rate", kind, "Send fewer messages, ten a second."));
        }
        match code {
            OpCode::Ping => self.front.extend_from_slice(&protocol::pong(data)),
            OpCode::Pong => {}
            OpCode::Text if whole => {
                let wish = Wish::read(data)?;
                let since = wish.since()?;
                let head = self.follow(&wish)?;
                if let Some(since) = since {
                    self.resume((since, head), &wish.subscribe);
                }
            }
            _ => {
                let detail = "Send text, in one frame.";
                return Err(Failure::new("live.message", ProblemKind::Unsupported, detail));
            }
        }
        Ok(())
    }

    /// All of the wish or nothing of it; everything after the number it gives will come.
    fn follow(&self, wish: &Wish) -> Result<i64, Failure> {
        for topic in &wish.subscribe {
            if let Some(permission) = self.feed.lacking(&self.call.actor, topic)? {
                self.gate.refused(&self.call, permission);
                let detail = format!(
                    "Your role does not include {permission}, which {topic} needs. \
                     Nothing of this message was done."
                );
                return Err(Failure::new("access.not_allowed", ProblemKind::NotAllowed, detail));
            }
            let whose = (self.feed.subject)(topic);
            let whose = whose.map(|patient| Whose { patient, confidential: true });
            if !whose.is_none_or(|whose| (self.feed.admits)(&self.call.actor, whose)) {
                let detail = "A patient's record is not among those that you may open. Nothing \
                     of this message was done.";
                let kind = ProblemKind::NotAllowed;
                return Err(Failure::new("access.out_of_reach", kind, detail));
            }
        }
        self.seat.leave(&wish.unsubscribe);
        self.seat.follow(&wish.subscribe).map_err(|most| {
            let detail = format!("Follow at most {most} topics on one connection.");
            Failure::new("live.topics", ProblemKind::TooLarge, detail)
        })
    }

    /// Tells what happened under `topics` after `since` and up to `head`, or that it is too
    /// much to tell: also while something else that was missed is still being told, so that no
    /// more waits than one answer holds, and no place passes what waits.
    fn resume(&mut self, (since, head): (i64, i64), topics: &[String]) {
        if since == head {
            return;
        }
        let waits = self.backlog.front().map(|(before, _)| *before);
        let missed = match waits {
            None => (self.feed.missed)(since, head),
            Some(_) => Ok(None),
        };
        // What is new under other topics may still wait: the place moves with that only.
        let place = |seq: i64| seq.min(self.place);
        let Ok(Some(notices)) = missed else {
            let before = place(waits.unwrap_or(head));
            self.front.extend_from_slice(&protocol::resync(before, topics));
            return;
        };
        for notice in notices {
            let own = |topic: &&Arc<str>| topics.iter().any(|own| own == topic.as_ref());
            let told: Vec<&Arc<str>> = notice.topics.iter().filter(own).collect();
            for (at, topic) in told.iter().enumerate() {
                let seq = if at + 1 < told.len() { notice.seq - 1 } else { notice.seq };
                let frame = protocol::event(&notice, topic, place(seq));
                let (permission, patient) = (notice.permission, notice.patient);
                let parcel = Parcel { permission, patient, frame };
                self.backlog.push_back((place(notice.seq - 1), parcel));
            }
        }
    }
}

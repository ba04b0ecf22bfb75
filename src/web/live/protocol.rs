//! What server and client say to each other: JSON in text frames.

use actix_http::ws::{CloseCode, OpCode, Parser};
use actix_web::web::{Bytes, BytesMut};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::hub::Notice;
use crate::vocab::problem::ProblemKind;
use crate::web::Failure;

/// The longest message of a client, bytes.
pub const MESSAGE_MAX: usize = 8 * 1024;
/// The longest name of a topic, bytes.
pub const TOPIC_BYTES_MAX: usize = 64;

/// The session has ended, or its user is disabled.
pub const SESSION_ENDED: u16 = 4401;
/// The client does not take what it is sent.
pub const TOO_SLOW: u16 = 4408;
/// Too many connections, of this session or in all.
pub const TOO_MANY: u16 = 4429;
/// The server stops.
pub const GOING_AWAY: u16 = 1001;
/// The client sends what is no message, or too many.
pub const MISBEHAVED: u16 = 1008;

/// A message of a client.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wish {
    /// Topics to follow from now on.
    pub subscribe: Vec<String>,
    /// The number up to which the client knows these topics.
    pub since: Option<String>,
    /// Topics to follow no more.
    pub unsubscribe: Vec<String>,
}

impl Wish {
    /// Reads a message.
    ///
    /// # Errors
    /// `live.message`, with what is wrong and how a message looks.
    pub fn read(text: &[u8]) -> Result<Self, Failure> {
        let wish: Self = serde_json::from_slice(text).map_err(|_| malformed())?;
        if wish.subscribe.is_empty() && wish.unsubscribe.is_empty() {
            return Err(malformed());
        }
        Ok(wish)
    }

    /// The number after which the client missed something.
    ///
    /// # Errors
    /// `live.message`: it is no number.
    pub fn since(&self) -> Result<Option<i64>, Failure> {
        let Some(text) = &self.since else { return Ok(None) };
        let number = text.parse().ok().filter(|number| 0 <= *number);
        number.map(Some).ok_or_else(malformed)
    }
}

fn malformed() -> Failure {
    let detail = "Send JSON like {\"subscribe\":[\"patients\"],\"since\":null} or \
         {\"unsubscribe\":[\"patients\"]}; since is a number as text.";
    Failure::new("live.message", ProblemKind::Malformed, detail)
}

/// A text frame.
fn text(message: &Json) -> Bytes {
    let mut frame = BytesMut::new();
    Parser::write_message(&mut frame, message.to_string(), OpCode::Text, true, false);
    frame.freeze()
}

/// The first message: the newest number, the hash of the UI, the server's time.
#[must_use]
pub fn hello(seq: i64, ui: &str, time: &str) -> Bytes {
    text(&json!({"hello": {"seq": seq.to_string(), "ui": ui, "time": time}}))
}

/// A sign of life, with the number up to which everything was sent.
#[must_use]
pub fn beat(seq: i64, time: &str) -> Bytes {
    text(&json!({"beat": {"seq": seq.to_string(), "time": time}}))
}

/// Something happened under `topic`; resume from `seq`.
#[must_use]
pub fn event(notice: &Notice, topic: &str, seq: i64) -> Bytes {
    let Notice { kind, id, event, .. } = notice;
    text(&json!({"event": {
        "seq": seq.to_string(), "topic": topic, "kind": kind, "id": id, "event": event,
    }}))
}

/// Too much happened under `topics` to be told: fetch anew; resume from `seq`.
#[must_use]
pub fn resync<T: AsRef<str>>(seq: i64, topics: &[T]) -> Bytes {
    let topics: Vec<&str> = topics.iter().map(AsRef::as_ref).collect();
    text(&json!({"resync": {"seq": seq.to_string(), "topics": topics}}))
}

/// The problem with a message of the client.
#[must_use]
pub fn error(failure: &Failure) -> Bytes {
    text(&json!({"error": failure.to_json()}))
}

/// A question that a living client answers.
#[must_use]
pub fn ping() -> Bytes {
    control(OpCode::Ping, b"")
}

/// The answer to the client's own question.
#[must_use]
pub fn pong(payload: &[u8]) -> Bytes {
    control(OpCode::Pong, payload)
}

/// The last frame.
#[must_use]
pub fn close(code: u16, reason: &str) -> Bytes {
    let mut frame = BytesMut::new();
    let reason = (CloseCode::from(code), reason.to_owned()).into();
    Parser::write_close(&mut frame, Some(reason), false);
    frame.freeze()
}

fn control(code: OpCode, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    Parser::write_message(&mut frame, payload, code, true, false);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_or_refused_with_how_it_should_look() {
        let wish = Wish::read(br#"{"subscribe":["patients"],"since":"7"}"#).unwrap();
        assert_eq!(
            (wish.subscribe.as_slice(), wish.since().unwrap()),
            (&["patients".to_owned()][..], Some(7))
        );
        assert_eq!(
            Wish::read(br#"{"unsubscribe":["a"],"since":null}"#).unwrap().since().unwrap(),
            None
        );
        for wrong in [
            "",
            "[]",
            "{}",
            "7",
            r#"{"sub":["a"]}"#,
            r#"{"subscribe":"a"}"#,
            "\u{0}",
            r#"{"subscribe":[1]}"#,
        ] {
            let failure = Wish::read(wrong.as_bytes()).unwrap_err();
            assert!(failure.to_string().contains("{\"subscribe\""), "{wrong}: {failure}");
        }
        for since in ["", "-1", "x", "1.5", "99999999999999999999"] {
            let text = json!({"subscribe": ["a"], "since": since}).to_string();
            assert!(Wish::read(text.as_bytes()).unwrap().since().is_err(), "{since}");
        }
    }
}

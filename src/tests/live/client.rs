//! A screen: one WebSocket, read in order.

use std::io::ErrorKind;
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket, client};

use crate::client::Client;
use crate::harness::{PATIENCE, Server, eventually};

/// A connected screen.
#[derive(Debug)]
pub(crate) struct Screen {
    socket: WebSocket<TcpStream>,
    /// The newest place to resume from.
    pub(crate) seq: i64,
    pub(crate) hello: Json,
}

impl Screen {
    /// Connects with the session of `client` and is greeted.
    pub(crate) fn open(server: &Server, client: &Client) -> Self {
        let bearer = format!("Bearer {}", client.token());
        let mut screen = Self::connect(server, &[("authorization", &bearer)]).unwrap();
        let hello = screen.next();
        assert!(hello["hello"].is_object(), "{hello}");
        screen.seq = place(&hello["hello"]);
        screen.hello = hello;
        screen
    }

    /// Connects with these headers; the status if that is refused.
    pub(crate) fn connect(server: &Server, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let address = server.address();
        let mut request = format!("ws://{address}/api/v1/live").into_client_request().unwrap();
        for (name, value) in headers {
            let name: ureq::http::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        match client(request, stream) {
            Ok((socket, _)) => Ok(Self { socket, seq: 0, hello: Json::Null }),
            Err(refused) => match refused.to_string().split(' ').find_map(|word| word.parse().ok())
            {
                Some(status) => Err(status),
                None => panic!("{refused:?}"),
            },
        }
    }

    pub(crate) fn send(&mut self, message: &Json) {
        self.send_text(&message.to_string());
    }

    pub(crate) fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).unwrap();
    }

    pub(crate) fn socket(&mut self) -> &mut WebSocket<TcpStream> {
        &mut self.socket
    }

    /// Follows `topics` from now on.
    pub(crate) fn follow(&mut self, topics: &[&str]) {
        self.send(&json!({"subscribe": topics, "since": null}));
        self.settle();
    }

    /// Follows `topics` from after `since`.
    pub(crate) fn resume(&mut self, topics: &[&str], since: i64) {
        self.send(&json!({"subscribe": topics, "since": since.to_string()}));
    }

    /// Waits until the server has done what was sent before: it answers in order.
    pub(crate) fn settle(&mut self) {
        self.socket.send(Message::Ping("settled".into())).unwrap();
        loop {
            match self.socket.read().unwrap() {
                Message::Pong(_) => return,
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next message but beats.
    pub(crate) fn next(&mut self) -> Json {
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < PATIENCE, "waited in vain for a message");
            match self.socket.read().unwrap() {
                Message::Text(text) => {
                    let message: Json = serde_json::from_str(&text).unwrap();
                    if let Some(body) = message.as_object().and_then(|all| all.values().next())
                        && !body["seq"].is_null()
                    {
                        self.seq = self.seq.max(place(body));
                    }
                    if message["beat"].is_null() {
                        return message;
                    }
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next message, which is an event: `topic kind event`, and the id.
    pub(crate) fn event(&mut self) -> (String, String) {
        let message = self.next();
        let event = &message["event"];
        assert!(event.is_object(), "{message}");
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        (format!("{} {} {}", text("topic"), text("kind"), text("event")), text("id"))
    }

    /// Nothing comes for `wait`.
    pub(crate) fn expect_silence(&mut self, wait: Duration) {
        self.socket.get_ref().set_read_timeout(Some(wait)).unwrap();
        let until = Instant::now() + wait;
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) if !text.contains("\"beat\"") => panic!("{text}"),
                Ok(Message::Close(frame)) => panic!("{frame:?}"),
                Ok(_) if Instant::now() < until => {}
                Err(Error::Io(cause)) if cause.kind() != ErrorKind::WouldBlock => panic!("{cause}"),
                _ => break,
            }
        }
        self.socket.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
    }

    /// The code that the server closes with, whatever comes before.
    pub(crate) fn expect_close(&mut self) -> u16 {
        loop {
            match self.socket.read() {
                Ok(Message::Close(Some(CloseFrame { code, .. }))) => return code.into(),
                Ok(Message::Close(None)) => panic!("closed without a code"),
                Ok(_) => {}
                Err(cause) => panic!("broke off: {cause}"),
            }
        }
    }

    /// The connection is gone as if the cable had been cut.
    pub(crate) fn cut(self) {
        self.socket.get_ref().shutdown(Shutdown::Both).unwrap();
    }
}

/// Waits until everything that was done is told: what follows is told to who follows now.
pub(crate) fn all_told(administrator: &Client) {
    eventually("all is told", || administrator.get("/api/v1/system").data()["live"]["behind"] == 0);
}

/// The number in `seq`.
pub(crate) fn place(body: &Json) -> i64 {
    body["seq"].as_str().unwrap().parse().unwrap()
}

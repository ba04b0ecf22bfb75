//! How a connection is let in: counted, and where there is encryption, with a handshake.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::task::Poll;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_web::rt::net::TcpStream;
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::carrier::Carrier;
use super::connections::{Connections, Waiting};
use super::handshakes::{Handshakes, Pace, Paced};
use super::impatient::Impatient;
use super::line::Line;
use super::plain::{self, Offer};
use crate::vocab::problem::ProblemKind;
use crate::web::Failure;
use crate::web::envelope::InFlight;
use crate::web::openapi::Document;

/// From the connection to the end of its handshake; for whoever speaks plainly, to the end of the
/// only answer they get.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long it may take to tell somebody that they have too many connections.
const TOLD_MAX: Duration = Duration::from_secs(1);
/// How a handshake begins (RFC 8446, 5.1). No request begins so.
const HANDSHAKE: u8 = 22;
/// Bytes of answers that wait in an encrypted connection until the system takes them.
const BUFFER: usize = 16 << 10;

/// What all workers have together to let somebody in.
#[derive(Clone)]
pub(super) struct Entrance {
    pub(super) connections: Arc<Connections>,
    pub(super) draining: Arc<AtomicBool>,
    pub(super) connected: Arc<AtomicUsize>,
    /// None serves in clear.
    pub(super) encryption: Option<Encryption>,
}

/// What is needed for handshakes.
#[derive(Clone)]
pub(super) struct Encryption {
    pub(super) acceptor: TlsAcceptor,
    pub(super) handshakes: Arc<Handshakes>,
    /// What whoever speaks plainly is told.
    pub(super) offer: Arc<dyn Fn() -> Offer + Send + Sync>,
}

/// A connection that has been let in, and from where it comes.
pub(super) type LetIn = (Line<Carrier>, Option<SocketAddr>);

impl Entrance {
    /// The line over a new connection, unless its address has too many, or it does not become an
    /// encrypted one where it should.
    pub(super) async fn admit(
        self,
        stream: TcpStream,
        pace: Rc<Pace>,
        stopping: impl Future<Output = ()>,
    ) -> Result<LetIn, DispatchError> {
        let peer = stream.peer_addr().ok();
        self.admit_from(peer, stream, pace, stopping).await
    }

    async fn admit_from(
        self,
        peer: Option<SocketAddr>,
        mut stream: TcpStream,
        pace: Rc<Pace>,
        stopping: impl Future<Output = ()>,
    ) -> Result<LetIn, DispatchError> {
        // The last piece of an answer must not wait until the one before it is confirmed.
        stream.set_nodelay(true).map_err(DispatchError::Io)?;
        let Ok(counted) = peer.map(|peer| self.connections.enter(peer.ip())).transpose() else {
            if self.encryption.is_none() {
                // Whether it is heard or not, the connection ends.
                let told = too_many();
                let _ = tokio::time::timeout(TOLD_MAX, stream.write_all(&told)).await;
            }
            return Err(DispatchError::Io(io::ErrorKind::ConnectionRefused.into()));
        };
        let waiting = peer.and_then(|peer| self.connections.wait(peer.ip()));
        let stream = Impatient::new(stream, self.draining, counted.flatten());
        let carrier = match &self.encryption {
            None => Carrier::Plain(stream),
            Some(encryption) => {
                let met = encryption.meet(stream, peer, &pace);
                let met = tokio::select! {
                    met = tokio::time::timeout(HANDSHAKE_MAX, met) => met,
                    () = stopping => return Err(DispatchError::DisconnectTimeout),
                    () = wanted(waiting.as_ref()) => {
                        return Err(DispatchError::Io(io::ErrorKind::ConnectionAborted.into()));
                    }
                };
                met.map_err(|_| DispatchError::SlowRequestTimeout)?.map_err(|cause| {
                    tracing::debug!("No handshake came about: {cause}");
                    DispatchError::Io(cause)
                })?
            }
        };
        let open = InFlight::enter(&self.connected);
        Ok((Line::new(carrier).waiting(waiting).counted(open), peer))
    }
}

/// Ends when the place of a connection that has asked for nothing yet is wanted for others.
async fn wanted(waiting: Option<&Waiting>) {
    poll_fn(|context| match waiting {
        Some(waiting) if waiting.is_wanted(context) => Poll::Ready(()),
        _ => Poll::Pending,
    })
    .await;
}

impl Encryption {
    async fn meet(
        &self,
        stream: Impatient<TcpStream>,
        peer: Option<SocketAddr>,
        pace: &Pace,
    ) -> io::Result<Carrier> {
        let mut first = [0];
        if stream.stream().peek(&mut first).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if first != [HANDSHAKE] {
            let here = stream.stream().local_addr()?;
            plain::answer(stream, here, &(self.offer)()).await?;
            return Err(io::Error::other("it was not encrypted, and was told how to come back"));
        }
        let place = self.handshakes.enter(peer.map(|peer| peer.ip())).await;
        let _place = place.ok_or(io::ErrorKind::ConnectionAborted)?;
        pace.turn().await;
        let handshake = self.acceptor.accept_with(stream, |connection| {
            connection.set_buffer_limit(Some(BUFFER));
        });
        let stream = Paced::new(pace, handshake).await?;
        Ok(Carrier::Encrypted(Box::new(stream)))
    }
}

/// Describes what may be answered instead of letting somebody in.
pub(super) fn describe(document: &mut Document) {
    document.codes(503, &["server.connections"]);
    document.codes(400, &[plain::CODE]);
}

/// What whoever has too many connections is told on the next one.
fn too_many() -> Vec<u8> {
    let detail = "Your address has as many connections as one address may have. Close some, or \
         try again in a few seconds.";
    let kind = ProblemKind::Busy { retry_after_s: 5 };
    let body = Failure::new("server.connections", kind, detail).to_json().to_string();
    let length = body.len();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n\
         content-type: application/problem+json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use rustls::ServerConfig;
    use tokio::net::TcpListener;

    use super::*;
    use crate::server::tls::pair::provider;

    /// Of whom `silent` may be in their handshake or silent behind it.
    fn entrance(silent: usize) -> Entrance {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], signing_key.into())
            .unwrap();
        let offer = || Offer { hosts: Arc::default(), root: None };
        Entrance {
            connections: Connections::new(100, silent, |_| false),
            draining: Arc::default(),
            connected: Arc::default(),
            encryption: Some(Encryption {
                acceptor: TlsAcceptor::from(Arc::new(config)),
                handshakes: Handshakes::new(8),
                offer: Arc::new(offer),
            }),
        }
    }

    #[actix_web::test]
    async fn a_slow_handshake_makes_room_when_others_come() {
        let entrance = entrance(2);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut far = Vec::new();
        let mut near = Vec::new();
        for (last, said) in [(1, &[HANDSHAKE, 3, 1][..]), (1, b""), (2, b"GET / "), (3, b"")] {
            let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            stream.write_all(said).await.unwrap();
            far.push(stream);
            let (stream, _) = listener.accept().await.unwrap();
            let peer = Some(SocketAddr::from(([10, 0, 0, last], 4_711)));
            let (entrance, pace) = (entrance.clone(), Rc::new(Pace::new()));
            near.push(actix_web::rt::spawn(async move {
                entrance.admit_from(peer, stream, pace, pending()).await.map(|_| ())
            }));
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        let ended: Vec<bool> = near.iter().map(|admitted| admitted.is_finished()).collect();
        assert_eq!(ended, [true, true, false, false], "the oldest of who has most, then on");
        for admitted in near.drain(..2) {
            let cause = admitted.await.unwrap().unwrap_err();
            let DispatchError::Io(cause) = cause else { panic!("{cause}") };
            assert_eq!(cause.kind(), io::ErrorKind::ConnectionAborted);
        }
        near.iter().for_each(|admitted| admitted.abort());
    }

    #[test]
    fn one_connection_too_many_is_refused_with_a_whole_problem() {
        let answer = String::from_utf8(too_many()).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(
            (&problem["status"], &problem["code"]),
            (&503.into(), &"server.connections".into())
        );
    }
}

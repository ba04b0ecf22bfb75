//! From an address to the application: what actix's own server does, over [`Line`]s.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix_http::HttpService;
use actix_http::error::DispatchError;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::App;
use actix_web::dev::{AppConfig, Server};
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use socket2::{Domain, Protocol, Socket, Type};

use super::connections::{Connections, TooMany};
use super::house::House;
use super::line::Line;
use super::routes;
use crate::config::sizing::Sizing;
use crate::vocab::problem::ProblemKind;
use crate::web::openapi::Document;
use crate::web::{Failure, envelope};

/// How long a connection may go without the other side taking what was sent, also when it was
/// closed here and the system still has some of it.
#[cfg(target_os = "linux")]
const UNTAKEN_MAX: Duration = Duration::from_secs(30);
/// Bytes of answers that the system holds for one connection; it takes twice as much for it. By
/// itself it would take megabytes for each of those who do not read.
const SEND_BUFFER: usize = 128 << 10;
/// How long the rest of a body is taken and thrown away when its answer is out already, so that
/// the answer is read before the connection ends.
const LINGER: Duration = Duration::from_secs(1);
/// Of all connections one in so many may wait for its first request.
const SILENT_PART: usize = 4;
/// At least so many may, and no more than these: the one to let go is looked for among them.
const SILENT_MIN: usize = 8;
const SILENT_MAX: usize = 1_024;
/// Connections that wait to be accepted.
const BACKLOG: i32 = 4_096;

/// Serves `house` at `listen`, and the address that it got.
///
/// # Errors
/// The address cannot be bound.
pub(super) fn bind(house: &House, listen: SocketAddr) -> io::Result<(SocketAddr, Server)> {
    let (sizing, limits) = (&house.config().sizing, &house.config().limits);
    let listener = listener(listen)?;
    let address = listener.local_addr()?;
    let builder = Server::build()
        .workers(sizing.http_workers)
        .max_concurrent_connections((sizing.connections_max / sizing.http_workers.max(1)).max(1))
        .shutdown_timeout(limits.shutdown_timeout.as_secs())
        .disable_signals();
    let signal = builder.graceful_shutdown_signal();
    let (keep_alive, header_time) = (limits.keep_alive, limits.client_header_timeout);
    let proxies = house.proxies.clone();
    let is_proxy = move |address| proxies.trusts(address);
    let connections =
        Connections::new(sizing.connections_of_one_address(), silent_max(sizing), is_proxy);
    let (house, draining) = (house.clone(), Arc::clone(&house.bounds.draining));
    let server = builder.listen("healthflow", listener, move || {
        let (house, signal) = (house.clone(), signal.clone());
        let app = App::new()
            .wrap(Compress::default())
            .wrap(from_fn(envelope::wrap))
            .configure(move |config| routes::mount(config, &house));
        let app = app.into_factory().map_err(|cause: actix_web::Error| cause.error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let signal = signal.clone();
                async move { signal.notified().await }
            })
            .keep_alive(keep_alive)
            .client_request_timeout(header_time)
            .client_disconnect_timeout(LINGER)
            .local_addr(address)
            .h1(map_config(app, |()| AppConfig::default()));
        let (connections, draining) = (Arc::clone(&connections), Arc::clone(&draining));
        fn_service(move |stream: TcpStream| {
            let line = answer(stream, &connections, &draining);
            async move { line }
        })
        .and_then(http)
    })?;
    Ok((address, server.run()))
}

/// Connections that may wait for their first request, of all; the rest is for those who ask.
fn silent_max(sizing: &Sizing) -> usize {
    (sizing.connections_max / SILENT_PART).clamp(SILENT_MIN, SILENT_MAX)
}

fn listener(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(at), Type::STREAM, Some(Protocol::TCP))?;
    // Elsewhere this would let another program take the address.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    // Connections have these from the socket that listens.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNTAKEN_MAX))?;
    socket.bind(&at.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// The line over a new connection, unless its address has too many.
fn answer(
    stream: TcpStream,
    connections: &Arc<Connections>,
    draining: &Arc<AtomicBool>,
) -> Result<(Line<TcpStream>, Option<SocketAddr>), DispatchError> {
    let peer = stream.peer_addr().ok();
    // The last piece of an answer must not wait until the one before it is confirmed.
    stream.set_nodelay(true).map_err(DispatchError::Io)?;
    match peer.map(|peer| connections.enter(peer.ip())).transpose() {
        Ok(counted) => {
            let line = Line::new(stream, Arc::clone(draining), counted.flatten());
            let waiting = peer.and_then(|peer| connections.wait(peer.ip()));
            Ok((line.waiting(waiting), peer))
        }
        Err(TooMany) => {
            // Whether it is heard or not, the connection ends.
            let _ = stream.into_std().and_then(|mut stream| stream.write(&too_many()));
            Err(DispatchError::Io(io::ErrorKind::ConnectionRefused.into()))
        }
    }
}

/// Describes what may be answered instead of letting somebody in.
pub(super) fn describe(document: &mut Document) {
    document.codes(503, &["server.connections"]);
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
    use super::*;

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

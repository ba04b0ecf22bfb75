//! From an address to the application: what actix's own server does, over our own lines.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_http::error::DispatchError;
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config,
};
use actix_web::App;
use actix_web::dev::{AppConfig, Extensions, Server};
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use socket2::{Domain, Protocol, Socket, Type};
use tokio_rustls::TlsAcceptor;

use super::carrier::Carrier;
use super::connections::Connections;
use super::counter::{self, Secret};
use super::entrance::{Encryption, Entrance};
use super::handshakes::{Handshakes, Pace};
use super::house::House;
use super::line::Line;
use super::plain::Offer;
use super::routes;
use super::tls::Tls;
use crate::config::sizing::Sizing;
use crate::web::envelope;
use crate::web::site::Wire;

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
/// Of all connections, those in their handshake may be an eighth, and this many at least.
const HANDSHAKES_MIN: usize = 64;

/// What is bound.
pub(super) struct Bound {
    /// Where everybody is served.
    pub(super) address: SocketAddr,
    /// Where the command line is answered, if everybody comes encrypted.
    pub(super) counter: Option<SocketAddr>,
    pub(super) server: Server,
}

/// Serves `house` at `listen`, encrypted where it has certificates.
///
/// # Errors
/// The address cannot be bound.
pub(super) fn bind(house: &House, listen: SocketAddr) -> io::Result<Bound> {
    let (sizing, limits) = (&house.config().sizing, &house.config().limits);
    let everybody = listener(listen)?;
    let address = everybody.local_addr()?;
    let builder = Server::build()
        .workers(sizing.http_workers)
        .max_concurrent_connections((sizing.connections_max / sizing.http_workers.max(1)).max(1))
        .shutdown_timeout(limits.shutdown_timeout.as_secs())
        .disable_signals();
    let signal = builder.graceful_shutdown_signal();
    let proxies = house.proxies.clone();
    let entrance = Entrance {
        connections: Connections::new(
            sizing.connections_of_one_address(),
            silent_max(sizing),
            move |address| proxies.trusts(address),
        ),
        draining: Arc::clone(&house.bounds.draining),
        connected: Arc::clone(&house.bounds.connected),
        encryption: house.tls.get().map(|tls| encryption(house, tls)),
    };
    let stopping = move || {
        let signal = signal.clone();
        async move { signal.notified().await }
    };
    let mut builder = builder.listen("healthflow", everybody, {
        let (house, entrance, stopping) = (house.clone(), entrance.clone(), stopping.clone());
        move || service(house.clone(), entrance.clone(), address, None, stopping.clone())
    })?;
    let mut at_counter = None;
    if entrance.encryption.is_some() {
        let counter = listener(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0))?;
        let address = counter.local_addr()?;
        at_counter = Some(address);
        let (house, secret) = (house.clone(), Secret(house.control_token.clone()));
        let entrance = Entrance { encryption: None, ..entrance };
        builder = builder.listen("counter", counter, move || {
            let (house, entrance) = (house.clone(), entrance.clone());
            service(house, entrance, address, Some(secret.clone()), stopping.clone())
        })?;
    }
    Ok(Bound { address, counter: at_counter, server: builder.run() })
}

fn encryption(house: &House, tls: &Tls) -> Encryption {
    let most = (house.config().sizing.connections_max / 8).max(HANDSHAKES_MIN);
    let (hosts, tls_of_house) = (Arc::clone(&house.hosts), house.tls.clone());
    Encryption {
        acceptor: TlsAcceptor::from(tls.config()),
        handshakes: Handshakes::new(most),
        offer: Arc::new(move || Offer {
            hosts: Arc::clone(&hosts),
            root: tls_of_house.get().and_then(|tls| tls.standing().root_der),
        }),
    }
}

/// How a connection ends that does not end in order.
type Broken = DispatchError;

/// All that one worker does with the connections of one listener.
fn service<S, F>(
    house: House,
    entrance: Entrance,
    address: SocketAddr,
    secret: Option<Secret>,
    stopping: S,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = Broken, InitError = ()>
where
    S: Fn() -> F + Clone + 'static,
    F: Future<Output = ()> + 'static,
{
    let (keep_alive, header_time) =
        (house.config().limits.keep_alive, house.config().limits.client_header_timeout);
    let (pace, tls) = (Rc::new(Pace::new()), house.tls.clone());
    // What a proxy's certificate is worth is not known here.
    let before_us = house.config().tls.hsts_s(false);
    let app = App::new()
        .configure(|config| {
            if let Some(secret) = secret {
                config.app_data(Data::new(secret));
            }
        })
        .wrap(from_fn(counter::guard))
        .wrap(Compress::default())
        .wrap(from_fn(envelope::wrap))
        .configure(move |config| routes::mount(config, &house));
    let app = app.into_factory().map_err(|cause: actix_web::Error| cause.error_response());
    let http = HttpService::build()
        .graceful_shutdown_signal(stopping.clone())
        .keep_alive(keep_alive)
        .client_request_timeout(header_time)
        .client_disconnect_timeout(LINGER)
        .local_addr(address)
        .on_connect_ext(move |line: &Line<Carrier>, beside: &mut Extensions| {
            let is_encrypted = line.stream().is_encrypted();
            beside.insert(Wire { is_encrypted, hsts_s: tls.get().map_or(before_us, Tls::hsts_s) });
        })
        .h1(map_config(app, |()| AppConfig::default()));
    fn_service(move |stream: TcpStream| {
        entrance.clone().admit(stream, Rc::clone(&pace), stopping())
    })
    .and_then(http)
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

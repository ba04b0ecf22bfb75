//! Binding, serving, and stopping in good order: finish what runs, refuse what is new, write
//! what waits, fold the WAL in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::Value as Json;
use tokio::sync::oneshot;

use super::ballast::DiskWatch;
use super::control::{self, Running, SERVER_FILE, SETUP_FILE};
use super::house::{House, OpenError};
use super::listen::{self, Bound};
use super::service::{self, Patience, Watchdog};
use super::tls::names::Names;
use super::tls::{Tls, report};
use crate::access::directory::watch::Watch;

/// What is known once the server answers.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Where it serves.
    pub address: SocketAddr,
    /// The address to open in a browser on this machine.
    pub url: String,
    /// The one-time link, until there is an administrator.
    pub setup_link: Option<String>,
    /// How other computers reach it, most likely first; none if they cannot.
    pub elsewhere: Vec<String>,
    /// What is in force of its encryption, as `report` tells it.
    pub tls: Option<Json>,
}

/// Serves `house` on `listen`, encrypted as its configuration says unless it lives for one command
/// only, until a signal comes or `stop` is told, then closes the house.
/// `ready` is called once when connections are accepted.
///
/// # Errors
/// The address cannot be bound, or a file in the data folder cannot be written.
pub fn serve(
    house: &House,
    listen: SocketAddr,
    stop: Option<oneshot::Receiver<()>>,
    ready: impl FnOnce(&Ready),
) -> Result<(), OpenError> {
    // A server that lives for one command is no service.
    let is_service = stop.is_none();
    let mut watchdog = None;
    let ready = |told: &Ready| {
        ready(told);
        if is_service {
            service::ready(&told.url);
            watchdog = Watchdog::start(house.desk.store());
        }
    };
    let outcome = actix_web::rt::System::new().block_on(serve_until(house, listen, stop, ready));
    let patience = is_service.then(|| Patience::begin("Writing what waits"));
    // While the folder is still ours: afterwards the file may be a successor's.
    control::withdraw(&house.config().data, SERVER_FILE);
    control::withdraw(&house.config().data, SETUP_FILE);
    house.close();
    drop((patience, watchdog));
    tracing::info!("HealthFlow has stopped: all that was acknowledged is in the database");
    outcome
}

async fn serve_until(
    house: &House,
    at: SocketAddr,
    stop: Option<oneshot::Receiver<()>>,
    ready: impl FnOnce(&Ready),
) -> Result<(), OpenError> {
    let is_service = stop.is_none();
    if is_service {
        encrypt(house)?;
    }
    let bound = listen::bind(house, at).map_err(|cause| OpenError::Listen { listen: at, cause })?;
    let Bound { address, counter, server } = bound;
    let handle = server.handle();
    let mut serving = actix_web::rt::spawn(server);
    // A server that lives for one command leaves them for the next one that stays.
    if is_service {
        house.jobs.start()?;
        let shipping = house.shipping.start();
        shipping.map_err(|cause| OpenError::System { what: "a thread did not start", cause })?;
        let watching = house.watching.start();
        watching.map_err(|cause| OpenError::System { what: "the watch did not start", cause })?;
    }
    let _disk = DiskWatch::start(&house.desk, is_service);
    let _watch = Watch::start(&house.desk, &house.access.directory)
        .map_err(|cause| OpenError::System { what: "the watch did not start", cause })?;
    // Before anybody knows that it runs: an early signal must not end it as if by accident.
    let signalled = signalled();
    let announced = announce(house, (address, counter), !is_service);
    if let Ok(announced) = &announced {
        ready(announced);
        tracing::info!(%address, "HealthFlow serves at {}", announced.url);
        tokio::select! {
            () = told_to_stop(stop, signalled) => {}
            () = house.turn.wanted() => tracing::info!("Turning to the hospital of another moment"),
            ended = &mut serving => tracing::error!("The server ended by itself: {ended:?}"),
        }
    }
    // One that only turns to another moment serves on.
    if is_service && !house.turn.is_wanted() {
        service::stopping();
    }
    tracing::info!("Stopping: running requests are finished, new ones refused");
    house.drain();
    handle.stop(true).await;
    if !serving.is_finished() {
        let _ = serving.await;
    }
    announced.map(|_| ())
}

/// Says where it serves. A server that lives for one command gives out no set-up link: by the
/// time that somebody opens it, nobody answers.
fn announce(
    house: &House,
    (address, counter): (SocketAddr, Option<SocketAddr>),
    brief: bool,
) -> Result<Ready, OpenError> {
    let folder = &house.config().data;
    let near = nearest(address);
    let running = Running {
        address: counter.unwrap_or(near),
        serves: counter.map(|_| near),
        token: house.control_token.clone(),
        pid: std::process::id(),
    };
    or_full(control::announce(folder, &running), SERVER_FILE)?;
    let tls = house.tls.get();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = match near {
        near if near.ip().is_loopback() => format!("{scheme}://localhost:{}", near.port()),
        near => format!("{scheme}://{near}"),
    };
    let setup_link = if !brief && house.needs_setup()? {
        // In the fragment, which a browser never sends, so that it reaches no log.
        let link = format!("{url}/setup#token={}", house.access.setup.issue()?);
        or_full(control::leave_setup_link(folder, &link).map(|_| ()), SETUP_FILE)?;
        Some(link)
    } else {
        control::withdraw(folder, SETUP_FILE);
        None
    };
    let elsewhere = elsewhere(house, address, scheme);
    let now = house.desk.clock().now();
    let tls = tls.map(|tls| report::whole(&tls.standing(), tls.hsts_s(), now));
    Ok(Ready { address, url, setup_link, elsewhere, tls })
}

/// Puts certificates in force and looks after them from now on; without any, says loudly what
/// that means on a network.
fn encrypt(house: &House) -> Result<(), OpenError> {
    let config = house.config();
    let hosts = std::sync::Arc::clone(&house.hosts);
    match Tls::open(config, hosts, house.desk.clock().clone())? {
        Some(tls) => {
            tls.start().map_err(|cause| OpenError::System { what: "tls did not start", cause })?;
            // It is set once: a house serves once.
            let _ = house.tls.set(tls);
        }
        None if !config.listen.ip().to_canonical().is_loopback() => tracing::warn!(
            "TLS IS OFF, and {} can be reached from the network: passwords and records go over it \
             for everybody to read. Take --tls off away, unless this is a network of its own \
             between a proxy with TLS and this server.",
            config.listen
        ),
        None => {}
    }
    Ok(())
}

/// The addresses to type at other computers.
fn elsewhere(house: &House, address: SocketAddr, scheme: &str) -> Vec<String> {
    let ip = address.ip().to_canonical();
    if ip.is_loopback() {
        return Vec::new();
    }
    let names = Names::of_machine(&house.config().tls.host_names, ip);
    let mut hosts: Vec<String> = names.best().into_iter().collect();
    let numbers = names.addresses.iter().filter(|one| !one.is_loopback());
    let reached = numbers.filter(|one| ip.is_unspecified() || **one == ip);
    hosts.extend(reached.take(ELSEWHERE_MAX).map(|one| match one {
        IpAddr::V4(four) => four.to_string(),
        IpAddr::V6(six) => format!("[{six}]"),
    }));
    hosts.dedup();
    hosts.into_iter().map(|host| format!("{scheme}://{host}:{}", address.port())).collect()
}

/// Addresses that are told; a machine with containers has dozens.
const ELSEWHERE_MAX: usize = 4;

/// On a full disk what is there must be readable all the same: the server serves, and only the
/// command line does not find it.
fn or_full(written: std::io::Result<()>, name: &'static str) -> Result<(), OpenError> {
    match written {
        Err(cause) if cause.kind() == std::io::ErrorKind::StorageFull => {
            tracing::error!(
                "The disk is full: nothing can be written, and {name} is missing in the data \
                 folder. Free some space and start again."
            );
            Ok(())
        }
        written => written.map_err(|cause| OpenError::System { what: name, cause }),
    }
}

/// The address by which this machine reaches itself.
fn nearest(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port())
    } else {
        address
    }
}

async fn told_to_stop(stop: Option<oneshot::Receiver<()>>, signalled: impl Future<Output = ()>) {
    let asked = async {
        match stop {
            Some(stop) => {
                // A sender that is gone asks for the same.
                let _ = stop.await;
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = asked => {}
        () = signalled => {}
    }
}

/// Listens from the call on; done when a signal has come.
#[cfg(unix)]
fn signalled() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        let [terminate, interrupt] = heard.map(|signal| async {
            match signal {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(cause) => {
                    tracing::error!("A signal cannot be waited for: {cause}");
                    std::future::pending::<()>().await;
                }
            }
        });
        tokio::select! {
            () = terminate => {}
            () = interrupt => {}
        }
    }
}

#[cfg(not(unix))]
async fn signalled() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// How long the command line waits for a server that it starts for itself.
pub const START_MAX: Duration = Duration::from_secs(120);

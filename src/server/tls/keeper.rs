//! What is in force: looked after every few seconds, renewed, and changed without a restart.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::authority::{Authority, RENEWED_BEFORE_DAYS};
use super::certificate::About;
use super::folder::{self, Root, TlsFolder};
use super::names::Names;
use super::pair::{Pair, provider};
use super::{TlsError, report};
use crate::config::Config;
use crate::config::tls::{TlsOptions, TlsSource};
use crate::vocab::clock::Clock;
use crate::vocab::digest;
use crate::web::hosts::Hosts;

/// How often files and names are looked at: nobody waits longer than this for a change.
const LOOKED_AFTER: Duration = Duration::from_secs(5);

/// Whose certificate is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Our own authority's.
    Own,
    /// The hospital's authority's, in answer to our request.
    Installed,
    /// Somebody else keeps it in files.
    Files,
}

/// What is in force, and what keeps something else from it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Whose certificate it is.
    pub origin: Origin,
    /// What it says.
    pub about: About,
    /// The root of our own authority, while its certificates are in force.
    pub root: Option<About>,
    /// That root as it is handed out, DER.
    pub root_der: Option<Vec<u8>>,
    /// Why something newer is not in force, in words.
    pub refused: Option<String>,
    /// Names for which our own root may not vouch.
    pub left_out: Vec<String>,
    certified: Arc<CertifiedKey>,
    mark: [u8; 32],
}

/// Encryption of one server.
#[derive(Debug)]
pub struct Tls {
    keeper: Arc<Keeper>,
    config: Arc<ServerConfig>,
    thread: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

#[derive(Debug)]
struct Keeper {
    options: TlsOptions,
    listen: std::net::IpAddr,
    folder: TlsFolder,
    hosts: Arc<Hosts>,
    clock: Arc<dyn Clock>,
    standing: RwLock<Standing>,
    /// What was refused last, so that it is told once.
    told: Mutex<Option<String>>,
}

impl ResolvesServerCert for Keeper {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let standing = self.standing.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&standing.certified))
    }
}

impl Tls {
    /// Encryption as `config` says; `None` if it says that there is none. Makes what is missing
    /// in the data folder.
    ///
    /// # Errors
    /// The files that are named cannot be used, or nothing can be made.
    pub fn open(
        config: &Config,
        hosts: Arc<Hosts>,
        clock: Arc<dyn Clock>,
    ) -> Result<Option<Self>, TlsError> {
        if !config.tls.is_on() {
            return Ok(None);
        }
        let (options, listen) = (config.tls.clone(), config.listen.ip());
        let folder = TlsFolder::of(&config.data);
        let standing = first(&options, listen, &folder, clock.now())?;
        hosts.also(&standing.about.names.listed());
        let (standing, told) = (RwLock::new(standing), Mutex::new(None));
        let keeper = Arc::new(Keeper { options, listen, folder, hosts, clock, standing, told });
        let mut tls = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&keeper) as Arc<dyn ResolvesServerCert>);
        // Sessions go on with tickets: nothing is kept for those who do not come back.
        tls.ticketer = rustls::crypto::ring::Ticketer::new()?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Some(Self { keeper, config: Arc::new(tls), thread: Mutex::default() }))
    }

    /// Looks after it from now on, on a thread of its own.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(&self) -> std::io::Result<()> {
        let (stop, stopped) = channel::<()>();
        let keeper = Arc::clone(&self.keeper);
        let thread = std::thread::Builder::new().name("tls".to_owned()).spawn(move || {
            keeper.tell();
            while stopped.recv_timeout(LOOKED_AFTER) == Err(RecvTimeoutError::Timeout) {
                keeper.look();
                keeper.tell();
            }
        })?;
        *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some((stop, thread));
        Ok(())
    }

    /// Looks once whether something else should be in force.
    pub fn look(&self) {
        self.keeper.look();
    }

    /// What is in force.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.keeper.standing()
    }

    /// What connections go by.
    #[must_use]
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// Seconds for which a browser is told to come with encryption only; 0 tells it nothing.
    #[must_use]
    pub fn hsts_s(&self) -> u64 {
        let standing = self.keeper.standing.read().unwrap_or_else(PoisonError::into_inner);
        let foreign = standing.origin != Origin::Own;
        self.keeper.options.hsts_s(foreign)
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = thread {
            drop(stop);
            let _ = thread.join();
        }
    }
}

impl Keeper {
    fn standing(&self) -> Standing {
        self.standing.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts in force what is right now. What cannot be used is refused, and what was in force
    /// stays.
    fn look(&self) {
        let now = self.clock.now();
        let before = self.standing();
        let next = match &self.options.source {
            TlsSource::Files { certificate, key } => of_files(certificate, key, now, Some(&before)),
            _ => of_folder(&self.options, self.listen, &self.folder, now, Some(&before)),
        };
        let next = next.unwrap_or_else(|cause| Standing {
            refused: Some(cause.to_string()),
            ..before.clone()
        });
        if next.mark != before.mark {
            self.hosts.also(&next.about.names.listed());
            tracing::info!(
                "Another certificate is in force: {}, until {}",
                next.about.fingerprint,
                next.about.ends_at
            );
        }
        *self.standing.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// Says once in the log what somebody should mend.
    fn tell(&self) {
        let warnings = report::warnings(&self.standing(), self.clock.now());
        let words = (!warnings.is_empty()).then(|| warnings.join(" "));
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if words != *told {
            if let Some(words) = &words {
                tracing::warn!("{words}");
            }
            *told = words;
        }
    }
}

fn first(
    options: &TlsOptions,
    listen: std::net::IpAddr,
    folder: &TlsFolder,
    now: Timestamp,
) -> Result<Standing, TlsError> {
    match &options.source {
        TlsSource::Files { certificate, key } => of_files(certificate, key, now, None),
        _ => of_folder(options, listen, folder, now, None),
    }
}

/// What the two files hold.
fn of_files(
    certificate: &Path,
    key: &Path,
    now: Timestamp,
    before: Option<&Standing>,
) -> Result<Standing, TlsError> {
    let (chain, key) = (folder::read(certificate)?, folder::read(key)?);
    let mark = digest::sha256(&[&chain, &key]);
    if let Some(before) = before.filter(|before| before.mark == mark) {
        return Ok(Standing { refused: None, ..before.clone() });
    }
    Ok(standing(Origin::Files, Pair::read(&chain, &key, now)?, mark))
}

/// What lies in the data folder: the answer of the hospital's authority, else our own.
fn of_folder(
    options: &TlsOptions,
    listen: std::net::IpAddr,
    folder: &TlsFolder,
    now: Timestamp,
    before: Option<&Standing>,
) -> Result<Standing, TlsError> {
    let installed = folder.installed().and_then(|found| {
        let Some(both) = found else { return Ok(None) };
        let mark = digest::sha256(&[&both]);
        if let Some(before) = before.filter(|before| before.mark == mark) {
            return Ok(Some(Standing { refused: None, ..before.clone() }));
        }
        let pair = Pair::read(&both, &both, now)?;
        Ok(Some(standing(Origin::Installed, pair, mark)))
    });
    let refused = match (installed, before) {
        (Ok(Some(installed)), _) => return Ok(installed),
        (Ok(None), _) => None,
        (Err(cause), Some(before)) if before.origin == Origin::Installed => {
            return Ok(Standing { refused: Some(cause.to_string()), ..before.clone() });
        }
        (Err(cause), _) => Some(cause.to_string()),
    };
    let names = Names::of_machine(&options.host_names, listen);
    Ok(Standing { refused, ..of_own(folder, &names, now, before.is_none())? })
}

/// What our own authority has signed, made or renewed if need be. At the `first` look a full disk
/// is no obstacle: what is there must be readable all the same.
fn of_own(
    folder: &TlsFolder,
    names: &Names,
    now: Timestamp,
    first: bool,
) -> Result<Standing, TlsError> {
    let authority = own_authority(folder, names, now, first)?;
    let (names, left_out) = authority.vouched(names);
    let usable = |both: &[u8]| {
        let pair = Pair::read(both, both, now).ok()?;
        let about = &pair.about;
        let good = authority.has_signed(about)
            && RENEWED_BEFORE_DAYS <= about.days_left(now)
            && about.names.cover(&names);
        good.then_some(pair)
    };
    let found = folder.server()?.and_then(|both| Some((usable(&both)?, both)));
    let (pair, both) = match found {
        Some(found) => found,
        None => {
            let both = authority.issue(&names, now)?;
            unless_full(first, folder.keep_server(&both))?;
            let both = both.into_bytes();
            (Pair::read(&both, &both, now)?, both)
        }
    };
    let standing = standing(Origin::Own, pair, digest::sha256(&[&both]));
    Ok(Standing {
        root: Some(authority.about),
        root_der: Some(authority.der.to_vec()),
        left_out,
        ..standing
    })
}

fn own_authority(
    folder: &TlsFolder,
    names: &Names,
    now: Timestamp,
    first: bool,
) -> Result<Authority, TlsError> {
    if let Some(Root { certificate, key }) = folder.root()? {
        match Authority::read(&certificate, &key, now) {
            Ok(authority) => return Ok(authority),
            Err(cause) => tracing::error!(
                "The server's own authority cannot be used any more and is made anew; hand out \
                 its new root: {cause}"
            ),
        }
    }
    let made = Authority::make(names, now)?;
    unless_full(first, folder.keep_root(&made.certificate, &made.key))?;
    Authority::read(made.certificate.as_bytes(), made.key.as_bytes(), now)
}

fn unless_full(first: bool, kept: Result<(), TlsError>) -> Result<(), TlsError> {
    match kept {
        Err(TlsError::File { cause, .. }) if first && cause.kind() == ErrorKind::StorageFull => {
            tracing::error!(
                "The disk is full: the certificate could not be kept and is another one after the \
                 next start. Free some space."
            );
            Ok(())
        }
        kept => kept,
    }
}

/// Makes another root in place of the one that is there; the certificate of the server follows
/// at its next look or start.
///
/// # Errors
/// It cannot be written.
pub fn renew_root(config: &Config, now: Timestamp) -> Result<About, TlsError> {
    let names = Names::of_machine(&config.tls.host_names, config.listen.ip());
    let made = Authority::make(&names, now)?;
    TlsFolder::of(&config.data).keep_root(&made.certificate, &made.key)?;
    Ok(Authority::read(made.certificate.as_bytes(), made.key.as_bytes(), now)?.about)
}

fn standing(origin: Origin, pair: Pair, mark: [u8; 32]) -> Standing {
    Standing {
        origin,
        about: pair.about,
        root: None,
        root_der: None,
        refused: None,
        left_out: Vec::new(),
        certified: pair.certified,
        mark,
    }
}

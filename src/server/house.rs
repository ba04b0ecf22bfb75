//! The house: all machinery over one data folder, opened in order and closed in reverse.

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use actix_web::web::Data;

use super::bundle::api::Bundles;
use super::control;
use super::doctor::api::Looks;
use super::extent::extent;
use super::lateness::Lateness;
use super::live::{self, Pump};
use super::metrics::Machine;
use super::morning::{self, Looked};
use super::tls::names::Names;
use super::tls::{Tls, TlsError};
use super::upkeep;
use crate::access::api::{Access, Begun};
use crate::access::directory::link::DirectoryLink;
use crate::access::gate::{Door, Known};
use crate::access::hospital;
use crate::access::openid::link::OpenidLink;
use crate::access::passwords::Passwords;
use crate::access::secrets::Secrets;
use crate::access::setup::SetupKey;
use crate::access::slowing::Slowing;
use crate::access::{AccessError, limits, roles, users};
use crate::backup::in_place::{self, Turn};
use crate::backup::standby::is_standby;
use crate::backup::{Shipping, kinds as backups};
use crate::config::Config;
use crate::demo::{self, DemoError};
use crate::domain;
use crate::domain::patients::{Directory, Shelves};
use crate::interop::import::Imports;
use crate::notify::{Shout, deliver, digest as letters, failing};
use crate::observability::metrics::Metrics;
use crate::platform::events::Listeners;
use crate::platform::jobs::{Jobs, schedule};
use crate::platform::ledger::custody::classes::Retention;
use crate::platform::ledger::{Custodian, Desk};
use crate::platform::search::Search;
use crate::store::{Store, StoreError, StoreOptions};
use crate::vocab::clock::{Clock, SystemClock};
use crate::vocab::id::IdSource;
use crate::vocab::problem::{Explain, ProblemKind};
use crate::watch::{self, Sources, Watching};
use crate::web::Gate;
use crate::web::body::BodyLimit;
use crate::web::envelope::Bounds;
use crate::web::hosts::Hosts;
use crate::web::limits::Limiter;
use crate::web::live::{self as live_kit, Feed, Hub};
use crate::web::origin::{Header, Proxies};

/// Everything that is open. Cheap to clone; close it once.
#[derive(Clone)]
pub struct House {
    /// Reads and changes records.
    pub desk: Desk,
    /// Keeps the audit.
    pub custodian: Data<Custodian>,
    /// For how long the audit keeps what.
    pub retention: Data<Retention>,
    /// Finds patients.
    pub directory: Data<Directory>,
    /// How many patients there are, kept.
    pub shelves: Data<Shelves>,
    /// Takes files in.
    pub imports: Data<Imports>,
    /// Sign-in.
    pub access: Data<Access>,
    /// What `web` asks.
    pub gate: Data<Arc<dyn Gate>>,
    /// The sessions that need no look-up.
    pub known: Data<Known>,
    /// The bounds of requests.
    pub bounds: Data<Bounds>,
    /// How many requests are let in.
    pub limiter: Data<Limiter>,
    /// Whose word is taken for where requests come from.
    pub proxies: Data<Proxies>,
    /// The bound of JSON bodies.
    pub body_limit: Data<BodyLimit>,
    /// Who follows what.
    pub hub: Data<Hub>,
    /// What can be followed.
    pub feed: Data<Feed>,
    /// By which names the server may be called.
    pub hosts: Data<Hosts>,
    /// Encryption, once the server serves with it.
    pub tls: Data<OnceLock<Tls>>,
    pump: Pump,
    /// What is counted.
    pub metrics: Data<Metrics>,
    /// What the machine is asked.
    pub machine: Data<Machine>,
    /// What looks at this machine share.
    pub looks: Data<Looks>,
    /// Whether the clock was set back.
    pub lateness: Data<Lateness>,
    /// Support bundles that were shown.
    pub bundles: Data<Bundles>,
    /// What is done in the background.
    pub jobs: Data<Jobs>,
    /// Whether the server is to turn to the hospital of another moment.
    pub turn: Data<Turn>,
    /// Takes the log to the target of backups.
    pub shipping: Data<Shipping>,
    /// Measures how all of it does, and warns.
    pub watching: Data<Watching>,
    /// Who is told every event.
    pub listeners: Data<Listeners>,
    /// How the machine was shared out.
    pub sums: Data<Vec<String>>,
    /// The secret of the command line.
    pub control_token: String,
    config: Arc<Config>,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House").finish_non_exhaustive()
    }
}

/// Why the house stays closed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Sign-in.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A demo hospital that was not finished.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// Certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address is taken or not ours.
    #[error(
        "HealthFlow cannot serve at {listen}: {cause}. Choose another address with --listen, \
             or end the program that uses it."
    )]
    Listen {
        /// The address.
        listen: std::net::SocketAddr,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A standby that was not promoted.
    #[error(
        "{0} is a standby, and no hospital yet. Make it the hospital first: healthflow promote \
         --from PLACE"
    )]
    Standby(String),
    /// A file or a thread.
    #[error("{what}: {cause}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system says.
        cause: std::io::Error,
    },
}

impl Explain for OpenError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(cause) => cause.code(),
            Self::Access(cause) => cause.code(),
            Self::Demo(cause) => cause.code(),
            Self::Tls(cause) => cause.code(),
            Self::Standby(_) => "server.standby",
            Self::Listen { .. } => "server.listen",
            Self::System { .. } => "server.system",
        }
    }

    fn kind(&self) -> ProblemKind {
        ProblemKind::Fault
    }
}

impl House {
    /// Opens the data folder of `config`: migrates, follows the outbox, starts the slots.
    ///
    /// # Errors
    /// The folder cannot be used, and why, in plain words.
    pub fn open(config: &Config) -> Result<Self, OpenError> {
        // Whatever is made in the data folder is its owner's alone.
        #[cfg(unix)]
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
        if is_standby(&config.data) {
            return Err(OpenError::Standby(config.data.display().to_string()));
        }
        // Calculations in parallel leave room for requests; a pool that is set stays as it is.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(config.sizing.rayon_threads);
        if pool.build_global().is_err() {
            tracing::debug!("The threads for calculations were set before");
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::open(store_options(config), Arc::clone(&clock))?;
        demo::refuse_unfinished(&store)?;
        in_place::clear_away(&config.data);
        let ids = IdSource::new(Arc::clone(&clock), 0);
        ids.raise_above(domain::newest_id(&store, config.limits.report_deadline)?);
        let desk = Desk::open(store.clone(), clock, ids, config.limits.read_deadline);
        let lateness = Lateness::of(&desk)?;
        roles::defaults::settle(&desk)?;
        let known = store.read(config.limits.read_deadline, hospital::find)?;
        // Now, so that no request waits for it.
        desk.seal()?;
        desk.set_zone(known.map_or_else(|| config.time_zone.clone(), |known| known.zone()));
        let heap = usize::try_from(config.sizing.search_heap_bytes).unwrap_or(usize::MAX);
        let search = Search::open(&config.data.join("search"), heap);
        let directory = Directory::open(store.clone(), search)?;
        let shelves = Data::new(Shelves::new(&desk));
        let listeners = Listeners::start(
            &store,
            desk.clock(),
            vec![directory.listener(), failing::listener(&desk)],
        )?;
        let hub = Hub::new(live_bounds(config));
        let feed = live::feed(&desk);
        let uploads = config.data.join("imports");
        let imports = Imports::open(desk.clone(), uploads, config.limits.import_bytes_max)
            .map_err(|cause| OpenError::System { what: "the imports folder", cause })?;
        let secrets = Secrets::open(&config.data)
            .map_err(|cause| OpenError::System { what: "the key file secret.key", cause })?;
        let access = Access {
            passwords: Passwords::start(config.sizing.password_slots)?,
            slowing: Slowing::default(),
            setup: SetupKey::default(),
            setup_file: config.data.join(control::SETUP_FILE),
            session_time: config.session_length,
            directory: DirectoryLink::start(&desk, &secrets)?,
            openid: OpenidLink::start(&desk, &secrets)?,
            secrets,
            begun: Begun::default(),
        };
        let control_token = control::new_token()?;
        let door = Door::new(desk.clone(), &control_token);
        let known = Data::new(door.known().clone());
        let pump = Pump::start(&store, &hub, &known)?;
        let gate: Arc<dyn Gate> = Arc::new(door);
        let custodian = Custodian::open(store.clone(), desk.clock().clone());
        let bounds =
            Bounds::new(config.limits.request_timeout).gathering(config.sizing.bodies_bytes_max);
        let limiter = Limiter::new(config.rate_limits);
        store.read(config.limits.read_deadline, |tx| limits::load(tx, &limiter))?;
        let names = Names::of_machine(&config.tls.host_names, config.listen.ip());
        schedule::settle(&desk, &upkeep::SCHEDULES)?;
        schedule::settle(&desk, &backups::SCHEDULES)?;
        schedule::settle(&desk, &morning::SCHEDULES)?;
        watch::defaults::settle(&desk)?;
        let (custodian, listeners) = (Data::new(custodian), Data::new(listeners));
        let retention = Data::new(retention(config));
        let mut kinds = upkeep::kinds(&listeners, &custodian, &retention);
        let looked = Looked {
            looks: Data::new(Looks::of(config)),
            directory: Data::new(directory),
            lateness: Data::new(lateness),
        };
        kinds.extend(morning::kinds(looked.clone()));
        let turn = Data::new(Turn::default());
        kinds.extend(deliver::kinds(&access.secrets));
        kinds.push(letters::kind(&access.secrets));
        kinds.extend(backups::kinds(&access.secrets, extent(), &turn));
        let shipping = Data::new(Shipping::new(&desk, &access.secrets));
        let metrics = Metrics::default();
        let jobs =
            Jobs::new(&desk, (kinds, metrics.clone()), config.sizing.rayon_threads.clamp(2, 8));
        let shelves_of = shelves.clone();
        let sessions = known.clone();
        let watching = Watching::new(Sources {
            desk: desk.clone(),
            metrics: metrics.clone(),
            bounds: bounds.clone(),
            connections_max: config.sizing.connections_max,
            hub: hub.clone(),
            shipping: shipping.get_ref().clone(),
            shout: Shout::new(&desk, &access.secrets),
            caches: Box::new(move || vec![sessions.status(), shelves_of.status()]),
        });
        let body_max = usize::try_from(config.limits.body_bytes_max).unwrap_or(usize::MAX);
        Ok(Self {
            desk,
            custodian,
            retention,
            directory: looked.directory,
            shelves,
            imports: Data::new(imports),
            access: Data::new(access),
            gate: Data::new(gate),
            known,
            bounds: Data::new(bounds),
            limiter: Data::new(limiter),
            proxies: Data::new(proxies(config)),
            body_limit: Data::new(BodyLimit(body_max)),
            sums: Data::new(config.sizing.sums.clone()),
            hub: Data::new(hub),
            feed: Data::new(feed),
            hosts: Data::new(Hosts::new(names.hosts)),
            tls: Data::default(),
            pump,
            listeners,
            metrics: Data::new(metrics),
            machine: Data::default(),
            looks: looked.looks,
            bundles: Data::default(),
            lateness: looked.lateness,
            jobs: Data::new(jobs),
            turn,
            shipping,
            watching: Data::new(watching),
            control_token,
            config: Arc::new(config.clone()),
        })
    }

    /// The configuration it was opened with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Whether no administrator can sign in yet.
    ///
    /// # Errors
    /// What the store says.
    pub fn needs_setup(&self) -> Result<bool, StoreError> {
        Ok(!self.desk.store().read(self.desk.screen_deadline(), users::has_administrator)?)
    }

    /// Refuses new requests from now on, and says goodbye to open screens.
    pub fn drain(&self) {
        self.bounds.draining.store(true, Ordering::Relaxed);
        self.hub.close();
    }

    /// Closes in the reverse order of opening: what waits is written, the WAL is folded in.
    pub fn close(&self) {
        self.watching.close();
        self.jobs.close();
        self.imports.close();
        self.pump.close();
        self.listeners.close();
        self.directory.close();
        self.custodian.close();
        self.desk.close();
        if let Err(cause) = self.custodian.anchor() {
            tracing::warn!("How far the audit has come was not noted: {cause}");
        }
        self.shipping.close();
        self.desk.store().close();
    }
}

/// Half of the connections are kept for requests.
fn live_bounds(config: &Config) -> live_kit::Bounds {
    let clients = (config.sizing.connections_max / 2).max(1);
    live_kit::Bounds { clients, of_session: 32, topics: 64 }
}

fn proxies(config: &Config) -> Proxies {
    let header = match config.proxies_write_forwarded {
        true => Header::Forwarded,
        false => Header::XForwardedFor,
    };
    Proxies::new(config.trusted_proxies.clone(), header, config.sizing.connections_of_one_address())
}

fn retention(config: &Config) -> Retention {
    let [reads_days, changes_days, access_days, administration_days] = config.audit_days;
    Retention { reads_days, changes_days, access_days, administration_days }
}

fn store_options(config: &Config) -> StoreOptions {
    let kib = |bytes: u64| u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
    let mut options = StoreOptions::new(&config.data);
    options.readers = config.sizing.readers;
    options.page_cache_kib = kib(config.sizing.page_cache_bytes);
    options.writer_cache_kib = kib(config.sizing.writer_cache_bytes);
    options.mmap_bytes = config.sizing.mmap_bytes;
    options.queue_max = config.sizing.write_queue;
    options
}

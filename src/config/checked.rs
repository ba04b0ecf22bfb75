//! The outcome: typed, checked, immutable.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use jiff::tz::TimeZone;

use super::error::ConfigError;
use super::keys::{Key, TABLE};
use super::machine::{Bound, Machine};
use super::sizing::{self, MIB, Sizing, Wishes};
use super::sources::{Flags, Gathered, Origin, Sources, gather};
use super::tls::{self, TlsOptions};
use super::value::Value;
use crate::observability::logging::{Format, Level, LogOptions};

/// Everything that can be set, as it holds while the program runs.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to serve.
    pub listen: SocketAddr,
    /// How connections are protected.
    pub tls: TlsOptions,
    /// The folder that holds everything; absolute, perhaps not there yet.
    pub data: PathBuf,
    /// The hospital's time zone until the hospital is set up, and the one suggested then.
    pub time_zone: TimeZone,
    /// Threads, caches, queues.
    pub sizing: Sizing,
    /// Bounds of requests.
    pub limits: Limits,
    /// Whose word is taken for where requests come from.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether they say it in `Forwarded`, and not in `X-Forwarded-For`.
    pub proxies_write_forwarded: bool,
    /// Whether requests are counted.
    pub rate_limits: bool,
    /// How long a person stays signed in.
    pub session_length: Duration,
    /// For how many days the audit keeps reads, changes, access and administration.
    pub audit_days: [u32; 4],
    /// Where and how to log.
    pub log: LogOptions,
    /// What the machine grants, with `memory_mib` taken into account.
    pub machine: Machine,
    /// The file that was read, if there is one.
    pub file: Option<PathBuf>,
    /// What looks like a mistake, in plain words.
    pub warnings: Vec<String>,
    effective: Vec<Effective>,
}

/// Bounds of requests in size and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest body of an ordinary request.
    pub body_bytes_max: u64,
    /// Largest uploaded file.
    pub import_bytes_max: u64,
    /// From the headers of a request to its answer.
    pub request_timeout: Duration,
    /// For sending the headers.
    pub client_header_timeout: Duration,
    /// For a connection with nothing to do.
    pub keep_alive: Duration,
    /// For running requests when the program stops.
    pub shutdown_timeout: Duration,
    /// After which a read for a screen is interrupted.
    pub read_deadline: Duration,
    /// After which a report is interrupted.
    pub report_deadline: Duration,
}

/// One setting as it holds, with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Which one.
    pub key: Key,
    /// The value that holds, as text.
    pub value: String,
    /// Whether the program chose the value because `auto` was said.
    pub auto: bool,
    /// Who said so.
    pub origin: Origin,
}

impl Config {
    /// Reads flags, the environment, the file and the machine.
    ///
    /// # Errors
    /// Every wrong value and every unknown key of the file, all at once.
    pub fn load(flags: Flags) -> Result<Self, ConfigError> {
        Self::from_sources(&Sources::of_process(flags)?)
    }

    /// The configuration that these sources add up to.
    ///
    /// # Errors
    /// As for [`Config::load`].
    pub fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let mut gathered = gather(sources)?;
        let said = Typed(&gathered);
        let mut machine = sources.machine.clone();
        if let Some(mib) = said.number_or_auto(Key::MemoryMib) {
            (machine.memory_bytes, machine.memory_bound) = (mib * MIB, Bound::Setting);
        }
        let (tls, odd) = tls::options(&gathered, said.address(Key::Listen))?;
        let wishes = Wishes { encrypted: tls.is_on(), ..wishes(&said) };
        let sizing = sizing::plan(&machine, &wishes);
        let data = said.folder(Key::Data);
        let time_zone = match &gathered.get(Key::TimeZone).value {
            Value::Zone(zone) => zone.clone(),
            _ => sources.zone.clone(),
        };
        let mut config = Self {
            listen: said.address(Key::Listen),
            tls,
            time_zone,
            limits: limits(&said),
            trusted_proxies: said.networks(Key::TrustedProxies),
            proxies_write_forwarded: said.word(Key::ForwardedHeader) == "forwarded",
            rate_limits: said.word(Key::RateLimits) == "on",
            session_length: Duration::from_secs(said.number(Key::SessionHours) * 3_600),
            audit_days: [
                Key::AuditReadsDays,
                Key::AuditChangesDays,
                Key::AuditAccessDays,
                Key::AuditAdministrationDays,
            ]
            .map(|key| u32::try_from(said.number(key)).unwrap_or(u32::MAX)),
            log: log(&said, &data),
            file: gathered.file.clone(),
            warnings: Vec::new(),
            effective: Vec::new(),
            data,
            sizing,
            machine,
        };
        config.effective = TABLE.iter().map(|spec| config.effective(&gathered, spec.key)).collect();
        config.warnings = std::mem::take(&mut gathered.warnings);
        config.warnings.extend(odd);
        Ok(config)
    }

    /// Every setting as it holds, in the order of the table.
    #[must_use]
    pub fn settings(&self) -> &[Effective] {
        &self.effective
    }

    /// Where the value of `key` comes from.
    #[must_use]
    pub fn origin(&self, key: Key) -> &Origin {
        &self.effective[key as usize].origin
    }

    fn effective(&self, gathered: &Gathered, key: Key) -> Effective {
        let said = gathered.get(key);
        let auto = said.value == Value::Auto;
        let value = if auto { self.chosen(key) } else { said.value.to_string() };
        Effective { key, value, auto, origin: said.origin.clone() }
    }

    /// What `auto` came to.
    fn chosen(&self, key: Key) -> String {
        let sizing = &self.sizing;
        match key {
            Key::Tls => self.tls.source.word().to_owned(),
            Key::TlsHstsDays => self.tls.hsts_days(false).to_string(),
            Key::TimeZone => Value::Zone(self.time_zone.clone()).to_string(),
            Key::MemoryMib => (self.machine.memory_bytes / MIB).to_string(),
            Key::Workers => sizing.http_workers.to_string(),
            Key::Readers => sizing.readers.to_string(),
            Key::PageCacheMib => (sizing.page_cache_bytes / MIB).to_string(),
            Key::WriterCacheMib => (sizing.writer_cache_bytes / MIB).to_string(),
            Key::MmapMib => (sizing.mmap_bytes / MIB).to_string(),
            Key::RayonThreads => sizing.rayon_threads.to_string(),
            Key::SearchHeapMib => (sizing.search_heap_bytes / MIB).to_string(),
            Key::PasswordSlots => sizing.password_slots.to_string(),
            Key::WriteQueue => sizing.write_queue.to_string(),
            Key::ConnectionsMax => sizing.connections_max.to_string(),
            Key::LogFolder => {
                self.log.folder.as_deref().unwrap_or(Path::new("off")).display().to_string()
            }
            _ => Value::Auto.to_string(),
        }
    }
}

/// Reads checked values with their type. Each key's rule guarantees the type; what does not fit
/// is a mistake in the table, which every test that loads a configuration would hit.
struct Typed<'a>(&'a Gathered);

impl Typed<'_> {
    fn number_or_auto(&self, key: Key) -> Option<u64> {
        match self.0.get(key).value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    fn count(&self, key: Key) -> Option<usize> {
        self.number_or_auto(key).and_then(|number| usize::try_from(number).ok())
    }

    fn mib(&self, key: Key) -> Option<u64> {
        self.number_or_auto(key).map(|number| number * MIB)
    }

    fn number(&self, key: Key) -> u64 {
        match &self.0.get(key).value {
            Value::Number(number) => *number,
            other => unreachable!("{key:?} allows numbers only, not {other}"),
        }
    }

    fn seconds(&self, key: Key) -> Duration {
        Duration::from_secs(self.number(key))
    }

    fn milliseconds(&self, key: Key) -> Duration {
        Duration::from_millis(self.number(key))
    }

    fn word(&self, key: Key) -> &'static str {
        match &self.0.get(key).value {
            Value::Word(word) => word,
            other => unreachable!("{key:?} allows words only, not {other}"),
        }
    }

    fn folder(&self, key: Key) -> PathBuf {
        match &self.0.get(key).value {
            Value::Folder(path) => path.clone(),
            other => unreachable!("{key:?} allows folders only, not {other}"),
        }
    }

    fn networks(&self, key: Key) -> Vec<IpNet> {
        match &self.0.get(key).value {
            Value::Networks(nets) => nets.clone(),
            other => unreachable!("{key:?} allows networks only, not {other}"),
        }
    }

    fn address(&self, key: Key) -> SocketAddr {
        match &self.0.get(key).value {
            Value::Address(address) => *address,
            other => unreachable!("{key:?} allows addresses only, not {other}"),
        }
    }
}

fn wishes(said: &Typed<'_>) -> Wishes {
    Wishes {
        http_workers: said.count(Key::Workers),
        readers: said.count(Key::Readers),
        page_cache_bytes: said.mib(Key::PageCacheMib),
        writer_cache_bytes: said.mib(Key::WriterCacheMib),
        mmap_bytes: said.mib(Key::MmapMib),
        rayon_threads: said.count(Key::RayonThreads),
        search_heap_bytes: said.mib(Key::SearchHeapMib),
        password_slots: said.count(Key::PasswordSlots),
        write_queue: said.count(Key::WriteQueue),
        connections_max: said.count(Key::ConnectionsMax),
        body_bytes_max: said.number(Key::MaxBodyMib) * MIB,
        ..Wishes::default()
    }
}

fn limits(said: &Typed<'_>) -> Limits {
    Limits {
        body_bytes_max: said.number(Key::MaxBodyMib) * MIB,
        import_bytes_max: said.number(Key::MaxImportGib) * 1024 * MIB,
        request_timeout: said.seconds(Key::RequestTimeoutS),
        client_header_timeout: said.seconds(Key::ClientHeaderTimeoutS),
        keep_alive: said.seconds(Key::KeepAliveS),
        shutdown_timeout: said.seconds(Key::ShutdownTimeoutS),
        read_deadline: said.milliseconds(Key::ReadDeadlineMs),
        report_deadline: said.milliseconds(Key::ReportDeadlineMs),
    }
}

fn log(said: &Typed<'_>, data: &Path) -> LogOptions {
    let folder = match &said.0.get(Key::LogFolder).value {
        Value::Folder(folder) => Some(folder.clone()),
        Value::Off => None,
        _ => Some(data.join("logs")),
    };
    LogOptions {
        level: match said.word(Key::LogLevel) {
            "error" => Level::ERROR,
            "warn" => Level::WARN,
            "debug" => Level::DEBUG,
            "trace" => Level::TRACE,
            _ => Level::INFO,
        },
        format: match said.word(Key::LogFormat) {
            "json" => Format::Json,
            _ => Format::Plain,
        },
        folder,
        keep_days: u32::try_from(said.number(Key::LogKeepDays)).unwrap_or(u32::MAX),
        total_bytes_max: said.number(Key::LogTotalMib) * MIB,
    }
}

//! The one table of settings. Flags, environment variables, the file, `healthflow config` and
//! the help texts all come from it.

/// What a setting accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// An address with a port.
    Address,
    /// A folder; a relative one counts from the working directory, in a file from the file.
    Folder,
    /// A folder, `auto` or `off`.
    FolderAutoOff,
    /// A whole number within the bounds, both included.
    Whole {
        /// Least value.
        min: u64,
        /// Greatest value.
        max: u64,
    },
    /// `auto`, or a whole number within the bounds.
    AutoOrWhole {
        /// Least value.
        min: u64,
        /// Greatest value.
        max: u64,
    },
    /// One of these words.
    Words(&'static [&'static str]),
    /// `auto`, or the name of a time zone such as `Africa/Nairobi`.
    AutoOrZone,
    /// `none`, or addresses and networks, separated by commas.
    NoneOrNetworks,
    /// `auto`, or one of these words.
    AutoOrWords(&'static [&'static str]),
    /// A file or `off`; a relative one counts as a folder does.
    FileOrOff,
    /// Host names, or `off` for none.
    NamesOrOff,
}

impl Allowed {
    /// The rule in words that complete "Use …".
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Address => "an address with a port, like 0.0.0.0:8475 or [::1]:8475".into(),
            Self::Folder => "a folder, like /var/lib/healthflow".into(),
            Self::FolderAutoOff => "auto, off, or a folder, like /var/log/healthflow".into(),
            Self::Whole { min, max } => format!("a whole number from {min} to {max}"),
            Self::AutoOrWhole { min, max } => {
                format!("auto or a whole number from {min} to {max}")
            }
            Self::Words(words) => listed(words),
            Self::AutoOrWords(words) => format!("auto, {}", listed(words)),
            Self::FileOrOff => "off or a file, like /etc/ssl/hospital.pem".into(),
            Self::NamesOrOff => {
                "off or host names with commas between, like his.hospital.example,records".into()
            }
            Self::AutoOrZone => "auto or the name of a time zone, like Africa/Nairobi".into(),
            Self::NoneOrNetworks => "none, or addresses and networks smaller than everything, \
                 separated by commas, like 10.0.0.5, 192.168.7.0/24"
                .into(),
        }
    }

    /// The short form that stands behind a flag in `--help`.
    #[must_use]
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::Address => "ADDR:PORT",
            Self::Folder => "DIR",
            Self::FolderAutoOff => "auto|off|DIR",
            Self::Whole { .. } => "N",
            Self::AutoOrWhole { .. } => "auto|N",
            Self::Words(_) => "WORD",
            Self::AutoOrZone => "auto|ZONE",
            Self::NoneOrNetworks => "none|NET,NET",
            Self::AutoOrWords(_) => "auto|WORD",
            Self::FileOrOff => "off|FILE",
            Self::NamesOrOff => "off|NAMES",
        }
    }
}

fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).into(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Spec {
    /// The key, to index settings by.
    pub key: Key,
    /// Its name in the file.
    pub name: &'static str,
    /// Its environment variable.
    pub env: &'static str,
    /// Its flag, without the two dashes.
    pub flag: &'static str,
    /// The value when nobody says anything; empty where the platform decides.
    pub default: &'static str,
    /// What is accepted.
    pub allowed: Allowed,
    /// One sentence for people.
    pub help: &'static str,
}

macro_rules! settings {
    ($(
        $key:ident $name:literal $env:literal $flag:literal $default:literal $allowed:expr,
        $help:literal;
    )*) => {
        /// Names a setting.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Key {
            $(#[doc = $help] $key,)*
        }

        /// Every setting, in the order in which `healthflow config` shows them.
        pub static TABLE: &[Spec] = &[
            $(Spec {
                key: Key::$key,
                name: $name,
                env: $env,
                flag: $flag,
                default: $default,
                allowed: $allowed,
                help: $help,
            },)*
        ];
    };
}

const fn whole(min: u64, max: u64) -> Allowed {
    Allowed::Whole { min, max }
}

const fn auto_or(min: u64, max: u64) -> Allowed {
    Allowed::AutoOrWhole { min, max }
}

settings! {
    Listen "listen" "HEALTHFLOW_LISTEN" "listen" "127.0.0.1:8475" Allowed::Address,
        "Address and port to serve on. The default answers this machine only: opening it to the \
         network is a decision that somebody has to take";
    Tls "tls" "HEALTHFLOW_TLS" "tls" "auto" Allowed::AutoOrWords(&["on", "off", "files"]),
        "Encryption. auto encrypts everywhere but on this machine's own addresses; on does there \
         too; files takes tls_certificate and tls_key, as auto and on do when they are given; off \
         sends passwords and records in clear, for behind a proxy alone";
    TlsCertificate "tls_certificate" "HEALTHFLOW_TLS_CERTIFICATE" "tls-certificate" "off"
        Allowed::FileOrOff,
        "A certificate of your own with its chain, in PEM; read again when it changes";
    TlsKey "tls_key" "HEALTHFLOW_TLS_KEY" "tls-key" "off" Allowed::FileOrOff,
        "The private key of tls_certificate, in PEM, without a password";
    TlsHstsDays "tls_hsts_days" "HEALTHFLOW_TLS_HSTS_DAYS" "tls-hsts-days" "auto"
        auto_or(0, 730),
        "Days for which a browser that was here comes with encryption only, on every port of the \
         host name; auto takes 365 on port 443 with a certificate of your own and 1 otherwise";
    HostNames "host_names" "HEALTHFLOW_HOST_NAMES" "host-names" "off" Allowed::NamesOrOff,
        "Names by which people reach the server, beside those that the machine has by itself: \
         they come into its certificate, and pages are shown under them";
    Data "data" "HEALTHFLOW_DATA" "data" "" Allowed::Folder,
        "The folder that holds everything: database, search index, logs, healthflow.toml";
    TimeZone "time_zone" "HEALTHFLOW_TIME_ZONE" "time-zone" "auto" Allowed::AutoOrZone,
        "The time zone that a new hospital begins with; auto takes the machine's. Once it is set \
         up, its own zone holds, which is changed under Settings";
    Workers "workers" "HEALTHFLOW_WORKERS" "workers" "auto" auto_or(1, 256),
        "HTTP worker threads; auto takes one for each core granted";
    MemoryMib "memory_mib" "HEALTHFLOW_MEMORY_MIB" "memory-mib" "auto" auto_or(256, 16_777_216),
        "Memory in MiB to plan with, where other programs share the machine; \
         auto takes what the container or the machine grants";
    Readers "readers" "HEALTHFLOW_READERS" "readers" "auto" auto_or(1, 256),
        "Threads for reads that take longer, such as search and reports";
    PageCacheMib "page_cache_mib" "HEALTHFLOW_PAGE_CACHE_MIB" "page-cache-mib" "auto"
        auto_or(1, 1_024),
        "Private page cache of each reading connection in MiB";
    WriterCacheMib "writer_cache_mib" "HEALTHFLOW_WRITER_CACHE_MIB" "writer-cache-mib" "auto"
        auto_or(4, 16_384),
        "Page cache of the writing connection in MiB";
    MmapMib "mmap_mib" "HEALTHFLOW_MMAP_MIB" "mmap-mib" "auto" auto_or(0, 1_048_576),
        "How much of the database readers map into memory, in MiB; auto maps nothing, \
         because a disk error on mapped memory ends the program";
    RayonThreads "rayon_threads" "HEALTHFLOW_RAYON_THREADS" "rayon-threads" "auto"
        auto_or(1, 256),
        "Threads for calculations in parallel; auto takes half the cores";
    SearchHeapMib "search_heap_mib" "HEALTHFLOW_SEARCH_HEAP_MIB" "search-heap-mib" "auto"
        auto_or(16, 4_096),
        "Memory in MiB in which the search index gathers changes";
    PasswordSlots "password_slots" "HEALTHFLOW_PASSWORD_SLOTS" "password-slots" "auto"
        auto_or(1, 64),
        "Passwords checked at the same time; each takes 19 MiB while it is checked";
    WriteQueue "write_queue" "HEALTHFLOW_WRITE_QUEUE" "write-queue" "auto" auto_or(64, 65_536),
        "Changes that may wait for the writer before callers are asked to come again";
    ConnectionsMax "connections_max" "HEALTHFLOW_CONNECTIONS_MAX" "connections-max" "auto"
        auto_or(16, 1_000_000),
        "Connections open at the same time";
    MaxBodyMib "max_body_mib" "HEALTHFLOW_MAX_BODY_MIB" "max-body-mib" "2" whole(1, 256),
        "Largest body of an ordinary request in MiB";
    MaxImportGib "max_import_gib" "HEALTHFLOW_MAX_IMPORT_GIB" "max-import-gib" "64"
        whole(1, 4_096),
        "Largest file that may be uploaded for import, in GiB";
    RequestTimeoutS "request_timeout_s" "HEALTHFLOW_REQUEST_TIMEOUT_S" "request-timeout-s" "30"
        whole(1, 3_600),
        "Seconds that an ordinary request may take from its headers to its answer";
    ClientHeaderTimeoutS "client_header_timeout_s" "HEALTHFLOW_CLIENT_HEADER_TIMEOUT_S"
        "client-header-timeout-s" "10" whole(1, 600),
        "Seconds that a client may take to send the headers of a request";
    KeepAliveS "keep_alive_s" "HEALTHFLOW_KEEP_ALIVE_S" "keep-alive-s" "75" whole(1, 3_600),
        "Seconds that a connection stays open with nothing to do";
    ShutdownTimeoutS "shutdown_timeout_s" "HEALTHFLOW_SHUTDOWN_TIMEOUT_S" "shutdown-timeout-s"
        "30" whole(1, 600),
        "Seconds that running requests get to finish when the program is asked to stop";
    ReadDeadlineMs "read_deadline_ms" "HEALTHFLOW_READ_DEADLINE_MS" "read-deadline-ms" "2000"
        whole(50, 60_000),
        "Milliseconds after which a read for a screen is interrupted";
    ReportDeadlineMs "report_deadline_ms" "HEALTHFLOW_REPORT_DEADLINE_MS" "report-deadline-ms"
        "30000" whole(100, 3_600_000),
        "Milliseconds after which a report is interrupted";
    TrustedProxies "trusted_proxies" "HEALTHFLOW_TRUSTED_PROXIES" "trusted-proxies" "none"
        Allowed::NoneOrNetworks,
        "Proxies in front of this server, whose word is taken for where a request comes from; \
         what others say of that is not believed";
    ForwardedHeader "forwarded_header" "HEALTHFLOW_FORWARDED_HEADER" "forwarded-header"
        "x-forwarded-for" Allowed::Words(&["x-forwarded-for", "forwarded"]),
        "The header in which the trusted proxies say it; they pass the other one on as anybody \
         has written it";
    RateLimits "rate_limits" "HEALTHFLOW_RATE_LIMITS" "rate-limits" "on"
        Allowed::Words(&["on", "off"]),
        "Whether requests are counted and too many refused. Programs of this machine that speak \
         for themselves never are; how many is too many is set under Settings";
    SessionHours "session_hours" "HEALTHFLOW_SESSION_HOURS" "session-hours" "12" whole(1, 720),
        "Hours after which people have to sign in again";
    AuditReadsDays "audit_reads_days" "HEALTHFLOW_AUDIT_READS_DAYS" "audit-reads-days" "2192"
        whole(365, 36_500),
        "Days for which the audit keeps who looked at records before they may go into an archive";
    AuditChangesDays "audit_changes_days" "HEALTHFLOW_AUDIT_CHANGES_DAYS" "audit-changes-days"
        "2192" whole(365, 36_500),
        "Days for which the audit keeps who changed records before they may go into an archive";
    AuditAccessDays "audit_access_days" "HEALTHFLOW_AUDIT_ACCESS_DAYS" "audit-access-days" "2192"
        whole(90, 36_500),
        "Days for which the audit keeps sign-ins and refusals before they may go into an archive";
    AuditAdministrationDays "audit_administration_days" "HEALTHFLOW_AUDIT_ADMINISTRATION_DAYS"
        "audit-administration-days" "2192" whole(365, 36_500),
        "Days for which the audit keeps who changed accounts and settings before they may go into \
         an archive";
    LogLevel "log_level" "HEALTHFLOW_LOG_LEVEL" "log-level" "info"
        Allowed::Words(&["error", "warn", "info", "debug", "trace"]),
        "Which messages are logged: this level and the graver ones";
    LogFormat "log_format" "HEALTHFLOW_LOG_FORMAT" "log-format" "plain"
        Allowed::Words(&["plain", "json"]),
        "How log lines look: plain for people, json for programs";
    LogFolder "log_folder" "HEALTHFLOW_LOG_FOLDER" "log-folder" "auto" Allowed::FolderAutoOff,
        "Where log files are kept; auto takes logs in the data folder, off keeps none";
    LogKeepDays "log_keep_days" "HEALTHFLOW_LOG_KEEP_DAYS" "log-keep-days" "30"
        whole(1, 3_650),
        "Days after which a log file is deleted";
    LogTotalMib "log_total_mib" "HEALTHFLOW_LOG_TOTAL_MIB" "log-total-mib" "1024"
        whole(16, 1_048_576),
        "Size in MiB of all log files together, beyond which the oldest is deleted";
}

impl Key {
    /// The row of this key.
    #[must_use]
    pub fn spec(self) -> &'static Spec {
        // The macro writes the enum and the table from the same rows, so the index is in range.
        &TABLE[self as usize]
    }

    /// The key called `name` in the file.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|spec| spec.name == name).map(|spec| spec.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_key_and_its_three_names_agree() {
        for spec in TABLE {
            assert_eq!(spec.key.spec().name, spec.name);
            assert_eq!(Key::named(spec.name), Some(spec.key));
            assert_eq!(spec.env, format!("HEALTHFLOW_{}", spec.name.to_uppercase()));
            assert_eq!(spec.flag, spec.name.replace('_', "-"));
        }
    }

    #[test]
    fn rules_are_said_in_words() {
        assert_eq!(Key::Workers.spec().allowed.words(), "auto or a whole number from 1 to 256");
        assert_eq!(Key::LogLevel.spec().allowed.words(), "error, warn, info, debug or trace");
    }
}

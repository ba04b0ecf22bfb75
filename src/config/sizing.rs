//! How many threads, how large the caches, how long the queues: worked out from what the machine
//! grants, each number settable.
//!
//! The rules come from measurements: as many HTTP workers as cores with reads inline; small
//! private caches for readers, because the system's page cache does their work; no mapping of
//! files, because a disk error on mapped memory ends the program; password checks in few slots of
//! their own, so that a shift change does not starve everything else. What the plan adds up to
//! stays within half of the memory granted: the other half is for requests in flight and for the
//! system's page cache, in which the database really lives.

use serde::Serialize;

use super::machine::Machine;

/// Bytes in a mebibyte.
pub const MIB: u64 = 1024 * 1024;
/// What one argon2id check takes with the parameters that `access` uses (19 MiB).
pub const PASSWORD_SLOT_BYTES: u64 = 19 * MIB;
/// The program itself: code, tables, caches of static files.
const PROGRAM_BYTES: u64 = 32 * MIB;
/// Measured: 18 KB for an idle HTTP connection, 21 KB for a WebSocket.
const CONNECTION_BYTES: u64 = 24 * 1024;
/// Measured: 9 KB more for an idle connection that is encrypted.
const ENCRYPTION_BYTES: u64 = 10 * 1024;
/// A waiting change with its values.
const QUEUED_WRITE_BYTES: u64 = 16 * 1024;
/// Working memory of one thread of calculations.
const RAYON_BYTES: u64 = 8 * MIB;
/// Files of the store, the search index and the logs.
const OPEN_FILES_KEPT: u64 = 256;
/// Database, WAL and shared memory of one reading connection.
const OPEN_FILES_PER_READER: u64 = 3;

/// What somebody set; `None` leaves the number to the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// HTTP worker threads.
    pub http_workers: Option<usize>,
    /// Reader threads.
    pub readers: Option<usize>,
    /// Cache of each reading connection.
    pub page_cache_bytes: Option<u64>,
    /// Cache of the writing connection.
    pub writer_cache_bytes: Option<u64>,
    /// Mapped part of the database.
    pub mmap_bytes: Option<u64>,
    /// Threads of calculations.
    pub rayon_threads: Option<usize>,
    /// Memory of the search index.
    pub search_heap_bytes: Option<u64>,
    /// Passwords checked at once.
    pub password_slots: Option<usize>,
    /// Waiting changes.
    pub write_queue: Option<usize>,
    /// Open connections.
    pub connections_max: Option<usize>,
    /// Whether connections are encrypted.
    pub encrypted: bool,
    /// The most bytes of one body; that of all together is never less.
    pub body_bytes_max: u64,
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sizing {
    /// HTTP worker threads, each with a reading connection of its own.
    pub http_workers: usize,
    /// Reader threads for what takes longer, each with a reading connection.
    pub readers: usize,
    /// Page cache of each reading connection.
    pub page_cache_bytes: u64,
    /// Page cache of the writing connection.
    pub writer_cache_bytes: u64,
    /// How much of the database readers map; 0 is off.
    pub mmap_bytes: u64,
    /// Threads for calculations in parallel.
    pub rayon_threads: usize,
    /// Memory in which the search index gathers changes.
    pub search_heap_bytes: u64,
    /// Passwords checked at the same time.
    pub password_slots: usize,
    /// Changes that may wait for the writer.
    pub write_queue: usize,
    /// Connections open at the same time.
    pub connections_max: usize,
    /// What one of them takes while it is idle.
    pub connection_bytes: u64,
    /// Bytes of all bodies together that are being gathered or parsed.
    pub bodies_bytes_max: u64,
    /// What all of it may take, in bytes.
    pub planned_bytes: u64,
    /// The sums in words, for the start of the log and `healthflow config`.
    pub sums: Vec<String>,
    /// What does not fit, in words.
    pub warnings: Vec<String>,
}

/// Works the plan out. Pure: the same machine and wishes give the same plan.
#[must_use]
pub fn plan(machine: &Machine, wishes: &Wishes) -> Sizing {
    let memory = machine.memory_bytes;
    let share = |part: u64, least: u64, most: u64| (memory / part).clamp(least, most);
    let threads = |wanted: usize, bytes: u64, least: usize| {
        let room = usize::try_from(memory / bytes).unwrap_or(usize::MAX);
        wanted.min(room).max(least)
    };
    let cores = machine.cores;
    let http_workers = wishes.http_workers.unwrap_or_else(|| threads(cores, 64 * MIB, 1).min(256));
    let readers = wishes.readers.unwrap_or_else(|| threads(cores.clamp(2, 16), 128 * MIB, 2));
    let connections = connections(machine, wishes, http_workers + readers);
    let mut sizing = Sizing {
        http_workers,
        readers,
        page_cache_bytes: wishes.page_cache_bytes.unwrap_or_else(|| {
            let each = memory / 16 / (http_workers + readers).max(1) as u64;
            whole_mib(each.clamp(2 * MIB, 8 * MIB))
        }),
        writer_cache_bytes: wishes
            .writer_cache_bytes
            .unwrap_or_else(|| whole_mib(share(32, 8 * MIB, 256 * MIB))),
        mmap_bytes: wishes.mmap_bytes.unwrap_or(0),
        rayon_threads: wishes
            .rayon_threads
            .unwrap_or_else(|| threads((cores / 2).clamp(1, 64), 128 * MIB, 1)),
        search_heap_bytes: wishes
            .search_heap_bytes
            .unwrap_or_else(|| whole_mib(share(32, 16 * MIB, 256 * MIB))),
        password_slots: wishes
            .password_slots
            .unwrap_or_else(|| threads((cores / 2).clamp(1, 16), 16 * PASSWORD_SLOT_BYTES, 1)),
        write_queue: wishes.write_queue.unwrap_or_else(|| {
            usize::try_from(share(32 * QUEUED_WRITE_BYTES, 512, 8_192)).unwrap_or(8_192)
        }),
        connections_max: connections,
        connection_bytes: connection_bytes(wishes),
        bodies_bytes_max: whole_mib(share(32, 8 * MIB, 64 * MIB)).max(wishes.body_bytes_max),
        planned_bytes: 0,
        sums: Vec::new(),
        warnings: Vec::new(),
    };
    sizing.add_up(machine);
    sizing
}

fn connection_bytes(wishes: &Wishes) -> u64 {
    CONNECTION_BYTES + if wishes.encrypted { ENCRYPTION_BYTES } else { 0 }
}

fn connections(machine: &Machine, wishes: &Wishes, readers: usize) -> usize {
    wishes.connections_max.unwrap_or_else(|| {
        let taken = OPEN_FILES_KEPT + OPEN_FILES_PER_READER * readers as u64;
        let by_files = machine.open_files.saturating_sub(taken);
        let by_memory = machine.memory_bytes / 8 / connection_bytes(wishes);
        usize::try_from(by_files.min(by_memory).clamp(64, 100_000)).unwrap_or(64)
    })
}

impl Sizing {
    /// Connections to the database that only read: one for each HTTP worker and each reader.
    #[must_use]
    pub fn reading_connections(&self) -> usize {
        self.http_workers + self.readers
    }

    /// Connections that one address may have: half of all. A whole hospital may come through one
    /// proxy, and one machine must not shut out the others.
    #[must_use]
    pub fn connections_of_one_address(&self) -> usize {
        (self.connections_max / 2).max(1)
    }

    /// Name, count and bytes of each for everything that takes memory.
    fn parts(&self) -> [(&'static str, u64, u64); 9] {
        [
            ("program", 1, PROGRAM_BYTES),
            ("writer cache", 1, self.writer_cache_bytes),
            ("reader caches", self.reading_connections() as u64, self.page_cache_bytes),
            ("search index", 1, self.search_heap_bytes),
            ("password checks", self.password_slots as u64, PASSWORD_SLOT_BYTES),
            ("calculations", self.rayon_threads as u64, RAYON_BYTES),
            ("waiting changes", self.write_queue as u64, QUEUED_WRITE_BYTES),
            ("connections", self.connections_max as u64, self.connection_bytes),
            ("bodies", 1, self.bodies_bytes_max),
        ]
    }

    fn add_up(&mut self, machine: &Machine) {
        let parts = self.parts();
        self.planned_bytes = parts
            .iter()
            .fold(0_u64, |sum, (_, count, each)| sum.saturating_add(count.saturating_mul(*each)));
        let terms: Vec<String> =
            parts.iter().map(|(name, count, each)| term(name, *count, *each)).collect();
        self.sums = self.sentences(machine, &terms.join(" + "));
        self.warnings = self.misfits(machine);
    }

    fn sentences(&self, machine: &Machine, terms: &str) -> Vec<String> {
        let Machine { cores, cores_bound, memory_bytes, memory_bound, open_files } = machine;
        let mapped = match self.mmap_bytes {
            0 => "nothing mapped".to_owned(),
            bytes => format!("{} of the database mapped", size(bytes)),
        };
        vec![
            format!(
                "cores granted: {cores} ({cores_bound}): {}, {}, {} for calculations, {}",
                counted(self.http_workers, "HTTP worker"),
                counted(self.readers, "reader"),
                counted(self.rayon_threads, "thread"),
                counted(self.password_slots, "password slot"),
            ),
            format!(
                "memory granted: {} ({memory_bound}): {terms} = {}; the rest is for requests and \
                 the system's page cache; {mapped}",
                size(*memory_bytes),
                size(self.planned_bytes),
            ),
            format!(
                "open files granted: {}: {}, of which one address may have {}, and {}",
                grouped(*open_files),
                counted(self.connections_max, "connection"),
                grouped(self.connections_of_one_address() as u64),
                counted(self.reading_connections() + 1, "database connection"),
            ),
        ]
    }

    fn misfits(&self, machine: &Machine) -> Vec<String> {
        let mut warnings = Vec::new();
        let (planned, granted) = (size(self.planned_bytes), size(machine.memory_bytes));
        if machine.memory_bytes < self.planned_bytes {
            warnings.push(format!(
                "The plan takes {planned} of memory and only {granted} are granted. Lower what was \
                 set, or grant more."
            ));
        } else if machine.memory_bytes / 2 < self.planned_bytes {
            warnings.push(format!(
                "The plan takes {planned} of {granted}: little is left for requests and the \
                 system's page cache."
            ));
        }
        let files = OPEN_FILES_KEPT
            + OPEN_FILES_PER_READER * self.reading_connections() as u64
            + self.connections_max as u64;
        if machine.open_files < files {
            warnings.push(format!(
                "{} take {} open files and only {} are granted. Raise the limit (LimitNOFILE= in \
                 the service, or ulimit -n), or lower connections_max.",
                counted(self.connections_max, "connection"),
                grouped(files),
                grouped(machine.open_files),
            ));
        }
        if machine.cores.saturating_mul(4) < self.http_workers {
            warnings.push(format!(
                "{} on {}: more than four for each core only wait for one another.",
                counted(self.http_workers, "HTTP worker"),
                counted(machine.cores, "core"),
            ));
        }
        warnings
    }
}

fn term(name: &str, count: u64, each: u64) -> String {
    match count {
        1 => format!("{} {name}", size(each)),
        _ => format!("{} × {} {name}", grouped(count), size(each)),
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count as u64))
}

fn whole_mib(bytes: u64) -> u64 {
    bytes / MIB * MIB
}

/// Bytes for people: `512 MiB`, `2.0 GiB`, `24 KiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const GIB: u64 = 1024 * MIB;
    match bytes {
        0..MIB => format!("{} KiB", bytes / 1024),
        MIB..GIB => format!("{} MiB", bytes / MIB),
        _ => {
            let tenths = bytes / (GIB / 10).max(1);
            format!("{}.{} GiB", grouped(tenths / 10), tenths % 10)
        }
    }
}

/// A number with commas between the thousands.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

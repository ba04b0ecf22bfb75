//! The room through its face: sources in, a configuration or plain words out.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;

mod tls;

use super::machine::{Bound, Machine};
use super::sizing::{MIB, Sizing, Wishes, plan};
use super::*;

fn machine(cores: usize, memory_mib: u64) -> Machine {
    Machine {
        cores,
        cores_bound: Bound::Machine,
        memory_bytes: memory_mib * MIB,
        memory_bound: Bound::Container,
        open_files: 65_536,
    }
}

/// A folder that is removed at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("healthflow-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn sources(folder: &Path) -> Sources {
    Sources {
        flags: Flags::default(),
        environment: Vec::new(),
        data_default: folder.join("data"),
        folder: folder.to_owned(),
        machine: machine(2, 2_048),
        zone: TimeZone::get("Africa/Nairobi").unwrap(),
    }
}

fn variable(name: &str, value: &str) -> (OsString, OsString) {
    (name.into(), value.into())
}

fn refused(sources: &Sources) -> String {
    Config::from_sources(sources).unwrap_err().to_string()
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let folder = Folder::new("precedence");
    let mut sources = sources(&folder.0);
    let read = |sources: &Sources| {
        let config = Config::from_sources(sources).unwrap();
        let session = config.session_length.as_secs() / 3_600;
        (session, config.origin(Key::SessionHours).to_string())
    };
    assert_eq!(read(&sources), (12, "default".into()));

    fs::create_dir(folder.0.join("data")).unwrap();
    let file = folder.file("data/healthflow.toml", "\nsession_hours = 1\n");
    assert_eq!(read(&sources), (1, format!("file {}:2", file.display())));

    sources.environment.push(variable("HEALTHFLOW_SESSION_HOURS", "2"));
    assert_eq!(read(&sources), (2, "environment HEALTHFLOW_SESSION_HOURS".into()));

    sources.flags.values.push((Key::SessionHours, "3".into()));
    assert_eq!(read(&sources), (3, "flag --session-hours".into()));
}

#[test]
fn an_empty_variable_says_nothing() {
    let folder = Folder::new("empty");
    let mut sources = sources(&folder.0);
    sources.environment.push(variable("HEALTHFLOW_LISTEN", ""));
    let config = Config::from_sources(&sources).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8475");
    assert_eq!(config.origin(Key::Listen), &Origin::Default);
}

#[test]
fn a_named_file_may_say_where_the_data_is_and_must_be_there() {
    let folder = Folder::new("named");
    let mut sources = sources(&folder.0);
    let file = folder.file("site.toml", "data = \"hospital\"\nworkers = \"auto\"\n");
    sources.flags.file = Some("site.toml".into());
    let config = Config::from_sources(&sources).unwrap();
    assert_eq!(config.data, folder.0.join("hospital"));
    assert_eq!(config.file, Some(file));

    sources.flags.file = None;
    sources.environment.push(variable("HEALTHFLOW_CONFIG", "absent.toml"));
    let text = refused(&sources);
    assert!(text.contains("absent.toml: It cannot be read: "), "{text}");
}

#[test]
fn the_file_in_the_data_folder_cannot_move_the_data_folder() {
    let folder = Folder::new("move");
    let mut sources = sources(&folder.0);
    let file = folder.file("healthflow.toml", "data = \"/elsewhere\"\n");
    sources.flags.values.push((Key::Data, folder.0.clone().into()));
    assert_eq!(
        refused(&sources),
        format!(
            "data (file {}:1): A file inside the data folder cannot say where the data folder is. \
             Use --data, HEALTHFLOW_DATA, or a file named with --config.",
            file.display()
        )
    );
}

#[test]
fn everything_wrong_is_told_at_once_with_key_place_and_rule() {
    let folder = Folder::new("wrong");
    let mut sources = sources(&folder.0);
    let text = "wrokers = 3\nlog_level = \"loud\"\nreaders = [1]\nkeep_alive_s = 7.5\n\
                [server]\nport = 1\n";
    let file = folder.file("c.toml", text);
    sources.flags.file = Some(file.clone());
    sources.flags.values.push((Key::Workers, "many".into()));
    sources.environment.push(variable("HEALTHFLOW_LISTEN", "8475"));
    let file = file.display();
    assert_eq!(
        refused(&sources),
        format!(
            "workers (flag --workers): \"many\" is not allowed. \
             Use auto or a whole number from 1 to 256.\n\
             listen (environment HEALTHFLOW_LISTEN): \"8475\" is not allowed. \
             Use an address with a port, like 0.0.0.0:8475 or [::1]:8475.\n\
             wrokers (file {file}:1): There is no such setting. Did you mean workers?\n\
             log_level (file {file}:2): \"loud\" is not allowed. \
             Use error, warn, info, debug or trace.\n\
             readers (file {file}:3): Here is a list. Use auto or a whole number from 1 to 256.\n\
             keep_alive_s (file {file}:4): \"7.5\" is not allowed. \
             Use a whole number from 1 to 3600.\n\
             server (file {file}:5): There is no such setting. \
             `healthflow config` lists all of them."
        )
    );
}

#[test]
fn a_mistake_in_the_file_is_told_even_if_a_flag_overrides_it() {
    let folder = Folder::new("hidden");
    let mut sources = sources(&folder.0);
    sources.flags.file = Some(folder.file("c.toml", "workers = 0\n"));
    sources.flags.values.push((Key::Workers, "2".into()));
    assert!(refused(&sources).starts_with("workers (file "));
}

#[test]
fn files_that_are_no_configuration_are_refused_in_words() {
    let folder = Folder::new("nofile");
    let mut sources = sources(&folder.0);
    for (bytes, words) in [
        (b"a = 1\nb = \xff\n".to_vec(), "Line 2 is not UTF-8 text."),
        (b"= = =\n".to_vec(), ":1: This is not TOML: "),
        (vec![b'#'; 1024 * 1024 + 1], "It is larger than 1 MiB"),
    ] {
        fs::write(folder.0.join("c.toml"), bytes).unwrap();
        sources.flags.file = Some("c.toml".into());
        let text = refused(&sources);
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_variable_typed_wrong_is_warned_of_and_a_platforms_own_is_not() {
    let folder = Folder::new("variable");
    let mut sources = sources(&folder.0);
    sources.environment.push(variable("HEALTHFLOW_WORKER", "4"));
    sources.environment.push(variable("HEALTHFLOW_SERVICE_HOST", "10.0.0.7"));
    let config = Config::from_sources(&sources).unwrap();
    assert_eq!(
        config.warnings,
        ["The environment variable HEALTHFLOW_WORKER is not known. \
          Did you mean HEALTHFLOW_WORKERS?"]
    );
}

#[test]
fn values_arrive_with_their_types_and_units() {
    let folder = Folder::new("types");
    let mut sources = sources(&folder.0);
    for (key, text) in [
        (Key::MaxBodyMib, "3"),
        (Key::MaxImportGib, "2"),
        (Key::ReadDeadlineMs, "1500"),
        (Key::PageCacheMib, "5"),
        (Key::MemoryMib, "1024"),
        (Key::LogFolder, "off"),
        (Key::TimeZone, "Europe/Oslo"),
    ] {
        sources.flags.values.push((key, text.into()));
    }
    let config = Config::from_sources(&sources).unwrap();
    assert_eq!(config.limits.body_bytes_max, 3 << 20);
    assert_eq!(config.limits.import_bytes_max, 2 << 30);
    assert_eq!(config.limits.read_deadline, Duration::from_millis(1_500));
    assert_eq!(config.sizing.page_cache_bytes, 5 << 20);
    assert_eq!(
        (config.machine.memory_bytes, config.machine.memory_bound),
        (1 << 30, Bound::Setting)
    );
    assert_eq!(config.log.folder, None);
    assert_eq!(config.time_zone.iana_name(), Some("Europe/Oslo"));
}

#[test]
fn auto_shows_what_it_came_to_for_every_key_that_allows_it() {
    let folder = Folder::new("auto");
    let config = Config::from_sources(&sources(&folder.0)).unwrap();
    for setting in config.settings() {
        let automatic = setting.key.spec().default == "auto";
        assert_eq!(setting.auto, automatic, "{:?}", setting.key);
        assert_ne!(setting.value, "auto", "{:?}", setting.key);
    }
    let value = |key: Key| config.settings()[key as usize].value.as_str();
    assert_eq!(value(Key::Workers), "2");
    assert_eq!(value(Key::TimeZone), "Africa/Nairobi");
    assert_eq!(value(Key::LogFolder), folder.0.join("data/logs").display().to_string());
}

/// cores, memory in MiB → workers, readers, page cache and writer cache in MiB, threads, search
/// heap in MiB, password slots, queue, connections.
type Row = ((usize, u64), (usize, usize, u64, u64, usize, u64, usize, usize, usize));

const SIZES: [Row; 7] = [
    ((1, 512), (1, 2, 8, 16, 1, 16, 1, 1_024, 2_730)),
    ((2, 2_048), (2, 2, 8, 64, 1, 64, 1, 4_096, 10_922)),
    ((4, 8_192), (4, 4, 8, 256, 2, 256, 2, 8_192, 43_690)),
    ((8, 16_384), (8, 8, 8, 256, 4, 256, 4, 8_192, 65_232)),
    ((14, 28_672), (14, 14, 8, 256, 7, 256, 7, 8_192, 65_196)),
    ((64, 1_024), (16, 8, 2, 32, 8, 32, 3, 2_048, 5_461)),
    ((64, 262_144), (64, 16, 8, 256, 32, 256, 16, 8_192, 65_040)),
];

#[test]
fn sizes_by_machine() {
    for ((cores, memory_mib), expected) in SIZES {
        let s = plan(&machine(cores, memory_mib), &Wishes::default());
        let found = (
            s.http_workers,
            s.readers,
            s.page_cache_bytes / MIB,
            s.writer_cache_bytes / MIB,
            s.rayon_threads,
            s.search_heap_bytes / MIB,
            s.password_slots,
            s.write_queue,
            s.connections_max,
        );
        assert_eq!(found, expected, "{cores} cores, {memory_mib} MiB");
        assert_eq!(s.mmap_bytes, 0);
        assert_eq!(s.warnings, Vec::<String>::new(), "{cores} cores, {memory_mib} MiB");
    }
}

#[test]
fn the_sums_are_said_in_words() {
    let found = plan(&machine(2, 2_048), &Wishes::default()).sums;
    assert_eq!(
        found,
        [
            "cores granted: 2 (all that the machine has): 2 HTTP workers, 2 readers, 1 thread for \
             calculations, 1 password slot",
            "memory granted: 2.0 GiB (container limit): 32 MiB program + 64 MiB writer cache + 4 × \
             8 MiB reader caches + 64 MiB search index + 19 MiB password checks + 8 MiB \
             calculations + 4,096 × 16 KiB waiting changes + 10,922 × 24 KiB connections + 64 \
             MiB bodies = 602 MiB; the rest is for requests and the system's page cache; nothing mapped",
            "open files granted: 65,536: 10,922 connections, of which one address may have 5,461, and 5 \
             database connections",
        ]
    );
}

#[test]
fn wishes_hold_and_what_does_not_fit_is_said() {
    let wishes = Wishes {
        http_workers: Some(64),
        writer_cache_bytes: Some(4_096 * MIB),
        connections_max: Some(100_000),
        body_bytes_max: 256 * MIB,
        ..Wishes::default()
    };
    let found = plan(&machine(2, 2_048), &wishes);
    assert_eq!(found.bodies_bytes_max, 256 * MIB, "one body always has room");
    assert_eq!(found.http_workers, 64);
    assert_eq!(found.writer_cache_bytes, 4_096 * MIB);
    let starts: Vec<&str> = found.warnings.iter().map(|text| &text[..14]).collect();
    assert_eq!(starts, ["The plan takes", "100,000 connec", "64 HTTP worker"]);
}

fn wishes() -> impl Strategy<Value = Wishes> {
    use proptest::option::of;
    (of(1..=256_usize), of(1..=256_usize), of(1..=1_024_u64), of(1..=64_usize)).prop_map(
        |(http_workers, readers, page_cache_mib, password_slots)| Wishes {
            http_workers,
            readers,
            page_cache_bytes: page_cache_mib.map(|mib| mib * MIB),
            password_slots,
            ..Wishes::default()
        },
    )
}

fn granted() -> impl Strategy<Value = Machine> {
    (1..=1_024_usize, 512..=4_194_304_u64, 64..=2_000_000_u64).prop_map(
        |(cores, memory_mib, open_files)| Machine { open_files, ..machine(cores, memory_mib) },
    )
}

/// The sum, worked out a second time from the numbers of the plan.
fn sum(s: &Sizing) -> u64 {
    let each = [
        (s.http_workers + s.readers) as u64 * s.page_cache_bytes,
        s.password_slots as u64 * 19 * MIB,
        s.rayon_threads as u64 * 8 * MIB,
        s.write_queue as u64 * 16 * 1024,
        s.connections_max as u64 * 24 * 1024,
    ];
    32 * MIB
        + s.writer_cache_bytes
        + s.bodies_bytes_max
        + s.search_heap_bytes
        + each.iter().sum::<u64>()
}

proptest! {
    #[test]
    fn the_plan_stays_within_half_of_the_memory(machine in granted()) {
        let s = plan(&machine, &Wishes::default());
        prop_assert_eq!(s.planned_bytes, sum(&s));
        prop_assert!(s.planned_bytes <= machine.memory_bytes / 2, "{:?}", s.sums);
        prop_assert!(s.http_workers <= machine.cores.min(256));
        for count in [s.http_workers, s.readers, s.rayon_threads, s.password_slots] {
            prop_assert!(1 <= count);
        }
        prop_assert!((2 * MIB..=8 * MIB).contains(&s.page_cache_bytes));
        prop_assert!((512..=8_192).contains(&s.write_queue));
        prop_assert!(64 <= s.connections_max);
    }

    #[test]
    fn more_of_the_machine_never_means_less_of_the_program(
        cores in 1..=512_usize, memory_mib in 512..=2_097_152_u64,
    ) {
        let small = plan(&machine(cores, memory_mib), &Wishes::default());
        let large = plan(&machine(cores, memory_mib * 2), &Wishes::default());
        prop_assert!(small.http_workers <= large.http_workers);
        prop_assert!(small.readers <= large.readers);
        prop_assert!(small.writer_cache_bytes <= large.writer_cache_bytes);
        prop_assert!(small.password_slots <= large.password_slots);
        prop_assert!(small.write_queue <= large.write_queue);
    }

    #[test]
    fn what_is_set_is_never_changed(machine in granted(), wishes in wishes()) {
        let s = plan(&machine, &wishes);
        prop_assert_eq!(s.http_workers, wishes.http_workers.unwrap_or(s.http_workers));
        prop_assert_eq!(s.readers, wishes.readers.unwrap_or(s.readers));
        prop_assert_eq!(s.page_cache_bytes, wishes.page_cache_bytes.unwrap_or(s.page_cache_bytes));
        prop_assert_eq!(s.password_slots, wishes.password_slots.unwrap_or(s.password_slots));
        prop_assert_eq!(s.planned_bytes, sum(&s));
        let tight = machine.memory_bytes / 2 < s.planned_bytes;
        let told = s.warnings.iter().any(|text| text.starts_with("The plan takes"));
        prop_assert_eq!(told, tight);
    }

    #[test]
    fn no_file_makes_the_reader_panic(text in ".{0,200}") {
        if let Ok(entries) = file::entries(&text) {
            prop_assert!(entries.iter().all(|entry| 1 <= entry.line));
        }
    }
}

//! The command line as it is typed, with what it prints where.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use clap::{CommandFactory, Parser};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::arguments::{Arguments, Command, UserCommand};
use super::output::{Output, columns};
use super::{config, run_with};
use crate::config::machine::{Bound, Machine};
use crate::config::{Config, Flags, Key, Sources};
use crate::interop::csv::fields;

/// A stream that can be read afterwards.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A stream that always fails.
struct Broken(ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Exit code, standard output, standard error.
fn typed(line: &str) -> (u8, String, String) {
    let (results, words) = (Paper::default(), Paper::default());
    let streams = (Box::new(results.clone()), Box::new(words.clone()));
    let arguments = std::iter::once("healthflow").chain(line.split(' ')).map(OsString::from);
    let code = run_with(arguments.collect(), |json| Output::new(json, streams.0, streams.1));
    (code, results.text(), words.text())
}

fn parsed(line: &str) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(std::iter::once("healthflow").chain(line.split(' ')))
}

/// A configuration that is the same on every machine.
fn hospital(flags: &[(Key, &str)]) -> Config {
    let sources = Sources {
        flags: Flags {
            file: None,
            values: flags.iter().map(|(key, text)| (*key, OsString::from(text))).collect(),
        },
        environment: vec![("HEALTHFLOW_LOG_LEVEL".into(), "debug".into())],
        data_default: PathBuf::from("/srv/not-there/healthflow"),
        folder: PathBuf::from("/srv/not-there"),
        machine: Machine {
            cores: 4,
            cores_bound: Bound::Container,
            memory_bytes: 8 << 30,
            memory_bound: Bound::Container,
            open_files: 65_536,
        },
        zone: TimeZone::get("Africa/Nairobi").unwrap(),
    };
    Config::from_sources(&sources).unwrap()
}

#[test]
fn the_definitions_hold_together() {
    Arguments::command().debug_assert();
}

#[test]
fn the_forms_that_other_programs_rely_on_are_understood() {
    for line in [
        "serve --listen 0.0.0.0:80 --data /srv/h --workers auto",
        "serve --workers 4 --json",
        "--data /srv/h --json --config c.toml serve",
        "init --data /srv/h",
        "init --hospital-name H --username ada --password-stdin --time-zone Africa/Nairobi",
        "import --data /srv/h a.json b",
        "import --source lab --format csv --mapping m.json a.csv",
        "user add ada --role nurse --password-stdin --display-name Ada --data /srv/h --json",
        "user add ada --role nurse --facility Korle --department W1 --department W2",
        "user list --json",
        "user reset-password ada --password-stdin",
        "user disable ada",
        "audit verify --data /srv/h",
        "audit verify --anchor x --anchor y --json",
        "audit export --from 2026-01-01 --to 2026-02-01 --patient 7 --user ada",
        "audit prune --before 2020-01-01",
        "audit prune --keep 2192",
        "audit restore audit-1-2.ndjson.zst",
        "audit anchor --json",
        "config --json",
        "doctor --listen 0.0.0.0:80",
    ] {
        parsed(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    let Command::User { command: UserCommand::Add(asked) } =
        parsed("user add ada --role clinician").unwrap().command
    else {
        panic!("another command");
    };
    assert_eq!((asked.username.as_str(), asked.role.as_str()), ("ada", "clinician"));
}

#[test]
fn what_is_typed_wrong_ends_with_2_and_words_on_standard_error() {
    for line in [
        "nonsense",
        "user add ada --role",
        "user add --role nurse",
        "import",
        "import --format xml a",
        "serve --workers",
        "serve --wrokers 3",
        "init --username ada",
        "audit",
        "audit prune --keep 1 --before 2020-01-01",
        "audit restore",
        "serve extra",
    ] {
        let (code, results, words) = typed(line);
        assert_eq!((code, results.as_str()), (2, ""), "{line}");
        assert!(words.starts_with("error: "), "{line}: {words}");
    }
}

#[test]
fn help_and_version_are_results() {
    for line in ["--help", "--version", "user add --help"] {
        let (code, results, words) = typed(line);
        assert_eq!((code, words.as_str()), (0, ""), "{line}");
        assert!(results.to_lowercase().contains("healthflow"), "{line}: {results}");
    }
}

#[test]
fn a_wrong_setting_is_told_in_words_or_as_a_problem() {
    let (code, results, words) = typed("config --data /srv/not-there --workers many");
    assert_eq!((code, results.as_str()), (1, ""));
    assert_eq!(
        words,
        "error: workers (flag --workers): \"many\" is not allowed. \
         Use auto or a whole number from 1 to 256.\n"
    );
    let (code, results, words) = typed("config --data /srv/not-there --workers -1 --json");
    assert_eq!((code, results.as_str()), (1, ""));
    let problem: Value = serde_json::from_str(&words).unwrap();
    assert_eq!(problem["code"], "config.invalid");
    assert_eq!(problem["type"], "/problems/config.invalid");
    assert_eq!(problem["errors"][0]["field"], "workers");
}

#[test]
fn a_line_that_is_not_understood_still_answers_in_json() {
    let (code, results, words) = typed("nonsense --json");
    assert_eq!((code, results.as_str()), (2, ""));
    let problem: Value = serde_json::from_str(&words).unwrap();
    assert_eq!(problem["code"], "cli.usage");
    let (_, _, words) = typed("nonsense -- --json");
    assert!(words.starts_with("error: "), "{words}");
}

#[test]
fn config_prints_one_json_document_and_nothing_else() {
    let (code, results, words) = typed("config --data /srv/not-there --json --session-hours 3");
    assert_eq!((code, words.as_str()), (0, ""));
    let document: Value = serde_json::from_str(&results).unwrap();
    let settings = document["data"]["settings"].as_array().unwrap();
    let session = settings.iter().find(|setting| setting["key"] == "session_hours").unwrap();
    assert_eq!(session["value"], 3);
    assert_eq!(session["origin"]["kind"], "flag");
}

#[test]
fn the_json_of_config_keeps_its_shape() {
    insta::assert_json_snapshot!(crate::config::shown::Shown::of(&hospital(&[(
        Key::Workers,
        "3"
    )])));
}

#[test]
fn the_table_of_config_says_what_holds_and_why() {
    let text = config::plain(&hospital(&[(Key::Workers, "3"), (Key::Readers, "auto")]));
    let line = |name: &str| {
        let found = text.lines().find(|line| line.starts_with(name)).unwrap();
        found.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(line("workers"), ["workers", "3", "flag --workers"]);
    assert_eq!(line("readers"), ["readers", "4", "auto (flag --readers)"]);
    assert_eq!(line("password_slots"), ["password_slots", "2", "auto"]);
    assert_eq!(line("log_level"), ["log_level", "debug", "environment HEALTHFLOW_LOG_LEVEL"]);
    assert_eq!(line("keep_alive_s"), ["keep_alive_s", "75", "default"]);
    assert!(text.contains("memory granted: 8.0 GiB (container limit): 32 MiB program + "));
    assert!(text.contains("Only this machine can reach HealthFlow."));
    let open = config::plain(&hospital(&[(Key::Listen, "0.0.0.0:8475")]));
    assert!(!open.contains("Only this machine"));
}

#[test]
fn every_field_of_a_mapping_is_named_where_mappings_are_explained() {
    let (_, help, _) = typed("import --help");
    let readme = include_str!("../../README.md");
    let page = include_str!("../../assets/lib/csv-head.js");
    let words = |text: &str| -> Vec<String> {
        let is_part = |letter: char| letter.is_alphanumeric() || "._:".contains(letter);
        let words = text.split(|letter| !is_part(letter));
        words.map(|word| word.trim_matches(['.', ':']).to_owned()).collect()
    };
    let (help, readme, page) = (words(&help), words(readme), words(page));
    for field in fields().map(str::to_owned) {
        assert!(help.contains(&field), "the help lacks {field}");
        assert!(readme.contains(&field), "README lacks {field}");
        let by_choice = field == "identifier:SYSTEM" || field == "date_format";
        assert!(by_choice || page.contains(&field), "the page lacks {field}");
    }
}

#[test]
fn doctor_ends_with_1_when_something_does_not_work_and_still_prints_its_result() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = socket.local_addr().unwrap();
    let (code, results, words) = typed(&format!("doctor --json --listen {listen}"));
    assert_eq!((code, words.as_str()), (1, ""));
    let document: Value = serde_json::from_str(&results).unwrap();
    assert_eq!(document["data"]["ok"], false);
    let checks = document["data"]["checks"].as_array().unwrap();
    let port = checks.iter().find(|check| check["name"] == "port").unwrap();
    assert_eq!(port["state"], "fail");
    assert!(port["detail"].as_str().unwrap().contains(&listen.to_string()));
    assert!(port["mend"].is_string());
}

#[test]
fn doctor_tells_of_settings_that_are_refused() {
    let (code, results, words) = typed("doctor --workers many");
    assert_eq!((code, words.as_str()), (1, ""));
    assert!(results.starts_with("FAIL  settings  workers (flag --workers): "), "{results}");
}

#[test]
fn a_reader_that_has_gone_is_no_failure_and_a_full_disk_is_one() {
    let output = |kind| Output::new(false, Box::new(Broken(kind)), Box::new(Paper::default()));
    assert!(output(ErrorKind::BrokenPipe).result(&1, || "one".into()).is_ok());
    let failure = output(ErrorKind::StorageFull).result(&1, || "one".into()).unwrap_err();
    assert_eq!((failure.code(), failure.exit_code()), ("cli.output", 1));
}

#[test]
fn words_for_people_are_left_out_for_programs() {
    let (results, words) = (Paper::default(), Paper::default());
    let output = Output::new(true, Box::new(results.clone()), Box::new(words.clone()));
    output.note("Reading the first file");
    output.warning("The clock is late");
    output.result(&7, || "seven".into()).unwrap();
    assert_eq!(results.text(), "{\"data\":7}\n");
    assert_eq!(words.text(), "{\"warning\":\"The clock is late\"}\n");
}

#[test]
fn what_people_read_holds_nothing_that_a_terminal_obeys() {
    let (results, words) = (Paper::default(), Paper::default());
    let output = Output::new(false, Box::new(results.clone()), Box::new(words.clone()));
    output.note("a\u{1b}[2J");
    output.warning("b\u{7}");
    output.failure(&super::failure::Failure::new("x", "c\r\nd"));
    output.result(&7, || "é\u{9b}1m\nf".into()).unwrap();
    assert_eq!(words.text(), "a\\u{1b}[2J\nwarning: b\\u{7}\nerror: c\\r\nd\n");
    assert_eq!(results.text(), "é\\u{9b}1m\nf\n");
}

#[test]
fn columns_line_up_whatever_the_script() {
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    let text = columns(&[row(&["é", "b"]), row(&["long", "", "x"]), row(&["a"])]);
    assert_eq!(text, "é     b\nlong     x\na");
}

//! Who said what: flags over environment over the file over defaults.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::error::{ConfigError, Finding};
use super::file;
use super::keys::{Key, Spec, TABLE};
use super::machine::Machine;
use super::nearest::nearest;
use super::value::{self, Value};

/// The file that is read from the data folder when no other is named.
pub const FILE_NAME: &str = "healthflow.toml";
/// The variable that names another file.
pub const FILE_ENV: &str = "HEALTHFLOW_CONFIG";
const ENV_PREFIX: &str = "HEALTHFLOW_";

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config FILE`.
    pub file: Option<PathBuf>,
    /// Settings given as flags.
    pub values: Vec<(Key, OsString)>,
}

/// Everything that a configuration is made of. Reading it is apart from judging it, so that
/// tests can say what the world looks like.
#[derive(Debug, Clone)]
pub struct Sources {
    /// What the command line says.
    pub flags: Flags,
    /// Every environment variable.
    pub environment: Vec<(OsString, OsString)>,
    /// The data folder when nobody names one.
    pub data_default: PathBuf,
    /// Where relative paths start.
    pub folder: PathBuf,
    /// What the machine grants.
    pub machine: Machine,
    /// The machine's time zone.
    pub zone: TimeZone,
}

impl Sources {
    /// Reads what the process finds around itself.
    ///
    /// # Errors
    /// The working directory is gone.
    pub fn of_process(flags: Flags) -> Result<Self, ConfigError> {
        let folder = std::env::current_dir().map_err(|cause| {
            ConfigError::new(vec![Finding {
                key: None,
                place: "working directory".into(),
                message: format!("It cannot be read: {cause}. Change to another one."),
            }])
        })?;
        let environment: Vec<_> = std::env::vars_os().collect();
        let data_default = folder.join(data_default(&environment, is_root()));
        let zone = TimeZone::try_system().unwrap_or(TimeZone::UTC);
        Ok(Self { flags, environment, data_default, folder, machine: Machine::read(), zone })
    }

    fn variable(&self, name: &str) -> Option<&OsStr> {
        // Compose files set variables to nothing to mean "not set".
        let wanted = |(key, value): &&(OsString, OsString)| key == name && !value.is_empty();
        self.environment.iter().find(wanted).map(|(_, value)| value.as_os_str())
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// A line of the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag --{flag}"),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::File { path, line } => write!(f, "file {}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// What was said about one key, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The value, perhaps [`Value::Auto`].
    pub value: Value,
    /// Who said it.
    pub origin: Origin,
}

/// The outcome: one checked value for each key.
#[derive(Debug)]
pub struct Gathered {
    said: BTreeMap<Key, Said>,
    /// The file that was read, if there is one.
    pub file: Option<PathBuf>,
    /// What looks like a mistake and is not certain enough to refuse.
    pub warnings: Vec<String>,
}

impl Gathered {
    /// What was said about `key`. Every key is there once gathering has succeeded.
    #[must_use]
    pub fn get(&self, key: Key) -> &Said {
        &self.said[&key]
    }
}

/// Gathers and checks what all sources say.
///
/// # Errors
/// Every wrong value and every unknown key of the file, all at once.
pub fn gather(sources: &Sources) -> Result<Gathered, ConfigError> {
    let mut gathering = Gathering { sources, said: BTreeMap::new(), findings: Vec::new() };
    let named = gathering.named_file();
    gathering.flags_and_environment();
    let file = match named {
        Some(path) => Some((path, true)),
        None => gathering.file_in_data_folder().map(|path| (path, false)),
    };
    if let Some((path, named)) = &file {
        gathering.file(path, *named);
    }
    gathering.defaults();
    if !gathering.findings.is_empty() {
        return Err(ConfigError::new(gathering.findings));
    }
    let said = gathering.said;
    Ok(Gathered { said, file: file.map(|(path, _)| path), warnings: odd_variables(sources) })
}

struct Gathering<'a> {
    sources: &'a Sources,
    said: BTreeMap<Key, Said>,
    findings: Vec<Finding>,
}

impl Gathering<'_> {
    fn named_file(&self) -> Option<PathBuf> {
        let named = self.sources.flags.file.as_deref().map(Path::as_os_str);
        let named = named.or_else(|| self.sources.variable(FILE_ENV));
        named.map(|path| self.sources.folder.join(path))
    }

    fn flags_and_environment(&mut self) {
        let (sources, base) = (self.sources, self.sources.folder.as_path());
        for (key, text) in &sources.flags.values {
            self.hear(*key, text, Origin::Flag(key.spec().flag), base);
        }
        for spec in TABLE {
            if let Some(text) = sources.variable(spec.env) {
                self.hear(spec.key, text, Origin::Environment(spec.env), base);
            }
        }
    }

    fn file_in_data_folder(&self) -> Option<PathBuf> {
        let folder = match self.said.get(&Key::Data) {
            Some(Said { value: Value::Folder(folder), .. }) => folder,
            _ => &self.sources.data_default,
        };
        let path = folder.join(FILE_NAME);
        // Only a file that is surely absent is passed over. One that may be there and cannot be
        // reached must be told, or the program would run with other settings than the hospital's.
        let absent = match path.try_exists() {
            Ok(exists) => !exists,
            Err(cause) => cause.kind() == std::io::ErrorKind::NotADirectory,
        };
        (!absent).then_some(path)
    }

    fn file(&mut self, path: &Path, named: bool) {
        let entries = match file::read(path) {
            Ok(entries) => entries,
            Err(finding) => return self.findings.push(finding),
        };
        let base = path.parent().unwrap_or(&self.sources.folder).to_owned();
        for entry in entries {
            let origin = Origin::File { path: path.to_owned(), line: entry.line };
            match (Key::named(&entry.key), entry.value) {
                (None, _) => self.unknown(&entry.key, &origin),
                (Some(Key::Data), _) if !named => self.refuse(
                    "data",
                    &origin,
                    "A file inside the data folder cannot say where the data folder is. Use \
                     --data, HEALTHFLOW_DATA, or a file named with --config."
                        .into(),
                ),
                (Some(key), Ok(text)) => self.hear(key, &text, origin, &base),
                (Some(key), Err(kind)) => {
                    let rule = key.spec().allowed.words();
                    self.refuse(&entry.key, &origin, format!("Here is {kind}. Use {rule}."));
                }
            }
        }
    }

    fn defaults(&mut self) {
        for spec in TABLE {
            if spec.key == Key::Data {
                let value = Value::Folder(self.sources.data_default.clone());
                self.said.entry(Key::Data).or_insert(Said { value, origin: Origin::Default });
            } else if !self.said.contains_key(&spec.key) {
                let base = &self.sources.folder;
                self.hear(spec.key, OsStr::new(spec.default), Origin::Default, base);
            }
        }
    }

    /// Checks a value and keeps it unless a stronger source has spoken. A weaker value is checked
    /// all the same: a mistake in the file must not wait for the day when the flag is left out.
    fn hear(&mut self, key: Key, text: &OsStr, origin: Origin, base: &Path) {
        let Spec { name, allowed, .. } = key.spec();
        match value::parse(*allowed, text, base) {
            Some(value) => {
                self.said.entry(key).or_insert(Said { value, origin });
            }
            None => {
                let (text, rule) = (shown(text), allowed.words());
                self.refuse(name, &origin, format!("{text} is not allowed. Use {rule}."));
            }
        }
    }

    fn unknown(&mut self, key: &str, origin: &Origin) {
        let message = match nearest(key, TABLE.iter().map(|spec| spec.name)) {
            Some(guess) => format!("There is no such setting. Did you mean {guess}?"),
            None => "There is no such setting. `healthflow config` lists all of them.".into(),
        };
        self.refuse(&shorten(key), origin, message);
    }

    fn refuse(&mut self, key: &str, origin: &Origin, message: String) {
        self.findings.push(Finding { key: Some(key.into()), place: origin.to_string(), message });
    }
}

/// Variables that look like a setting typed wrong. They are not refused: container platforms set
/// variables of their own after the name of a service (`HEALTHFLOW_SERVICE_HOST`).
fn odd_variables(sources: &Sources) -> Vec<String> {
    let names = sources.environment.iter().filter_map(|(name, _)| name.to_str());
    let known = |name: &str| name == FILE_ENV || TABLE.iter().any(|spec| spec.env == name);
    names
        .filter(|name| name.starts_with(ENV_PREFIX) && !known(name))
        .filter_map(|name| {
            let guess = nearest(&name[ENV_PREFIX.len()..], TABLE.iter().map(|spec| spec.name))?;
            let right = Key::named(guess)?.spec().env;
            Some(format!("The environment variable {name} is not known. Did you mean {right}?"))
        })
        .collect()
}

fn shown(text: &OsStr) -> String {
    format!("\"{}\"", shorten(&text.to_string_lossy().escape_debug().to_string()))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Where the data lies when nobody says: the system's place for services if the program runs as
/// the administrator, else the person's own place for application data.
fn data_default(environment: &[(OsString, OsString)], root: bool) -> PathBuf {
    let variable = |name: &str| {
        let set = environment.iter().find(|(key, value)| key == name && !value.is_empty());
        set.map(|(_, value)| PathBuf::from(value)).filter(|path| path.is_absolute())
    };
    if cfg!(windows) {
        let base = variable("ProgramData").unwrap_or_else(|| PathBuf::from(r"C:\ProgramData"));
        return base.join("HealthFlow");
    }
    if root {
        return PathBuf::from("/var/lib/healthflow");
    }
    if cfg!(target_os = "macos") {
        return variable("HOME").map_or_else(
            || PathBuf::from("healthflow-data"),
            |home| home.join("Library/Application Support/HealthFlow"),
        );
    }
    let base = variable("XDG_DATA_HOME");
    let base = base.or_else(|| variable("HOME").map(|home| home.join(".local/share")));
    base.map_or_else(|| PathBuf::from("healthflow-data"), |base| base.join("healthflow"))
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_data_folder_follows_who_runs_the_program() {
        let env = |pairs: &[(&str, &str)]| -> Vec<(OsString, OsString)> {
            pairs.iter().map(|(k, v)| (OsString::from(k), OsString::from(v))).collect()
        };
        let home = env(&[("HOME", "/home/ada")]);
        assert_eq!(data_default(&home, true), Path::new("/var/lib/healthflow"));
        assert_eq!(data_default(&home, false), Path::new("/home/ada/.local/share/healthflow"));
        let xdg = env(&[("HOME", "/home/ada"), ("XDG_DATA_HOME", "/data/ada")]);
        assert_eq!(data_default(&xdg, false), Path::new("/data/ada/healthflow"));
        let relative = env(&[("HOME", "/home/ada"), ("XDG_DATA_HOME", "share")]);
        assert_eq!(data_default(&relative, false), Path::new("/home/ada/.local/share/healthflow"));
        assert_eq!(data_default(&[], false), Path::new("healthflow-data"));
    }
}

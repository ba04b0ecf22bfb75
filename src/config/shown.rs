//! The configuration for readers: every setting as it holds, where it comes from, what it is
//! otherwise, and how to set it.

use serde::Serialize;
use serde_json::{Value, json};

use super::sources::Origin;
use super::{Config, Effective};

/// All settings, as the command line prints them with `--json` and the page shows them.
#[derive(Debug, Serialize)]
pub struct Shown {
    settings: Vec<Setting>,
    file: Option<String>,
    sizing: Vec<String>,
    /// What does not fit, in words.
    pub warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Setting {
    key: &'static str,
    value: Value,
    auto: bool,
    origin: Value,
    /// `null` where the platform decides.
    default: Option<&'static str>,
    allowed: String,
    flag: String,
    env: &'static str,
    help: &'static str,
}

impl Shown {
    /// The settings of `config`. None of them is a secret.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let warnings = config.warnings.iter().chain(&config.sizing.warnings);
        Self {
            settings: config.settings().iter().map(Setting::of).collect(),
            file: config.file.as_ref().map(|path| path.display().to_string()),
            sizing: config.sizing.sums.clone(),
            warnings: warnings.cloned().collect(),
        }
    }
}

impl Setting {
    fn of(setting: &Effective) -> Self {
        let spec = setting.key.spec();
        Self {
            key: spec.name,
            value: match setting.value.parse::<u64>() {
                Ok(number) => json!(number),
                Err(_) => json!(setting.value),
            },
            auto: setting.auto,
            origin: origin(&setting.origin),
            default: Some(spec.default).filter(|text| !text.is_empty()),
            allowed: spec.allowed.words(),
            flag: format!("--{}", spec.flag),
            env: spec.env,
            help: spec.help,
        }
    }
}

fn origin(origin: &Origin) -> Value {
    match origin {
        Origin::Flag(flag) => json!({ "kind": "flag", "name": format!("--{flag}") }),
        Origin::Environment(name) => json!({ "kind": "environment", "name": name }),
        Origin::File { path, line } => {
            json!({ "kind": "file", "path": path.display().to_string(), "line": line })
        }
        Origin::Default => json!({ "kind": "default" }),
    }
}

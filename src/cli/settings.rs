//! Flags for settings, made from the table of settings so that the two cannot differ.

use std::ffi::OsString;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};

use crate::config::Key;
use crate::config::keys::{Spec, TABLE};

/// The settings given as flags. Their values are checked with those of the other sources, so that
/// all mistakes are told together and in the same words.
#[derive(Debug, Clone, Default)]
pub struct SettingFlags {
    /// Key and text of each.
    pub values: Vec<(Key, OsString)>,
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for spec in own_flags() {
            if let Some(text) = matches.get_one::<OsString>(spec.name) {
                self.values.push((spec.key, text.clone()));
            }
        }
        Ok(())
    }
}

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        own_flags().fold(command, |command, spec| command.arg(flag(spec)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// `--data` belongs to every command and is declared there.
fn own_flags() -> impl Iterator<Item = &'static Spec> {
    TABLE.iter().filter(|spec| spec.key != Key::Data)
}

fn flag(spec: &'static Spec) -> Arg {
    Arg::new(spec.name)
        .long(spec.flag)
        .value_name(spec.allowed.placeholder())
        .value_parser(value_parser!(OsString))
        // "-1" is a wrong value of the flag, not another flag.
        .allow_hyphen_values(true)
        .help(format!("{} [{}; default: {}]", spec.help, spec.allowed.words(), spec.default))
        .help_heading("Settings (also in the environment and in healthflow.toml)")
}

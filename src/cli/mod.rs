//! The command line: one file per command.
//!
//! [`arguments`] says what can be typed, [`settings`] turns the table of settings into flags,
//! [`output`] is the only place that prints: results to standard output and nothing else there,
//! words and failures to standard error. The exit code is 0 only on success: 1 when the command
//! fails, 2 when it was typed wrong, 3 when it ended in order and a part could not be done.
pub mod arguments;
pub mod settings;
pub mod output;
pub mod failure;
mod audit;
mod backup;
mod config;
mod demo;
mod doctor;
mod import;
mod init;
mod openapi;
mod password;
mod reach;
mod promote;
mod restore;
mod serve;
mod standby;
mod storage;
mod support_bundle;
mod token;
mod tls;
mod user;
mod whereabouts;
#[cfg(test)]
mod tests;

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

use crate::config::{Config, Flags, Key};
use arguments::{Arguments, Command, Common};
use failure::{Ended, Failure};
use output::Output;

/// Runs the command that `arguments` (with the program's name in front) ask for and gives the
/// exit code back.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    run_with(arguments, Output::of_process)
}

/// The same with the streams of the caller's choice; `output` learns whether JSON is wanted.
fn run_with(arguments: Vec<OsString>, output: impl FnOnce(bool) -> Output) -> u8 {
    let asked_json = asks_for_json(&arguments);
    let (output, ended) = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => {
            let output = output(parsed.common.json);
            let ended = dispatch(parsed, &output);
            (output, ended)
        }
        Err(error) => {
            let output = output(asked_json);
            let ended = misread(&error, &output);
            (output, ended)
        }
    };
    match ended {
        Ok(ended) => ended.exit_code(),
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}

fn dispatch(arguments: Arguments, output: &Output) -> Result<Ended, Failure> {
    let Arguments { common, command } = arguments;
    let plain = |common| flags(common, Vec::new());
    match command {
        Command::Serve(asked) => {
            let flags = flags(common, asked.settings.values);
            serve::run(&load(flags, output)?, asked.take_back, output)
        }
        Command::Init(asked) => init::run(&load(plain(common), output)?, &asked, output),
        Command::Import(asked) => import::run(&load(plain(common), output)?, &asked, output),
        Command::Demo(asked) => demo::run(&load(plain(common), output)?, &asked, output),
        Command::Audit { command } => audit::run(&load(plain(common), output)?, &command, output),
        Command::User { command } => user::run(&load(plain(common), output)?, &command, output),
        Command::Token { command } => token::run(&load(plain(common), output)?, &command, output),
        Command::Backup { command } => backup::run(&load(plain(common), output)?, &command, output),
        Command::Restore(asked) => restore::run(&load(plain(common), output)?, &asked, output),
        Command::Standby(asked) => standby::run(&load(plain(common), output)?, &asked, output),
        Command::Promote(asked) => promote::run(&load(plain(common), output)?, &asked, output),
        Command::Tls { command } => tls::run(&load(plain(common), output)?, &command, output),
        Command::Config(settings) => {
            config::run(&load(flags(common, settings.values), output)?, output)
        }
        Command::Openapi => openapi::run(output),
        Command::Doctor(settings) => doctor::run(flags(common, settings.values), output),
        Command::SupportBundle(asked) => {
            support_bundle::run(&load(plain(common), output)?, &asked, output)
        }
    }
}

fn flags(common: Common, mut values: Vec<(Key, OsString)>) -> Flags {
    values.extend(common.data.map(|data| (Key::Data, data.into_os_string())));
    Flags { file: common.config, values }
}

fn load(flags: Flags, output: &Output) -> Result<Config, Failure> {
    let config = Config::load(flags)?;
    for warning in &config.warnings {
        output.warning(warning);
    }
    Ok(config)
}

/// What was typed is not a command, or asks for help or the version.
fn misread(error: &clap::Error, output: &Output) -> Result<Ended, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            output.text(&error.render().to_string())?;
            Ok(Ended::Well)
        }
        _ => Err(Failure::usage(error.render().to_string())),
    }
}

/// Whether JSON is wanted, found out before the rest is understood.
fn asks_for_json(arguments: &[OsString]) -> bool {
    arguments.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json")
}

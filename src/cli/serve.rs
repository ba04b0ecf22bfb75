//! `healthflow serve`: runs the server until it is told to stop.

use std::net::{SocketAddr, TcpListener};

use serde_json::{Value as Json, json};

use super::failure::{Ended, Failure};
use super::output::Output;
use super::restore::{note, note_restore};
use super::standby::refuse_standby;
use super::whereabouts::beginning;
use crate::backup::{BackupError, promote, settings};
use crate::config::Config;
use crate::config::tls::TlsSource;
use crate::observability::logging::{self, LogGuard, LogOptions, LoggingError};
use crate::server::service::Patience;
use crate::server::tls::folder;
use crate::server::tls::pair::Pair;
use crate::server::{House, OpenError, run as server};
use crate::store::Missing;
use crate::vocab::clock::{Clock, SystemClock};

/// Serves with `config`; `takes_back` what a promoted copy has.
pub(super) fn run(config: &Config, takes_back: bool, output: &Output) -> Result<Ended, Failure> {
    refuse_standby(config)?;
    // Before anything is made, the log included.
    can_encrypt(config)?;
    let beginning = beginning(config);
    if beginning.is_some() {
        can_listen(config)?;
    }
    // Before anything is opened: what goes wrong then is what somebody will look for.
    let _log = begin_log(config, output)?;
    for line in &config.sizing.sums {
        tracing::info!("{line}");
    }
    for hint in beginning.iter().flatten() {
        tracing::warn!("{hint}");
    }
    let ended = serve_on(config, takes_back, output, beginning.is_some());
    if let Err(failure) = &ended {
        tracing::error!(code = failure.code(), "HealthFlow does not run: {}", failure.detail());
    }
    ended
}

/// Serves until it is told to stop. Where it is told to turn to the hospital of another moment,
/// it closes this one, puts that in its place, and serves on.
fn serve_on(
    config: &Config,
    takes_back: bool,
    output: &Output,
    is_new: bool,
) -> Result<Ended, Failure> {
    let mut house = open(config)?;
    if let Err(failure) = give_way(&house, takes_back) {
        house.close();
        return Err(failure);
    }
    let port = serve(&house, (config, config.listen), output, is_new)?;
    // At the same address also where any free port would do.
    let listen = SocketAddr::new(config.listen.ip(), port.unwrap_or(config.listen.port()));
    while house.turn.is_wanted() {
        let turn = house.turn.clone();
        drop(house);
        let turned = turn.swap(&config.data, SystemClock.now());
        if let Err(cause) = &turned {
            tracing::error!("The hospital was not turned to another moment: {cause}");
        }
        house = open(config)?;
        if let Ok(what) = turned {
            note_restore(&house, what)?;
        }
        // Where it serves was said already.
        let quiet = Output::new(false, Box::new(std::io::sink()), Box::new(std::io::sink()));
        serve(&house, (config, listen), &quiet, false)?;
    }
    Ok(Ended::Well)
}

/// Refuses to serve where another copy was promoted, unless this one takes that back.
fn give_way(house: &House, takes_back: bool) -> Result<(), Failure> {
    let (store, secrets) = (house.desk.store(), &house.access.secrets);
    let deadline = house.desk.screen_deadline();
    let ready = store.read(deadline, |tx| settings::ready(tx, secrets, store.folder()))?;
    if takes_back {
        let ready = ready.map_err(BackupError::from)?;
        let epoch = promote::take_back(store, &ready, SystemClock.now())?;
        note(house, ("serve", "backup.take_back", "taken_back"), format!("epoch {epoch}"))?;
        return Ok(());
    }
    match ready.ok().and_then(|ready| promote::superseded(&ready)) {
        Some(cause) => Err(BackupError::from(cause).into()),
        None => Ok(()),
    }
}

/// Opens the house; whoever has started the server hears that this may take its time.
fn open(config: &Config) -> Result<House, OpenError> {
    let _patience = Patience::begin("Opening the database");
    House::open(config)
}

/// Serves on `listen` until it is told to stop; the port that it got.
fn serve(
    house: &House,
    (config, listen): (&Config, SocketAddr),
    output: &Output,
    is_new: bool,
) -> Result<Option<u16>, Failure> {
    if is_new {
        tracing::info!("A new, empty hospital in {}", config.data.display());
    }
    if let Some(recovery) = house.desk.store().recovery() {
        tracing::warn!("{recovery}");
    }
    if let Some(missing) = house.desk.store().missing() {
        let told = format!("{missing}. {}", Missing::mend());
        tracing::error!("{told}");
        output.warning(&told);
    }
    let (mut told, mut port) = (Ok(()), None);
    server::serve(house, listen, None, |ready| {
        port = Some(ready.address.port());
        let value = json!({
            "url": ready.url, "setup_link": ready.setup_link, "new_hospital": is_new,
            "elsewhere": ready.elsewhere, "tls": ready.tls,
        });
        warn_of_clear_text(config, output);
        told = output.result(&value, || {
            let what = match is_new {
                true => format!(", with a new, empty hospital in {}", config.data.display()),
                false => String::new(),
            };
            let mut text = format!("HealthFlow runs at {}{what}", ready.url);
            if !ready.elsewhere.is_empty() {
                text.push_str(&format!(
                    "\nOther computers reach it at {}",
                    ready.elsewhere.join(" or ")
                ));
            }
            if let Some(tls) = &ready.tls {
                text.push_str(&encryption(tls, &ready.url));
            }
            if let Some(link) = &ready.setup_link {
                text.push_str(&format!(
                    "\n\nSet it up in your browser with this one-time link:\n  {link}\n"
                ));
                if let Some(elsewhere) = ready.elsewhere.first() {
                    text.push_str(&format!(
                        "From another computer: the same with {elsewhere} in front.\n"
                    ));
                }
            }
            text
        });
    })?;
    told.map(|()| port)
}

/// Whose certificate is shown, so that it can be compared at the workstations.
fn encryption(tls: &Json, url: &str) -> String {
    let text = |of: &Json, name: &str| of[name].as_str().unwrap_or_default().to_owned();
    let (certificate, root) = (&tls["certificate"], &tls["root"]);
    if root.is_null() {
        return format!(
            "\nIts certificate ends at {} and has the fingerprint (SHA-256)\n  {}",
            text(certificate, "ends_at"),
            text(certificate, "fingerprint_sha256")
        );
    }
    format!(
        "\nIts certificate is signed by its own authority. Browsers warn until they trust that \
         root:\n  {url}/ca.crt, how to: {url}/trust\n  fingerprint to compare (SHA-256): {}",
        text(root, "fingerprint_sha256")
    )
}

/// On the screen too, where somebody who starts it by hand looks.
fn warn_of_clear_text(config: &Config, output: &Output) {
    if !config.tls.is_on() && !config.listen.ip().to_canonical().is_loopback() {
        output.warning(&format!(
            "TLS IS OFF: passwords and records go over the network of {} for everybody to read",
            config.listen
        ));
    }
}

/// Files that cannot be used are refused before a new hospital is made beside them.
fn can_encrypt(config: &Config) -> Result<(), Failure> {
    if let TlsSource::Files { certificate, key } = &config.tls.source {
        let (chain, key) = (folder::read(certificate)?, folder::read(key)?);
        Pair::read(&chain, &key, SystemClock.now())?;
    }
    Ok(())
}

/// An address that cannot be had leaves no new hospital behind.
fn can_listen(config: &Config) -> Result<(), Failure> {
    let listen = config.listen;
    let heard = TcpListener::bind(listen).map(|_| ());
    heard.map_err(|cause| OpenError::Listen { listen, cause }.into())
}

/// A full or read-only disk must not keep the server from saying so: then words go to standard
/// error alone.
fn begin_log(config: &Config, output: &Output) -> Result<LogGuard, Failure> {
    match logging::begin(&config.log) {
        Err(cause @ LoggingError::Folder { .. }) => {
            output.warning(&format!("{cause}; the log goes to standard error alone"));
            logging::begin(&LogOptions { folder: None, ..config.log.clone() })
        }
        begun => begun,
    }
    .map_err(|cause| Failure::new("cli.log", cause.to_string()))
}

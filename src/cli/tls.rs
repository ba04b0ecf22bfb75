//! `healthflow tls`: the certificates in the data folder. It changes files alone: a server that
//! runs looks at them every few seconds.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::arguments::{TlsCommand, TlsInstallArguments, TlsRequestArguments};
use super::failure::{Ended, Failure};
use super::output::{Output, shown};
use super::whereabouts::demand_hospital;
use crate::config::Config;
use crate::config::tls::TlsSource;
use crate::server::tls::certificate::{self, About};
use crate::server::tls::folder::{self, TlsFolder};
use crate::server::tls::names::Names;
use crate::server::tls::{TlsError, keeper, report, request};
use crate::vocab::clock::{Clock, SystemClock};

/// Does what `command` says in the data folder of `config`.
pub(super) fn run(
    config: &Config,
    command: &TlsCommand,
    output: &Output,
) -> Result<Ended, Failure> {
    demand_hospital(config)?;
    // Whatever is made in the data folder is its owner's alone.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let (folder, now) = (TlsFolder::of(&config.data), SystemClock.now());
    match command {
        TlsCommand::Show => show(config, &folder, now, output),
        TlsCommand::Request(asked) => ask(config, &folder, asked, output),
        TlsCommand::Install(asked) => install(config, &folder, asked, output),
        TlsCommand::Remove => remove(&folder, output),
        TlsCommand::NewRoot => {
            let about = keeper::renew_root(config, now)?;
            output.result(&report::certificate(&about), || {
                format!(
                    "There is a new root. A running server uses it within seconds, and browsers \
                     warn until they trust it: hand it out.\n\n{}",
                    words("root", &about, now)
                )
            })?;
            Ok(Ended::Well)
        }
    }
}

fn show(
    config: &Config,
    folder: &TlsFolder,
    now: Timestamp,
    output: &Output,
) -> Result<Ended, Failure> {
    let mut found: Vec<(&str, About)> = Vec::new();
    if let TlsSource::Files { certificate, .. } = &config.tls.source {
        found.push(("files", first(&folder::read(certificate)?)?));
    }
    let kept = [
        ("installed", folder.installed()?),
        ("own", folder.server()?),
        ("root", folder.root_certificate()?),
    ];
    for (name, bytes) in kept {
        if let Some(bytes) = bytes {
            found.push((name, first(&bytes)?));
        }
    }
    let kinds: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
    let used = ["files", "installed", "own"].into_iter().find(|name| kinds.contains(name));
    let used = used.filter(|_| config.tls.is_on());
    let all: serde_json::Map<String, Json> = found
        .iter()
        .map(|(name, about)| ((*name).to_owned(), report::certificate(about)))
        .collect();
    let value = json!({"tls": config.tls.source.word(), "used": used, "certificates": all});
    output.result(&value, || {
        if found.is_empty() {
            return "There is no certificate yet: the first start with TLS makes one.".to_owned();
        }
        let state = match used {
            Some(used) => format!("With these settings the server shows: {used}."),
            None => format!(
                "A server that runs with TLS shows one of these. With the settings that this \
                 command sees it would show none: it would listen at {} only.",
                config.listen
            ),
        };
        let each = found.iter().map(|(name, about)| words(name, about, now));
        format!("{state}\n\n{}", each.collect::<Vec<_>>().join("\n\n"))
    })?;
    Ok(Ended::Well)
}

fn first(bytes: &[u8]) -> Result<About, TlsError> {
    About::of(&certificate::chain(bytes)?[0])
}

fn words(name: &str, about: &About, now: Timestamp) -> String {
    let (names, days) = (about.names.listed(), about.days_left(now));
    let mut lines = vec![format!("{name}: {}", shown(&about.subject))];
    if about.issuer != about.subject {
        lines.push(format!("  signed by    {}", shown(&about.issuer)));
    }
    if !names.is_empty() {
        lines.push(format!("  names        {}", shown(&names.join(", "))));
    }
    let end = certificate::day(about.ends_at);
    lines.push(match days {
        ..0 => format!("  ENDED        {end}"),
        days => format!("  ends         {end}, in {days} days"),
    });
    lines.push(format!("  SHA-256      {}", about.fingerprint));
    lines.join("\n")
}

fn ask(
    config: &Config,
    folder: &TlsFolder,
    asked: &TlsRequestArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let names = if asked.names.is_empty() {
        let names = Names::of_machine(&config.tls.host_names, config.listen.ip());
        for_others(names)
    } else {
        Names::read(&asked.names).map_err(|name| TlsError::Name { name })?
    };
    let text = request::make(folder, &names, asked.organization.as_deref())?;
    output.note(&format!(
        "A request for {}. Have the hospital's authority sign it for a server, then: healthflow \
         tls install CERT",
        names.listed().join(", ")
    ));
    output.result(&json!({"request": text, "names": names.listed()}), || text.clone())?;
    Ok(Ended::Well)
}

/// No authority signs for names that every machine gives itself.
fn for_others(mut names: Names) -> Names {
    names.hosts.retain(|host| host != "localhost" && !host.ends_with(".local"));
    names.addresses.retain(|address| !address.is_loopback());
    names
}

fn install(
    config: &Config,
    folder: &TlsFolder,
    asked: &TlsInstallArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let now = SystemClock.now();
    let about = request::install(folder, &folder::read(&asked.certificate)?, now)?;
    if config.tls.source != TlsSource::Folder {
        output.warning(&format!(
            "With these settings the server does not show it: tls is {}.",
            config.tls.source.word()
        ));
    }
    output.result(&report::certificate(&about), || {
        format!(
            "Installed; a running server shows it within seconds.\n\n{}",
            words("installed", &about, now)
        )
    })?;
    Ok(Ended::Well)
}

fn remove(folder: &TlsFolder, output: &Output) -> Result<Ended, Failure> {
    let removed = folder.remove_installed()?;
    output.result(&json!({"removed": removed}), || match removed {
        true => "Removed: the server goes back to its own authority.".to_owned(),
        false => "No certificate was installed.".to_owned(),
    })?;
    Ok(Ended::Well)
}

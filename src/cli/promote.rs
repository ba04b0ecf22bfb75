//! `healthflow promote`: makes a standby the hospital.

use serde_json::json;

use super::arguments::PromoteArguments;
use super::failure::{Ended, Failure};
use super::output::Output;
use super::restore::{note, read_key};
use super::standby::{laying, private};
use super::storage;
use crate::backup::BackupError;
use crate::backup::promote::{Candidate, Promoted, settle};
use crate::backup::settings::KEPT;
use crate::backup::standby::Followed;
use crate::backup::target::Target;
use crate::config::Config;
use crate::server::House;
use crate::server::extent::extent;
use crate::store::hold;
use crate::vocab::clock::{SystemClock, instant};
use crate::vocab::problem::Explain;

/// Promotes the standby in the data folder of `config`.
pub(super) fn run(
    config: &Config,
    asked: &PromoteArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let standby = &asked.standby;
    let target = storage::target(&standby.from, &standby.storage)?;
    private();
    let held = hold(&config.data)?;
    let key = read_key(standby.key_file.as_deref())?;
    let extent = extent();
    let followed = Followed { target: &target, key: &key, data: &config.data, extent: &extent };
    let looked =
        Candidate::look(followed, &held, !asked.as_it_is, &SystemClock, &mut laying(output));
    let candidate = looked.map_err(|cause| match cause {
        BackupError::Target(_) => {
            let way = "If what it follows is gone for good, promote it --as-it-is.";
            Failure::new(cause.code(), format!("{cause} {way}"))
        }
        cause => cause.into(),
    })?;
    let reached = instant(candidate.state().reached);
    if let (false, Some(name)) = (asked.yes, candidate.hospital()?) {
        output.note(&format!(
            "{name} goes on here as it was at {reached:.0}. Its old server takes no changes any \
             more as soon as it sees that; stop it if you can."
        ));
        confirm(&name)?;
    }
    let Promoted { reached, epoch } = candidate.promote(&SystemClock)?;
    drop(held);
    let elsewhere = open(config, &target, epoch)?;
    settle(followed)?;
    let reached = instant(reached).to_string();
    output.result(&json!({"reached": reached, "epoch": epoch}), || {
        format!(
            "This is the hospital now, as it was at {reached}. Start it with healthflow serve: \
             it makes a backup of its own and ships its log."
        )
    })?;
    if let Some(place) = elsewhere {
        output.warning(&format!(
            "By its settings its backups go to {place}, and not to {}: set under Backups where \
             they go from this machine.",
            target.place()
        ));
    }
    Ok(Ended::Well)
}

fn confirm(name: &str) -> Result<(), Failure> {
    use std::io::Write;
    let failed = |cause| Failure::new("cli.name", format!("No name came: {cause}."));
    let mut asked = std::io::stderr();
    write!(asked, "Type the hospital's name to promote it: ").map_err(failed)?;
    asked.flush().map_err(failed)?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(failed)?;
    if line.trim() == name.trim() {
        return Ok(());
    }
    let detail = "That is not its name. Nothing was promoted.";
    Err(Failure::new("cli.name", detail))
}

/// Opens the hospital once as the server does, and notes that it was promoted. Where its backups
/// go, if that is not `target`.
fn open(config: &Config, target: &Target, epoch: u64) -> Result<Option<String>, Failure> {
    let house = House::open(config)?;
    let noted = note(&house, ("promote", "backup.promote", "promoted"), format!("epoch {epoch}"));
    let (store, secrets) = (house.desk.store(), &house.access.secrets);
    let kept = store.read(house.desk.screen_deadline(), |tx| KEPT.find(tx));
    house.close();
    noted?;
    let kept = kept?.and_then(|kept| kept.settings.target(|| kept.secret(secrets)).ok().flatten());
    Ok(kept.map(|kept| kept.place()).filter(|place| *place != target.place()))
}

//! `healthflow standby`: follows a hospital's backups and log until it is stopped.

use std::time::{Duration, Instant};

use serde_json::json;

use super::arguments::StandbyArguments;
use super::failure::{Ended, Failure};
use super::output::Output;
use super::restore::read_key;
use super::storage;
use crate::backup::BackupError;
use crate::backup::standby::{Followed, Follower, State, Step, is_standby};
use crate::config::Config;
use crate::server::extent::extent;
use crate::store::hold;
use crate::vocab::clock::{Clock, SystemClock, instant};

/// How often it is looked for what is new; of storage that is asked over a network, and paid.
const LOOK: Duration = Duration::from_secs(2);
const LOOK_REMOTE: Duration = Duration::from_secs(5);
/// How often it is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(30);
/// How often somebody who waits for a backup to be laid is told.
const TELL_LAYING: Duration = Duration::from_secs(3);

/// Follows in the data folder of `config` what `asked` says.
pub(super) fn run(
    config: &Config,
    asked: &StandbyArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let target = storage::target(&asked.from, &asked.storage)?;
    private();
    let held = hold(&config.data)?;
    if State::read(&config.data).is_some_and(|state| state.is_placing) {
        let detail = "This standby is being promoted. Go on with healthflow promote.";
        return Err(Failure::new("cli.promoting", detail));
    }
    if held.has_database() {
        let detail = format!(
            "There is a hospital in {}. Choose another folder for its standby with --data, best on \
             another machine.",
            config.data.display()
        );
        return Err(Failure::new("cli.hospital", detail));
    }
    let key = read_key(asked.key_file.as_deref())?;
    let extent = extent();
    let followed = Followed { target: &target, key: &key, data: &config.data, extent: &extent };
    let mut follower = Follower::open(followed, &held)?;
    let mut teller = Teller { output, told: None, trouble: None };
    loop {
        let now = SystemClock.now().as_microsecond();
        let step = follower.step(now, &mut laying(output));
        teller.tell(&step, follower.state())?;
        match step {
            Err(cause @ BackupError::WrongKey(_)) => return Err(cause.into()),
            Ok(Step::More | Step::Laid(_)) => {}
            _ => std::thread::sleep(if target.is_remote() { LOOK_REMOTE } else { LOOK }),
        }
    }
}

/// Tells somebody who waits how much is laid.
pub(super) fn laying(output: &Output) -> impl FnMut(u64, u64) {
    let mut told = Instant::now();
    move |done, total| {
        if TELL_LAYING < told.elapsed() {
            told = Instant::now();
            output.note(&format!("{} of {} MiB", done >> 20, total >> 20));
        }
    }
}

/// Whatever is made in the data folder is its owner's alone.
pub(super) fn private() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Refuses what would make a hospital of a standby.
pub(super) fn refuse_standby(config: &Config) -> Result<(), Failure> {
    if !is_standby(&config.data) {
        return Ok(());
    }
    let detail = format!(
        "{} is a standby, and no hospital yet. Make it the hospital first: healthflow promote \
         --from PLACE",
        config.data.display()
    );
    Err(Failure::new("server.standby", detail))
}

/// Tells how it goes, when that changes and now and then.
struct Teller<'a> {
    output: &'a Output,
    told: Option<Instant>,
    trouble: Option<String>,
}

impl Teller<'_> {
    fn tell(
        &mut self,
        step: &Result<Step, BackupError>,
        state: Option<&State>,
    ) -> Result<(), Failure> {
        if let Ok(Step::Laid(why)) = step {
            self.output.note(&format!("A backup is laid: {why}."));
            self.told = None;
        }
        let trouble = step.as_ref().err().map(ToString::to_string);
        let is_new = trouble != self.trouble;
        self.trouble.clone_from(&trouble);
        let is_due = self.told.is_none_or(|at| TELL_EVERY < at.elapsed());
        let says_nothing = matches!(step, Ok(Step::More | Step::Laid(_)));
        if !is_new && (says_nothing || !is_due) {
            return Ok(());
        }
        self.told = Some(Instant::now());
        let behind = state.map(|state| {
            let now = SystemClock.now().as_microsecond();
            Duration::from_micros(u64::try_from(now - state.checked_at).unwrap_or(0)).as_secs()
        });
        let reached = state.map(|state| instant(state.reached).to_string());
        let value = json!({
            "backup": state.map(|state| &state.backup), "reached": reached,
            "behind_s": behind, "trouble": trouble,
        });
        self.output.result(&value, || {
            let reached = state.map(|state| format!("{:.0}", instant(state.reached)));
            match (&trouble, reached, behind) {
                (None, Some(reached), _) => {
                    format!("It has all that is there; the last change is from {reached}.")
                }
                (Some(trouble), Some(reached), Some(behind)) => {
                    format!("{behind} s behind, the last change is from {reached}: {trouble}")
                }
                (trouble, ..) => trouble.clone().unwrap_or_default(),
            }
        })
    }
}

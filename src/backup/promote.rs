//! Makes a standby the hospital, and keeps the old one out from then on.
//!
//! First the target is claimed in a later epoch, so that the old hospital stops shipping and takes
//! no more changes; then the rest of what it shipped is taken; only then the database is put into
//! its place. Ended in between, the same command goes on.

use std::sync::mpsc;
use std::time::Duration;

use jiff::Timestamp;

use super::error::BackupError;
use super::restore::put_in_place;
use super::settings::{Ready, ensure_writer, enter_epoch, epoch_of};
use super::standby::{Followed, Follower, State, Step, forget, is_standby};
use super::target::{Claim, TargetError};
use crate::access::error::AccessError;
use crate::access::hospital;
use crate::store::{DATABASE, Held, Store, examine, peek};
use crate::vocab::clock::Clock;

/// How long the old hospital has to see that it is the old one, and to end what it is shipping.
const LETS_GO: Duration = Duration::from_secs(3);
/// How long a start waits for what the target says.
const PATIENCE: Duration = Duration::from_secs(3);
/// Looks that catching up may take at most: 64 GiB of log.
const LOOKS_MAX: usize = 1_000;

/// A standby that stands ready to be promoted.
#[derive(Debug)]
pub struct Candidate<'a> {
    followed: Followed<'a>,
    held: &'a Held,
    state: State,
    is_reached: bool,
}

/// What was promoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promoted {
    /// The moment that it shows, microseconds UTC.
    pub reached: i64,
    /// The epoch in which it writes.
    pub epoch: u64,
}

impl<'a> Candidate<'a> {
    /// The standby in the data folder that is `held`, brought to the end of what is at the target,
    /// if that `is_reached`, and looked at. `tell` hears how many bytes of how many are laid anew.
    ///
    /// # Errors
    /// [`BackupError::NoStandby`], [`BackupError::NotWhole`]; what the target and the store say.
    pub fn look(
        followed: Followed<'a>,
        held: &'a Held,
        is_reached: bool,
        clock: &dyn Clock,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, BackupError> {
        let none = || BackupError::NoStandby(followed.data.display().to_string());
        let state = State::read(followed.data).ok_or_else(none)?;
        if state.is_placing {
            return Ok(Self { followed, held, state, is_reached });
        }
        if !is_standby(followed.data) {
            return Err(none());
        }
        let mut this = Self { followed, held, state, is_reached };
        this.catch_up(clock, tell)?;
        examine(&this.state.folder(followed.data), &mut || true)?;
        Ok(this)
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The name of its hospital; none if it was never given one, or is in its place already.
    ///
    /// # Errors
    /// What the store says.
    pub fn hospital(&self) -> Result<Option<String>, BackupError> {
        if self.state.is_placing {
            return Ok(None);
        }
        let found = peek(&self.state.folder(self.followed.data), hospital::find)?;
        Ok(found.flatten().map(|found| found.name))
    }

    /// Claims the target, takes the rest and puts the database into its place. The data folder is a
    /// standby until [`settle`].
    ///
    /// # Errors
    /// What the target, the store and the system say.
    pub fn promote(mut self, clock: &dyn Clock) -> Result<Promoted, BackupError> {
        let Followed { target, data, .. } = self.followed;
        if !self.state.is_placing {
            let writer = ensure_writer(data)?;
            let hospital = self.state.hospital.clone();
            let mark = if self.is_reached { target.mark()? } else { None };
            let is_ours =
                |it: &super::target::Mark| it.writer == writer && it.epoch == epoch_of(data);
            if !mark.as_ref().is_some_and(is_ours) {
                let newest = mark.map_or(self.state.epoch, |mark| mark.epoch);
                enter_epoch(data, newest + 1)?;
            }
            if self.is_reached {
                let claim = Claim { hospital, writer, epoch: epoch_of(data) };
                target.promote(&claim, clock.now().as_microsecond())?;
                std::thread::sleep(LETS_GO);
                self.catch_up(clock, &mut |_, _| {})?;
            }
            self.state.is_placing = true;
            self.state.write(data)?;
        }
        let laid = self.state.folder(data);
        if laid.join(DATABASE).exists() {
            let files = self.state.files.clone();
            put_in_place(self.held, data, (&laid, files), clock.now())?;
        }
        Ok(Promoted { reached: self.state.reached, epoch: epoch_of(data) })
    }

    /// Takes all that is at the target, and has the engine replay it.
    fn catch_up(
        &mut self,
        clock: &dyn Clock,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<(), BackupError> {
        let mut follower = Follower::open(self.followed, self.held)?;
        let mut looks = 0;
        while self.is_reached && follower.step(clock.now().as_microsecond(), tell)? != Step::Caught
        {
            looks += 1;
            if LOOKS_MAX < looks {
                return Err(BackupError::NotWhole);
            }
        }
        follower.bring_forward(true)?;
        if let Some(state) = follower.state() {
            self.state = state.clone();
        }
        if self.state.is_whole() { Ok(()) } else { Err(BackupError::NotWhole) }
    }
}

/// The data folder of `followed` is no standby any more, but a hospital.
///
/// # Errors
/// What the system says.
pub fn settle(followed: Followed<'_>) -> Result<(), BackupError> {
    forget(followed.data)
}

/// That another copy was promoted, as far as the target of `ready` says so within a few seconds. A
/// target that does not answer keeps no hospital from starting.
#[must_use]
pub fn superseded(ready: &Ready) -> Option<TargetError> {
    let (tell, told) = mpsc::channel();
    let (target, claim) = (ready.target.clone(), ready.claim.clone());
    let asked = std::thread::Builder::new().name("backup-epoch".to_owned()).spawn(move || {
        // Whoever asked may wait no longer.
        let _ = tell.send(target.demand(&claim));
    });
    asked.ok()?;
    match told.recv_timeout(PATIENCE) {
        Ok(Err(cause @ TargetError::Promoted { .. })) => Some(cause),
        _ => None,
    }
}

/// The hospital of `store` takes its target back from whoever was promoted, and begins its log
/// anew. The epoch in which it writes from then on.
///
/// # Errors
/// What the target and the system say.
pub fn take_back(store: &Store, ready: &Ready, now: Timestamp) -> Result<u64, BackupError> {
    let data = store.folder();
    let mark = ready.target.mark()?.ok_or_else(|| ready.target.unmarked())?;
    let epoch = mark.epoch.max(ready.claim.epoch) + 1;
    let writer = ensure_writer(data)?;
    let claim = Claim { writer, epoch, ..ready.claim.clone() };
    ready.target.promote(&claim, now.as_microsecond())?;
    enter_epoch(data, epoch)?;
    // What was shipped meanwhile is of another hospital: the log goes on in a chain of its own.
    store.forget_log();
    super::shipping::forget_chain(data)?;
    Ok(epoch)
}

impl From<AccessError> for BackupError {
    fn from(cause: AccessError) -> Self {
        Self::Io { what: "make a name".to_owned(), cause: cause.to_string() }
    }
}

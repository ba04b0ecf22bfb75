//! A warm standby: the newest backup, laid on another machine and brought forward with the shipped
//! log, every few seconds. Nothing is ever written at the target, and nobody works with it before
//! it is promoted ([`super::promote`]).
//!
//! What is new of the log is added to a file of its generation; now and then, and when a generation
//! ends, the engine replays a copy of all of that file into the database. Replaying all of a
//! generation ends at the same pages however often it was begun, so that a kill at any moment only
//! costs what was not noted yet.

mod state;
mod taking;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

pub(super) use state::forget;
pub use state::{State, is_standby};
use state::{clear_but, folder_of};
use taking::{Stopped, Taken, Taking, clear_generations, replay_copy};

use super::error::BackupError;
use super::extent::Extent;
use super::log_file::{Broken, LOG, Spot, first_with, walk_on};
use super::manifest::{self, Manifest};
use super::restore::{Order, Prepared, prepare};
use super::sealing::SecretKey;
use super::target::{Mark, Target, TargetError};
use crate::store::{Held, LogPlace};

/// How long the engine rests after a replay at least, and in how many times as long as it took.
const REST: Duration = Duration::from_secs(5);
const REST_TIMES: u32 = 9;
/// How often it is noted that nothing is new.
const NOTE: Duration = Duration::from_secs(10);
/// How often at most a backup is laid anew for what went wrong here.
const MEND: Duration = Duration::from_secs(60);
const BROKEN: &str = "the shipped log is damaged or has a gap";
/// How often it is looked whether another chain or backup is to be followed.
const LOOK: Duration = Duration::from_secs(10);
/// Looks in a row at which the log must be broken before that is believed: a record may be seen
/// while it is written.
const BROKEN_LOOKS: u32 = 3;

/// What is followed, and where it is laid.
#[derive(Debug, Clone, Copy)]
pub struct Followed<'a> {
    /// Where the backups lie.
    pub target: &'a Target,
    /// What opens them.
    pub key: &'a SecretKey,
    /// The data folder of the standby.
    pub data: &'a Path,
    /// What of a data folder may be in a backup.
    pub extent: &'a Extent,
}

/// How one look went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// All that is at the target was taken.
    Caught,
    /// There is more: look again at once.
    More,
    /// A backup was laid anew, and why.
    Laid(String),
}

/// Follows. One at a time per data folder.
#[derive(Debug)]
pub struct Follower<'a> {
    followed: Followed<'a>,
    held: &'a Held,
    state: Option<State>,
    /// How far this run has brought the database.
    replayed: Option<LogPlace>,
    /// When a backup was laid anew last for what went wrong here.
    mended: Option<Instant>,
    /// When the state was noted last.
    noted: Option<Instant>,
    /// When it may be brought further.
    rests_until: Option<Instant>,
    looked: Option<Instant>,
    broken: u32,
    /// The present instant, microseconds UTC.
    now: i64,
}

impl<'a> Follower<'a> {
    /// Goes on where an earlier run has ended, in the data folder that is `held`.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(followed: Followed<'a>, held: &'a Held) -> Result<Self, BackupError> {
        let state = State::read(followed.data);
        clear_but(followed.data, state.as_ref().map(|state| state.laid))?;
        Ok(Self {
            followed,
            held,
            state,
            replayed: None,
            mended: None,
            noted: None,
            rests_until: None,
            looked: None,
            broken: 0,
            now: 0,
        })
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// Looks once, at `now` (microseconds UTC), and takes what is new. `tell` hears how many bytes
    /// of how many are laid.
    ///
    /// # Errors
    /// Why not. [`BackupError::WrongKey`] will not pass; the next look may do better after all
    /// others.
    pub fn step(&mut self, now: i64, tell: &mut dyn FnMut(u64, u64)) -> Result<Step, BackupError> {
        self.now = now;
        let looked = self.look(now, tell);
        let trouble = looked.as_ref().err().map(ToString::to_string);
        if let Some(state) = &mut self.state
            && trouble.is_some()
            && state.trouble != trouble
        {
            state.trouble = trouble;
            state.write(self.followed.data)?;
        }
        looked
    }

    fn look(&mut self, now: i64, tell: &mut dyn FnMut(u64, u64)) -> Result<Step, BackupError> {
        let mark = self.mark()?;
        if self.state.is_none() {
            let newest = self.newest()?;
            let why = format!("{}, the newest", newest.name);
            return self.lay(&newest, mark.epoch, tell).map(|()| Step::Laid(why));
        }
        let taken = self.take(now, mark.epoch);
        let broken = match taken {
            Ok((broken, is_all)) => {
                self.broken = if broken.is_some() { self.broken + 1 } else { 0 };
                if broken.is_none() && !is_all {
                    return Ok(Step::More);
                }
                broken
            }
            Err(cause) => return self.mend(cause, mark.epoch, tell),
        };
        if BROKEN_LOOKS <= self.broken {
            return self.lay_again(BROKEN, mark.epoch, tell);
        }
        if let Err(cause) = self.bring_forward(false) {
            return self.mend(cause, mark.epoch, tell);
        }
        if self.looked.is_none_or(|at| LOOK < at.elapsed()) {
            self.looked = Some(Instant::now());
            if let Some(chain) = self.later_chain()? {
                let why = format!("the hospital began the log {chain}");
                return self.lay_again(&why, mark.epoch, tell);
            }
        }
        match broken {
            Some(_) => Err(BackupError::Turned(BROKEN.to_owned())),
            None => Ok(Step::Caught),
        }
    }

    /// Goes on from a backup, if that helps against `cause`.
    fn mend(
        &mut self,
        cause: BackupError,
        epoch: u64,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<Step, BackupError> {
        let is_local = match &cause {
            BackupError::Stale(_) => true,
            BackupError::Store(cause) => cause.is_damage(),
            BackupError::Turned(_) | BackupError::Differs { .. } => {
                return self.lay_again(&cause.to_string(), epoch, tell);
            }
            _ => false,
        };
        if !is_local || self.mended.is_some_and(|at| at.elapsed() < MEND) {
            return Err(cause);
        }
        self.mended = Some(Instant::now());
        let newest = self.newest()?;
        self.lay(&newest, epoch, tell)?;
        let why = cause.to_string();
        Ok(Step::Laid(format!("{}, because: {}", newest.name, why.trim_end_matches('.'))))
    }

    /// The mark of the target: without it nothing there is believed.
    fn mark(&self) -> Result<Mark, BackupError> {
        let target = self.followed.target;
        let mark = target.mark()?.ok_or_else(|| target.unmarked())?;
        match &self.state {
            Some(state) if state.hospital != mark.hospital => {
                Err(TargetError::Foreign(target.place()).into())
            }
            _ => Ok(mark),
        }
    }

    /// The newest backup from which a log goes on.
    fn newest(&self) -> Result<Manifest, BackupError> {
        let target = self.followed.target;
        for name in manifest::names(target)?.iter().rev() {
            let (manifest, _) = Manifest::read(target, name)?;
            if manifest.log.is_some() {
                return Ok(manifest);
            }
        }
        Err(BackupError::NothingToFollow(target.place()))
    }

    /// A chain later than the one that is followed, if there is one and a backup in it.
    fn later_chain(&self) -> Result<Option<String>, BackupError> {
        let Some(state) = &self.state else { return Ok(None) };
        let chains = self.followed.target.list(LOG)?;
        if chains.iter().all(|chain| *chain <= state.log.chain) {
            return Ok(None);
        }
        let log = self.newest()?.log;
        Ok(log.map(|log| log.chain).filter(|chain| state.log.chain < *chain))
    }

    /// Lays the newest backup in the place of what is there, which cannot go on for the reason
    /// `why`. The same backup once more would not help.
    fn lay_again(
        &mut self,
        why: &str,
        epoch: u64,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<Step, BackupError> {
        let newest = self.newest()?;
        let is_same = self.state.as_ref().is_some_and(|state| state.backup == newest.name);
        if is_same {
            let why = why.trim_end_matches('.');
            let detail = format!("{why}, and there is no newer backup to go on from");
            return Err(BackupError::Turned(detail));
        }
        self.lay(&newest, epoch, tell)?;
        Ok(Step::Laid(format!("{}, because {why}", newest.name)))
    }

    /// Lays `manifest` beside what is there; only when it is whole, that goes.
    fn lay(
        &mut self,
        manifest: &Manifest,
        epoch: u64,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<(), BackupError> {
        let Followed { target, key, data, extent } = self.followed;
        let log =
            manifest.log.clone().ok_or_else(|| BackupError::NothingToFollow(target.place()))?;
        let laid = self.state.as_ref().map_or(1, |state| state.laid + 1);
        clear_but(data, self.state.as_ref().map(|state| state.laid))?;
        let folder = folder_of(data, laid);
        fs::create_dir_all(&folder).map_err(BackupError::io("make the folder of the standby"))?;
        let name = Some(manifest.name.as_str());
        let order =
            Order { target, name, at: None, key, data, replaces: false, extent, now: self.now };
        let go_on = &mut |done, total| {
            tell(done, total);
            Ok(())
        };
        let Prepared { manifest, .. } = prepare(&order, &folder, self.held.free()?, go_on)?;
        let state = State {
            hospital: manifest.hospital,
            place: target.place(),
            backup: manifest.name,
            files: manifest.files.into_iter().map(|piece| piece.path).collect(),
            laid,
            spot: Spot::at(first_with(target, &log.chain, log.generation)?),
            log,
            end: None,
            replayed: None,
            reached: manifest.made_at,
            checked_at: manifest.made_at,
            epoch,
            trouble: None,
            is_placing: false,
        };
        state.write(data)?;
        (self.state, self.replayed, self.rests_until) = (Some(state), None, None);
        (self.noted, self.broken) = (None, 0);
        clear_but(data, Some(laid))
    }

    /// Takes what is new of the log, up to a bound; where it breaks, and whether that was all.
    fn take(&mut self, now: i64, epoch: u64) -> Result<(Option<Broken>, bool), BackupError> {
        let Followed { target, key, data, .. } = self.followed;
        let Some(state) = &mut self.state else { return Ok((None, true)) };
        let mut taking = Taking::begin(state, data, key, self.replayed);
        let mut spot = state.spot.clone();
        let walked = walk_on(target, &state.log.chain, &mut spot, &mut |record, sealed| {
            taking.take(record, sealed)
        });
        // What was taken before something went wrong stays taken.
        let Taken { end, reached, stopped } = taking.end()?;
        let before = state.clone();
        (state.spot, state.end, state.reached) = (spot, end, reached);
        state.epoch = epoch;
        if let Ok(broken) = &walked {
            state.trouble = broken.as_ref().map(|_| BROKEN.to_owned());
            if broken.is_none() && stopped.is_none() {
                state.checked_at = now;
            }
        }
        let is_new = (&before.spot, &before.trouble) != (&state.spot, &state.trouble);
        if is_new || self.noted.is_none_or(|at| NOTE < at.elapsed()) {
            state.write(data)?;
            self.noted = Some(Instant::now());
        }
        clear_generations(&state.folder(data), before.end, state.end);
        let broken = walked?;
        if stopped == Some(Stopped::AtEnd) {
            self.replay()?;
        }
        Ok((broken, stopped.is_none()))
    }

    /// Has the engine replay what was taken, if it is whole and `at_once` or rested.
    ///
    /// # Errors
    /// What the engine and the system say.
    pub(super) fn bring_forward(&mut self, at_once: bool) -> Result<(), BackupError> {
        let is_whole = self.state.as_ref().is_some_and(State::is_whole);
        let rests = !at_once && self.rests_until.is_some_and(|until| Instant::now() < until);
        if is_whole && !rests { self.replay() } else { Ok(()) }
    }

    fn replay(&mut self) -> Result<(), BackupError> {
        let Some(state) = &mut self.state else { return Ok(()) };
        let Some(end) = state.end.filter(|end| self.replayed != Some(*end)) else { return Ok(()) };
        let begun = Instant::now();
        // Before it may have been: what was replayed cannot be taken back.
        if state.replayed.is_none_or(|replayed| replayed < end) {
            state.replayed = Some(end);
            state.write(self.followed.data)?;
        }
        replay_copy(&state.folder(self.followed.data), end)?;
        self.replayed = Some(end);
        self.rests_until = Some(Instant::now() + REST.max(begun.elapsed() * REST_TIMES));
        Ok(())
    }
}

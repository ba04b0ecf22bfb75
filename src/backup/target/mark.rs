//! The mark of a target: whose it is, who writes to it, and in which epoch. A promotion begins a
//! new one, and whoever writes in an earlier epoch is the old hospital from then on.

use serde::{Deserialize, Serialize};

use super::{Target, TargetError};

/// The mark of a target.
pub const MARK: &str = "healthflow-backups.json";
const MARK_MAX: u64 = 4_096;

/// Whose target it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The form of what lies there.
    pub form: u32,
    /// The hospital's own name for itself among backups: random, and the same for ever.
    pub hospital: String,
    /// Which data folder writes here. Of two copies of a hospital only one may.
    pub writer: String,
    /// How often a copy was promoted. Whoever writes in an earlier one is the old hospital.
    #[serde(default)]
    pub epoch: u64,
    /// When it was promoted last, microseconds UTC.
    #[serde(default)]
    pub promoted_at: Option<i64>,
}

/// Who wants to write to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which hospital.
    pub hospital: String,
    /// Which copy of it; empty for one that has never written.
    pub writer: String,
    /// The epoch that it knows.
    pub epoch: u64,
}

impl Claim {
    fn mark(&self, promoted_at: Option<i64>) -> Mark {
        let (hospital, writer) = (self.hospital.clone(), self.writer.clone());
        Mark { form: 1, hospital, writer, epoch: self.epoch, promoted_at }
    }

    /// Whether it is that of the old hospital. One that has never written is a copy that somebody
    /// has just restored, and no old one.
    fn is_before(&self, mark: &Mark) -> bool {
        self.epoch < mark.epoch && !self.writer.is_empty()
    }
}

impl Target {
    /// Makes it the target of the hospital of `claim`, if it is nobody's yet, to which its writer
    /// writes from now on and no other copy. Into a bucket the mark is written each time: whether
    /// one may write is seen only so.
    ///
    /// # Errors
    /// [`TargetError::Foreign`], [`TargetError::Promoted`] if it is of a later epoch; what the
    /// system or the storage says.
    pub fn claim(&self, claim: &Claim) -> Result<(), TargetError> {
        self.demand_there()?;
        let before = self.mark()?;
        let promoted_at = match &before {
            Some(mark) if mark.hospital != claim.hospital => {
                return Err(TargetError::Foreign(self.place()));
            }
            Some(mark) if claim.epoch < mark.epoch => return Err(self.promoted(mark)),
            Some(mark) => mark.promoted_at.filter(|_| mark.epoch == claim.epoch),
            None => None,
        };
        let ours = claim.mark(promoted_at);
        if before.as_ref() == Some(&ours) && !self.is_remote() {
            return Ok(());
        }
        self.set_mark(&ours)?;
        self.demand(claim)
    }

    /// The same in an epoch later than any there was, at `now` (microseconds UTC), whoever writes
    /// there: from then on all others are old. It is the epoch of `claim`, or a later one.
    ///
    /// # Errors
    /// [`TargetError::Foreign`]; what the system or the storage says.
    pub fn promote(&self, claim: &Claim, now: i64) -> Result<(), TargetError> {
        match self.mark()? {
            Some(mark) if mark.hospital != claim.hospital => {
                Err(TargetError::Foreign(self.place()))
            }
            Some(mark) if mark.writer == claim.writer && mark.epoch == claim.epoch => Ok(()),
            Some(mark) if claim.epoch <= mark.epoch => Err(self.promoted(&mark)),
            _ => {
                self.set_mark(&claim.mark(Some(now)))?;
                self.demand(claim)
            }
        }
    }

    /// The same as [`Target::demand`], after the mark was brought to the epoch of `claim`, at `now`
    /// (microseconds UTC), if that is later: it was promoted while the target was gone.
    ///
    /// # Errors
    /// As [`Target::demand`].
    pub fn enter(&self, claim: &Claim, now: i64) -> Result<(), TargetError> {
        match self.mark()? {
            Some(mark) if mark.hospital == claim.hospital && mark.epoch < claim.epoch => {
                self.set_mark(&claim.mark(Some(now)))?;
                self.demand(claim)
            }
            mark => self.judge(claim, mark),
        }
    }

    fn set_mark(&self, mark: &Mark) -> Result<(), TargetError> {
        // Whoever may not list finds no backup on the worst day.
        self.list("")?;
        let text = serde_json::to_vec(mark).unwrap_or_default();
        self.put(MARK, &mut |file| file.write_all(&text))
    }

    /// That it is the target of the hospital of `claim`, and its writer is who writes to it.
    ///
    /// # Errors
    /// [`TargetError::Unmarked`], [`TargetError::Emptied`], [`TargetError::Foreign`],
    /// [`TargetError::Taken`], [`TargetError::Promoted`]; what the system or the storage says.
    pub fn demand(&self, claim: &Claim) -> Result<(), TargetError> {
        self.judge(claim, self.mark()?)
    }

    fn judge(&self, claim: &Claim, mark: Option<Mark>) -> Result<(), TargetError> {
        match mark {
            Some(mark) if mark.hospital != claim.hospital => {
                Err(TargetError::Foreign(self.place()))
            }
            Some(mark) if claim.is_before(&mark) => Err(self.promoted(&mark)),
            Some(mark) if mark.writer == claim.writer => Ok(()),
            Some(_) => Err(TargetError::Taken(self.place())),
            None => Err(self.unmarked()),
        }
    }

    /// That it has no mark.
    pub(in crate::backup) fn unmarked(&self) -> TargetError {
        match self.is_remote() {
            true => TargetError::Emptied(self.place()),
            false => TargetError::Unmarked(self.place()),
        }
    }

    fn promoted(&self, mark: &Mark) -> TargetError {
        TargetError::Promoted { place: self.place(), at: mark.promoted_at }
    }

    /// Its mark, if it has one.
    ///
    /// # Errors
    /// What the system or the storage says; what stands there is no mark.
    pub fn mark(&self) -> Result<Option<Mark>, TargetError> {
        let Some(text) = self.get(MARK, MARK_MAX)? else { return Ok(None) };
        serde_json::from_slice(&text).map(Some).map_err(|cause| self.unusable(cause))
    }
}

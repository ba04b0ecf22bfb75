//! Care teams: who looks after a patient, wherever they work.
//!
//! Owns `care_team_member`. A membership opens the record whatever the reach of a role, and is
//! the only thing but an emergency that opens a confidential one. So nobody who sees somebody in
//! an emergency only can stay by joining, and nobody joins the team of a confidential patient by
//! themselves: somebody in it, or whoever looks after the marks of confidentiality, lets them in.

use super::reach::{self, CONFIDENTIAL, PATIENT};
use super::users::USER;
use crate::platform::ledger::{OutOfReach, RecordError, Standing, Touch, Work};
use crate::store::{ReadTx, StoreError};
use crate::vocab::id::Kind;
use crate::vocab::problem::{Explain, FieldError, ProblemKind};

/// A membership.
pub const CARE_TEAM_MEMBER: Kind = Kind::new("care_team_member", "ctm");

/// Why somebody does not join.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    /// They are in it.
    #[error("This person is in the care team already.")]
    Member,
    /// The caller sees the patient in an emergency only.
    #[error("You see this patient in an emergency only. Ask somebody of the care team.")]
    Emergency,
    /// Whoever is to be let in has opened the record in an emergency that waits for its review.
    #[error(
        "They opened this record in an emergency that nobody has found justified. Ask the privacy \
         officer to review it, or to let them in."
    )]
    Unreviewed,
    /// The caller wants to let themselves in.
    #[error("Nobody joins the care team of a confidential patient by themselves. Ask a member.")]
    Oneself,
    /// A record was refused.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<StoreError> for TeamError {
    fn from(cause: StoreError) -> Self {
        Self::Record(cause.into())
    }
}

impl From<OutOfReach> for TeamError {
    fn from(cause: OutOfReach) -> Self {
        Self::Record(cause.into())
    }
}

impl Explain for TeamError {
    fn code(&self) -> &'static str {
        match self {
            Self::Member => "care_team.member",
            Self::Emergency => "care_team.emergency",
            Self::Unreviewed => "care_team.unreviewed",
            Self::Oneself => "care_team.oneself",
            Self::Record(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::Member => ProblemKind::Conflict,
            Self::Emergency | Self::Unreviewed | Self::Oneself => ProblemKind::NotAllowed,
            Self::Record(cause) => cause.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Record(cause) => cause.fields(),
            _ => Vec::new(),
        }
    }

    fn offers(&self) -> Option<&'static str> {
        match self {
            Self::Record(cause) => cause.offers(),
            _ => None,
        }
    }
}

/// Somebody in a care team.
#[derive(Debug, Clone)]
pub struct Member {
    /// The membership.
    pub id: i64,
    /// Who.
    pub user: i64,
    /// Their name and role.
    pub name: String,
    /// The role's code.
    pub role: String,
    /// Since when, microseconds, as the next ones.
    pub since_at: i64,
    /// Until when, if that is known.
    pub until_at: Option<i64>,
    /// The name of whoever let them in.
    pub added_by: Option<String>,
    /// When it was ended.
    pub ended_at: Option<i64>,
}

/// Members shown of one patient, those who left among them.
pub const SHOWN_MAX: i64 = 200;

/// Whether `patient` is there, and why their record is confidential, if it is.
///
/// # Errors
/// What the store says.
pub fn confidential(tx: &ReadTx<'_>, patient: i64) -> Result<Option<Option<String>>, StoreError> {
    let sql = "SELECT confidential FROM patient WHERE id = ?1";
    tx.opt(sql, &[patient.into()], |row| row.get(0))
}

/// The care team of `patient`, who is in it now first, then the newest.
///
/// # Errors
/// What the store says.
pub fn of(tx: &ReadTx<'_>, patient: i64, now: i64) -> Result<Vec<Member>, StoreError> {
    let sql = "SELECT member.id, member.user_id, who.display_name, who.role, since_at, until_at, \
        adder.display_name, ended_at FROM care_team_member AS member \
        JOIN app_user AS who ON who.id = member.user_id \
        LEFT JOIN app_user AS adder ON adder.id = member.added_by \
        WHERE member.patient_id = ?1 \
        ORDER BY ended_at IS NOT NULL OR coalesce(until_at <= ?2, 0), since_at DESC, member.id \
        LIMIT ?3";
    tx.all(sql, &[patient.into(), now.into(), SHOWN_MAX.into()], |row| {
        Ok(Member {
            id: row.get(0)?,
            user: row.get(1)?,
            name: row.get(2)?,
            role: row.get(3)?,
            since_at: row.get(4)?,
            until_at: row.get(5)?,
            added_by: row.get(6)?,
            ended_at: row.get(7)?,
        })
    })
}

/// Lets `user` into the care team of `patient`, maybe only `until` then.
///
/// # Errors
/// Why not; what the store says.
pub fn add(
    work: &Work<'_>,
    patient: i64,
    (user, until): (i64, Option<i64>),
) -> Result<i64, TeamError> {
    let now = work.now();
    let found = confidential(work.tx(), patient)?;
    let is_confidential = found.ok_or(RecordError::NotFound(PATIENT.name))?.is_some();
    may_add(work, patient, is_confidential)?;
    if !work.call().actor.may(CONFIDENTIAL) && waits_for_review(work, (user, patient))? {
        return Err(TeamError::Unreviewed);
    }
    let sql = "SELECT 1 FROM app_user WHERE id = ?1 AND active = 1";
    if work.tx().opt(sql, &[user.into()], |_| Ok(()))?.is_none() {
        let mend = format!("There is no active {} with this id.", USER.name);
        return Err(RecordError::field("user_id", mend).into());
    }
    if is_confidential && work.call().actor.user_id() == Some(user) {
        return Err(TeamError::Oneself);
    }
    // One that has run out makes room.
    let sql = "UPDATE care_team_member SET ended_at = until_at, updated_at = ?3, \
        version = version + 1 WHERE user_id = ?1 AND patient_id = ?2 AND ended_at IS NULL \
        AND until_at <= ?3";
    work.tx().execute(sql, &[user.into(), patient.into(), now.into()])?;
    let id = work.new_id();
    let sql = "INSERT INTO care_team_member (id, patient_id, user_id, since_at, until_at, \
        added_by, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?4, ?4)";
    let by = work.call().actor.user_id();
    let params = [id.into(), patient.into(), user.into(), now.into(), until.into(), by.into()];
    match work.tx().execute(sql, &params) {
        Err(StoreError::Unique { .. }) => return Err(TeamError::Member),
        outcome => outcome?,
    };
    touch(work, id, patient, "added");
    Ok(id)
}

/// Ends the membership `id`. One that has ended stays as it is.
///
/// # Errors
/// There is none; the patient is out of reach; what the store says.
pub fn end(work: &Work<'_>, id: i64) -> Result<(), TeamError> {
    let sql = "SELECT patient_id, ended_at IS NULL FROM care_team_member WHERE id = ?1";
    let found =
        work.tx().opt(sql, &[id.into()], |row| Ok((row.get::<i64>(0)?, row.get::<bool>(1)?)))?;
    let (patient, is_open) = found.ok_or(RecordError::NotFound(CARE_TEAM_MEMBER.name))?;
    if work.call().actor.may(CONFIDENTIAL) {
        work.ex_officio(patient);
    } else {
        work.admit(patient)?;
    }
    if is_open {
        let sql = "UPDATE care_team_member SET ended_at = ?2, ended_by = ?3, updated_at = ?2, \
            version = version + 1 WHERE id = ?1";
        let by = work.call().actor.user_id();
        work.tx().execute(sql, &[id.into(), work.now().into(), by.into()])?;
        touch(work, id, patient, "ended");
    }
    Ok(())
}

/// Who looks after the marks of confidentiality may; else whoever sees the patient without an
/// emergency, which of a confidential one is the care team.
fn may_add(work: &Work<'_>, patient: i64, is_confidential: bool) -> Result<(), TeamError> {
    let actor = &work.call().actor;
    if is_confidential && actor.may(CONFIDENTIAL) {
        work.ex_officio(patient);
        return Ok(());
    }
    work.admit(patient)?;
    let machine = actor.user_id().is_none();
    match reach::standing(work.tx(), actor, work.now(), patient)? {
        Standing::Emergency(_) if !machine => Err(TeamError::Emergency),
        _ => Ok(()),
    }
}

/// How long an emergency that nobody found justified keeps its person out of the team,
/// microseconds: thirty days.
const UNJUSTIFIED: i64 = 30 * 24 * 3_600 * 1_000_000;

/// Whether `user` has broken the glass of `patient` of late, and nobody found that justified: a
/// colleague in the ward does not make it last either.
fn waits_for_review(work: &Work<'_>, (user, patient): (i64, i64)) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM break_glass WHERE user_id = ?1 AND patient_id = ?2 \
        AND ?3 < expires_at AND reason <> 'unmarked' AND coalesce(verdict, '') <> 'justified' \
        LIMIT 1";
    let params = [user.into(), patient.into(), (work.now() - UNJUSTIFIED).into()];
    Ok(work.tx().opt(sql, &params, |_| Ok(()))?.is_some())
}

fn touch(work: &Work<'_>, id: i64, patient: i64, event: &'static str) {
    work.touched(Touch { kind: CARE_TEAM_MEMBER, id, patient: Some(patient), event });
}

/// Somebody who may be let in.
#[derive(Debug, Clone)]
pub struct Colleague {
    /// Who.
    pub id: i64,
    /// Their name.
    pub name: String,
    /// The role's code.
    pub role: String,
}

/// People found at a time.
pub const FOUND_MAX: i64 = 20;

/// Those with an account in use whose name, or a word of it, or user name begins with `text`.
///
/// # Errors
/// What the store says.
pub fn colleagues(tx: &ReadTx<'_>, text: &str) -> Result<Vec<Colleague>, StoreError> {
    let plain: String = text.trim().chars().filter(|letter| !"%_\\".contains(*letter)).collect();
    let sql = "SELECT id, display_name, role FROM app_user WHERE active = 1 \
        AND (display_name LIKE ?1 || '%' OR display_name LIKE '% ' || ?1 || '%' \
        OR username LIKE ?1 || '%') ORDER BY display_name, id LIMIT ?2";
    tx.all(sql, &[plain.into(), FOUND_MAX.into()], |row| {
        Ok(Colleague { id: row.get(0)?, name: row.get(1)?, role: row.get(2)? })
    })
}

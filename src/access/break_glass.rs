//! Breaking the glass: opening a record out of one's reach, for a while, loudly.
//!
//! Owns `break_glass`. Whoever does it says why, in a word and in words; it ends by itself, and
//! somebody else looks at it afterwards. Every read and change made under it says so in the
//! audit ([`super::reach`] finds it). Permissions: `break_glass.use`, `break_glass.review`.

pub mod list;

use super::reach::{self, BREAK_GLASS_USE, PATIENT};
use crate::platform::ledger::{Emergency, OutOfReach, RecordError, Standing, Touch, Work};
use crate::store::{ReadTx, StoreError};
use crate::vocab::id::Kind;
use crate::vocab::problem::{Explain, FieldError, ProblemKind};

/// One time that somebody broke the glass.
pub const BREAK_GLASS: Kind = Kind::new("break_glass", "btg");
/// The topic of the live channel under which it is told.
pub const TOPIC: &str = "break-glass";
/// The permission to look at what others did.
pub const REVIEW: &str = "break_glass.review";

/// Why, in a word.
pub const REASONS: [&str; 6] =
    ["emergency", "covering", "consult", "transfer", "patient_request", "technical"];
/// The reason of what is reviewed like an emergency: a mark of confidentiality was taken away.
pub const UNMARKED: &str = "unmarked";
/// Every reason that a reviewer meets.
pub const REVIEWED_FOR: [&str; 7] =
    ["emergency", "covering", "consult", "transfer", "patient_request", "technical", UNMARKED];
/// What the review came to.
pub const VERDICTS: [&str; 2] = ["justified", "not_justified"];
/// Characters of the words beside the reason.
pub const TEXT: std::ops::RangeInclusive<usize> = 10..=500;
/// Characters of a reviewer's note.
pub const NOTE_MAX: usize = 1_000;
/// How many one person may have open at one time.
pub const OPEN_MAX: i64 = 10;
/// How many one person may open within an hour, so that nobody reads through the house by it;
/// whoever has more emergencies than that is not alone.
pub const HOURLY_MAX: i64 = 20;
const HOUR: i64 = 3_600 * 1_000_000;
/// How long one lasts in minutes, unless the hospital says otherwise, and what it may say.
pub const MINUTES: i64 = 60;
/// The bounds of that number.
pub const MINUTES_BOUNDS: std::ops::RangeInclusive<i64> = 5..=720;
/// The setting with that number.
pub const MINUTES_SETTING: &str = "break_glass_minutes";
/// After this it should have been reviewed, microseconds: seven days.
pub const REVIEW_WITHIN: i64 = 7 * 24 * 3_600 * 1_000_000;

/// Why the glass stays whole, or a review is refused.
#[derive(Debug, thiserror::Error)]
pub enum GlassError {
    /// The record is within reach.
    #[error("You can open this record without an emergency.")]
    NotNeeded,
    /// Too many at once.
    #[error("You have {OPEN_MAX} emergencies open. End one that you do not need any more.")]
    TooMany,
    /// Too many one after the other.
    #[error(
        "You have opened {HOURLY_MAX} records in an emergency within the hour. Ask a colleague to \
         open this one, or the privacy officer to let you into the care team."
    )]
    TooOften,
    /// One's own.
    #[error("Nobody reviews their own emergency access. Leave it to somebody else.")]
    Own,
    /// It was reviewed before.
    #[error("This was reviewed already. Load it again.")]
    Reviewed,
    /// The machine has no hands to break it with.
    #[error("Only somebody with an account can open a record in an emergency.")]
    NoAccount,
    /// A record was refused.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<StoreError> for GlassError {
    fn from(cause: StoreError) -> Self {
        Self::Record(cause.into())
    }
}

impl From<OutOfReach> for GlassError {
    fn from(cause: OutOfReach) -> Self {
        Self::Record(cause.into())
    }
}

impl Explain for GlassError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotNeeded => "break_glass.not_needed",
            Self::TooMany => "break_glass.too_many",
            Self::TooOften => "break_glass.too_often",
            Self::Own => "break_glass.own",
            Self::Reviewed => "break_glass.reviewed",
            Self::NoAccount => "access.no_account",
            Self::Record(cause) => cause.code(),
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::NotNeeded | Self::TooMany | Self::TooOften | Self::Reviewed => {
                ProblemKind::Conflict
            }
            Self::Own | Self::NoAccount => ProblemKind::NotAllowed,
            Self::Record(cause) => cause.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Record(cause) => cause.fields(),
            _ => Vec::new(),
        }
    }
}

/// Whom somebody wants to see, and why.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The patient.
    pub patient: i64,
    /// One of [`REASONS`].
    pub reason: String,
    /// In words.
    pub text: String,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Broken {
    /// Which.
    pub id: i64,
    /// It was open already.
    pub before: bool,
}

/// Opens the record of a patient out of reach to the caller. One that is open stays as it is.
///
/// # Errors
/// There is no such patient; there is no need; too many are open; what the store says.
pub fn open(work: &Work<'_>, wanted: &Wanted) -> Result<Broken, GlassError> {
    let (actor, now, patient) = (&work.call().actor, work.now(), wanted.patient);
    let Some(user) = actor.user_id() else { return Err(GlassError::NoAccount) };
    debug_assert!(actor.may(BREAK_GLASS_USE), "the route asks for it");
    let known =
        work.tx().opt("SELECT 1 FROM patient WHERE id = ?1", &[patient.into()], |_| Ok(()))?;
    known.ok_or(RecordError::NotFound(PATIENT.name))?;
    match reach::standing(work.tx(), actor, now, patient)? {
        Standing::Open => return Err(GlassError::NotNeeded),
        Standing::Emergency(_) => {
            let id = running(work.tx(), (user, patient), now)?;
            return Ok(Broken { id, before: true });
        }
        Standing::Named | Standing::Hidden => {}
    }
    count_others(work, user)?;
    let minutes = super::hospital::number(work.tx(), MINUTES_SETTING)?.unwrap_or(MINUTES);
    let until = now.saturating_add(minutes.saturating_mul(60_000_000));
    let id = insert(work, wanted, until)?;
    work.ex_officio(patient);
    Ok(Broken { id, before: false })
}

/// Refuses whoever has too many open, or has opened too many.
fn count_others(work: &Work<'_>, user: i64) -> Result<(), GlassError> {
    let now = work.now();
    let sql = "SELECT count(*) FROM break_glass \
        WHERE user_id = ?1 AND closed_at IS NULL AND ?2 < expires_at";
    let open = work.tx().one(sql, &[user.into(), now.into()], |row| row.get::<i64>(0))?;
    if OPEN_MAX <= open {
        return Err(GlassError::TooMany);
    }
    let sql = "SELECT count(*) FROM break_glass \
        WHERE user_id = ?1 AND ?2 < opened_at AND reason <> 'unmarked'";
    let opened = work.tx().one(sql, &[user.into(), (now - HOUR).into()], |row| row.get(0))?;
    if HOURLY_MAX <= opened { Err(GlassError::TooOften) } else { Ok(()) }
}

/// Has the caller's taking a mark of confidentiality away from `patient` reviewed, for the reason
/// `text`. It opens nothing by itself; whatever the caller does to the record in the same unit of
/// work is in the audit as done for it.
///
/// # Errors
/// What the store says.
pub fn unmarked(work: &Work<'_>, patient: i64, text: &str) -> Result<(), StoreError> {
    let wanted = Wanted { patient, reason: UNMARKED.to_owned(), text: text.to_owned() };
    let id = insert(work, &wanted, work.now())?;
    let why = format!("break-glass {} {UNMARKED}", BREAK_GLASS.show(id));
    work.ex_officio_under(patient, Emergency { id, why });
    Ok(())
}

fn insert(work: &Work<'_>, wanted: &Wanted, until: i64) -> Result<i64, StoreError> {
    let id = work.new_id();
    let sql = "INSERT INTO break_glass (id, user_id, session_id, patient_id, reason, text, \
        opened_at, expires_at, created_at, updated_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7, ?7)";
    let params = [
        id.into(),
        work.call().actor.user_id().into(),
        work.call().actor.session().into(),
        wanted.patient.into(),
        wanted.reason.as_str().into(),
        wanted.text.as_str().into(),
        work.now().into(),
        until.into(),
    ];
    work.tx().execute(sql, &params)?;
    let patient = Some(wanted.patient);
    work.touched(Touch { kind: BREAK_GLASS, id, patient, event: "opened" });
    Ok(id)
}

/// The one that `user` has open for `patient`.
fn running(tx: &ReadTx<'_>, (user, patient): (i64, i64), now: i64) -> Result<i64, StoreError> {
    let sql = "SELECT id FROM break_glass WHERE user_id = ?1 AND patient_id = ?2 \
        AND closed_at IS NULL AND ?3 < expires_at ORDER BY expires_at DESC LIMIT 1";
    tx.one(sql, &[user.into(), patient.into(), now.into()], |row| row.get(0))
}

/// Ends one's own, or with `others` anybody's. One that has ended stays as it is.
///
/// # Errors
/// There is none of the caller's with this id; what the store says.
pub fn close(work: &Work<'_>, id: i64, others: bool) -> Result<(), RecordError> {
    let own = work.call().actor.user_id();
    let sql = "SELECT user_id, patient_id, closed_at IS NULL AND ?2 < expires_at \
        FROM break_glass WHERE id = ?1";
    let found = work.tx().opt(sql, &[id.into(), work.now().into()], |row| {
        Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<bool>(2)?))
    })?;
    let found = found.filter(|(user, ..)| others || Some(*user) == own);
    let (_, patient, is_open) = found.ok_or(RecordError::NotFound(BREAK_GLASS.name))?;
    if is_open {
        end(work, id)?;
        work.ex_officio(patient);
        work.touched(Touch { kind: BREAK_GLASS, id, patient: Some(patient), event: "closed" });
    }
    Ok(())
}

fn end(work: &Work<'_>, id: i64) -> Result<(), StoreError> {
    let sql = "UPDATE break_glass SET closed_at = ?2, updated_at = ?2, version = version + 1 \
        WHERE id = ?1 AND closed_at IS NULL AND ?2 < expires_at";
    work.tx().execute(sql, &[id.into(), work.now().into()])?;
    Ok(())
}

/// What a reviewer found.
#[derive(Debug, Clone)]
pub struct Review {
    /// One of [`VERDICTS`].
    pub verdict: String,
    /// In words, if there are any.
    pub note: Option<String>,
}

/// Notes the review by the caller. One that was not justified is ended if it is still open.
///
/// # Errors
/// There is none; it is the caller's own; it was reviewed before; what the store says.
pub fn review(work: &Work<'_>, id: i64, review: &Review) -> Result<(), GlassError> {
    let by = work.call().actor.user_id();
    let sql = "SELECT user_id, patient_id, reviewed_at IS NOT NULL FROM break_glass WHERE id = ?1";
    let found = work.tx().opt(sql, &[id.into()], |row| {
        Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<bool>(2)?))
    })?;
    let (user, patient, reviewed) = found.ok_or(RecordError::NotFound(BREAK_GLASS.name))?;
    if by == Some(user) {
        return Err(GlassError::Own);
    }
    if reviewed {
        return Err(GlassError::Reviewed);
    }
    let sql = "UPDATE break_glass SET reviewed_by = ?2, reviewed_at = ?3, verdict = ?4, \
        review_note = ?5, updated_at = ?3, version = version + 1 WHERE id = ?1";
    let params = [
        id.into(),
        by.into(),
        work.now().into(),
        review.verdict.as_str().into(),
        review.note.clone().into(),
    ];
    work.tx().execute(sql, &params)?;
    if review.verdict == VERDICTS[1] {
        end(work, id)?;
    }
    work.ex_officio(patient);
    work.touched(Touch { kind: BREAK_GLASS, id, patient: Some(patient), event: "reviewed" });
    Ok(())
}

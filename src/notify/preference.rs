//! How a person wants to be told.

use super::channel::Level;
use super::digest::OFTEN;
use super::mail;
use super::recipients::DAY_MINUTES;
use super::words::LANGUAGES;
use crate::store::{ReadTx, StoreError, Tx};
use crate::vocab::problem::Findings;

/// How often the letter comes until somebody says otherwise.
const WEEKLY: &str = OFTEN[1];

/// How a person wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// Where mail goes; none for no mail.
    pub email: Option<String>,
    /// What is mailed.
    pub level: Level,
    /// When what can wait does: minutes of the hospital's day, from and until.
    pub quiet: Option<(i64, i64)>,
    /// BCP 47.
    pub language: String,
    /// How often they get a letter that says how the server is doing: one of [`OFTEN`].
    pub digest: String,
    /// Up to when they have seen what there is, microseconds UTC.
    pub seen_at: i64,
    /// 0 while nothing was said.
    pub version: i64,
}

impl Default for Preference {
    fn default() -> Self {
        Self {
            email: None,
            level: Level::All,
            quiet: None,
            language: LANGUAGES[0].to_owned(),
            digest: WEEKLY.to_owned(),
            seen_at: 0,
            version: 0,
        }
    }
}

impl Preference {
    /// Trims what was typed and notes what is wrong with it.
    pub fn check(&mut self, findings: &mut Findings) {
        self.email = self.email.take().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let is_address = self.email.as_deref().is_none_or(mail::is_address);
        findings.check(is_address, "email", "Write an address such as ama@hospital.example.");
        if let Some((from, until)) = self.quiet {
            let fits = |minute: i64| (0..DAY_MINUTES).contains(&minute);
            findings.check(fits(from), "quiet_from", "Write a time of the day such as 22:00.");
            findings.check(fits(until), "quiet_until", "Write a time of the day such as 06:00.");
            let mend = "These are the same: leave both out, or write when the quiet ends.";
            findings.check(from != until, "quiet_until", mend);
        }
        let mend = format!("Send one of {}.", OFTEN.join(", "));
        findings.check(OFTEN.contains(&self.digest.as_str()), "digest", &mend);
        let mend = format!("Send one of {}.", LANGUAGES.join(", "));
        findings.check(LANGUAGES.contains(&self.language.as_str()), "language", &mend);
    }
}

/// What `user` has said; the usual, if nothing.
///
/// # Errors
/// What the store says.
pub fn of(tx: &ReadTx<'_>, user: i64) -> Result<Preference, StoreError> {
    let sql = "SELECT email, level, quiet_from, quiet_until, language, seen_at, version, digest \
        FROM notification_preference WHERE user_id = ?1";
    let found = tx.opt(sql, &[user.into()], |row| {
        Ok(Preference {
            email: row.get(0)?,
            level: Level::of(&row.get::<String>(1)?),
            quiet: row.get::<Option<i64>>(2)?.zip(row.get::<Option<i64>>(3)?),
            language: row.get(4)?,
            seen_at: row.get(5)?,
            version: row.get(6)?,
            digest: row.get(7)?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// Writes what `user` says at `now`. What they have seen stays as it was.
///
/// # Errors
/// What the store says.
pub fn save(tx: &Tx<'_>, user: i64, said: &Preference, now: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO notification_preference \
        (user_id, email, level, quiet_from, quiet_until, language, digest, seen_at, updated_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?8, 0, ?7) ON CONFLICT (user_id) DO UPDATE SET \
        email = excluded.email, level = excluded.level, quiet_from = excluded.quiet_from, \
        quiet_until = excluded.quiet_until, language = excluded.language, \
        digest = excluded.digest, \
        version = version + 1, updated_at = excluded.updated_at";
    let params = [
        user.into(),
        said.email.as_deref().into(),
        said.level.word().into(),
        said.quiet.map(|quiet| quiet.0).into(),
        said.quiet.map(|quiet| quiet.1).into(),
        said.language.as_str().into(),
        now.into(),
        said.digest.as_str().into(),
    ];
    tx.execute(sql, &params)?;
    Ok(())
}

/// `user` has seen what was told up to `until`, at `now`.
///
/// # Errors
/// What the store says.
pub fn saw(tx: &Tx<'_>, user: i64, until: i64, now: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO notification_preference \
        (user_id, level, language, digest, seen_at, version, updated_at) \
        VALUES (?1, 'all', ?2, ?5, ?3, 0, ?4) \
        ON CONFLICT (user_id) DO UPDATE SET seen_at = max(seen_at, excluded.seen_at)";
    tx.execute(
        sql,
        &[user.into(), LANGUAGES[0].into(), until.min(now).into(), now.into(), WEEKLY.into()],
    )?;
    Ok(())
}

/// How many `user` has not seen, counted up to `most`.
///
/// # Errors
/// What the store says.
pub fn unseen(tx: &ReadTx<'_>, seen_at: i64, most: i64) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM notification \
        WHERE ?1 < told_at AND words <> 'test' LIMIT ?2)";
    tx.one(sql, &[seen_at.into(), most.into()], |row| row.get(0))
}

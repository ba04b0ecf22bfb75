//! Who is told, and when: people who look after the system and have said where, and the channels
//! of the house.

use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::channel::{self, Level};
use super::{Severity, mail};
use crate::platform::jobs::resource::READ;
use crate::store::{ReadTx, StoreError};
use crate::vocab::clock::instant;

/// People who are told by mail; the program sends to no more.
const PEOPLE_MAX: i64 = 200;
/// Minutes of a day.
pub const DAY_MINUTES: i64 = 1_440;

/// The way of all mail, as the subject of what is wrong with it.
pub const MAIL_WAY: &str = "notify:mail";

/// To whom: a person by mail, or a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// The account with this number.
    Person(i64),
    /// The channel with this key.
    Channel(String),
}

impl To {
    /// What [`To`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("person", id) => id.parse().ok().map(Self::Person),
            ("channel", key) => Some(Self::Channel(key.to_owned())),
            _ => None,
        }
    }

    /// The way to it, as the subject of what is wrong with that.
    #[must_use]
    pub fn way(&self) -> String {
        match self {
            Self::Person(_) => MAIL_WAY.to_owned(),
            Self::Channel(key) => format!("notify:channel:{key}"),
        }
    }

    /// The same of what is wrong with this one alone: an address that the mail server refuses.
    #[must_use]
    pub fn own_way(&self) -> String {
        format!("notify:to:{self}")
    }
}

impl std::fmt::Display for To {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Channel(key) => write!(f, "channel:{key}"),
        }
    }
}

/// Somebody who is told.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// Which.
    pub to: To,
    /// As people call it.
    pub name: String,
    /// Where mail to a person goes.
    pub email: Option<String>,
    /// What they want to hear.
    pub level: Level,
    /// When they do not want to be disturbed by what can wait: minutes of the day.
    pub quiet: Option<(i64, i64)>,
    /// BCP 47.
    pub language: String,
    /// How often they are told how the server is doing: one of [`OFTEN`](super::digest::OFTEN).
    pub digest: String,
}

impl Recipient {
    /// Whether they want to hear of something so grave.
    #[must_use]
    pub fn wants(&self, severity: Severity) -> bool {
        match self.level {
            Level::All => true,
            Level::Critical => severity == Severity::Critical,
            Level::None => false,
        }
    }

    /// Whether they could hear of `subject`: not that the way to themselves is interrupted.
    #[must_use]
    pub fn hears_of(&self, subject: &str) -> bool {
        self.to.way() != subject && self.to.own_way() != subject
    }

    /// The first instant from `at` on (microseconds) at which they may be disturbed.
    #[must_use]
    pub fn awake_at(&self, at: i64, zone: &TimeZone) -> i64 {
        let Some((from, until)) = self.quiet else { return at };
        let local = instant(at).to_zoned(zone.clone());
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        let is_quiet = match from <= until {
            true => (from..until).contains(&minute),
            // Over midnight.
            false => from <= minute || minute < until,
        };
        if !is_quiet {
            return at;
        }
        let date = if minute < until { Ok(local.date()) } else { local.date().tomorrow() };
        let time = Time::MIN.wrapping_add(jiff::Span::new().minutes(until));
        let ends = date.and_then(|date| date.to_datetime(time).to_zoned(zone.clone()));
        ends.map_or(at, |ends| ends.timestamp().as_microsecond().max(at))
    }
}

/// Everybody who may be told just now, for people only where there is a way.
///
/// # Errors
/// What the store says.
pub fn all(tx: &ReadTx<'_>) -> Result<Vec<Recipient>, StoreError> {
    let mut found = channel::recipients(tx)?;
    if mail::KEPT.find(tx)?.is_some_and(|kept| kept.settings.enabled) {
        found.extend(people(tx, None)?);
    }
    Ok(found)
}

/// `to`, if it may still be told.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>, to: &To) -> Result<Option<Recipient>, StoreError> {
    match to {
        To::Person(id) => {
            let goes_out = mail::KEPT.find(tx)?.is_some_and(|kept| kept.settings.enabled);
            Ok(if goes_out { people(tx, Some(*id))?.pop() } else { None })
        }
        To::Channel(_) => {
            Ok(channel::recipients(tx)?.into_iter().find(|recipient| recipient.to == *to))
        }
    }
}

/// Who can sign in, may see the system and has said where mail goes.
fn people(tx: &ReadTx<'_>, only: Option<i64>) -> Result<Vec<Recipient>, StoreError> {
    let sql = "SELECT u.id, u.display_name, p.email, p.level, p.quiet_from, p.quiet_until, \
        p.language, p.digest FROM notification_preference AS p \
        JOIN app_user AS u ON u.id = p.user_id \
        WHERE u.active = 1 AND p.email IS NOT NULL AND (?1 IS NULL OR u.id = ?1) \
        AND EXISTS (SELECT 1 FROM role AS r JOIN role_permission AS g ON g.role_id = r.id \
        WHERE r.code = u.role AND r.active = 1 AND g.permission = ?2) ORDER BY u.id LIMIT ?3";
    tx.all(sql, &[only.into(), READ.into(), PEOPLE_MAX.into()], |row| {
        let quiet = row.get::<Option<i64>>(4)?.zip(row.get::<Option<i64>>(5)?);
        Ok(Recipient {
            to: To::Person(row.get(0)?),
            name: row.get(1)?,
            email: row.get(2)?,
            level: Level::of(&row.get::<String>(3)?),
            quiet,
            language: row.get(6)?,
            digest: row.get(7)?,
        })
    })
}

//! Says that something is wrong, that it is worse, and that it is over.

use serde_json::{Map, Value as Json};

use super::deliver;
use super::recipients::{self, Recipient, To};
use super::resource::NOTIFICATION;
use crate::platform::events::outbox;
use crate::platform::ledger::Desk;
use crate::store::{StoreError, Tx};

/// How soon the same thing counts again, microseconds: what fails every second is one line and
/// not a write each time.
const AGAIN: i64 = 60_000_000;
/// How long what is no emergency waits for more of its kind, microseconds: half a minute.
const GATHERED: i64 = 30_000_000;
/// Deliveries of one notification; further ones are not sent, and it is on screen all the same.
const DELIVERIES_MAX: i64 = 2_000;

/// How grave something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody should look today.
    Warning,
    /// Somebody has to look now.
    Critical,
}

impl Severity {
    /// As one of [`SEVERITIES`](super::resource::SEVERITIES).
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// What `word` says; what is not known is grave.
    #[must_use]
    pub fn of(word: &str) -> Self {
        if word == "warning" { Self::Warning } else { Self::Critical }
    }
}

/// Something that is wrong. It holds no patient data, for it leaves the house.
#[derive(Debug, Clone)]
pub struct Raised {
    /// What it is about, e.g. `job:backup`: one of a subject is open at a time.
    pub subject: String,
    /// How grave it is.
    pub severity: Severity,
    /// Which words: `notify.WORDS_title` and `notify.WORDS_text` of the catalogues.
    pub words: &'static str,
    /// What stands in their slots.
    pub facts: Map<String, Json>,
}

/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// It is new.
    Raised,
    /// It is graver than before.
    Worse,
    /// It is over.
    Over,
    /// Somebody tries whether a message arrives.
    Test,
}

impl Occasion {
    fn word(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Worse => "worse",
            Self::Over => "over",
            Self::Test => "test",
        }
    }
}

/// Says in the caller's transaction that something is wrong. Whoever has to know is told when it
/// is durable; where it is known already, it counts once more.
///
/// # Errors
/// What the store says.
pub fn raise(tx: &Tx<'_>, desk: &Desk, raised: &Raised) -> Result<(), StoreError> {
    let now = desk.now();
    let sql = "SELECT id, severity, last_at FROM notification \
        WHERE subject = ?1 AND state = 'open'";
    let open = tx.opt(sql, &[raised.subject.as_str().into()], |row| {
        let severity = Severity::of(&row.get::<String>(1)?);
        Ok((row.get::<i64>(0)?, severity, row.get::<i64>(2)?))
    })?;
    let facts = serde_json::to_string(&raised.facts).unwrap_or_else(|_| "{}".to_owned());
    let Some((id, severity, last_at)) = open else {
        let id = desk.ids().next();
        let sql = "INSERT INTO notification (id, subject, state, severity, words, facts, \
            raised_at, last_at, told_at, created_at, updated_at) \
            VALUES (?1, ?2, 'open', ?3, ?4, ?5, ?6, ?6, ?6, ?6, ?6)";
        let params = [
            id.into(),
            raised.subject.as_str().into(),
            raised.severity.word().into(),
            raised.words.into(),
            facts.into(),
            now.into(),
        ];
        tx.execute(sql, &params)?;
        outbox::append(tx, now, ("raised", NOTIFICATION.name), id, None)?;
        return tell(tx, desk, (id, raised.severity, &raised.subject), Occasion::Raised);
    };
    let worse = severity < raised.severity;
    if !worse && now < last_at + AGAIN {
        return Ok(());
    }
    let sql = "UPDATE notification SET severity = ?2, words = ?3, facts = ?4, times = times + 1, \
        last_at = ?5, told_at = CASE ?6 WHEN 1 THEN ?5 ELSE told_at END, \
        version = version + 1, updated_at = ?5 WHERE id = ?1";
    let params = [
        id.into(),
        severity.max(raised.severity).word().into(),
        raised.words.into(),
        facts.into(),
        now.into(),
        i64::from(worse).into(),
    ];
    tx.execute(sql, &params)?;
    outbox::append(tx, now, ("amended", NOTIFICATION.name), id, None)?;
    if worse {
        tell(tx, desk, (id, raised.severity, &raised.subject), Occasion::Worse)?;
    }
    Ok(())
}

/// Says in the caller's transaction that what `subject` was about is over. Whoever was told of it
/// is told that too; whoever is still to be told hears both at once. False if nothing was open.
///
/// # Errors
/// What the store says.
pub fn over(tx: &Tx<'_>, desk: &Desk, subject: &str) -> Result<bool, StoreError> {
    let now = desk.now();
    let sql = "UPDATE notification SET state = 'over', over_at = ?2, told_at = ?2, \
        version = version + 1, updated_at = ?2 WHERE subject = ?1 AND state = 'open'";
    let find = "SELECT id FROM notification WHERE subject = ?1 AND state = 'open'";
    let found = tx.opt(find, &[subject.into()], |row| row.get::<i64>(0))?;
    let Some(id) = found else { return Ok(false) };
    tx.execute(sql, &[subject.into(), now.into()])?;
    outbox::append(tx, now, ("over", NOTIFICATION.name), id, None)?;
    let sql = "SELECT recipient, name, max(due_at) FROM notification_delivery \
        WHERE notification_id = ?1 AND coalesce(outcome, '') <> 'dropped' \
        GROUP BY recipient, name ORDER BY recipient";
    let told = tx.all(sql, &[id.into()], |row| {
        Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<i64>(2)?))
    })?;
    for (recipient, name, due_at) in told {
        let Some(to) = To::parse(&recipient) else { continue };
        add(tx, desk, id, (&to, &name), (Occasion::Over, due_at.max(now + GATHERED)))?;
    }
    Ok(true)
}

/// Tries whether `whom` hear a message, whatever else they want to hear; what it is about is called
/// `name`. Once a minute: nobody's bell is to be drowned in tests.
///
/// # Errors
/// [`StoreError::Busy`] if one of them was tried a minute ago; what the store says.
pub fn test(
    tx: &Tx<'_>,
    desk: &Desk,
    (name, whom): (&str, &[Recipient]),
) -> Result<i64, StoreError> {
    let (id, now) = (desk.ids().next(), desk.now());
    let sql = "SELECT 1 FROM notification AS n JOIN notification_delivery AS d \
        ON d.notification_id = n.id WHERE ?1 < n.told_at AND n.words = 'test' \
        AND d.recipient = ?2 LIMIT 1";
    for recipient in whom {
        let params = [(now - AGAIN).into(), recipient.to.to_string().into()];
        if tx.opt(sql, &params, |_| Ok(()))?.is_some() {
            return Err(StoreError::Busy { retry_after_s: 60 });
        }
    }
    let sql = "INSERT INTO notification (id, subject, state, severity, words, facts, raised_at, \
        last_at, over_at, told_at, created_at, updated_at) \
        VALUES (?1, ?2, 'over', 'warning', 'test', ?3, ?4, ?4, ?4, ?4, ?4, ?4)";
    let facts = serde_json::json!({"name": name}).to_string();
    let subject = format!("test:{id}");
    tx.execute(sql, &[id.into(), subject.into(), facts.into(), now.into()])?;
    outbox::append(tx, now, ("raised", NOTIFICATION.name), id, None)?;
    for recipient in whom {
        add(tx, desk, id, (&recipient.to, &recipient.name), (Occasion::Test, now))?;
    }
    Ok(id)
}

fn tell(
    tx: &Tx<'_>,
    desk: &Desk,
    (id, severity, subject): (i64, Severity, &str),
    occasion: Occasion,
) -> Result<(), StoreError> {
    let now = desk.now();
    for recipient in recipients::all(tx)? {
        if !recipient.wants(severity) || !recipient.hears_of(subject) {
            continue;
        }
        let due = match severity {
            Severity::Critical => now,
            Severity::Warning => recipient.awake_at(now + GATHERED, &desk.zone()),
        };
        add(tx, desk, id, (&recipient.to, &recipient.name), (occasion, due))?;
    }
    Ok(())
}

fn add(
    tx: &Tx<'_>,
    desk: &Desk,
    id: i64,
    (to, name): (&To, &str),
    (occasion, due_at): (Occasion, i64),
) -> Result<(), StoreError> {
    let sql = "SELECT count(*) FROM notification_delivery WHERE notification_id = ?1";
    let position: i64 = tx.one(sql, &[id.into()], |row| row.get(0))?;
    if DELIVERIES_MAX <= position {
        return Ok(());
    }
    let sql = "INSERT INTO notification_delivery \
        (notification_id, position, recipient, name, event, due_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let params = [
        id.into(),
        position.into(),
        to.to_string().into(),
        name.into(),
        occasion.word().into(),
        due_at.into(),
    ];
    tx.execute(sql, &params)?;
    deliver::order(tx, desk, to, due_at)
}

/// How long what is over is kept, microseconds: a year.
const KEPT: i64 = 365 * 24 * 3_600_000_000;

/// Removes up to `most` notifications that have served their time at `now`; how many.
///
/// # Errors
/// What the store says.
pub fn clear(tx: &Tx<'_>, now: i64, most: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM notification WHERE id IN (SELECT id FROM notification \
        WHERE state = 'over' AND told_at < ?1 ORDER BY told_at LIMIT ?2)";
    tx.execute(sql, &[(now - KEPT).into(), most.into()])
}

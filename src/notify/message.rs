//! What is said to one recipient at a time: one message, however much has come together.

use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

use super::raise::Raised;
use super::resource::NOTIFICATION;
use super::words::say;
use crate::store::{Row, StoreError};
use crate::vocab::clock::instant;

/// Notifications that are told one by one in a message; of more it says how many there are.
pub const TOLD_MAX: usize = 50;

/// One notification as it stands when the message is written.
#[derive(Debug, Clone)]
pub struct Line {
    /// As the API shows it.
    pub id: String,
    /// What it is about.
    pub subject: String,
    /// One of [`SEVERITIES`](super::resource::SEVERITIES).
    pub severity: String,
    /// Which words.
    pub words: String,
    /// What stands in their slots.
    pub facts: Map<String, Json>,
    /// Since when, microseconds UTC.
    pub raised_at: i64,
    /// Until when, if it is over.
    pub over_at: Option<i64>,
    /// Whether somebody only tries whether this arrives.
    pub is_test: bool,
}

impl Line {
    /// One that is told to see whether it arrives, to `name` at `now`.
    #[must_use]
    pub fn test(name: &str, now: i64) -> Self {
        Self {
            id: String::new(),
            subject: "test".to_owned(),
            severity: "warning".to_owned(),
            words: "test".to_owned(),
            facts: Map::from_iter([("name".to_owned(), json!(name))]),
            raised_at: now,
            over_at: Some(now),
            is_test: true,
        }
    }

    /// What a row says: identity, subject, severity, words, facts, since when, until when, and
    /// whether it is a test.
    ///
    /// # Errors
    /// A column is of another type.
    pub(super) fn of(row: &Row<'_>) -> Result<Self, StoreError> {
        let facts = serde_json::from_str(&row.get::<String>(4)?).unwrap_or(Json::Null);
        Ok(Self {
            id: NOTIFICATION.show(row.get(0)?),
            subject: row.get(1)?,
            severity: row.get(2)?,
            words: row.get(3)?,
            facts: facts.as_object().cloned().unwrap_or_default(),
            raised_at: row.get(5)?,
            over_at: row.get(6)?,
            is_test: row.get(7)?,
        })
    }

    /// `raised`, which nothing was noted of, at `now`.
    #[must_use]
    pub fn raised(raised: &Raised, now: i64) -> Self {
        Self {
            id: String::new(),
            subject: raised.subject.clone(),
            severity: raised.severity.word().to_owned(),
            words: raised.words.to_owned(),
            facts: raised.facts.clone(),
            raised_at: now,
            over_at: None,
            is_test: false,
        }
    }

    /// How it stands and what it is, in one line.
    #[must_use]
    pub fn heading(&self, language: &str) -> String {
        format!("{}: {}", self.state(language), self.title(language))
    }

    fn title(&self, language: &str) -> String {
        say(language, &format!("notify.{}_title", self.words), &self.facts)
    }

    fn text(&self, language: &str) -> String {
        say(language, &format!("notify.{}_text", self.words), &self.facts)
    }

    fn state(&self, language: &str) -> String {
        let word = match (self.is_test, self.over_at) {
            (true, _) => "test",
            (false, Some(_)) => "over",
            (false, None) => &self.severity,
        };
        say(language, &format!("notify.is_{word}"), &Map::new())
    }
}

/// The subject of a message of `hospital` that tells `what`: one line, whatever stands in them.
#[must_use]
pub fn subject(hospital: &str, what: &str) -> String {
    let whole = format!("[HealthFlow, {hospital}] {what}");
    whole.chars().filter(|letter| !letter.is_control()).collect()
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// Whose server speaks.
    pub hospital: &'a str,
    /// In which language.
    pub language: &'a str,
    /// In whose time.
    pub zone: &'a TimeZone,
    /// About what; at least one, the newest last.
    pub lines: &'a [Line],
}

impl Message<'_> {
    /// Its subject, one line.
    #[must_use]
    pub fn subject(&self) -> String {
        let worst = |line: &&Line| (line.over_at.is_none(), line.severity == "critical");
        let Some(line) = self.lines.iter().max_by_key(worst) else { return String::new() };
        let more = match self.lines.len() {
            1 => String::new(),
            several => format!(" (+{})", several - 1),
        };
        let told = line.heading(self.language);
        subject(self.hospital, &format!("{told}{more}"))
    }

    /// It, as plain text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut paragraphs: Vec<String> =
            self.lines.iter().take(TOLD_MAX).map(|line| self.paragraph(line)).collect();
        let more = self.lines.len().saturating_sub(TOLD_MAX);
        if 0 < more {
            paragraphs.push(format!("(+{more})"));
        }
        paragraphs.push(self.say("notify.footer", json!({"hospital": self.hospital})));
        paragraphs.join("\n\n")
    }

    fn paragraph(&self, line: &Line) -> String {
        let (heading, text) = (line.heading(self.language), line.text(self.language));
        let from = self.time(line.raised_at);
        let when = match line.over_at {
            Some(_) if line.is_test => from,
            Some(over_at) => {
                let until = self.time(over_at);
                self.say("notify.from_until", json!({"from": from, "until": until}))
            }
            None => self.say("notify.since", json!({"from": from})),
        };
        format!("{heading}\n{when}\n{text}")
    }

    fn say(&self, key: &str, facts: Json) -> String {
        say(self.language, key, facts.as_object().unwrap_or(&Map::new()))
    }

    fn time(&self, at: i64) -> String {
        instant(at).to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
    }

    /// It, for programs.
    #[must_use]
    pub fn json(&self) -> Json {
        let lines: Vec<Json> = self
            .lines
            .iter()
            .take(TOLD_MAX)
            .map(|line| {
                json!({
                    "id": line.id,
                    "subject": line.subject,
                    "severity": line.severity,
                    "state": if line.over_at.is_some() { "over" } else { "open" },
                    "test": line.is_test,
                    "title": line.title(self.language),
                    "text": line.text(self.language),
                    "facts": line.facts,
                    "raised_at": instant(line.raised_at).to_string(),
                    "over_at": line.over_at.map(|at| instant(at).to_string()),
                })
            })
            .collect();
        json!({"type": "notifications", "hospital": self.hospital, "notifications": lines})
    }
}

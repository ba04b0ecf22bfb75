//! What a question for the audit may say after the `?`.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::access::users::USER;
use crate::domain::patients::PATIENT;
use crate::platform::ledger::browse::{Narrowed, Place};
use crate::platform::ledger::custody::classes::AuditClass;
use crate::platform::resource::cursor::{Cursor, Misfit, Scope};
use crate::platform::resource::query::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::platform::resource::seal::Seal;
use crate::store::Value;
use crate::vocab::actor::Actor;
use crate::vocab::problem::{FieldError, Findings};

/// The filters, by name.
pub(super) const FILTERS: [&str; 8] =
    ["from", "to", "actor", "patient", "class", "act", "outcome", "address"];
/// The outcomes, by name.
pub(super) const OUTCOMES: [&str; 2] = ["done", "refused"];
/// Characters of an act at most.
pub(super) const ACT_MAX: usize = 100;

/// A checked question.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// What the list is narrowed to.
    pub(super) narrowed: Narrowed,
    /// Where the page begins.
    pub(super) after: Option<Place>,
    /// Rows on the page.
    pub(super) limit: usize,
    /// The filters as they were sent.
    filters: Vec<(String, String)>,
}

impl Asked {
    /// Reads `sent`, of which each parameter is there once. Days are those of `zone`.
    pub(super) fn read(
        sent: &[(String, String)],
        (viewer, seal, zone): (&Actor, &Seal, &TimeZone),
    ) -> Result<Self, Vec<FieldError>> {
        let mut findings = Findings::new();
        let mut asked = Self {
            narrowed: Narrowed::default(),
            after: None,
            limit: LIMIT_DEFAULT,
            filters: Vec::new(),
        };
        let mut cursor = None;
        for (name, value) in sent {
            match name.as_str() {
                "cursor" => cursor = Some(value),
                "limit" => match value.parse() {
                    Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => asked.limit = limit,
                    _ => findings.add("limit", format!("Send a number, 1 to {LIMIT_MAX}.")),
                },
                _ => {
                    asked.filters.push((name.clone(), value.clone()));
                    if let Err(mend) = narrow(&mut asked.narrowed, (name, value), zone) {
                        findings.add(name, mend);
                    }
                }
            }
        }
        findings.verdict()?;
        if let Some(text) = cursor {
            let opened = Cursor::open(text, seal, &asked.scope(viewer));
            let refused = |misfit: Misfit| vec![FieldError::new("cursor", misfit.mend())];
            let cursor = opened.map_err(refused)?;
            asked.after = match cursor.value {
                Value::Int(at) => Some((at, cursor.id)),
                _ => return Err(refused(Misfit::Unreadable)),
            };
        }
        Ok(asked)
    }

    /// What a cursor of this list is good for.
    pub(super) fn scope(&self, viewer: &Actor) -> Scope {
        let filters = self.filters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Scope::new("audit", viewer, "-at", &filters.collect::<Vec<_>>())
    }

    /// The filters in the words of the audit: ids and words, never a name.
    pub(super) fn told(&self) -> Option<String> {
        let all = self.filters.iter().map(|(name, value)| format!("{name} {value}"));
        let all = all.collect::<Vec<_>>().join(", ");
        (!all.is_empty()).then_some(all)
    }
}

fn narrow(
    narrowed: &mut Narrowed,
    (name, value): (&str, &str),
    zone: &TimeZone,
) -> Result<(), String> {
    let of = |mend: &str| mend.to_owned();
    match name {
        "from" => narrowed.from = Some(moment(value, zone, false).ok_or_else(|| of(TIME))?),
        "to" => narrowed.to = Some(moment(value, zone, true).ok_or_else(|| of(TIME))?),
        "actor" => {
            let mend = "Send the id of a user, which looks like usr_….";
            narrowed.actor = Some(USER.parse(value).ok_or_else(|| of(mend))?);
        }
        "patient" => {
            let mend = "Send the id of a patient, which looks like pat_….";
            narrowed.patient = Some(PATIENT.parse(value).ok_or_else(|| of(mend))?);
        }
        "class" => {
            let mend = "Send reads, changes, access or administration.";
            narrowed.class = Some(AuditClass::named(value).ok_or_else(|| of(mend))?);
        }
        "outcome" => {
            let known = OUTCOMES.contains(&value);
            narrowed.refused = Some(value == "refused");
            return if known { Ok(()) } else { Err(of("Send done or refused.")) };
        }
        "address" => {
            let address: Option<IpAddr> = value.parse().ok();
            let mend = "Send the address of a machine, like 10.0.0.7.";
            let address = address.ok_or_else(|| of(mend))?;
            narrowed.address = Some(address.to_canonical().to_string());
        }
        _ => {
            let known = (1..=ACT_MAX).contains(&value.len());
            let plain = value.bytes().all(|it| it.is_ascii_graphic());
            if !(known && plain) {
                return Err(of("Send an act like patients.read."));
            }
            narrowed.act = Some(value.to_owned());
        }
    }
    Ok(())
}

const TIME: &str = "Send a day like 2026-03-01, or a time like 2026-03-01T12:00:00Z.";

/// The time that `text` names, in microseconds. A day is its beginning, or with `whole` its end.
pub(super) fn moment(text: &str, zone: &TimeZone, whole: bool) -> Option<i64> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_microsecond());
    }
    let day = Some(text).filter(|text| text.len() == 10)?.parse::<Date>().ok()?;
    let day = if whole { day.tomorrow().ok()? } else { day };
    Some(day.to_zoned(zone.clone()).ok()?.timestamp().as_microsecond())
}

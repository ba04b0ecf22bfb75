//! The story of one patient: who looked, on which day, from where, and why.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::asked::Asked;
use super::known::{self, Emergency};
use crate::access::users::USER;
use crate::platform::ledger::AuditRow;
use crate::platform::ledger::browse::{self, Place};
use crate::platform::ledger::custody::classes::AuditClass;
use crate::store::{ReadTx, StoreError};
use crate::vocab::clock::instant;

/// Groups after which a page ends with its day.
pub(super) const GROUPS: usize = 100;
/// Rows after which a page ends with its day.
const ROWS: usize = 20_000;
/// Rows read at a time.
const PIECE: usize = 1_000;
/// Addresses, reasons and acts that are named of one group.
pub(super) const NAMED: usize = 20;

/// What one person did on one day.
#[derive(Debug, Default)]
struct Group {
    actor_id: Option<i64>,
    actor_name: String,
    roles: BTreeSet<String>,
    addresses: BTreeSet<String>,
    /// Why, where it was no emergency.
    reasons: BTreeSet<String>,
    /// Under which broken glass.
    glass: BTreeSet<i64>,
    acts: BTreeMap<String, i64>,
    first_at: i64,
    last_at: i64,
    views: i64,
    changes: i64,
    others: i64,
    refused: i64,
}

/// Who: the account, or the name of what has none.
type Person = (Option<i64>, String);

/// A page of the story: days with their groups, the newest first, and where the next begins.
#[derive(Debug, Default)]
pub(super) struct Story {
    days: Vec<(Date, Vec<Group>)>,
    emergencies: HashMap<i64, Emergency>,
    pub(super) next: Option<Place>,
}

/// Reads the page that `asked` begins; a day is never cut. Days are those of `zone`.
pub(super) fn read(tx: &ReadTx<'_>, asked: &Asked, zone: &TimeZone) -> Result<Story, StoreError> {
    let (mut story, mut day) = (Story::default(), None::<(Date, Vec<(Person, Group)>)>);
    let (mut after, mut rows, mut groups) = (asked.after, 0, 0);
    loop {
        let piece = browse::page(tx, &asked.narrowed, after, PIECE)?;
        for row in &piece {
            let on = instant(row.at).to_zoned(zone.clone()).date();
            if let Some((last, _)) = &day
                && *last != on
            {
                story.end(day.take());
                if GROUPS <= groups || ROWS <= rows {
                    story.next = after;
                    return story.with_reasons(tx);
                }
            }
            let (_, all) = day.get_or_insert_with(|| (on, Vec::new()));
            groups += usize::from(take_in(all, row));
            rows += 1;
            after = Some((row.at, row.id));
        }
        if piece.len() < PIECE {
            story.end(day);
            return story.with_reasons(tx);
        }
    }
}

/// Adds `row` to the group of whoever did it; whether that is a new one.
fn take_in(groups: &mut Vec<(Person, Group)>, row: &AuditRow) -> bool {
    let name = if row.actor_id.is_some() { String::new() } else { row.actor_name.clone() };
    let person = (row.actor_id, name);
    let known = groups.iter().position(|(other, _)| *other == person);
    let place = known.unwrap_or_else(|| {
        groups.push((person, Group::of(row)));
        groups.len() - 1
    });
    groups[place].1.take_in(row);
    known.is_none()
}

impl Story {
    fn end(&mut self, day: Option<(Date, Vec<(Person, Group)>)>) {
        let Some((date, groups)) = day else { return };
        self.days.push((date, groups.into_iter().map(|(_, group)| group).collect()));
    }

    fn with_reasons(mut self, tx: &ReadTx<'_>) -> Result<Self, StoreError> {
        let groups = self.days.iter().flat_map(|(_, all)| all);
        let glass = groups.flat_map(|group| group.glass.iter().copied());
        self.emergencies = known::emergencies(tx, glass)?;
        Ok(self)
    }

    /// The groups for the API, the newest day first.
    pub(super) fn items(&self) -> Vec<Json> {
        let groups = self.days.iter().flat_map(|(day, all)| all.iter().map(move |it| (day, it)));
        groups.map(|(day, group)| group.json(*day, &self.emergencies)).collect()
    }
}

impl Group {
    fn of(row: &AuditRow) -> Self {
        Self {
            actor_id: row.actor_id,
            actor_name: row.actor_name.clone(),
            first_at: row.at,
            last_at: row.last_at.unwrap_or(row.at),
            ..Self::default()
        }
    }

    fn take_in(&mut self, row: &AuditRow) {
        self.first_at = self.first_at.min(row.at);
        self.last_at = self.last_at.max(row.last_at.unwrap_or(row.at));
        let texts = [(&mut self.roles, &row.role), (&mut self.addresses, &row.address)];
        let glass = known::broken_glass(row);
        self.glass.extend(glass.filter(|_| self.glass.len() < NAMED));
        let reason = row.reason.as_ref().filter(|_| glass.is_none() && self.reasons.len() < NAMED);
        self.reasons.extend(reason.cloned());
        for (all, text) in texts {
            if let Some(text) = text.as_ref().filter(|_| all.len() < NAMED) {
                all.insert(text.clone());
            }
        }
        let counts = match AuditClass::of(&row.act) {
            _ if row.outcome == "refused" => &mut self.refused,
            // What goes with opening a record is no change of it.
            _ if row.act.starts_with("break_glass.") => &mut self.others,
            AuditClass::Reads => &mut self.views,
            AuditClass::Changes => &mut self.changes,
            AuditClass::Access | AuditClass::Administration => &mut self.others,
        };
        *counts += row.count;
        if self.acts.len() < NAMED || self.acts.contains_key(&row.act) {
            *self.acts.entry(row.act.clone()).or_default() += row.count;
        }
    }

    fn json(&self, day: Date, emergencies: &HashMap<i64, Emergency>) -> Json {
        let glass = self.glass.iter().filter_map(|id| emergencies.get(id));
        let glass: BTreeSet<&Emergency> = glass.collect();
        let acts = self.acts.iter().map(|(act, count)| json!({"act": act, "count": count}));
        json!({
            "day": day.to_string(),
            "actor_id": self.actor_id.map(|id| USER.show(id)),
            "actor_name": self.actor_name,
            "roles": self.roles,
            "addresses": self.addresses,
            "reasons": self.reasons,
            "emergencies": glass.into_iter().map(Emergency::json).collect::<Vec<_>>(),
            "first_at": instant(self.first_at).to_string(),
            "last_at": instant(self.last_at).to_string(),
            "views": self.views,
            "changes": self.changes,
            "others": self.others,
            "refused": self.refused,
            "acts": acts.collect::<Vec<_>>(),
        })
    }
}

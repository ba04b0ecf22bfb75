//! Whom a number means in a reference such as `Practitioner?identifier=system|value`.
//!
//! A number is kept by one record of ours, but files of several systems may each give it to
//! somebody else. What each resource claims is remembered, so that a reference means whoever
//! its own files say: first those of this run, then those of the same source, then whoever has
//! the number here. Where that leaves more than one, the name in the reference decides, or
//! nobody is meant: the wrong person is worse than none.

use super::identity::is_called;
use super::job::Turn;
use super::links::resource_of;
use crate::domain::patients::rules::{owner_of, value_key};
use crate::domain::providers;
use crate::interop::fhir::{Kind, Mapped};
use crate::store::{ReadTx, StoreError, Tx};

/// Whose references are looked up, and how much of the files is known by now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The system that the files come from.
    pub(super) source: &'a str,
    /// The import.
    pub(super) run: i64,
    /// How often the resource has been looked at.
    pub(super) turn: Turn,
}

/// A number that a reference gives, and what it calls its owner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number<'a> {
    /// Who issues it; without it any system could be meant.
    pub(super) system: Option<&'a str>,
    /// The number.
    pub(super) value: &'a str,
    /// The name that stands in the reference.
    pub(super) display: Option<&'a str>,
}

/// How sure a name in a reference makes that a record is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Called {
    /// It names somebody else.
    Otherwise,
    /// It says nothing.
    Nothing,
    /// It has a part of the record's name.
    InPart,
    /// It has the whole name.
    Wholly,
}

/// Whether resources of `kind` claim numbers at all.
pub(super) fn may_claim(kind: Kind) -> bool {
    matches!(kind, Kind::Patient | Kind::Organization | Kind::Practitioner | Kind::Location)
}

/// Remembers the numbers of `mapped`, which is the record `id`, in place of those that it
/// claimed in earlier runs.
///
/// # Errors
/// What the store says.
pub(super) fn keep(
    tx: &Tx<'_>,
    scope: Scope<'_>,
    mapped: &Mapped,
    id: i64,
) -> Result<(), StoreError> {
    let claim = "INSERT INTO import_claim \
        (source, kind, source_id, system, value, record_id, run_id) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
        ON CONFLICT (source, kind, source_id, system, value) \
        DO UPDATE SET record_id = excluded.record_id, run_id = excluded.run_id";
    let kind = mapped.kind.fhir();
    for number in mapped.identifiers.iter().filter(|number| number.is_unique) {
        let params = [
            scope.source.into(),
            kind.into(),
            mapped.source_id.as_str().into(),
            number.system.as_str().into(),
            key(mapped.kind, &number.value).into(),
            id.into(),
            scope.run.into(),
        ];
        tx.execute(claim, &params)?;
    }
    let forget = "DELETE FROM import_claim \
        WHERE source = ?1 AND kind = ?2 AND source_id = ?3 AND run_id <> ?4";
    let own = mapped.source_id.as_str();
    tx.execute(forget, &[scope.source.into(), kind.into(), own.into(), scope.run.into()])?;
    Ok(())
}

/// The number as claims are compared: patients' without case, width and spaces.
fn key(kind: Kind, value: &str) -> String {
    if kind == Kind::Patient { value_key(value) } else { value.to_owned() }
}

/// The record of `kind` that has the number here.
///
/// # Errors
/// What the store says.
pub(super) fn owner(
    tx: &ReadTx<'_>,
    kind: Kind,
    system: &str,
    value: &str,
) -> Result<Option<i64>, StoreError> {
    match kind {
        Kind::Patient => owner_of(tx, system, &value_key(value)),
        Kind::Organization | Kind::Practitioner | Kind::Location => match resource_of(kind) {
            Some(resource) => providers::find_by_identifier(tx, resource, system, value),
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

/// All who could have the number, each once: its owner here first, then who claimed it.
///
/// # Errors
/// What the store says.
pub(super) fn all_who(
    tx: &ReadTx<'_>,
    kind: Kind,
    system: &str,
    value: &str,
) -> Result<Vec<i64>, StoreError> {
    let claimed = claimed(tx, kind, system, value)?;
    let owner = owner(tx, kind, system, value)?;
    let all = owner.into_iter().chain(claimed.into_iter().map(|claim| claim.record));
    Ok(once(all))
}

/// Whom `number` means, as far as that can be told yet.
///
/// As long as files are still being read, only a name that fits settles it: somebody with the
/// same number may come behind.
///
/// # Errors
/// What the store says.
pub(super) fn whom(
    tx: &ReadTx<'_>,
    scope: Scope<'_>,
    kind: Kind,
    number: Number<'_>,
) -> Result<Option<i64>, StoreError> {
    let Some(system) = number.system else { return Ok(None) };
    let claims = claimed(tx, kind, system, number.value)?;
    let of = |fits: &dyn Fn(&Claim) -> bool| {
        once(claims.iter().filter(|claim| fits(claim)).map(|claim| claim.record))
    };
    let is_here = |claim: &Claim| claim.source == scope.source && claim.run == scope.run;
    let here = of(&is_here);
    if scope.turn == Turn::First {
        let called = rank(tx, kind, &here, number.display)?;
        return Ok(only(&called, Called::Wholly));
    }
    if !here.is_empty() {
        let called = rank(tx, kind, &here, number.display)?;
        // These files say themselves who it is, whatever they call them elsewhere.
        let least = if here.len() == 1 { Called::Otherwise } else { Called::InPart };
        return Ok(only(&called, least));
    }
    let of_source = of(&|claim: &Claim| claim.source == scope.source);
    let others =
        if of_source.is_empty() { all_who(tx, kind, system, number.value)? } else { of_source };
    let called = rank(tx, kind, &others, number.display)?;
    let is_shared = 1 < others.len();
    Ok(only(
        &called,
        match kind {
            _ if is_shared => Called::InPart,
            Kind::Practitioner => Called::Nothing,
            // What places are called varies, and a patient's number is the hospital's own.
            _ => Called::Otherwise,
        },
    ))
}

struct Claim {
    source: String,
    run: i64,
    record: i64,
}

fn claimed(
    tx: &ReadTx<'_>,
    kind: Kind,
    system: &str,
    value: &str,
) -> Result<Vec<Claim>, StoreError> {
    let sql = "SELECT source, run_id, record_id FROM import_claim \
        WHERE kind = ?1 AND system = ?2 AND value = ?3 ORDER BY record_id LIMIT 100";
    let params = [kind.fhir().into(), system.into(), key(kind, value).into()];
    tx.all(sql, &params, |row| {
        Ok(Claim { source: row.get(0)?, run: row.get(1)?, record: row.get(2)? })
    })
}

fn once(records: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut seen = Vec::new();
    for record in records {
        if !seen.contains(&record) {
            seen.push(record);
        }
    }
    seen
}

fn rank(
    tx: &ReadTx<'_>,
    kind: Kind,
    records: &[i64],
    display: Option<&str>,
) -> Result<Vec<(Called, i64)>, StoreError> {
    records.iter().map(|&id| Ok((is_called(tx, kind, id, display)?, id))).collect()
}

/// The one whom the name fits best, if it fits at least so well and nobody else as well.
fn only(called: &[(Called, i64)], least: Called) -> Option<i64> {
    let best = called.iter().map(|(called, _)| *called).max().filter(|best| least <= *best)?;
    let mut those = called.iter().filter(|(called, _)| *called == best);
    match (those.next(), those.next()) {
        (Some((_, id)), None) => Some(*id),
        _ => None,
    }
}

//! What must hold for a patient, beyond the shape of single values.

use jiff::Timestamp;
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::mrn;
use crate::domain::facilities::{self, FACILITIES};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::{ChildRows, Form, row_text};
use crate::platform::resource::{Occasion, list, verbs};
use crate::store::Value;
use crate::vocab::clock::instant;
use crate::vocab::moment::PartialDate;
use crate::vocab::problem::{FieldError, Findings};

/// Nobody on record has lived longer than 122 years; beyond this a birth date is a slip.
const AGE_MAX_YEARS: i16 = 130;

/// Characters of a name that lists are ordered by.
const NAME_KEY_MAX: usize = 400;

type RowValues = Vec<(&'static str, Value)>;

/// Checks the form and fills in what follows from it: number, flat name, phone, keys.
///
/// # Errors
/// Every refused value; an identifier that belongs to another patient.
pub fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    complete(form, instant(work.now()))?;
    let own = match occasion {
        Occasion::Create(id) | Occasion::Amend(id) => id,
    };
    check_identifiers(work, form, own)?;
    if let Occasion::Create(_) = occasion {
        form.set("mrn", mrn::next(work.tx())?);
        form.set("registered_by", work.call().actor.user_id());
    }
    facilities::settle(work, form)?;
    if let Occasion::Amend(id) = occasion
        && work.emergency(id)?.is_some()
        && form.int("facility_id") != site_of(work, id)?
    {
        let mend = "In an emergency the site of a record stays. Leave it to somebody there.";
        return Err(RecordError::field("facility_id", mend));
    }
    verbs::check_references(work, form, &[("facility_id", &FACILITIES)])
}

fn site_of(work: &Work<'_>, id: i64) -> Result<Option<i64>, RecordError> {
    let sql = "SELECT facility_id FROM patient WHERE id = ?1";
    let found = work.tx().opt(sql, &[id.into()], |row| row.get::<Option<i64>>(0))?;
    Ok(found.flatten())
}

/// What can be checked and filled in without the store.
///
/// # Errors
/// Every refused value.
pub fn complete(form: &mut Form, now: Timestamp) -> Result<(), Vec<FieldError>> {
    let mut findings = Findings::new();
    fill_names(form, &mut findings);
    check_dates(form, now, &mut findings);
    findings.verdict()?;
    fill_identifier_keys(form);
    let phone = form.rows("telecoms").iter().find(|row| row_text(row, "system") == Some("phone"));
    let phone = phone.and_then(|row| row_text(row, "value")).map(str::to_owned);
    form.set("phone", phone);
    if form.get("sex").is_none() {
        form.set("sex", "unknown");
    }
    if form.get("deceased_recorded").is_some() {
        form.set("deceased", true);
    }
    Ok(())
}

/// The first name is the one that lists show. A mononym is a name with one part empty.
fn fill_names(form: &mut Form, findings: &mut Findings) {
    let mut rows: Vec<RowValues> = form.rows("names").to_vec();
    findings.check(!rows.is_empty(), "names", "Give at least one name, family or given.");
    for (index, row) in rows.iter_mut().enumerate() {
        let named = ["family", "given"]
            .iter()
            .any(|part| row_text(row, part).is_some_and(|text| !text.is_empty()));
        let message = "Give a family name or a given name.";
        findings.check(named, &format!("names[{index}].family"), message);
        for (column, default) in [("family", ""), ("given", ""), ("name_use", "official")] {
            if row_text(row, column).is_none() {
                row.retain(|(name, _)| *name != column);
                row.push((column, default.into()));
            }
        }
    }
    if let Some(first) = rows.first() {
        let part = |name: &str| row_text(first, name).unwrap_or_default().to_owned();
        let (family, given) = (part("family"), part("given"));
        let prefix = row_text(first, "prefix").map(str::to_owned);
        let key = name_key(&family, &list::readable(&given));
        // Beyond this nobody tells names apart, and a cursor holds the key.
        form.set("name_key", key.chars().take(NAME_KEY_MAX).collect::<String>());
        form.set("family", family);
        form.set("given", given);
        form.set("prefix", prefix);
    }
    form.children.retain(|child| child.name != "names");
    form.children.push(ChildRows { name: "names", rows });
}

/// What lists are ordered by: family and given without case and accents.
#[must_use]
pub fn name_key(family: &str, given: &str) -> String {
    let plain = |text: &str| -> String {
        text.nfkd()
            .filter(|letter| !is_combining_mark(*letter))
            .flat_map(char::to_lowercase)
            .collect()
    };
    format!("{}, {}", plain(family), plain(given))
}

fn check_dates(form: &Form, now: Timestamp, findings: &mut Findings) {
    // A day of grace: it may be tomorrow already where the hospital stands.
    let tomorrow =
        now.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(jiff::Span::new().days(1));
    let born = form.text("birth_date").and_then(PartialDate::parse).map(PartialDate::first_day);
    if let Some(born) = born {
        let oldest = Date::new(tomorrow.year() - AGE_MAX_YEARS, 1, 1).unwrap_or(Date::ZERO);
        let mend = "Enter a birth date in the past, like 10-May-1963.";
        findings.check(born <= tomorrow, "birth_date", mend);
        let mend = "Check the year: this would be an age of more than 130 years.";
        findings.check(oldest <= born, "birth_date", mend);
    }
    let Some(died) = form.int("deceased_at").map(instant) else { return };
    let died = died.to_zoned(jiff::tz::TimeZone::UTC).date();
    findings.check(died <= tomorrow, "deceased_recorded", "Enter a time of death in the past.");
    let after_birth =
        born.is_none_or(|born| born <= died.saturating_add(jiff::Span::new().days(1)));
    let partial = form.text("deceased_recorded").is_some_and(|text| text.len() < 10);
    let mend = "The time of death lies before the birth date. Check both.";
    findings.check(after_birth || partial, "deceased_recorded", mend);
}

/// Identifiers are compared without case, width and spaces. Marks count: `1-10` and `11-0` may
/// be two people's.
#[must_use]
pub fn value_key(value: &str) -> String {
    value.nfkc().filter(|letter| !letter.is_whitespace()).flat_map(char::to_uppercase).collect()
}

fn fill_identifier_keys(form: &mut Form) {
    for child in form.children.iter_mut().filter(|child| child.name == "identifiers") {
        for row in &mut child.rows {
            let key = value_key(row_text(row, "value").unwrap_or_default());
            row.retain(|(name, _)| *name != "value_key");
            row.push(("value_key", key.into()));
        }
        let mut seen = Vec::new();
        child.rows.retain(|row| {
            let own = (
                row_text(row, "system").map(str::to_owned),
                row_text(row, "value_key").map(str::to_owned),
            );
            let fresh = !seen.contains(&own);
            seen.push(own);
            fresh
        });
    }
}

/// An identifier belongs to one patient of the hospital.
fn check_identifiers(work: &Work<'_>, form: &Form, own: i64) -> Result<(), RecordError> {
    for (index, row) in form.rows("identifiers").iter().enumerate() {
        let system = row_text(row, "system").unwrap_or_default();
        let owner = owner_of(work.tx(), system, row_text(row, "value_key").unwrap_or_default())?;
        if owner.is_some_and(|owner| owner != own) {
            let field = format!("identifiers[{index}].value");
            let message = "Another patient has this identifier. Search for it first.".to_owned();
            return Err(RecordError::Taken { field, message });
        }
    }
    Ok(())
}

/// The patient who has the identifier; `value_key` as [`value_key`] makes it.
///
/// # Errors
/// What the store says.
pub fn owner_of(
    tx: &crate::store::ReadTx<'_>,
    system: &str,
    value_key: &str,
) -> Result<Option<i64>, crate::store::StoreError> {
    let sql = "SELECT patient_id FROM patient_identifier WHERE system = ?1 AND value_key = ?2";
    tx.opt(sql, &[system.into(), value_key.into()], |row| row.get(0))
}

#[cfg(test)]
mod model_tests {
    use super::*;

    #[test]
    fn names_are_ordered_without_case_and_accents() {
        assert_eq!(name_key("Álcantar", "ÉLISE"), name_key("alcantar", "élise"));
        assert!(name_key("Li", "Zoe") < name_key("Lia", "Ann"));
    }

    #[test]
    fn identifiers_are_compared_without_case_width_and_spaces() {
        assert_eq!(value_key(" s99 92a"), "S9992A");
        assert_eq!(value_key("ＡＢ１"), value_key("ab1"));
        assert_ne!(value_key("1-10"), value_key("11-0"));
    }
}

//! Who is meant by an identifier, and when two descriptions cannot be one person.

use serde_json::{Map, Value as Json};

use super::claims::{self, Called};
use super::place::Bench;
use crate::domain::patients::rules::name_key;
use crate::interop::fhir::{Kind, Mapped};
use crate::platform::resource::list;
use crate::store::{ReadTx, StoreError};

const OTHER_PATIENT: &str = "this id or identifier stands for another person here, with another \
     birth date and another name; check it, or give the files' system a name of its own (source)";
const OTHER_PRACTITIONER: &str = "this id stands for another person here, with another family \
     name and another given name; check it, or give the files' system a name of its own (source)";
const OTHER_PLACE: &str = "this identifier stands for another place here, with another name and \
     another address";

impl Bench<'_> {
    /// The record that has one of the resource's own unique identifiers, here or in its
    /// source, and can be the one that the resource describes.
    pub(super) fn somebody(&self, mapped: &Mapped) -> Result<Option<i64>, StoreError> {
        let tx = self.work.tx();
        for number in mapped.identifiers.iter().filter(|number| number.is_unique) {
            for id in claims::all_who(tx, mapped.kind, &number.system, &number.value)? {
                if self.contradiction(mapped, id)?.is_none() {
                    return Ok(Some(id));
                }
            }
        }
        Ok(None)
    }

    /// Why `mapped` cannot be the record `id`. One thing that differs may have been corrected
    /// or have changed; two mean somebody else: for patients birth date and name, for
    /// practitioners family and given name, for organizations and places name and address.
    pub(super) fn contradiction(
        &self,
        mapped: &Mapped,
        id: i64,
    ) -> Result<Option<&'static str>, StoreError> {
        let (is_another, told) = match mapped.kind {
            Kind::Patient => (self.is_another_patient(mapped, id)?, OTHER_PATIENT),
            Kind::Practitioner => (self.is_another_practitioner(mapped, id)?, OTHER_PRACTITIONER),
            Kind::Organization | Kind::Location => {
                (self.is_another_place(mapped, id)?, OTHER_PLACE)
            }
            _ => return Ok(None),
        };
        Ok(is_another.then_some(told))
    }

    fn is_another_patient(&self, mapped: &Mapped, id: i64) -> Result<bool, StoreError> {
        let sql = "SELECT family, given, birth_date FROM patient WHERE id = ?1";
        let ours = self.work.tx().opt(sql, &[id.into()], |row| {
            let given = list::readable(&row.get::<String>(1)?);
            Ok((row.get::<String>(0)?, given, row.get::<Option<String>>(2)?))
        })?;
        let Some((family, given, born)) = ours else { return Ok(false) };
        let theirs = mapped.body.get("birth_date").and_then(Json::as_str);
        let same_birth = match (&born, theirs) {
            (Some(born), Some(theirs)) => {
                born.starts_with(theirs) || theirs.starts_with(born.as_str())
            }
            _ => true,
        };
        let names = mapped.body.get("names").and_then(Json::as_array);
        let same_name = names.into_iter().flatten().any(|name| {
            let text = |part: &str| name[part].as_str().unwrap_or_default().to_owned();
            let parts = name["given"].as_array().into_iter().flatten().filter_map(Json::as_str);
            let theirs = parts.collect::<Vec<_>>().join(" ");
            let key = name_key(&text("family"), &theirs);
            name_key(&family, "") == name_key(&text("family"), "")
                || key == name_key(&family, &given)
        });
        Ok(!same_birth && !same_name)
    }

    fn is_another_practitioner(&self, mapped: &Mapped, id: i64) -> Result<bool, StoreError> {
        let Some(ours) = name_parts(self.work.tx(), Kind::Practitioner, id)? else {
            return Ok(false);
        };
        let theirs = ["family", "given"].map(|part| text_of(mapped, part));
        let same = |part: usize| words(&ours[part]) == words(theirs[part]);
        let same_given = same(1) && !theirs[1].is_empty();
        // A mononym may be the same name, not told apart into its parts.
        let same_words = words(&ours.join(" ")) == words(&theirs.join(" "));
        Ok(!same(0) && !same_given && !same_words)
    }

    fn is_another_place(&self, mapped: &Mapped, id: i64) -> Result<bool, StoreError> {
        let table = if mapped.kind == Kind::Location { "location" } else { "organization" };
        let sql = format!("SELECT name, coalesce(address, '') FROM {table} WHERE id = ?1");
        let ours = self
            .work
            .tx()
            .opt(&sql, &[id.into()], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))?;
        let Some((name, address)) = ours else { return Ok(false) };
        let same_name = words(&name) == words(text_of(mapped, "name"));
        let same_address = words(&address) == words(text_of(mapped, "address"));
        Ok(!same_name && (!same_address || address.is_empty()))
    }

    /// Takes the identifiers that somebody else than `own` has out of `body` and counts them, and
    /// those that come twice.
    pub(super) fn leave_taken_identifiers(
        &self,
        mapped: &Mapped,
        own: Option<i64>,
        body: &mut Map<String, Json>,
    ) -> Result<(), StoreError> {
        let Some(Json::Array(rows)) = body.get_mut("identifiers") else { return Ok(()) };
        let mut free: Vec<Json> = Vec::new();
        for row in std::mem::take(rows) {
            let text = |field: &str| row[field].as_str().unwrap_or_default();
            let (system, value) = (text("system"), text("value"));
            let tx = self.work.tx();
            match claims::owner(tx, mapped.kind, system, value)? {
                Some(owner) if Some(owner) != own => {
                    self.identifiers_taken.set(self.identifiers_taken.get() + 1);
                }
                _ if free.contains(&row) => {}
                _ => free.push(row),
            }
        }
        *rows = free;
        Ok(())
    }
}

/// How well `display`, the name in a reference, fits the record `id`.
///
/// # Errors
/// What the store says.
pub(super) fn is_called(
    tx: &ReadTx<'_>,
    kind: Kind,
    id: i64,
    display: Option<&str>,
) -> Result<Called, StoreError> {
    let Some(display) = display.map(words).filter(|words| !words.is_empty()) else {
        return Ok(Called::Nothing);
    };
    let Some(parts) = name_parts(tx, kind, id)? else { return Ok(Called::Nothing) };
    let parts: Vec<_> = parts.iter().map(|part| words(part)).filter(|it| !it.is_empty()).collect();
    let told = parts.iter().filter(|part| part.iter().all(|word| display.contains(word))).count();
    Ok(match told {
        0 => Called::Otherwise,
        told if told == parts.len() => Called::Wholly,
        _ => Called::InPart,
    })
}

/// The name of the record `id`, for a person the family name and the given one.
fn name_parts(tx: &ReadTx<'_>, kind: Kind, id: i64) -> Result<Option<[String; 2]>, StoreError> {
    let sql = match kind {
        Kind::Patient => "SELECT family, given FROM patient WHERE id = ?1",
        Kind::Practitioner => "SELECT family, given FROM practitioner WHERE id = ?1",
        Kind::Organization => "SELECT name, '' FROM organization WHERE id = ?1",
        Kind::Location => "SELECT name, '' FROM location WHERE id = ?1",
        _ => return Ok(None),
    };
    let name = tx.opt(sql, &[id.into()], |row| Ok([row.get::<String>(0)?, row.get(1)?]))?;
    Ok(name.map(|[family, given]| [family, list::readable(&given)]))
}

fn text_of<'m>(mapped: &'m Mapped, field: &str) -> &'m str {
    mapped.body.get(field).and_then(Json::as_str).unwrap_or_default()
}

/// The words of a name without case, accents and order.
fn words(name: &str) -> Vec<String> {
    let folded = name_key(name, "");
    let words = folded.split(|letter: char| !letter.is_alphanumeric());
    let mut words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.sort_unstable();
    words
}

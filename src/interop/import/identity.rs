//! Who is meant by an identifier, and when two descriptions cannot be one person.

use serde_json::{Map, Value as Json};

use super::links;
use super::place::Bench;
use crate::domain::patients::rules::name_key;
use crate::interop::fhir::{Identifier, Kind, Mapped};
use crate::platform::resource::list;
use crate::store::StoreError;

const OTHER_PERSON: &str = "this id or identifier stands for another person here, with another \
     birth date and another name; check it, or give the files' system a name of its own (source)";

impl Bench<'_> {
    /// The record that has one of the resource's own unique identifiers.
    pub(super) fn somebody(&self, mapped: &Mapped) -> Result<Option<i64>, StoreError> {
        for Identifier { system, value, is_unique } in &mapped.identifiers {
            if !is_unique {
                continue;
            }
            let tx = self.work.tx();
            let found = links::find_by_identifier(tx, mapped.kind, Some(system), value)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Why `mapped` cannot be the patient `id`: another birth date and another name. One of
    /// them may have been corrected; both mean another person.
    pub(super) fn contradiction(
        &self,
        mapped: &Mapped,
        id: i64,
    ) -> Result<Option<String>, StoreError> {
        if mapped.kind != Kind::Patient {
            return Ok(None);
        }
        let sql = "SELECT family, given, birth_date FROM patient WHERE id = ?1";
        let ours = self.work.tx().opt(sql, &[id.into()], |row| {
            let given = list::readable(&row.get::<String>(1)?);
            Ok((row.get::<String>(0)?, given, row.get::<Option<String>>(2)?))
        })?;
        let Some((family, given, born)) = ours else { return Ok(None) };
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
        Ok((!same_birth && !same_name).then(|| OTHER_PERSON.to_owned()))
    }

    /// Takes the identifiers that somebody else than `own` has out of `body` and notes it, and
    /// those that come twice.
    pub(super) fn leave_taken_identifiers(
        &self,
        mapped: &Mapped,
        own: Option<i64>,
        body: &mut Map<String, Json>,
    ) -> Result<(), StoreError> {
        let Some(resource) = links::resource_of(mapped.kind) else { return Ok(()) };
        let Some(Json::Array(rows)) = body.get_mut("identifiers") else { return Ok(()) };
        let mut free: Vec<Json> = Vec::new();
        for row in std::mem::take(rows) {
            let text = |field: &str| row[field].as_str().unwrap_or_default();
            let (system, value) = (text("system"), text("value"));
            let tx = self.work.tx();
            match links::find_by_identifier(tx, mapped.kind, Some(system), value)? {
                Some(owner) if Some(owner) != own => {
                    let (theirs, name) = (mapped.kind.fhir(), resource.kind.name);
                    let told = format!("{theirs}.identifier (another {name} has it here)");
                    self.left_out.borrow_mut().push(told);
                }
                _ if free.contains(&row) => {}
                _ => free.push(row),
            }
        }
        *rows = free;
        Ok(())
    }
}

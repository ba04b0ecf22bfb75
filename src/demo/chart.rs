//! The record of one patient while it is being thought up: bodies as one would send them to the
//! API, in the order in which they would come.

use serde_json::{Map, Value as Json, json};

use super::people::{DAY, Home, Known, Person, spoken};
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::platform::resource::Resource;
use crate::vocab::clock::instant;
use crate::vocab::id::Kind;

/// A record to be made.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) resource: &'static Resource,
    pub(super) id: i64,
    pub(super) body: Map<String, Json>,
}

/// All of one patient; the patient comes first.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) drafts: Vec<Draft>,
    /// Somebody asked, and there are no known allergies.
    pub(super) no_allergies: bool,
    facility: String,
    patient: String,
}

impl Chart {
    /// The chart of `person`, whose record and whatever belongs to it get the identities from
    /// `first` on.
    pub(super) fn open(person: &Person, first: i64, facility: &str) -> Self {
        let mut body = identity(person);
        body.insert("facility_id".to_owned(), facility.into());
        let draft = Draft { resource: &PATIENTS, id: first, body };
        Self {
            drafts: vec![draft],
            no_allergies: false,
            facility: facility.to_owned(),
            patient: PATIENT.show(first),
        }
    }

    /// Adds a record of this patient and gives its identity as a body names it.
    pub(super) fn add(&mut self, resource: &'static Resource, fields: Json) -> String {
        let next = self.drafts[0].id + i64::try_from(self.drafts.len()).unwrap_or(i64::MAX >> 24);
        let mut body = match fields {
            Json::Object(body) => body,
            _ => Map::new(),
        };
        body.retain(|_, value| !value.is_null());
        body.insert("patient_id".to_owned(), self.patient.as_str().into());
        body.insert("facility_id".to_owned(), self.facility.as_str().into());
        self.drafts.push(Draft { resource, id: next, body });
        show(resource.kind, next)
    }
}

fn show(kind: Kind, id: i64) -> String {
    kind.show(id)
}

/// An instant as it is recorded, from seconds since 1970.
pub(super) fn time(seconds: i64) -> String {
    instant(seconds * 1_000_000).to_string()
}

/// A day as it is recorded, from days since 1970.
pub(super) fn day(days: i64) -> String {
    let mut text = time(days * DAY);
    text.truncate(10);
    text
}

/// Who somebody is.
fn identity(person: &Person) -> Map<String, Json> {
    let mut birth_date = day(person.born);
    match person.known {
        Known::Day => {}
        Known::Month => birth_date.truncate(7),
        Known::YearByAge => birth_date.truncate(4),
    }
    let body = json!({
        "names": names(person),
        "birth_date": birth_date,
        "birth_date_estimated": person.known == Known::YearByAge,
        "sex": if person.is_female { "female" } else { "male" },
        "identifiers": identifiers(person),
        "telecoms": telecoms(person),
        "addresses": [address(&person.home)],
        "contacts": contacts(person),
        "marital_status_text": person.marital_status,
        "language_text": person.language,
        "multiple_birth": person.multiple_birth,
        "deceased": person.died.is_some(),
        "deceased_recorded": person.died.filter(|(_, known)| *known).map(|(died, _)| day(died)),
    });
    let Json::Object(mut body) = body else { return Map::new() };
    body.retain(|_, value| !value.is_null());
    body
}

fn names(person: &Person) -> Json {
    let name = &person.name;
    let mut names = vec![json!({
        "name_use": "official", "family": name.family, "given": name.given,
    })];
    if let Some((family, given)) = &name.latin {
        names.push(json!({"name_use": "usual", "family": family, "given": given}));
    }
    if let Some(maiden) = &person.maiden {
        names.push(json!({"name_use": "maiden", "family": maiden, "given": name.given}));
    }
    Json::Array(names)
}

/// Numbers rise with people, as offices give them out, and no two people have the same.
fn identifiers(person: &Person) -> Json {
    let number = person.number;
    // Of every hundred people, the same ones in every hospital: no throw is spent on them.
    let mixed = number.wrapping_mul(0x9E37_79B9) >> 7;
    let mut identifiers = Vec::new();
    let mut add = |system: &str, type_code: &str, type_text: &str, value: String| {
        identifiers.push(json!({
            "system": format!("urn:healthflow:demo:{system}"), "type_code": type_code,
            "type_text": type_text, "value": value,
        }));
    };
    if person.is_duplicate {
        return json!([]);
    }
    if mixed % 100 < 82 {
        add("national-id", "NI", "National id", format!("D{number:08}-{:02}", mixed % 97));
    }
    if mixed % 10 < 4 {
        add("insurance", "MB", "Insurance", format!("INS {:08}", number * 3 + 7));
    }
    if mixed % 25 == 3 {
        add("passport", "PPN", "Passport", format!("X{:07}Y", number * 2 + 1));
    }
    if mixed % 8 == 5 {
        add("paper-file", "MR", "Paper file", format!("{}/{:02}", number + 1_000, mixed % 50));
    }
    Json::Array(identifiers)
}

fn telecoms(person: &Person) -> Json {
    let mixed = person.number.wrapping_mul(0x85EB_CA6B) >> 5;
    let mut telecoms = Vec::new();
    if !mixed.is_multiple_of(20) {
        telecoms.push(json!({
            "system": "phone", "telecom_use": "home", "value": person.home.phone,
        }));
    }
    if person.multiple_birth.is_none() && mixed % 100 < 45 && person.marital_status.is_some() {
        // Nobody's: no country has the code 999.
        let value = format!("+999 9{} {:06}", mixed % 9, person.number % 1_000_000);
        telecoms.push(json!({"system": "phone", "telecom_use": "mobile", "value": value}));
    }
    let latin = person.name.latin.as_ref().map_or(&person.name.family, |(family, _)| family);
    let plain: String = latin.chars().filter(char::is_ascii_alphabetic).collect();
    if mixed % 100 < 18 && 2 < plain.len() && person.marital_status.is_some() {
        let value = format!("{}.{}@example.org", plain.to_lowercase(), person.number);
        telecoms.push(json!({"system": "email", "value": value}));
    }
    Json::Array(telecoms)
}

fn address(home: &Home) -> Json {
    json!({
        "address_use": "home", "line": home.line, "district": home.district, "city": home.city,
        "postal_code": home.postal_code,
    })
}

fn contacts(person: &Person) -> Json {
    let Some(contact) = &person.contact else { return json!([]) };
    // Who has no other name than their own is no use as a contact of themselves.
    if contact.name == spoken(&person.name) {
        return json!([]);
    }
    json!([{
        "relationship": contact.relationship, "name": contact.name, "phone": person.home.phone,
    }])
}

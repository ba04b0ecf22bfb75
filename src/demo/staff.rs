//! Who works in the demo hospital and where: sites, places, those who treat, and one account for
//! each role. All of it is made by the verbs of the rooms, as the API would.

use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

use super::DemoError;
use super::dice::Dice;
use super::names;
use super::people::{BLOCK, Person, phone};
use crate::access::hospital::Hospital;
use crate::access::roles::BUILT_IN;
use crate::access::users::{self, FACILITY, USERS};
use crate::access::{AccessError, setup};
use crate::domain::facilities::{self, FACILITIES};
use crate::domain::providers::{
    LOCATION, LOCATIONS, ORGANIZATION, ORGANIZATIONS, PRACTITIONER, PRACTITIONERS,
};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::resource::{Resource, verbs};

/// What pages show on every screen, so that nobody takes it for a real one.
pub const HOSPITAL_NAME: &str = "Demo Hospital (invented people)";

/// Whose days it has. Times are recorded in UTC, whatever the machine's zone, so that the same
/// seed gives the same hospital everywhere.
pub(super) const ZONE: TimeZone = TimeZone::UTC;

/// People who treat.
const PRACTITIONERS_COUNT: u64 = 48;

static SITES: [&str; 2] = ["Harbour health centre (invented)", "Hill health centre (invented)"];

static PLACES: [(&str, &str); 8] = [
    ("ambulatory", "Outpatient clinic"),
    ("ambulatory", "Chronic care clinic"),
    ("emergency", "Emergency department"),
    ("inpatient", "Medical ward"),
    ("inpatient", "Surgical ward"),
    ("inpatient", "Children's ward"),
    ("virtual", "Telephone desk"),
    ("wellness", "Vaccination room"),
];

static SPECIALTIES: [&str; 8] = [
    "General medicine",
    "Internal medicine",
    "Paediatrics",
    "Obstetrics",
    "Surgery",
    "Cardiology",
    "Emergency medicine",
    "Nursing",
];

/// The staff, by the identities that bodies name them with.
#[derive(Debug)]
pub(super) struct Staff {
    facilities: Vec<String>,
    /// Kind of visit and place.
    places: Vec<(&'static str, String)>,
    practitioners: Vec<String>,
    /// The account of the clinician.
    pub(super) clinician: i64,
    /// Names to sign in with, and the role of each.
    pub(super) accounts: Vec<(String, &'static str)>,
}

/// The name to sign in with as `role`.
fn username(role: &str) -> String {
    match role {
        "administrator" => "demo-admin".to_owned(),
        role => format!("demo-{}", role.replace('_', "-")),
    }
}

impl Staff {
    /// Makes the hospital, everybody and everything that is there before the first patient.
    ///
    /// # Errors
    /// What the store says.
    pub(super) fn hire(work: &Work<'_>, seed: u64, password_hash: &str) -> Result<Self, DemoError> {
        let mut accounts = Vec::new();
        let hospital = Hospital {
            name: HOSPITAL_NAME.to_owned(),
            time_zone: ZONE.iana_name().unwrap_or("UTC").to_owned(),
        };
        setup::set_up(work, &hospital, account("administrator")?, password_hash)?;
        let mut clinician = 0;
        // Programs have no account that people know the password of.
        let people = BUILT_IN.iter().map(|role| role.code).filter(|code| *code != "integration");
        for role in people {
            accounts.push((username(role), role));
            if role == "administrator" {
                continue;
            }
            let id = users::add(work, account(role)?, password_hash)?;
            if role == "clinician" {
                clinician = id;
            }
        }
        let first = facilities::first(work.tx())?.unwrap_or_default();
        let mut sites = vec![FACILITY.show(first)];
        for name in SITES {
            let id = create(work, &FACILITIES, json!({"name": name}))?;
            sites.push(FACILITY.show(id));
        }
        let mut dice = Dice::new(seed, u64::MAX);
        let house = json!({"name": HOSPITAL_NAME, "kind_text": "Hospital"});
        let house = ORGANIZATION.show(create(work, &ORGANIZATIONS, house)?);
        let other = json!({"name": "Demo Laboratory (invented)", "kind_text": "Laboratory"});
        create(work, &ORGANIZATIONS, other)?;
        let mut places = Vec::new();
        for (class, name) in PLACES {
            let body = json!({"name": name, "organization_id": house});
            places.push((class, LOCATION.show(create(work, &LOCATIONS, body)?)));
        }
        let mut practitioners = Vec::new();
        for number in 0..PRACTITIONERS_COUNT {
            let body = practitioner(&mut dice, number, &house);
            practitioners.push(PRACTITIONER.show(create(work, &PRACTITIONERS, body)?));
        }
        Ok(Self { facilities: sites, places, practitioners, clinician, accounts })
    }

    /// The site that a household goes to: two in three to the hospital itself.
    pub(super) fn facility_of(&self, person: &Person) -> &str {
        let block = person.number / BLOCK;
        let position = [0, 0, 1, 0, 2, 0][usize::try_from(block % 6).unwrap_or(0)];
        &self.facilities[position]
    }

    /// A place for a visit of `class`.
    pub(super) fn place(&self, class: &str, dice: &mut Dice) -> &str {
        let weights = self.places.iter().map(|(known, _)| i64::from(*known == class));
        &self.places[dice.weighted(weights)].1
    }

    /// Where vaccines are given.
    pub(super) fn clinic(&self) -> &str {
        &self.places[PLACES.len() - 1].1
    }

    /// Somebody who treats.
    pub(super) fn practitioner(&self, dice: &mut Dice) -> &str {
        dice.pick::<String>(&self.practitioners)
    }
}

fn account(role: &str) -> Result<Form, AccessError> {
    let body = json!({
        "username": username(role), "display_name": format!("Demo {role}"), "role": role,
    });
    Ok(Form::read(&USERS, &fields(body), &ZONE).map_err(RecordError::Invalid)?)
}

fn create(work: &Work<'_>, resource: &'static Resource, body: Json) -> Result<i64, RecordError> {
    verbs::create(work, resource, &fields(body))
}

fn fields(body: Json) -> Map<String, Json> {
    match body {
        Json::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn practitioner(dice: &mut Dice, number: u64, organization: &str) -> Json {
    let naming = names::any(dice);
    let is_female = dice.chance(560);
    let family = naming.family(dice);
    let name = naming.name(dice, &family, is_female);
    let (family, given) = name.latin.unwrap_or((name.family, name.given));
    let specialty = dice.pick(&SPECIALTIES);
    let body = json!({
        "family": family, "given": given.join(" "),
        "sex": if is_female { "female" } else { "male" },
        "prefix": (*specialty != "Nursing").then_some("Dr"), "specialty_text": specialty,
        "phone": phone(dice), "organization_id": organization,
        "identifiers": [{
            "system": "urn:healthflow:demo:licence", "value": format!("LIC{:05}", 10_000 + number),
        }],
    });
    let mut body = fields(body);
    body.retain(|_, value| !value.is_null());
    Json::Object(body)
}

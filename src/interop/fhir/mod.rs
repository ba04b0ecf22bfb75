//! FHIR R4: what each resource means in our words.
//!
//! [`map`] turns one [`Item`] into a [`Mapped`] record whose body is what our own API takes to
//! create it, with [`Link`]s in place of the ids that only an import can know. It reads no
//! store and no clock. Every element of the resource is either taken or named in
//! [`Mapped::left_out`]; a resource that cannot be taken says why, by field and mend.
//!
//! One file per kind; [`element`] reads fields and remembers which nobody read, [`mapping`]
//! holds the record in the making, [`reference`] knows the forms of references.
mod allergy;
mod care_team;
mod condition;
mod element;
mod encounter;
mod immunization;
mod kind;
mod mapping;
mod medication;
mod observation;
mod parts;
mod patient;
mod procedure;
mod providers;
mod reference;
#[cfg(test)]
mod tests;

pub use kind::{Kind, why_left_out};
pub use mapping::Identifier;
pub(in crate::interop) use patient::marital_word;
pub use reference::{Link, Reference, full_url_id, identifier_in, source_id};

use super::source::{Item, Reject};
use element::{Element, Taken};
use mapping::Mapping;
use serde_json::{Map, Value};

/// A resource in our words.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// What it is.
    pub kind: Kind,
    /// The id by which its source knows it; see [`source_id`].
    pub source_id: String,
    /// Another id by which entries of the same Bundle refer to it.
    pub alias: Option<String>,
    /// Numbers that name it beyond its source.
    pub identifiers: Vec<Identifier>,
    /// The fields of our API, without the links.
    pub body: Map<String, Value>,
    /// Fields that other records fill.
    pub refs: Vec<Link>,
    /// Paths of elements for which the record has no place, e.g. `Patient.photo`.
    pub left_out: Vec<String>,
}

impl Mapped {
    fn names(&self, field: &str) -> bool {
        self.refs.iter().any(|link| link.field == field)
    }
}

/// What becomes of a resource.
#[derive(Debug)]
pub enum Outcome {
    /// It has a place.
    Record(Box<Mapped>),
    /// Its whole type has no place.
    LeftOut {
        /// The FHIR type.
        kind: String,
        /// Why.
        reason: &'static str,
    },
    /// It has a place and cannot be taken.
    Rejected(Reject),
}

/// Maps `item`, which came from `source` (a name that stands for one system).
#[must_use]
pub fn map(item: Item, source: &str) -> Outcome {
    let fhir = item.resource_type();
    let Some(kind) = Kind::of(fhir) else {
        return match why_left_out(fhir) {
            Some(reason) => Outcome::LeftOut { kind: fhir.to_owned(), reason },
            None => {
                let shown: String = fhir.chars().take(40).collect();
                let reason = format!("resourceType \"{shown}\" is not a type of FHIR R4");
                Outcome::Rejected(Reject { resource: None, ..item.reject(reason) })
            }
        };
    };
    if let Some(request) = &item.request
        && !matches!(request.method.as_str(), "" | "POST" | "PUT")
    {
        let shown: String = request.method.chars().take(10).collect();
        return Outcome::Rejected(item.reject(format!(
            "Bundle.entry.request.method \"{shown}\" is not carried out by an import; only POST \
             and PUT are"
        )));
    }
    let reject = item.reject("");
    match read(kind, item, source) {
        Ok(mapped) if kind == Kind::CareTeam && !mapped.names("encounter_id") => {
            let reason = "care teams that name no encounter have no place in the record yet";
            Outcome::LeftOut { kind: kind.fhir().to_owned(), reason }
        }
        Ok(mapped) => Outcome::Record(Box::new(mapped)),
        Err(wrong) => Outcome::Rejected(Reject { reason: wrong.to_string(), ..reject }),
    }
}

fn read(kind: Kind, item: Item, source: &str) -> Taken<Mapped> {
    let Item { full_url, request, resource, digest, .. } = item;
    let (base, url_id) = match full_url.as_deref().map(full_url_id) {
        Some((base, id)) => (base, Some(id)),
        None => (None, None),
    };
    let mut root = Element::new(kind.fhir(), resource)?;
    let own_id = root.text("id")?.map(|id| source_id(&id));
    let put_id = request
        .filter(|request| request.method == "PUT" && request.url.contains('/'))
        .map(|request| full_url_id(&request.url).1);
    // Without any id the text itself is the name, so that a second run finds it again.
    let source_id = own_id
        .or(put_id)
        .or_else(|| url_id.clone())
        .unwrap_or_else(|| crate::vocab::digest::hex(&digest));
    let mut mapping = Mapping::new(source, base);
    root.take("resourceType");
    mapping.take_contained(&mut root)?;
    // Who stored it when in the other system says nothing about the patient.
    root.take("meta");
    match kind {
        Kind::Patient => patient::read(&mut root, &mut mapping)?,
        Kind::Organization => providers::organization(&mut root, &mut mapping)?,
        Kind::Practitioner => providers::practitioner(&mut root, &mut mapping)?,
        Kind::PractitionerRole => providers::role(&mut root, &mut mapping)?,
        Kind::Location => providers::location(&mut root, &mut mapping)?,
        Kind::Encounter => encounter::read(&mut root, &mut mapping)?,
        Kind::CareTeam => care_team::read(&mut root, &mut mapping)?,
        Kind::Condition => condition::read(&mut root, &mut mapping)?,
        Kind::Allergy => allergy::read(&mut root, &mut mapping)?,
        Kind::Observation => observation::read(&mut root, &mut mapping)?,
        Kind::Medication => medication::medication(&mut root, &mut mapping)?,
        Kind::MedicationRequest => medication::request(&mut root, &mut mapping)?,
        Kind::Immunization => immunization::read(&mut root, &mut mapping)?,
        Kind::Procedure => procedure::read(&mut root, &mut mapping)?,
    }
    parts::own_identifier(&mut root, &source_id)?;
    parts::warn_of_modifiers(kind, &root, &mut mapping);
    mapping.finish_notes();
    mapping.close(kind.fhir());
    root.close(&mut mapping.left);
    Ok(Mapped {
        kind,
        alias: url_id.filter(|id| *id != source_id),
        source_id,
        identifiers: mapping.identifiers,
        body: mapping.body,
        refs: mapping.refs,
        left_out: mapping.left.into_paths(),
    })
}

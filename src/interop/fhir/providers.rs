//! `Organization`, `Practitioner`, `PractitionerRole` and `Location`.

use super::element::{Element, Taken, Wrong};
use super::mapping::Mapping;
use super::parts::{self, ORGANIZATION, PRACTITIONER};
use super::patient::NAME_USES;
use serde_json::{Value, json};

const SEXES: [(&str, &str); 4] =
    [("male", "male"), ("female", "female"), ("other", "other"), ("unknown", "unknown")];
const LOCATION_STATES: [(&str, &str); 3] =
    [("active", "active"), ("suspended", "suspended"), ("inactive", "inactive")];

pub(super) fn organization(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let active = root.flag("active")?;
    mapping.set("active", active);
    identifiers(root, mapping)?;
    name_of_place(root, mapping)?;
    let kind = root.first("type", &mut mapping.left)?;
    let kind = mapping.coded(kind)?.and_then(|coded| coded.text);
    mapping.set("kind_text", kind);
    parts::phone_and_email(root, mapping, false)?;
    let address = root.first("address", &mut mapping.left)?;
    first_address(address, mapping)
}

pub(super) fn location(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let state = root.word("status", &LOCATION_STATES)?;
    mapping.set("active", state.map(|state| state == "active"));
    identifiers(root, mapping)?;
    name_of_place(root, mapping)?;
    parts::phone_and_email(root, mapping, false)?;
    let address = root.element("address")?;
    first_address(address, mapping)?;
    let owner = root.element("managingOrganization")?;
    mapping.link("organization_id", ORGANIZATION, owner)?;
    Ok(())
}

pub(super) fn practitioner(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let active = root.flag("active")?;
    mapping.set("active", active);
    identifiers(root, mapping)?;
    let mut names = Vec::new();
    for mut element in root.elements("name")? {
        let name = parts::name(&mut element, mapping)?;
        let is_secondary =
            !matches!(element.word("use", &NAME_USES)?, None | Some("official" | "usual"));
        element.close(&mut mapping.left);
        names.push((is_secondary, name));
    }
    names.sort_by_key(|(is_secondary, _)| *is_secondary);
    let mut names = names.into_iter().map(|(_, name)| name).filter(|name| !name.is_empty());
    let Some(name) = names.next() else {
        return Err(Wrong::new(
            "Practitioner.name",
            "is missing; give at least a family or a given name",
        ));
    };
    if names.next().is_some() {
        mapping.left.add("Practitioner.name[more]");
    }
    if name.suffix.is_some() {
        mapping.left.add("Practitioner.name.suffix");
    }
    let given = name.given.join(" ");
    match name.family {
        Some(family) => {
            mapping.set("family", Some(family));
            mapping.set("given", Some(given).filter(|given| !given.is_empty()));
        }
        // A mononym.
        None => mapping.set("family", Some(given)),
    }
    mapping.set("prefix", name.prefix);
    let sex = root.word("gender", &SEXES)?;
    mapping.set("sex", sex);
    parts::phone_and_email(root, mapping, true)?;
    let address = root.first("address", &mut mapping.left)?;
    first_address(address, mapping)
}

/// Where a practitioner works and as what. Fills fields of the practitioner that are empty.
pub(super) fn role(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let element = root.element("practitioner")?;
    mapping.link_required(
        "practitioner_id",
        &PRACTITIONER[..1],
        element,
        "PractitionerRole.practitioner",
    )?;
    let element = root.element("organization")?;
    mapping.link("organization_id", ORGANIZATION, element)?;
    let specialty = mapping.concept_texts(root, "specialty")?;
    let code = mapping.concept_texts(root, "code")?;
    if specialty.is_some() && code.is_some() && specialty != code {
        mapping.left.add("PractitionerRole.code");
    }
    mapping.set("specialty_text", specialty.or(code));
    parts::phone_and_email(root, mapping, true)
}

fn name_of_place(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let aliases = root.texts("alias")?;
    let name = root.text("name")?;
    let mut aliases = aliases.into_iter();
    let Some(name) = name.or_else(|| aliases.next()) else {
        return Err(Wrong::new(root.path_of("name"), "is missing; give it a name"));
    };
    if aliases.next().is_some() {
        mapping.left.add(&root.path_of("alias"));
    }
    mapping.set("name", Some(name));
    Ok(())
}

fn first_address(address: Option<Element>, mapping: &mut Mapping<'_>) -> Taken<()> {
    let Some(mut address) = address else { return Ok(()) };
    // One address only: it says nothing to tell its use.
    address.take("use");
    let line = parts::address_line(address, mapping)?;
    mapping.set("address", line);
    Ok(())
}

fn identifiers(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let rows = parts::identifiers(root, mapping)?.into_iter();
    let rows: Vec<Value> = rows
        .map(|(identifier, _, _)| json!({"system": identifier.system, "value": identifier.value}))
        .collect();
    if !rows.is_empty() {
        mapping.set("identifiers", Some(rows));
    }
    Ok(())
}

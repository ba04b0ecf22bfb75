//! `Immunization`.

use super::condition;
use super::element::{Element, Taken, Wrong};
use super::mapping::Mapping;
use super::parts::{self, LOCATION};

const STATES: [(&str, &str); 3] = [
    ("completed", "completed"),
    ("not-done", "not_done"),
    ("entered-in-error", "entered_in_error"),
];

pub(super) fn read(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let status = root.word("status", &STATES)?.ok_or_else(|| {
        Wrong::new("Immunization.status", "is missing; say completed or not-done")
    })?;
    mapping.set("status", Some(status));
    parts::subject(root, mapping, "patient")?;
    condition::code(root, mapping, "vaccineCode")?;
    let given = root.moment("occurrenceDateTime")?;
    mapping.set("given_recorded", given);
    if let Some(words) = root.text("occurrenceString")? {
        mapping.note(format!("Given: {words}"));
    }
    let primary = root.flag("primarySource")?;
    mapping.set("primary_source", primary);
    let element = root.element("location")?;
    mapping.link("location_id", LOCATION, element)?;
    let lot = root.text("lotNumber")?;
    mapping.set("lot_number", lot);
    let expiry = root.date("expirationDate")?;
    mapping.set("expiry_date", expiry);
    let site = mapping.concept_text(root, "site")?;
    mapping.set("site_text", site);
    let route = mapping.concept_text(root, "route")?;
    mapping.set("route_text", route);
    let dose = root.element("doseQuantity")?;
    if let Some(dose) = parts::quantity(dose, mapping)? {
        mapping.set("dose_decimal", dose.value);
        mapping.set("dose_unit", dose.unit);
    }
    let not_done = mapping.concept_text(root, "statusReason")?;
    let reason = mapping.concept_texts(root, "reasonCode")?;
    mapping.set("reason_text", not_done.or(reason));
    if root.flag("isSubpotent")? == Some(true) {
        mapping.note("This dose was weaker than it should be (subpotent).".to_owned());
    }
    mapping.take_notes(root)
}

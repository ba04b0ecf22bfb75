//! `Procedure`.

use super::condition;
use super::element::{Element, Taken};
use super::mapping::Mapping;
use super::parts::{self, LOCATION};

const STATES: [(&str, &str); 8] = [
    ("preparation", "preparation"),
    ("in-progress", "in_progress"),
    ("not-done", "not_done"),
    ("on-hold", "on_hold"),
    ("stopped", "stopped"),
    ("completed", "completed"),
    ("entered-in-error", "entered_in_error"),
    ("unknown", "unknown"),
];

pub(super) fn read(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let status = root.word("status", &STATES)?;
    mapping.set("status", Some(status.unwrap_or("unknown")));
    parts::subject(root, mapping, "subject")?;
    condition::code(root, mapping, "code")?;
    let element = root.element("performedPeriod")?;
    let (start, end) = parts::period(element, mapping)?;
    mapping.set("performed_recorded", start);
    mapping.set("performed_end_recorded", end);
    parts::time_of_any_form(root, mapping, ("performed", "Performed"), "performed_recorded")?;
    let element = root.element("location")?;
    mapping.link("location_id", LOCATION, element)?;
    let not_done = mapping.concept_text(root, "statusReason")?;
    let reason = mapping.concept_texts(root, "reasonCode")?;
    let display = parts::reason_references(root, mapping)?;
    mapping.set("reason_text", not_done.or(reason).or(display));
    let site = mapping.concept_texts(root, "bodySite")?;
    mapping.set("body_site_text", site);
    let outcome = mapping.concept_text(root, "outcome")?;
    mapping.set("outcome_text", outcome);
    mapping.take_notes(root)
}

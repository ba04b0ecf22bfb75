//! `Condition`: problems and diagnoses.

use super::element::{Element, Taken, Wrong, our_word, unknown_word};
use super::mapping::Mapping;
use super::parts;

const CLINICAL: [(&str, &str); 6] = [
    ("active", "active"),
    ("recurrence", "recurrence"),
    ("relapse", "relapse"),
    ("inactive", "inactive"),
    ("remission", "remission"),
    ("resolved", "resolved"),
];
const VERIFICATION: [(&str, &str); 6] = [
    ("confirmed", "confirmed"),
    ("provisional", "provisional"),
    ("differential", "differential"),
    ("unconfirmed", "unconfirmed"),
    ("refuted", "refuted"),
    ("entered-in-error", "entered_in_error"),
];

pub(super) fn read(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    states(root, mapping, &CLINICAL, &VERIFICATION)?;
    parts::subject(root, mapping, "subject")?;
    let category = category(root, mapping)?;
    mapping.set("category", category);
    code(root, mapping, "code")?;
    let severity = mapping.concept_text(root, "severity")?;
    mapping.set("severity_text", severity);
    parts::time_of_any_form(root, mapping, ("onset", "Onset"), "onset_recorded")?;
    parts::time_of_any_form(root, mapping, ("abatement", "Abated"), "abated_recorded")?;
    let recorded = root.moment("recordedDate")?;
    mapping.set("recorded_recorded", recorded);
    mapping.take_notes(root)
}

/// `clinicalStatus` and `verificationStatus`; "entered in error" is a verification in FHIR and
/// a status with us.
pub(super) fn states(
    root: &mut Element,
    mapping: &mut Mapping<'_>,
    clinical: &[(&str, &'static str)],
    verification: &[(&str, &'static str)],
) -> Taken<()> {
    let mut word = |field: &str, words: &[(&str, &'static str)]| -> Taken<_> {
        let Some(code) = mapping.concept_code(root, field)? else { return Ok(None) };
        let ours = our_word(&code, words);
        ours.map(Some).ok_or_else(|| unknown_word(&root.path_of(field), &code, words))
    };
    let status = word("clinicalStatus", clinical)?;
    let verified = word("verificationStatus", verification)?;
    if verified == Some("entered_in_error") {
        mapping.set("status", Some("entered_in_error"));
        mapping.set("verification", Some("unknown"));
    } else {
        mapping.set("status", Some(status.unwrap_or("unknown")));
        mapping.set("verification", Some(verified.unwrap_or("unknown")));
    }
    Ok(())
}

/// The first category, as a word of ours: `encounter_diagnosis`.
pub(super) fn category(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<Option<String>> {
    let first = root.first("category", &mut mapping.left)?;
    let Some(coded) = mapping.coded(first)? else { return Ok(None) };
    Ok(coded.code.map(|code| code.replace('-', "_")).or(coded.text))
}

/// What it is: without it a record says nothing.
pub(super) fn code(root: &mut Element, mapping: &mut Mapping<'_>, field: &str) -> Taken<()> {
    let concept = root.element(field)?;
    let Some(coded) = mapping.coded(concept)? else {
        return Err(Wrong::new(root.path_of(field), "is missing; give a code or a text"));
    };
    mapping.set_coded(["code_system", "code", "code_text"], coded);
    Ok(())
}

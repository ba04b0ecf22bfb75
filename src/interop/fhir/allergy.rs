//! `AllergyIntolerance`.

use super::condition;
use super::element::{Element, Taken};
use super::mapping::Mapping;
use super::parts;

const CLINICAL: [(&str, &str); 3] =
    [("active", "active"), ("inactive", "inactive"), ("resolved", "resolved")];
const VERIFICATION: [(&str, &str); 5] = [
    ("confirmed", "confirmed"),
    ("presumed", "presumed"),
    ("unconfirmed", "unconfirmed"),
    ("refuted", "refuted"),
    ("entered-in-error", "entered_in_error"),
];
const KINDS: [(&str, &str); 2] = [("allergy", "allergy"), ("intolerance", "intolerance")];
const CRITICALITY: [(&str, &str); 3] =
    [("low", "low"), ("high", "high"), ("unable-to-assess", "unable_to_assess")];
/// From mild to severe, so that the worst is the largest.
const SEVERITIES: [(&str, &str); 3] =
    [("mild", "mild"), ("moderate", "moderate"), ("severe", "severe")];

pub(super) fn read(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    condition::states(root, mapping, &CLINICAL, &VERIFICATION)?;
    parts::subject(root, mapping, "patient")?;
    let kind = root.word("type", &KINDS)?;
    mapping.set("kind", kind);
    let categories = root.texts("category")?;
    mapping.set("category", (!categories.is_empty()).then(|| categories.join(", ")));
    let criticality = root.word("criticality", &CRITICALITY)?;
    mapping.set("criticality", criticality);
    condition::code(root, mapping, "code")?;
    parts::time_of_any_form(root, mapping, ("onset", "Onset"), "onset_recorded")?;
    let recorded = root.moment("recordedDate")?;
    mapping.set("recorded_recorded", recorded);
    if let Some(last) = root.moment("lastOccurrence")? {
        mapping.note(format!("Last reaction: {last}"));
    }
    mapping.take_notes(root)?;
    reactions(root, mapping)
}

/// All reactions in one text, with the worst severity of them.
fn reactions(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let mut texts: Vec<String> = Vec::new();
    let mut worst: Option<usize> = None;
    for mut reaction in root.elements("reaction")? {
        let manifestation = mapping.concept_texts(&mut reaction, "manifestation")?;
        let description = reaction.text("description")?;
        let said = [manifestation, description].into_iter().flatten();
        for text in said {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let severity = reaction.word("severity", &SEVERITIES)?;
        let rank = severity.and_then(|word| SEVERITIES.iter().position(|(_, ours)| *ours == word));
        worst = worst.max(rank);
        mapping.take_notes(&mut reaction)?;
        reaction.close(&mut mapping.left);
    }
    mapping.set("reaction_text", (!texts.is_empty()).then(|| texts.join("; ")));
    mapping.set("severity", worst.map(|rank| SEVERITIES[rank].1));
    Ok(())
}

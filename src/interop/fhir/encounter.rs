//! `Encounter`.

use super::element::{Element, Taken};
use super::mapping::Mapping;
use super::parts::{self, LOCATION, ORGANIZATION, PRACTITIONER};
use serde_json::{Value, json};

const STATES: [(&str, &str); 9] = [
    ("planned", "planned"),
    ("arrived", "arrived"),
    ("triaged", "triaged"),
    ("in-progress", "in_progress"),
    ("onleave", "on_leave"),
    ("finished", "finished"),
    ("cancelled", "cancelled"),
    ("entered-in-error", "entered_in_error"),
    ("unknown", "unknown"),
];
/// HL7's ActEncounterCode, and the words that Synthea uses beside it.
const CLASSES: [(&str, &str); 20] = [
    ("AMB", "ambulatory"),
    ("EMER", "emergency"),
    ("IMP", "inpatient"),
    ("ACUTE", "inpatient"),
    ("NONAC", "inpatient"),
    ("SS", "inpatient"),
    ("OBSENC", "observation"),
    ("HH", "home"),
    ("VR", "virtual"),
    ("AMBULATORY", "ambulatory"),
    ("OUTPATIENT", "ambulatory"),
    ("EMERGENCY", "emergency"),
    ("INPATIENT", "inpatient"),
    ("SNF", "inpatient"),
    ("OBSERVATION", "observation"),
    ("HOME", "home"),
    ("VIRTUAL", "virtual"),
    ("URGENTCARE", "urgent_care"),
    ("WELLNESS", "wellness"),
    ("HOSPICE", "hospice"),
];

pub(super) fn read(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let status = root.word("status", &STATES)?;
    mapping.set("status", Some(status.unwrap_or("unknown")));
    class(root, mapping)?;
    let element = root.element("subject")?;
    mapping.link_required("patient_id", parts::PATIENT, element, "Encounter.subject")?;
    let kind = root.first("type", &mut mapping.left)?;
    let kind = mapping.coded(kind)?.unwrap_or_default();
    mapping.set_coded(["code_system", "code", "code_text"], kind);
    reason(root, mapping)?;
    let element = root.element("period")?;
    let (start, end) = parts::period(element, mapping)?;
    participants(root, mapping, (&start, &end))?;
    mapping.set("started_recorded", start);
    mapping.set("ended_recorded", end);
    let element = root.element("serviceProvider")?;
    mapping.link("organization_id", ORGANIZATION, element)?;
    place(root, mapping)?;
    if let Some(mut stay) = root.element("hospitalization")? {
        let discharge = mapping.concept_text(&mut stay, "dischargeDisposition")?;
        mapping.set("discharge_text", discharge);
        stay.close(&mut mapping.left);
    }
    Ok(())
}

fn class(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let code = match root.element("class")? {
        Some(mut class) => {
            let code = class.text("code")?;
            class.take("system");
            // What the code is called adds nothing to the code.
            class.take("display");
            class.close(&mut mapping.left);
            code
        }
        None => None,
    };
    let ours = code.as_deref().and_then(|code| {
        let upper = code.to_ascii_uppercase();
        super::element::our_word(&upper, &CLASSES)
    });
    if ours.is_none()
        && let Some(code) = code
    {
        let shown: String = code.chars().take(20).collect();
        mapping.left.add(&format!("Encounter.class[{shown}]"));
    }
    mapping.set("class", Some(ours.unwrap_or("other")));
    Ok(())
}

fn reason(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let code = root.first("reasonCode", &mut mapping.left)?;
    match mapping.coded(code)? {
        Some(coded) => {
            mapping.set_coded(["reason_system", "reason_code", "reason_text"], coded);
        }
        // There is no link from an encounter to a problem, but what the problem is called fits.
        None => {
            if let Some(mut first) = root.first("reasonReference", &mut mapping.left)? {
                let display = first.text("display")?;
                mapping.set("reason_text", display);
                first.close(&mut mapping.left);
            }
        }
    }
    Ok(())
}

fn participants(
    root: &mut Element,
    mapping: &mut Mapping<'_>,
    whole: (&Option<String>, &Option<String>),
) -> Taken<()> {
    let mut rows: Vec<Value> = Vec::new();
    for mut participant in root.elements("participant")? {
        let role = mapping.concept_texts(&mut participant, "type")?;
        let path = participant.path().to_owned();
        let element = participant.element("period")?;
        let (start, end) = parts::period(element, mapping)?;
        // Who was there all the time was there when the encounter was.
        let is_whole = (start.is_none() || start == *whole.0) && (end.is_none() || end == *whole.1);
        if !is_whole {
            mapping.left.add(&format!("{path}.period"));
        }
        let element = participant.element("individual")?;
        let before = mapping.refs.len();
        let field = format!("participants.{}.practitioner_id", rows.len());
        let name = mapping.link(&field, PRACTITIONER, element)?;
        if name.is_some() || before < mapping.refs.len() {
            rows.push(json!({"role_text": role, "name": name}));
        } else if role.is_some() {
            mapping.left.add(&format!("{path}[without a name]"));
        }
        participant.close(&mut mapping.left);
    }
    if !rows.is_empty() {
        mapping.set("participants", Some(rows));
    }
    Ok(())
}

fn place(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let Some(mut place) = root.first("location", &mut mapping.left)? else { return Ok(()) };
    let element = place.element("location")?;
    mapping.link("location_id", LOCATION, element)?;
    place.close(&mut mapping.left);
    Ok(())
}

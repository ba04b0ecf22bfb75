//! `MedicationRequest`, and `Medication` as far as it names what was asked for.

use super::condition;
use super::element::{Element, Taken, Wrong};
use super::kind::Kind;
use super::mapping::Mapping;
use super::parts::{self, PRACTITIONER};
use serde_json::Value;

const STATES: [(&str, &str); 8] = [
    ("draft", "draft"),
    ("active", "active"),
    ("on-hold", "on_hold"),
    ("completed", "completed"),
    ("stopped", "stopped"),
    ("cancelled", "cancelled"),
    ("entered-in-error", "entered_in_error"),
    ("unknown", "unknown"),
];
const INTENTS: [(&str, &str); 8] = [
    ("proposal", "proposal"),
    ("plan", "plan"),
    ("order", "order"),
    ("original-order", "order"),
    ("reflex-order", "order"),
    ("filler-order", "order"),
    ("instance-order", "order"),
    ("option", "other"),
];
/// UCUM's units of time, which is what `timing.repeat` uses.
const PERIOD_UNITS: [(&str, &str); 7] =
    [("s", "s"), ("min", "min"), ("h", "h"), ("d", "d"), ("wk", "wk"), ("mo", "mo"), ("a", "a")];

/// What a medication is called. It is no record of its own; requests take its code.
pub(super) fn medication(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    condition::code(root, mapping, "code")
}

pub(super) fn request(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    if root.flag("doNotPerform")? == Some(true) {
        return Err(Wrong::new(
            "MedicationRequest.doNotPerform",
            "says that this must NOT be given; the record has no place for a prohibition, enter \
             it as an allergy or a note",
        ));
    }
    let status = root.word("status", &STATES)?;
    mapping.set("status", Some(status.unwrap_or("unknown")));
    let intent = root.word("intent", &INTENTS)?;
    let intent = intent.ok_or_else(|| {
        Wrong::new("MedicationRequest.intent", "is missing; say order, plan or proposal")
    })?;
    mapping.set("intent", Some(intent));
    parts::subject(root, mapping, "subject")?;
    what(root, mapping)?;
    let element = root.element("requester")?;
    let requester = mapping.link("requester_id", PRACTITIONER, element)?;
    let is_linked = mapping.refs.iter().any(|link| link.field == "requester_id");
    if let Some(name) = requester.filter(|_| !is_linked) {
        mapping.note(format!("Requested by: {name}"));
    }
    dosage(root, mapping)?;
    reason(root, mapping)?;
    let authored = root.moment("authoredOn")?;
    mapping.set("authored_recorded", authored);
    mapping.take_notes(root)
}

/// The medicine: a code, or a reference to a `Medication` here, contained or elsewhere.
fn what(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    if root.has("medicationCodeableConcept") {
        return condition::code(root, mapping, "medicationCodeableConcept");
    }
    let path = root.path_of("medicationReference");
    let Some(mut element) = root.element("medicationReference")? else {
        let mend = "is missing; give medicationCodeableConcept or medicationReference";
        return Err(Wrong::new("MedicationRequest.medication", mend));
    };
    let inside = element.peek("reference").and_then(Value::as_str);
    let inside = inside.and_then(|text| mapping.take_contained_one(text));
    if let Some(medication) = inside {
        let mut medication = Element::new(path.clone(), medication)?;
        medication.take("resourceType");
        condition::code(&mut medication, mapping, "code")?;
        medication.close(&mut mapping.left);
        element.take("reference");
        element.take("display");
        element.close(&mut mapping.left);
        return Ok(());
    }
    let display = mapping.link("medication", &[Kind::Medication], Some(element))?;
    // The name that the sender gives holds until the medication itself is found.
    mapping.set("code_text", display);
    let is_linked = mapping.refs.iter().any(|link| link.field == "medication");
    if !is_linked && !mapping.is_set("code_text") {
        let mend = "refers to nothing that could be found; give its code or name";
        return Err(Wrong::new(path, mend));
    }
    Ok(())
}

/// The first dosage in columns, and whatever words there are in `dose_text`.
fn dosage(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let mut dosages = root.elements("dosageInstruction")?;
    for (index, dosage) in dosages.iter_mut().enumerate() {
        // Without a sequence they apply in the order in which they stand.
        let sequence = dosage.whole("sequence")?;
        if let Some(sequence) = sequence
            && sequence != i64::try_from(index).unwrap_or(0) + 1
        {
            mapping.left.add("MedicationRequest.dosageInstruction.sequence");
        }
    }
    let mut texts: Vec<String> = Vec::new();
    for (index, mut dosage) in dosages.into_iter().enumerate() {
        texts.extend(words(&mut dosage, mapping)?);
        if index == 0 {
            amounts(&mut dosage, mapping, &mut texts)?;
        }
        dosage.close(&mut mapping.left);
    }
    mapping.set("dose_text", (!texts.is_empty()).then(|| texts.join("; ")));
    Ok(())
}

fn words(dosage: &mut Element, mapping: &mut Mapping<'_>) -> Taken<Vec<String>> {
    let said = [
        dosage.text("text")?,
        dosage.text("patientInstruction")?,
        mapping.concept_texts(dosage, "additionalInstruction")?,
    ];
    let mut texts: Vec<String> = said.into_iter().flatten().collect();
    if let Some(purpose) = mapping.concept_text(dosage, "asNeededCodeableConcept")? {
        mapping.set("as_needed", Some(true));
        texts.push(format!("as needed for {purpose}"));
    }
    Ok(texts)
}

fn amounts(dosage: &mut Element, mapping: &mut Mapping<'_>, texts: &mut Vec<String>) -> Taken<()> {
    if let Some(as_needed) = dosage.flag("asNeededBoolean")? {
        mapping.set("as_needed", Some(as_needed));
    }
    let route = mapping.concept_text(dosage, "route")?;
    mapping.set("route_text", route);
    if let Some(mut dose) = dosage.first("doseAndRate", &mut mapping.left)? {
        let amount = dose.element("doseQuantity")?;
        if let Some(amount) = parts::quantity(amount, mapping)? {
            mapping.set("dose_decimal", amount.value);
            mapping.set("dose_unit", amount.unit);
        }
        let range = dose.element("doseRange")?;
        texts.extend(parts::range(range, mapping)?);
        // "Ordered" or "calculated": the request itself says that it was ordered.
        let kind = dose.element("type")?;
        let kind = mapping.coded(kind)?.and_then(|coded| coded.code);
        if kind.as_deref().is_some_and(|kind| kind != "ordered") {
            mapping.left.add(&format!("{}.type", dose.path()));
        }
        dose.close(&mut mapping.left);
    }
    if let Some(mut timing) = dosage.element("timing")? {
        texts.extend(mapping.concept_text(&mut timing, "code")?);
        if let Some(repeat) = timing.element("repeat")? {
            self::repeat(repeat, mapping, texts)?;
        }
        timing.close(&mut mapping.left);
    }
    Ok(())
}

fn repeat(mut repeat: Element, mapping: &mut Mapping<'_>, texts: &mut Vec<String>) -> Taken<()> {
    let frequency = repeat.whole("frequency")?;
    mapping.set("frequency", frequency);
    let period = repeat.decimal("period")?;
    mapping.set("period_decimal", period);
    let unit = repeat.word("periodUnit", &PERIOD_UNITS)?;
    mapping.set("period_unit", unit);
    for (field, label) in [("dayOfWeek", "on"), ("timeOfDay", "at"), ("when", "when")] {
        let said = repeat.texts(field)?;
        if !said.is_empty() {
            texts.push(format!("{label} {}", said.join(", ")));
        }
    }
    repeat.close(&mut mapping.left);
    Ok(())
}

fn reason(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let text = mapping.concept_texts(root, "reasonCode")?;
    let display = parts::reason_references(root, mapping)?;
    mapping.set("reason_text", text.or(display));
    Ok(())
}

//! `Observation`: measured, coded and written values.

use super::condition;
use super::element::{Element, Taken};
use super::mapping::{Coded, Mapping};
use super::parts;
use serde_json::{Map, Value};

const STATES: [(&str, &str); 8] = [
    ("registered", "registered"),
    ("preliminary", "preliminary"),
    ("final", "final"),
    ("amended", "amended"),
    ("corrected", "corrected"),
    ("cancelled", "cancelled"),
    ("entered-in-error", "entered_in_error"),
    ("unknown", "unknown"),
];

pub(super) fn read(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let status = root.word("status", &STATES)?;
    mapping.set("status", Some(status.unwrap_or("unknown")));
    parts::subject(root, mapping, "subject")?;
    let category = condition::category(root, mapping)?;
    mapping.set("category", category);
    condition::code(root, mapping, "code")?;
    let instant = root.moment("effectiveInstant")?;
    mapping.set("effective_recorded", instant);
    parts::time_of_any_form(root, mapping, ("effective", "Measured"), "effective_recorded")?;
    let issued = root.moment("issued")?;
    mapping.set("issued_recorded", issued);
    let fields = value(root, mapping)?;
    mapping.body.extend(fields);
    reference_range(root, mapping)?;
    let interpretation = root.first("interpretation", &mut mapping.left)?;
    let interpretation = mapping.coded(interpretation)?;
    mapping.set("interpretation", interpretation.and_then(|coded| coded.code.or(coded.text)));
    let absent = mapping.concept_text(root, "dataAbsentReason")?;
    mapping.set("absent_reason", absent);
    mapping.take_notes(root)?;
    components(root, mapping)?;
    let holds = ["value_decimal", "value_code", "value_text", "components", "absent_reason"];
    if !holds.iter().any(|field| mapping.is_set(field)) {
        // FHIR lets an observation stand for its members, or for nothing but that it was made.
        mapping.set("absent_reason", Some("No value in the source"));
    }
    Ok(())
}

/// `value[x]` in the columns that observations and their components share.
fn value(element: &mut Element, mapping: &mut Mapping<'_>) -> Taken<Map<String, Value>> {
    let mut fields = Map::new();
    let mut set = |field: &str, value: Option<String>| {
        if let Some(value) = value {
            fields.insert(field.to_owned(), value.into());
        }
    };
    let amount = element.element("valueQuantity")?;
    if let Some(amount) = parts::quantity(amount, mapping)? {
        set("value_decimal", amount.value);
        set("value_comparator", amount.comparator);
        set("unit", amount.unit);
        set("unit_code", amount.code);
    }
    if let Some(number) = element.whole("valueInteger")? {
        set("value_decimal", Some(number.to_string()));
    }
    let concept = element.element("valueCodeableConcept")?;
    if let Some(Coded { system, code, text }) = mapping.coded(concept)? {
        set("value_system", system);
        set("value_code", code);
        set("value_text", text);
    }
    if let Some(yes) = element.flag("valueBoolean")? {
        set("value_code", Some(yes.to_string()));
        set("value_text", Some(if yes { "Yes" } else { "No" }.to_owned()));
    }
    let words = [
        element.text("valueString")?,
        element.moment("valueDateTime")?,
        element.text("valueTime")?,
        value_period(element, mapping)?,
        value_range(element, mapping)?,
        value_ratio(element, mapping)?,
    ];
    set("value_text", words.into_iter().flatten().next());
    Ok(fields)
}

fn value_period(element: &mut Element, mapping: &mut Mapping<'_>) -> Taken<Option<String>> {
    let ends = element.element("valuePeriod")?;
    Ok(match parts::period(ends, mapping)? {
        (Some(start), Some(end)) => Some(format!("{start} to {end}")),
        (Some(start), None) => Some(format!("from {start}")),
        (None, Some(end)) => Some(format!("until {end}")),
        (None, None) => None,
    })
}

fn value_range(element: &mut Element, mapping: &mut Mapping<'_>) -> Taken<Option<String>> {
    let range = element.element("valueRange")?;
    parts::range(range, mapping)
}

/// A ratio such as a titre: `1 : 128`.
fn value_ratio(element: &mut Element, mapping: &mut Mapping<'_>) -> Taken<Option<String>> {
    let Some(mut ratio) = element.element("valueRatio")? else { return Ok(None) };
    let (above, below) = (ratio.element("numerator")?, ratio.element("denominator")?);
    ratio.close(&mut mapping.left);
    let above = parts::quantity(above, mapping)?.and_then(|above| above.readable());
    let below = parts::quantity(below, mapping)?.and_then(|below| below.readable());
    Ok(match (above, below) {
        (Some(above), Some(below)) => Some(format!("{above} : {below}")),
        (above, below) => above.or(below),
    })
}

fn reference_range(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let Some(mut range) = root.first("referenceRange", &mut mapping.left)? else { return Ok(()) };
    for (field, column) in [("low", "range_low"), ("high", "range_high")] {
        let bound = range.element(field)?;
        // Its unit is that of the value.
        let bound = parts::quantity(bound, mapping)?.and_then(|bound| bound.value);
        mapping.set(column, bound);
    }
    let text = range.text("text")?;
    mapping.set("range_text", text);
    range.close(&mut mapping.left);
    Ok(())
}

fn components(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let mut rows: Vec<Value> = Vec::new();
    for mut component in root.elements("component")? {
        let path = component.path_of("code");
        let concept = component.element("code")?;
        let Some(coded) = mapping.coded(concept)? else {
            let mend = "is missing; give a code or a text";
            return Err(super::element::Wrong::new(path, mend));
        };
        let mut row = value(&mut component, mapping)?;
        let names = ["code_system", "code", "code_text"];
        for (name, value) in names.into_iter().zip([coded.system, coded.code, coded.text]) {
            if let Some(value) = value {
                row.insert(name.to_owned(), value.into());
            }
        }
        // A part without a value says at least why.
        let absent = mapping.concept_text(&mut component, "dataAbsentReason")?;
        if let Some(absent) = absent {
            row.entry("value_text").or_insert_with(|| format!("({absent})").into());
        }
        component.close(&mut mapping.left);
        rows.push(Value::Object(row));
    }
    if !rows.is_empty() {
        mapping.set("components", Some(rows));
    }
    Ok(())
}

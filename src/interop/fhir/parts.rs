//! Elements that several kinds share: names, addresses, phones, identifiers, periods, amounts.

use super::element::{Element, Taken, extension_name};
use super::kind::Kind;
use super::mapping::{Identifier, Mapping};
use serde_json::Value;

/// Kinds that stand where a person who gives care is meant.
pub(super) const PRACTITIONER: &[Kind] = &[Kind::Practitioner, Kind::PractitionerRole];
/// Kinds that stand where a patient is meant.
pub(super) const PATIENT: &[Kind] = &[Kind::Patient];
/// Kinds that stand where an encounter is meant.
pub(super) const ENCOUNTER: &[Kind] = &[Kind::Encounter];
/// Kinds that stand where an organization is meant.
pub(super) const ORGANIZATION: &[Kind] = &[Kind::Organization];
/// Kinds that stand where a place is meant.
pub(super) const LOCATION: &[Kind] = &[Kind::Location];
/// Kinds that stand where a problem is meant.
pub(super) const CONDITION: &[Kind] = &[Kind::Condition];

/// A telecom entry.
pub(super) struct Telecom {
    pub(super) system: &'static str,
    pub(super) telecom_use: Option<String>,
    pub(super) value: String,
}

const TELECOM_SYSTEMS: [(&str, &str); 7] = [
    ("phone", "phone"),
    ("email", "email"),
    ("sms", "sms"),
    ("fax", "fax"),
    ("url", "url"),
    ("pager", "pager"),
    ("other", "other"),
];

/// Links the patient and, if named, the encounter of a clinical record.
pub(super) fn subject(root: &mut Element, mapping: &mut Mapping<'_>, field: &str) -> Taken<()> {
    let (element, path) = (root.element(field)?, root.path_of(field));
    mapping.link_required("patient_id", PATIENT, element, &path)?;
    let element = root.element("encounter")?;
    mapping.link("encounter_id", ENCOUNTER, element)?;
    Ok(())
}

/// All telecoms, the preferred first.
pub(super) fn telecoms(element: &mut Element, mapping: &mut Mapping<'_>) -> Taken<Vec<Telecom>> {
    let mut telecoms = Vec::new();
    for mut telecom in element.elements("telecom")? {
        let system = telecom.word("system", &TELECOM_SYSTEMS)?.unwrap_or("other");
        let rank = telecom.whole("rank")?.unwrap_or(i64::MAX);
        match telecom.text("value")? {
            Some(value) => {
                let telecom_use = telecom.text("use")?;
                telecoms.push((rank, Telecom { system, telecom_use, value }));
            }
            None => telecom.put_back("system", system),
        }
        telecom.close(&mut mapping.left);
    }
    telecoms.sort_by_key(|(rank, _)| *rank);
    Ok(telecoms.into_iter().map(|(_, telecom)| telecom).collect())
}

/// The first phone and the first e-mail address; the others are left out.
pub(super) fn phone_and_email(
    element: &mut Element,
    mapping: &mut Mapping<'_>,
    has_email: bool,
) -> Taken<()> {
    let path = element.path_of("telecom");
    for telecom in telecoms(element, mapping)? {
        let field = match telecom.system {
            "phone" => "phone",
            "email" if has_email => "email",
            other => {
                mapping.left.add(&format!("{path}[{other}]"));
                continue;
            }
        };
        if mapping.is_set(field) {
            mapping.left.add(&format!("{path}[more]"));
        } else {
            mapping.set(field, Some(telecom.value));
        }
    }
    Ok(())
}

/// The parts of an address in our words; `address_use` and `line` included.
pub(super) fn address(mut element: Element, mapping: &mut Mapping<'_>) -> Taken<Value> {
    let mut parts = serde_json::Map::new();
    let lines = element.texts("line")?.join(", ");
    let whole = element.text("text")?;
    let named = [
        ("address_use", element.text("use")?),
        ("city", element.text("city")?),
        ("district", element.text("district")?),
        ("state", element.text("state")?),
        ("postal_code", element.text("postalCode")?),
        ("country", element.text("country")?),
    ];
    let is_bare = lines.is_empty() && named[1..].iter().all(|(_, value)| value.is_none());
    for (field, value) in named {
        if let Some(value) = value {
            parts.insert(field.to_owned(), value.into());
        }
    }
    match whole {
        Some(whole) if is_bare => {
            parts.insert("line".to_owned(), whole.into());
        }
        // The whole address as text says the same as its parts.
        _ if lines.is_empty() => {}
        _ => {
            parts.insert("line".to_owned(), lines.into());
        }
    }
    element.close(&mut mapping.left);
    Ok(Value::Object(parts))
}

/// An address on one line, for those who have one text column for it.
pub(super) fn address_line(element: Element, mapping: &mut Mapping<'_>) -> Taken<Option<String>> {
    let parts = address(element, mapping)?;
    let part = |field: &str| parts.get(field).and_then(Value::as_str);
    let town = [part("state"), part("postal_code")].into_iter().flatten().collect::<Vec<_>>();
    let town = town.join(" ");
    let line = [
        part("line"),
        part("city"),
        part("district"),
        (!town.is_empty()).then_some(town.as_str()),
        part("country"),
    ];
    let line = line.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Ok((!line.is_empty()).then_some(line))
}

/// A human name.
#[derive(Debug, Default)]
pub(super) struct Name {
    pub(super) family: Option<String>,
    pub(super) given: Vec<String>,
    pub(super) prefix: Option<String>,
    pub(super) suffix: Option<String>,
}

impl Name {
    pub(super) fn is_empty(&self) -> bool {
        self.family.is_none() && self.given.is_empty()
    }

    /// The name as one reads it.
    pub(super) fn readable(&self) -> String {
        let mut words: Vec<&str> = self.prefix.as_deref().into_iter().collect();
        words.extend(self.given.iter().map(String::as_str));
        words.extend(self.family.as_deref());
        words.extend(self.suffix.as_deref());
        words.join(" ")
    }
}

/// Reads a `HumanName`. One that comes as text only becomes a family name whole: where to cut
/// it differs from language to language.
pub(super) fn name(element: &mut Element, mapping: &mut Mapping<'_>) -> Taken<Name> {
    let joined = |words: Vec<String>| (!words.is_empty()).then(|| words.join(" "));
    let text = element.text("text")?;
    let mut name = Name {
        family: element.text("family")?,
        given: element.texts("given")?,
        prefix: joined(element.texts("prefix")?),
        suffix: joined(element.texts("suffix")?),
    };
    if name.is_empty() {
        name.family = text;
    } else if text.is_some_and(|text| !says_the_same(&text, &name)) {
        mapping.left.add(&element.path_of("text"));
    }
    Ok(name)
}

/// Whether every word of `text` is in the parts, so that nothing is lost without it.
fn says_the_same(text: &str, name: &Name) -> bool {
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|letter: char| letter.is_whitespace() || letter == ',');
        parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let known = words(&name.readable());
    words(text).iter().all(|word| known.contains(word))
}

/// Types of identifiers (HL7 table 0203) that several people may share, or that change.
const SHARED_TYPES: [&str; 8] = ["MB", "SN", "NIIP", "AN", "VN", "GN", "XV", "XX"];

/// An identifier with its type's code and text.
type Typed = (Identifier, Option<String>, Option<String>);

/// Reads `identifier` into the mapping's list; answers each with its type code and text.
///
/// One without a system is known only within its source and by its type; without a type
/// either, nobody could tell what it is, and it is left out.
pub(super) fn identifiers(element: &mut Element, mapping: &mut Mapping<'_>) -> Taken<Vec<Typed>> {
    let mut found = Vec::new();
    for mut identifier in element.elements("identifier")? {
        let path = identifier.path().to_owned();
        let system = identifier.text("system")?;
        let value = identifier.text("value")?;
        let kind = identifier.element("type")?;
        let kind = mapping.coded(kind)?.unwrap_or_default();
        // What a number is used for changes nothing about whose it is; an old one stays theirs.
        let usage = identifier.text("use")?;
        identifier.close(&mut mapping.left);
        let own_system = || {
            let word = kind.code.as_deref().or(kind.text.as_deref())?;
            Some(format!("urn:healthflow:source:{}:{word}", mapping.source))
        };
        let Some(value) = value else {
            mapping.left.add(&format!("{path}[without value]"));
            continue;
        };
        let Some(system) = system.or_else(own_system) else {
            mapping.left.add(&format!("{path}[without system]"));
            continue;
        };
        let is_shared = kind.code.as_deref().is_some_and(|code| SHARED_TYPES.contains(&code));
        let is_unique = !is_shared && usage.as_deref() != Some("temp");
        let identifier = Identifier { system, value, is_unique };
        mapping.identifiers.push(identifier.clone());
        found.push((identifier, kind.code, kind.text));
    }
    Ok(found)
}

/// Passes over identifiers that only repeat the id of the resource.
pub(super) fn own_identifier(root: &mut Element, source_id: &str) -> Taken<()> {
    let Some(Value::Array(list)) = root.take("identifier") else { return Ok(()) };
    let others = list
        .into_iter()
        .filter(|identifier| identifier.get("value").and_then(Value::as_str) != Some(source_id));
    let others: Vec<Value> = others.collect();
    if !others.is_empty() {
        root.put_back("identifier", others);
    }
    Ok(())
}

/// A modifier may turn the meaning of a record round. We know none, so the record says so.
pub(super) fn warn_of_modifiers(kind: Kind, root: &Element, mapping: &mut Mapping<'_>) {
    let Some(list) = root.peek("modifierExtension").and_then(Value::as_array) else { return };
    let has_note = !matches!(
        kind,
        Kind::Patient
            | Kind::Organization
            | Kind::Practitioner
            | Kind::PractitionerRole
            | Kind::Location
            | Kind::Encounter
            | Kind::CareTeam
            | Kind::Medication
    );
    if has_note {
        let names = list.iter().map(extension_name).collect::<Vec<_>>().join(", ");
        mapping.note(format!(
            "Caution: the source adds \"{names}\", which may change the meaning of this record \
             and is not understood here."
        ));
    }
}

/// Start and end of a `Period`, as written.
pub(super) fn period(
    element: Option<Element>,
    mapping: &mut Mapping<'_>,
) -> Taken<(Option<String>, Option<String>)> {
    let Some(mut element) = element else { return Ok((None, None)) };
    let ends = (element.moment("start")?, element.moment("end")?);
    element.close(&mut mapping.left);
    Ok(ends)
}

/// A `Quantity`.
#[derive(Debug, Default)]
pub(super) struct Quantity {
    pub(super) value: Option<String>,
    pub(super) comparator: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) code: Option<String>,
}

impl Quantity {
    /// As one reads it: `< 5 mg`.
    pub(super) fn readable(&self) -> Option<String> {
        let value = self.value.as_deref()?;
        let unit = self.unit.as_deref().or(self.code.as_deref()).filter(|unit| *unit != "1");
        let words = [self.comparator.as_deref(), Some(value), unit];
        Some(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

const COMPARATORS: [(&str, &str); 4] = [("<", "<"), ("<=", "<="), (">=", ">="), (">", ">")];

/// Reads a `Quantity`; the code of a unit counts only if it is a code of UCUM.
pub(super) fn quantity(
    element: Option<Element>,
    mapping: &mut Mapping<'_>,
) -> Taken<Option<Quantity>> {
    let Some(mut element) = element else { return Ok(None) };
    let value = element.decimal("value")?;
    let comparator = element.word("comparator", &COMPARATORS)?.map(str::to_owned);
    let (unit, code) = (element.text("unit")?, element.text("code")?);
    let system = element.text("system")?;
    let is_foreign = system.as_deref().is_some_and(|system| system != UCUM) && code.is_some();
    if is_foreign {
        mapping.left.add(&element.path_of("system"));
    }
    element.close(&mut mapping.left);
    let unit = unit.or_else(|| code.clone());
    Ok(Some(Quantity { value, comparator, unit, code }))
}

const UCUM: &str = "http://unitsofmeasure.org";

/// A `Range` as one reads it: `3 to 5 mg`.
pub(super) fn range(element: Option<Element>, mapping: &mut Mapping<'_>) -> Taken<Option<String>> {
    let Some(mut element) = element else { return Ok(None) };
    let (low, high) = (element.element("low")?, element.element("high")?);
    element.close(&mut mapping.left);
    let low = quantity(low, mapping)?;
    let high = quantity(high, mapping)?.and_then(|high| high.readable());
    Ok(match (low, high) {
        (Some(low), Some(high)) => {
            low.value.map(|low| format!("{low} to {high}")).or(Some(format!("up to {high}")))
        }
        (Some(low), None) => low.readable().map(|low| format!("{low} or more")),
        (None, high) => high.map(|high| format!("up to {high}")),
    })
}

/// Reads `stem`DateTime, `stem`Period, `stem`Age, `stem`Range or `stem`String: a time goes to
/// the field `recorded`, what is no time becomes a line of the note that begins with `label`.
pub(super) fn time_of_any_form(
    root: &mut Element,
    mapping: &mut Mapping<'_>,
    (stem, label): (&str, &str),
    recorded: &str,
) -> Taken<()> {
    let at = root.moment(&format!("{stem}DateTime"))?;
    mapping.set(recorded, at);
    let element = root.element(&format!("{stem}Period"))?;
    let (start, end) = period(element, mapping)?;
    mapping.set(recorded, start);
    if let Some(end) = end {
        mapping.note(format!("{label}: until {end}"));
    }
    let age = root.element(&format!("{stem}Age"))?;
    if let Some(age) = quantity(age, mapping)?.and_then(|age| age.readable()) {
        mapping.note(format!("{label}: at the age of {age}"));
    }
    let ages = root.element(&format!("{stem}Range"))?;
    if let Some(ages) = range(ages, mapping)? {
        mapping.note(format!("{label}: at the age of {ages}"));
    }
    if let Some(words) = root.text(&format!("{stem}String"))? {
        mapping.note(format!("{label}: {words}"));
    }
    Ok(())
}

/// `reasonReference`: the first problem that can be linked is, and what all of them are called
/// is answered.
pub(super) fn reason_references(
    root: &mut Element,
    mapping: &mut Mapping<'_>,
) -> Taken<Option<String>> {
    let mut names: Vec<String> = Vec::new();
    for element in root.elements("reasonReference")? {
        let path = format!("{}[more]", root.path_of("reasonReference"));
        let is_linked = mapping.refs.iter().any(|link| link.field == REASON);
        let before = mapping.refs.len();
        if let Some(name) = mapping.link(REASON, CONDITION, Some(element))?
            && !names.contains(&name)
        {
            names.push(name);
        }
        if is_linked && before < mapping.refs.len() {
            mapping.refs.truncate(before);
            mapping.left.add(&path);
        }
    }
    Ok((!names.is_empty()).then(|| names.join("; ")))
}

const REASON: &str = "reason_condition_id";

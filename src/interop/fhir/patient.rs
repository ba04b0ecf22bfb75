//! `Patient`.

use super::element::{Element, LeftOut, Taken, Wrong, our_word};
use super::mapping::Mapping;
use super::parts;
use serde_json::{Value, json};

const SEXES: [(&str, &str); 4] =
    [("male", "male"), ("female", "female"), ("other", "other"), ("unknown", "unknown")];
const BIRTH_SEXES: [(&str, &str); 5] =
    [("M", "male"), ("F", "female"), ("OTH", "other"), ("UNK", "unknown"), ("ASKU", "unknown")];
pub(super) const NAME_USES: [(&str, &str); 7] = [
    ("official", "official"),
    ("usual", "usual"),
    ("maiden", "maiden"),
    ("nickname", "nickname"),
    ("anonymous", "alias"),
    ("temp", "temporary"),
    ("old", "old"),
];
/// HL7's codes for marital status, which senders often give without a text.
const MARITAL: [(&str, &str); 11] = [
    ("A", "Annulled"),
    ("C", "Common law"),
    ("D", "Divorced"),
    ("I", "Interlocutory"),
    ("L", "Legally separated"),
    ("M", "Married"),
    ("P", "Polygamous"),
    ("S", "Never married"),
    ("T", "Domestic partner"),
    ("U", "Unmarried"),
    ("W", "Widowed"),
];
/// The word for a code of marital status.
pub(in crate::interop) fn marital_word(code: &str) -> Option<&'static str> {
    our_word(code, &MARITAL)
}

const BIRTH_SEX: &str = "us-core-birthsex";
const GENDER_IDENTITY: &str = "genderIdentity";

pub(super) fn read(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let active = root.flag("active")?;
    mapping.set("active", active);
    names(root, mapping)?;
    let birth_date = root.date("birthDate")?;
    mapping.set("birth_date", birth_date);
    sex_and_gender(root, mapping)?;
    identifiers(root, mapping)?;
    let telecoms: Vec<Value> = parts::telecoms(root, mapping)?
        .into_iter()
        .map(|it| json!({"system": it.system, "telecom_use": it.telecom_use, "value": it.value}))
        .collect();
    list(mapping, "telecoms", telecoms);
    let mut addresses = Vec::new();
    for address in root.elements("address")? {
        addresses.push(parts::address(address, mapping)?);
    }
    addresses.retain(|address| address.as_object().is_some_and(|parts| !parts.is_empty()));
    list(mapping, "addresses", addresses);
    contacts(root, mapping)?;
    let died = root.moment("deceasedDateTime")?;
    let is_dead = root.flag("deceasedBoolean")?;
    mapping.set("deceased", died.as_ref().map(|_| true).or(is_dead));
    mapping.set("deceased_recorded", died);
    marital_status(root, mapping)?;
    language(root, mapping)?;
    let order = root.whole("multipleBirthInteger")?;
    mapping.set("multiple_birth", order);
    Ok(())
}

fn list(mapping: &mut Mapping<'_>, field: &str, items: Vec<Value>) {
    if !items.is_empty() {
        mapping.set(field, Some(items));
    }
}

fn names(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let mut names = Vec::new();
    for mut element in root.elements("name")? {
        let name = parts::name(&mut element, mapping)?;
        let name_use = element.word("use", &NAME_USES)?;
        if name.is_empty() {
            mapping.left.add(&format!("{}[empty]", element.path()));
        } else {
            let fallback = if names.is_empty() { "official" } else { "alias" };
            names.push((
                name_use != Some("official") && name_use != Some("usual"),
                json!({
                    "family": name.family,
                    "given": name.given,
                    "prefix": name.prefix,
                    "suffix": name.suffix,
                    "name_use": name_use.unwrap_or(fallback),
                }),
            ));
        }
        element.close(&mut mapping.left);
    }
    if names.is_empty() {
        return Err(Wrong::new(
            "Patient.name",
            "is missing; give at least a family or a given name",
        ));
    }
    // Lists show the first name, so a maiden or old name must not come before the present one.
    names.sort_by_key(|(is_secondary, _)| *is_secondary);
    list(mapping, "names", names.into_iter().map(|(_, name)| name).collect());
    Ok(())
}

/// `gender` is what offices write down, the extensions say more: our `sex` is the one at birth
/// where it is known, and `gender` holds what differs from it.
fn sex_and_gender(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let office = root.word("gender", &SEXES)?;
    let birth = take_extension(root, BIRTH_SEX, |extension| {
        our_word(extension.get("valueCode")?.as_str()?, &BIRTH_SEXES)
    });
    let identity = take_extension(root, GENDER_IDENTITY, |extension| {
        let concept = extension.get("valueCodeableConcept")?;
        let text = concept.get("text").or_else(|| concept.pointer("/coding/0/display"))?;
        text.as_str().map(str::to_owned)
    });
    let sex = birth.filter(|sex| *sex != "unknown").or(office).unwrap_or("unknown");
    mapping.set("sex", Some(sex));
    let differing = office.filter(|office| *office != sex).map(str::to_owned);
    mapping.set("gender", identity.or(differing));
    Ok(())
}

/// The value of the extension called `name`, which is then taken; one that `read` does not
/// understand stays.
fn take_extension<T>(
    root: &mut Element,
    name: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<T> {
    let Some(Value::Array(mut list)) = root.take("extension") else { return None };
    let at = list.iter().position(|extension| {
        let url = extension.get("url").and_then(Value::as_str).unwrap_or_default();
        url.rsplit(['/', '-']).next() == Some(name) || url.rsplit('/').next() == Some(name)
    });
    let value = at.and_then(|at| read(&list[at]).map(|value| (at, value)));
    let value = value.map(|(at, value)| {
        list.remove(at);
        value
    });
    if !list.is_empty() {
        root.put_back("extension", list);
    }
    value
}

fn identifiers(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let rows = parts::identifiers(root, mapping)?.into_iter();
    let rows = rows.map(|(identifier, code, text)| {
        json!({
            "system": identifier.system,
            "value": identifier.value,
            "type_code": code,
            "type_text": text,
        })
    });
    let rows = rows.collect();
    list(mapping, "identifiers", rows);
    Ok(())
}

fn contacts(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let mut contacts = Vec::new();
    for mut contact in root.elements("contact")? {
        let path = contact.path().to_owned();
        let relationship = mapping.concept_texts(&mut contact, "relationship")?;
        let name = match contact.element("name")? {
            Some(mut element) => {
                let name = parts::name(&mut element, mapping)?.readable();
                element.take("use");
                element.close(&mut mapping.left);
                Some(name).filter(|name| !name.is_empty())
            }
            None => None,
        };
        let mut phone = None;
        for telecom in parts::telecoms(&mut contact, mapping)? {
            match telecom.system {
                "phone" | "sms" if phone.is_none() => phone = Some(telecom.value),
                _ => mapping.left.add(&format!("{path}.telecom[more]")),
            }
        }
        let organization = match contact.element("organization")? {
            Some(mut element) if name.is_none() => {
                element.take("reference");
                let display = element.text("display")?;
                element.close(&mut mapping.left);
                display
            }
            Some(_) => {
                mapping.left.add(&format!("{path}.organization"));
                None
            }
            None => None,
        };
        match name.or(organization).or_else(|| relationship.clone()) {
            Some(name) => {
                contacts.push(json!({"relationship": relationship, "name": name, "phone": phone}))
            }
            None => mapping.left.add(&format!("{path}[without name]")),
        }
        contact.close(&mut mapping.left);
    }
    list(mapping, "contacts", contacts);
    Ok(())
}

fn marital_status(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let concept = root.element("maritalStatus")?;
    // Texts that repeat the code are worth a word of their own.
    let mut aside = LeftOut::default();
    std::mem::swap(&mut aside, &mut mapping.left);
    let coded = mapping.coded(concept)?;
    std::mem::swap(&mut aside, &mut mapping.left);
    for path in aside.into_paths() {
        if !path.ends_with(".display") {
            mapping.left.add(&path);
        }
    }
    let text = coded.and_then(|coded| {
        let word = coded.code.as_deref().and_then(marital_word);
        match (word, coded.text) {
            (Some(word), Some(text)) if Some(&text) == coded.code.as_ref() => Some(word.to_owned()),
            (word, text) => text.or(word.map(str::to_owned)),
        }
    });
    mapping.set("marital_status_text", text);
    Ok(())
}

fn language(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    let mut languages: Vec<(bool, String)> = Vec::new();
    for mut communication in root.elements("communication")? {
        let is_preferred = communication.flag("preferred")?.unwrap_or(false);
        if let Some(text) = mapping.concept_text(&mut communication, "language")? {
            languages.push((is_preferred, text));
        }
        communication.close(&mut mapping.left);
    }
    languages.sort_by_key(|(is_preferred, _)| !is_preferred);
    let all: Vec<String> = languages.into_iter().map(|(_, text)| text).collect();
    mapping.set("language_text", (!all.is_empty()).then(|| all.join(", ")));
    Ok(())
}

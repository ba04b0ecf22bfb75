//! References from one resource to another, in all the forms that FHIR allows.

use super::kind::Kind;
use serde_json::Value;

/// What a reference points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A resource by its id: `Patient/1`, `urn:uuid:…`, or an address whose server is the one
    /// that the resource itself came from. The kind is known unless it was a `urn:`.
    Resource {
        /// Its kind, if the reference says so.
        kind: Option<Kind>,
        /// Its id, as [`source_id`] writes it.
        id: String,
    },
    /// Whatever has the identifier: `Practitioner?identifier=system|value`, a logical
    /// reference, or a contained resource that has one.
    Identified {
        /// The system; `None` matches any.
        system: Option<String>,
        /// The value.
        value: String,
    },
    /// A name and nothing to find it by.
    Display,
}

/// A field of a record that another record is to fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The field of our body, e.g. `encounter_id` or `participants.0.practitioner_id`.
    pub field: String,
    /// The kinds that may stand there.
    pub wants: &'static [Kind],
    /// Where it points.
    pub to: Reference,
    /// What the sender calls it.
    pub display: Option<String>,
}

/// The one spelling of a resource's id under which all forms of reference meet: UUIDs in
/// lower case, everything else as it is.
#[must_use]
pub fn source_id(id: &str) -> String {
    let is_uuid = id.len() == 36
        && id.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_uuid { id.to_ascii_lowercase() } else { id.to_owned() }
}

/// The id in a `Bundle.entry.fullUrl`, and the server in front of it if it names one.
#[must_use]
pub fn full_url_id(url: &str) -> (Option<&str>, String) {
    if let Some(id) = urn(url) {
        return (None, source_id(id));
    }
    let plain = url.split("/_history/").next().unwrap_or(url);
    let mut parts = plain.rsplitn(3, '/');
    let id = parts.next().unwrap_or(plain);
    let _kind = parts.next();
    (parts.next().filter(|base| base.contains("://")), source_id(id))
}

fn urn(text: &str) -> Option<&str> {
    ["urn:uuid:", "urn:oid:"].into_iter().find_map(|prefix| {
        let head = text.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
    })
}

/// What the text of `Reference.reference` means; `base` is the server that the resource with
/// the reference came from. `None` if it is none of the forms, or names a kind without a place
/// here (the second value says which).
pub(super) fn parse(text: &str, base: Option<&str>) -> Result<Reference, String> {
    if let Some(id) = urn(text) {
        return Ok(Reference::Resource { kind: None, id: source_id(id) });
    }
    if let Some((kind, query)) = text.split_once('?') {
        let kind = kind.rsplit('/').next().unwrap_or(kind);
        let (system, value) =
            identifier_in(query).ok_or_else(|| format!("{kind}?(other than identifier)"))?;
        return Ok(Reference::Identified { system, value });
    }
    let plain = text.split("/_history/").next().unwrap_or(text);
    let mut parts = plain.rsplitn(3, '/');
    let (id, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let server = parts.next();
    let known = Kind::of(kind).ok_or_else(|| kind.to_owned())?;
    if id.is_empty() {
        return Err(kind.to_owned());
    }
    // The same id on another server is another resource.
    let is_foreign = server.is_some_and(|server| base.is_some_and(|base| base != server));
    let id = if is_foreign { plain.to_owned() } else { source_id(id) };
    Ok(Reference::Resource { kind: Some(known), id })
}

/// The system and value in a search such as `identifier=system|value`, which is what
/// conditional references and `ifNoneExist` hold. `None` if it searches by anything else.
#[must_use]
pub fn identifier_in(query: &str) -> Option<(Option<String>, String)> {
    let query = query.rsplit('?').next().unwrap_or(query);
    let token = query.strip_prefix("identifier=").filter(|token| !token.contains('&'))?;
    let token = percent_decoded(token);
    let (system, value) = match token.split_once('|') {
        Some((system, value)) => (Some(system.to_owned()), value.to_owned()),
        None => (None, token),
    };
    (!value.is_empty()).then_some((system, value))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let hex = (*first == b'%').then(|| behind.get(..2)).flatten();
        let code = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The first identifier of a (contained) resource that has system and value.
pub(super) fn identifier_of(resource: &Value) -> Option<Reference> {
    let list = resource.get("identifier")?;
    let mut identifiers = match list {
        Value::Array(list) => list.iter(),
        single => std::slice::from_ref(single).iter(),
    };
    identifiers.find_map(|identifier| {
        let text = |field: &str| identifier.get(field).and_then(Value::as_str);
        let (system, value) = (text("system")?, text("value")?);
        Some(Reference::Identified { system: Some(system.to_owned()), value: value.to_owned() })
    })
}

/// What a (contained) resource is called.
pub(super) fn name_of(resource: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match resource.get("name")? {
        Value::String(name) => Some(name.clone()),
        Value::Array(names) => {
            let name = names.first()?;
            if let Some(whole) = name.get("text").and_then(text) {
                return Some(whole);
            }
            let words = |field: &str| match name.get(field) {
                Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
                Some(Value::String(word)) => vec![word.as_str()],
                _ => Vec::new(),
            };
            let whole = [words("prefix"), words("given"), words("family")].concat().join(" ");
            (!whole.is_empty()).then_some(whole)
        }
        _ => None,
    }
}

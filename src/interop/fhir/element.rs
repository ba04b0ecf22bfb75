//! Reading a FHIR element field by field, so that what nobody read is known at the end.
//!
//! An [`Element`] owns its object and gives each field away once. [`Element::close`] reports
//! the fields that are still there. An element must be closed, not dropped.

use crate::vocab::decimal::is_decimal;
use crate::vocab::moment::{PartialDate, is_clinical_time};
use serde_json::{Map, Value};
use std::fmt;

/// A value that cannot be taken: where it stands and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    path: String,
    mend: String,
}

impl Wrong {
    pub(super) fn new(path: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { path: path.into(), mend: mend.into() }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.path, self.mend)
    }
}

/// What was read, or why the resource must be rejected.
pub(super) type Taken<T> = Result<T, Wrong>;

/// Element paths for which the record has no place.
#[derive(Debug, Default)]
pub(super) struct LeftOut(Vec<String>);

impl LeftOut {
    /// Notes a path, with list positions left away: they would make every path unique.
    pub(super) fn add(&mut self, path: &str) {
        let mut plain = String::with_capacity(path.len());
        let mut rest = path;
        while let Some((before, behind)) = rest.split_once('[') {
            let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
            plain.push_str(before);
            match behind[digits..].strip_prefix(']') {
                Some(behind) if 0 < digits => rest = behind,
                _ => {
                    plain.push('[');
                    rest = behind;
                }
            }
        }
        plain.push_str(rest);
        self.0.push(plain);
    }

    /// All paths, each once, in order.
    pub(super) fn into_paths(mut self) -> Vec<String> {
        self.0.sort_unstable();
        self.0.dedup();
        self.0
    }
}

/// A FHIR element that is being read.
#[derive(Debug)]
pub(super) struct Element {
    path: String,
    fields: Map<String, Value>,
}

impl Element {
    pub(super) fn new(path: impl Into<String>, value: Value) -> Taken<Self> {
        let path = path.into();
        match value {
            Value::Object(fields) => Ok(Self { path, fields }),
            other => Err(Wrong::new(path, format!("must be an object, not {}", form(&other)))),
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The path of `field`, for messages.
    pub(super) fn path_of(&self, field: &str) -> String {
        format!("{}.{field}", self.path)
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(|value| !value.is_null())
    }

    /// The field as it is, which stays.
    pub(super) fn peek(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    /// The field as it is; null is nothing.
    pub(super) fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field).filter(|value| !value.is_null())
    }

    /// Puts back what turned out to be of no use.
    pub(super) fn put_back(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    fn wrong(&self, field: &str, expected: &str, value: &Value) -> Wrong {
        Wrong::new(self.path_of(field), format!("must be {expected}, not {}", form(value)))
    }

    /// Text without the white space around it; empty text is nothing.
    pub(super) fn text(&mut self, field: &str) -> Taken<Option<String>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(trimmed(text)),
            Some(other) => Err(self.wrong(field, "text in double quotes", &other)),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, field: &str) -> Taken<Vec<String>> {
        let mut texts = Vec::new();
        for value in self.list(field)? {
            match value {
                Value::String(text) => texts.extend(trimmed(text)),
                Value::Null => {}
                other => return Err(self.wrong(field, "a list of texts", &other)),
            }
        }
        Ok(texts)
    }

    pub(super) fn flag(&mut self, field: &str) -> Taken<Option<bool>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(self.wrong(field, "true or false", &other)),
        }
    }

    pub(super) fn whole(&mut self, field: &str) -> Taken<Option<i64>> {
        match self.take(field) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(field, "a whole number", &value)),
            },
        }
    }

    /// A number with the digits that were written.
    pub(super) fn decimal(&mut self, field: &str) -> Taken<Option<String>> {
        let number = match self.take(field) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.to_string(),
            Some(other) => return Err(self.wrong(field, "a number", &other)),
        };
        if is_decimal(&number) {
            return Ok(Some(number));
        }
        Err(Wrong::new(self.path_of(field), "has more digits than can be kept (40); round it"))
    }

    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as written.
    pub(super) fn date(&mut self, field: &str) -> Taken<Option<String>> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        match PartialDate::parse(&text) {
            Some(_) => Ok(Some(text)),
            None => Err(self.bad_time(field, &text, "write a date that exists, like 1963-05-10")),
        }
    }

    /// A date or an instant with its offset, as written.
    pub(super) fn moment(&mut self, field: &str) -> Taken<Option<String>> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        if is_clinical_time(&text) {
            return Ok(Some(text));
        }
        let with_offset = is_clinical_time(&format!("{text}Z"));
        let mend = if with_offset && text.contains('T') {
            "lacks its offset from UTC; write it like 2019-05-03T10:00:00+02:00"
        } else {
            "write a date that exists, like 2019-05-03, or 2019-05-03T10:00:00+02:00"
        };
        Err(self.bad_time(field, &text, mend))
    }

    fn bad_time(&self, field: &str, text: &str, mend: &str) -> Wrong {
        let shown: String = text.chars().take(40).collect();
        Wrong::new(self.path_of(field), format!("\"{shown}\" is not a date: {mend}"))
    }

    /// A word that FHIR fixes, in ours. `words` pairs theirs with ours.
    pub(super) fn word(
        &mut self,
        field: &str,
        words: &[(&str, &'static str)],
    ) -> Taken<Option<&'static str>> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        our_word(&text, words)
            .map(Some)
            .ok_or_else(|| unknown_word(&self.path_of(field), &text, words))
    }

    pub(super) fn element(&mut self, field: &str) -> Taken<Option<Self>> {
        let path = self.path_of(field);
        self.take(field).map(|value| Self::new(path, value)).transpose()
    }

    /// A list of elements.
    pub(super) fn elements(&mut self, field: &str) -> Taken<Vec<Self>> {
        let path = self.path_of(field);
        let list = self.list(field)?.into_iter().enumerate();
        list.filter(|(_, value)| !value.is_null())
            .map(|(index, value)| Self::new(format!("{path}[{index}]"), value))
            .collect()
    }

    /// The first element of a list; the others are left out.
    pub(super) fn first(&mut self, field: &str, left: &mut LeftOut) -> Taken<Option<Self>> {
        let mut all = self.elements(field)?.into_iter();
        let first = all.next();
        if all.next().is_some() {
            left.add(&format!("{}[more]", self.path_of(field)));
        }
        Ok(first)
    }

    fn list(&mut self, field: &str) -> Taken<Vec<Value>> {
        match self.take(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(self.wrong(field, "a list", &other)),
        }
    }

    /// Reports the fields that nobody took.
    pub(super) fn close(self, left: &mut LeftOut) {
        for (field, value) in self.fields {
            match (field.as_str(), &value) {
                (_, Value::Null) | ("id", _) => {}
                ("extension" | "modifierExtension", Value::Array(list)) => {
                    for extension in list {
                        let name = extension_name(extension);
                        left.add(&format!("{}.{field}[{name}]", self.path));
                    }
                }
                _ => left.add(&format!("{}.{field}", self.path)),
            }
        }
    }
}

/// The last word of an extension's address, which is what people call it.
pub(super) fn extension_name(extension: &Value) -> String {
    let url = extension.get("url").and_then(Value::as_str).unwrap_or("without url");
    let last = url.rsplit(['/', '#', ':']).find(|part| !part.is_empty()).unwrap_or(url);
    last.chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "-_. ".contains(*letter))
        .take(60)
        .collect()
}

/// Our word for theirs.
pub(super) fn our_word(text: &str, words: &[(&str, &'static str)]) -> Option<&'static str> {
    words.iter().find(|(theirs, _)| *theirs == text).map(|(_, ours)| *ours)
}

/// Refuses a word that FHIR does not know, naming those that it does.
pub(super) fn unknown_word(path: &str, text: &str, words: &[(&str, &'static str)]) -> Wrong {
    let shown: String = text.chars().take(40).collect();
    let allowed = words.iter().map(|(theirs, _)| *theirs).collect::<Vec<_>>().join(", ");
    Wrong::new(path, format!("\"{shown}\" is not known; allowed: {allowed}"))
}

fn trimmed(text: String) -> Option<String> {
    let inner = text.trim();
    match inner.len() {
        0 => None,
        length if length == text.len() => Some(text),
        _ => Some(inner.to_owned()),
    }
}

fn form(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

//! A JSON body, checked against its declaration: every wrong value is named with its mend,
//! all of them at once, and none is repeated (it may be a patient's).

use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use super::{Child, Column, Holds, Resource, list};
use crate::store::Value;
use crate::vocab::decimal::{DIGITS_MAX, is_decimal};
use crate::vocab::moment::{Moment, PartialDate, is_clinical_time};
use crate::vocab::problem::{FieldError, Findings};
use crate::vocab::text;

/// A checked body, ready to be written.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Values of the record's own columns, without those that were not sent.
    pub values: Vec<(&'static str, Value)>,
    /// Rows of each child list that was sent.
    pub children: Vec<ChildRows>,
}

/// The rows of one child list, in order.
#[derive(Debug, Clone)]
pub struct ChildRows {
    /// The list's name, e.g. `names`.
    pub name: &'static str,
    /// The values of each row.
    pub rows: Vec<Vec<(&'static str, Value)>>,
}

impl Form {
    /// Checks `body` against `resource`. Absent and null are the same: the column is NULL or
    /// has its default. A date without a time starts with its day in `zone`, the hospital's.
    ///
    /// # Errors
    /// Every refused value.
    pub fn read(
        resource: &Resource,
        body: &Map<String, Json>,
        zone: &TimeZone,
    ) -> Result<Self, Vec<FieldError>> {
        let (form, findings) = Self::gather(resource, body, Reading { part: Part::Whole, zone });
        findings.verdict()?;
        Ok(form)
    }

    /// Checks only what is in `patch`, which amends a record.
    ///
    /// # Errors
    /// Every refused value.
    pub fn check_patch(
        resource: &Resource,
        patch: &Map<String, Json>,
    ) -> Result<(), Vec<FieldError>> {
        // Where days begin refuses nothing.
        let reading = Reading { part: Part::Patch, zone: &TimeZone::UTC };
        Self::gather(resource, patch, reading).1.verdict()
    }

    fn gather(
        resource: &Resource,
        body: &Map<String, Json>,
        reading: Reading<'_>,
    ) -> (Self, Findings) {
        let mut findings = Findings::new();
        let own = resource.columns.iter().filter(|column| column.writable);
        let lists = resource.children.iter().map(|child| child.name);
        let known: Vec<&str> = own.map(|column| column.name).chain(lists).collect();
        refuse_unknown(body, &known, "", &mut findings);
        let values = read_columns((resource.columns, reading), body, "", &mut findings);
        let mut form = Self { values, children: Vec::new() };
        for child in resource.children {
            match body.get(child.name) {
                None => {}
                Some(Json::Null) => {
                    form.children.push(ChildRows { name: child.name, rows: Vec::new() });
                }
                Some(rows) => {
                    form.children.push(read_child((child, reading.zone), rows, &mut findings))
                }
            }
        }
        (form, findings)
    }

    /// The value of the column `name`, if it was sent and is not NULL.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.values.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value).filter(|value| !matches!(value, Value::Null))
    }

    /// The text in the column `name`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, identity or instant in the column `name`.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// Sets the column `name`, which may be one that callers cannot send.
    pub fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.values.retain(|(known, _)| *known != name);
        self.values.push((name, value.into()));
    }

    /// Sets the column `name` unless it has a value.
    pub fn default_to(&mut self, name: &'static str, value: impl Into<Value>) {
        if self.get(name).is_none() {
            self.set(name, value);
        }
    }

    /// Whether something was said about the column `name`, if only that it is NULL.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        self.values.iter().any(|(known, _)| *known == name)
    }

    /// The rows of the child list `name`; none if it was not sent.
    #[must_use]
    pub fn rows(&self, name: &str) -> &[Vec<(&'static str, Value)>] {
        let found = self.children.iter().find(|child| child.name == name);
        found.map_or(&[], |child| child.rows.as_slice())
    }
}

/// The text in the column `name` of a child's row.
#[must_use]
pub fn row_text<'a>(row: &'a [(&'static str, Value)], name: &str) -> Option<&'a str> {
    row.iter().find(|(known, _)| *known == name).and_then(|(_, value)| match value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// How much of a record a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// What is not there stays as it is.
    Patch,
}

/// How a body is read.
#[derive(Debug, Clone, Copy)]
struct Reading<'a> {
    part: Part,
    /// In which days without a time begin.
    zone: &'a TimeZone,
}

/// Names those that are known at the first that is not, and not again at each of the others.
fn refuse_unknown(body: &Map<String, Json>, known: &[&str], path: &str, findings: &mut Findings) {
    let mut mend = format!("This field is not known here. Allowed: {}.", known.join(", "));
    for name in body.keys().filter(|name| !known.contains(&name.as_str())) {
        findings.add(format!("{path}{name}"), std::mem::take(&mut mend));
        "This field is not known here.".clone_into(&mut mend);
    }
}

fn read_child(
    (child, zone): (&Child, &TimeZone),
    rows: &Json,
    findings: &mut Findings,
) -> ChildRows {
    let mut read = ChildRows { name: child.name, rows: Vec::new() };
    let Json::Array(items) = rows else {
        findings.add(child.name, "Send a list.");
        return read;
    };
    if child.most < items.len() {
        findings.add(child.name, format!("Send at most {} of them.", child.most));
        return read;
    }
    let known = child.columns.iter().filter(|column| column.writable);
    let known: Vec<&str> = known.map(|column| column.name).collect();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{}[{index}]", child.name);
        if child.plain {
            read.rows.extend(read_plain(child, item, path, findings));
            continue;
        }
        let Json::Object(fields) = item else {
            findings.add(path, "Send an object with fields.");
            continue;
        };
        let path = path + ".";
        refuse_unknown(fields, &known, &path, findings);
        let whole = Reading { part: Part::Whole, zone };
        read.rows.push(read_columns((child.columns, whole), fields, &path, findings));
    }
    read
}

/// The row that a single value stands for.
fn read_plain(
    child: &Child,
    item: &Json,
    path: String,
    findings: &mut Findings,
) -> Option<Vec<(&'static str, Value)>> {
    let column = child.columns.first()?;
    match read_value(column, item) {
        Ok(Value::Null) => findings.add(path, "This must not be empty."),
        Ok(value) => return Some(vec![(column.name, value)]),
        Err(mend) => findings.add(path, mend),
    }
    None
}

fn read_columns(
    (columns, Reading { part, zone }): (&'static [Column], Reading<'_>),
    body: &Map<String, Json>,
    path: &str,
    findings: &mut Findings,
) -> Vec<(&'static str, Value)> {
    let mut values = Vec::new();
    for column in columns.iter().filter(|column| column.writable) {
        let sent = body.get(column.name).filter(|value| !value.is_null());
        let Some(sent) = sent else {
            if column.required && part == Part::Whole {
                findings.add(format!("{path}{}", column.name), "This field is needed.");
            }
            if column.holds == Holds::Recorded && body.contains_key(column.name) {
                // Said to be unknown, so that no room puts the present there.
                values.push((column.name, Value::Null));
            }
            continue;
        };
        match read_value(column, sent) {
            Ok(Value::Null) if column.required => {
                findings.add(format!("{path}{}", column.name), "This field must not be empty.");
            }
            Ok(value) => {
                if let (Holds::Recorded, Value::Text(text)) = (column.holds, &value) {
                    derive_instant((columns, zone), column, text, &mut values);
                }
                values.push((column.name, value));
            }
            Err(mend) => findings.add(format!("{path}{}", column.name), mend),
        }
    }
    values
}

/// `onset_recorded` sets `onset_at`.
fn derive_instant(
    (columns, zone): (&'static [Column], &TimeZone),
    column: &Column,
    text: &str,
    values: &mut Vec<(&'static str, Value)>,
) {
    let stem = column.name.strip_suffix("_recorded").unwrap_or(column.name);
    let instant = columns.iter().find(|other| other.name.strip_suffix("_at") == Some(stem));
    if let (Some(instant), Some(moment)) = (instant, Moment::parse(text, zone)) {
        values.push((instant.name, Value::Int(moment.at.as_microsecond())));
    }
}

fn read_value(column: &Column, sent: &Json) -> Result<Value, String> {
    match column.holds {
        Holds::Text(most) => read_text(sent, most),
        Holds::List => read_list(sent),
        Holds::Words(words) => read_word(sent, words),
        Holds::Id(kind) => {
            let id = sent.as_str().and_then(|text| kind.parse(text));
            id.map(Value::Int).ok_or_else(|| {
                format!("Send the id of a {}, which starts with {}_.", kind.name, kind.tag)
            })
        }
        Holds::Date => match read_text(sent, 10)? {
            Value::Text(text) if PartialDate::parse(&text).is_none() => {
                Err(PartialDate::MEND.to_owned())
            }
            value => Ok(value),
        },
        Holds::Recorded => match read_text(sent, 40).map_err(|_| TIME_MEND.to_owned())? {
            Value::Text(text) if !is_clinical_time(&text) => Err(TIME_MEND.to_owned()),
            value => Ok(value),
        },
        Holds::Int(low, high) => {
            let number = sent.as_i64().filter(|number| (low..=high).contains(number));
            number.map(Value::Int).ok_or_else(|| format!("Send a whole number, {low} to {high}."))
        }
        Holds::Bool => sent
            .as_bool()
            .map(|yes| Value::Int(i64::from(yes)))
            .ok_or_else(|| "Send true or false.".to_owned()),
        Holds::Decimal => read_decimal(sent),
        Holds::Time | Holds::Json => Err("This field is set by the server.".to_owned()),
    }
}

/// The most items of a list in one column.
pub(super) const LIST_MAX: usize = 20;
/// The most characters of one of them.
pub(super) const LIST_TEXT_MAX: usize = 100;
const TIME_MEND: &str = "Send a time that exists, like 2019-05-03T10:00:00-04:00, or just \
     2019-05-03, 2019-05 or 2019.";

/// Texts that may be longer than this many characters are notes, which have lines.
const LINE_MAX: usize = 1_000;

/// Surrounding white space goes, empty text is NULL, a short text is one line; see
/// [`vocab::text`](crate::vocab::text).
fn read_text(sent: &Json, most: usize) -> Result<Value, String> {
    let Some(text) = sent.as_str() else { return Err("Send text.".to_owned()) };
    let fit = if LINE_MAX < most { text::lines(text) } else { text::line(text) };
    let Ok(text) = fit else {
        return Err("Take out the control characters (such as NUL), and marks that turn the \
             direction of text."
            .to_owned());
    };
    if most < text.chars().count() {
        return Err(format!("Send at most {most} characters."));
    }
    let unseen = |letter: char| {
        letter.is_whitespace() || matches!(letter, '\u{200c}'..='\u{200f}' | '\u{61c}')
    };
    Ok(if text.chars().all(unseen) { Value::Null } else { Value::Text(text) })
}

fn read_list(sent: &Json) -> Result<Value, String> {
    let Json::Array(items) = sent else { return Err("Send a list of texts.".to_owned()) };
    if LIST_MAX < items.len() {
        return Err(format!("Send at most {LIST_MAX} of them."));
    }
    let mut texts = Vec::new();
    for item in items {
        if let Value::Text(text) = read_text(item, LIST_TEXT_MAX)? {
            texts.push(text);
        }
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Ok(Value::Text(list::join(&texts)))
}

fn read_word(sent: &Json, words: &'static [&'static str]) -> Result<Value, String> {
    let word = sent.as_str().filter(|word| words.contains(word));
    word.map(Value::from).ok_or_else(|| format!("Send one of: {}.", words.join(", ")))
}

fn read_decimal(sent: &Json) -> Result<Value, String> {
    let text = match sent {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        _ => String::new(),
    };
    if is_decimal(&text) {
        return Ok(Value::Text(text));
    }
    let most = DIGITS_MAX;
    Err(format!("Send a number like 6.80, with a point, of at most {most} digits and below 1e15."))
}

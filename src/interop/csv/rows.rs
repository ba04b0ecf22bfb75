//! From a row to a patient.

use super::columns::{Columns, Field};
use super::dates::{self, Orders};
use crate::interop::fhir::{Identifier, Kind, Mapped, marital_word, source_id};
use crate::vocab::digest::{hex, sha256};
use serde_json::{Map, Value, json};

/// A patient out of `record`.
///
/// # Errors
/// Which column is wrong and the mend.
pub(super) fn patient(
    record: &[Vec<u8>],
    columns: &Columns,
    orders: &Orders,
    source: &str,
) -> Result<Mapped, String> {
    let row = Row::read(record, columns)?;
    let mut body = Map::new();
    body.insert("names".to_owned(), names(&row)?.into());
    if let Some(date) = row.date(&Field::BirthDate, orders)? {
        body.insert("birth_date".to_owned(), date.into());
    }
    if let Some(date) = row.date(&Field::DeceasedDate, orders)? {
        body.insert("deceased".to_owned(), true.into());
        body.insert("deceased_recorded".to_owned(), date.into());
    }
    body.insert("sex".to_owned(), row.sex()?.into());
    let (identifiers, rows) = row.identifiers(source);
    let marital = row.text(&Field::MaritalStatus);
    let marital = marital.map(|text| marital_word(&text).map_or(text, str::to_owned));
    let texts = [("marital_status_text", marital), ("language_text", row.text(&Field::Language))];
    for (field, text) in texts {
        if let Some(text) = text {
            body.insert(field.to_owned(), text.into());
        }
    }
    let lists = [
        ("identifiers", rows),
        ("telecoms", row.telecoms()),
        ("addresses", row.address().into_iter().collect()),
        ("contacts", row.contact().into_iter().collect()),
    ];
    for (field, rows) in lists {
        if !rows.is_empty() {
            body.insert(field.to_owned(), rows.into());
        }
    }
    let unused = columns.unused().filter(|index| !row.cells[*index].is_empty());
    Ok(Mapped {
        kind: Kind::Patient,
        source_id: row.source_id(&identifiers),
        alias: None,
        identifiers,
        body,
        refs: Vec::new(),
        left_out: unused.map(|index| format!("column {}", columns.names[index])).collect(),
    })
}

/// The cells of a row, trimmed and known to be text.
struct Row<'r> {
    cells: Vec<&'r str>,
    columns: &'r Columns,
}

impl<'r> Row<'r> {
    fn read(record: &'r [Vec<u8>], columns: &'r Columns) -> Result<Self, String> {
        let (found, wanted) = (record.len(), columns.names.len());
        if found != wanted {
            return Err(format!(
                "the row has {found} columns and the header has {wanted}; a delimiter or a double \
                 quote is missing or too many"
            ));
        }
        let mut cells = Vec::with_capacity(found);
        for (cell, name) in record.iter().zip(&columns.names) {
            let cell = std::str::from_utf8(cell)
                .map_err(|_| format!("{name} is not UTF-8; save the file as UTF-8"))?;
            if cell.contains('\0') {
                return Err(format!("{name} holds a NUL character; remove it"));
            }
            cells.push(cell.trim());
        }
        Ok(Self { cells, columns })
    }

    /// The text of all columns of `field`.
    fn text(&self, field: &Field) -> Option<String> {
        let parts = self.columns.of(field).iter().map(|index| self.cells[*index]);
        let text = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    }

    fn date(&self, field: &Field, orders: &Orders) -> Result<Option<String>, String> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let column = self.columns.of(field).first().copied().unwrap_or_default();
        let date = dates::iso(&text, orders.of(column, &text));
        date.map(Some)
            .map_err(|mend| format!("{} is not a date: {mend}", self.columns.called(field)))
    }

    fn sex(&self) -> Result<&'static str, String> {
        let Some(text) = self.text(&Field::Sex) else { return Ok("unknown") };
        match text.to_lowercase().as_str() {
            "m" | "male" | "man" | "boy" | "homme" | "hombre" | "masculin" | "masculino"
            | "männlich" => Ok("male"),
            "f" | "female" | "woman" | "girl" | "femme" | "mujer" | "féminin" | "feminino"
            | "femenino" | "w" | "weiblich" => Ok("female"),
            "o" | "other" | "x" | "d" | "divers" | "intersex" => Ok("other"),
            "u" | "unk" | "unknown" | "?" | "-" | "n/a" => Ok("unknown"),
            _ => Err(format!(
                "{} is not known; write male, female, other or unknown",
                self.columns.called(&Field::Sex)
            )),
        }
    }

    fn identifiers(&self, source: &str) -> (Vec<Identifier>, Vec<Value>) {
        let (mut identifiers, mut rows) = (Vec::new(), Vec::new());
        for (system, type_code, index) in self.columns.identifiers() {
            let value = self.cells[index];
            if value.is_empty() {
                continue;
            }
            let system = system.map_or_else(
                || format!("urn:healthflow:source:{source}:{}", type_code.unwrap_or("ID")),
                str::to_owned,
            );
            rows.push(json!({"system": system, "value": value, "type_code": type_code}));
            identifiers.push(Identifier { system, value: value.to_owned(), is_unique: true });
        }
        (identifiers, rows)
    }

    fn telecoms(&self) -> Vec<Value> {
        let phones = [("phone", &Field::Phone), ("email", &Field::Email)];
        let phones = phones.into_iter().filter_map(|(system, field)| {
            Some(json!({"system": system, "value": self.text(field)?}))
        });
        phones.collect()
    }

    fn address(&self) -> Option<Value> {
        let parts = ["line", "city", "district", "state", "postal_code", "country"];
        let mut address = Map::new();
        for part in parts {
            if let Some(text) = self.text(&Field::Address(part)) {
                address.insert(part.to_owned(), text.into());
            }
        }
        (!address.is_empty()).then_some(Value::Object(address))
    }

    fn contact(&self) -> Option<Value> {
        let relationship = self.text(&Field::ContactRelationship);
        let phone = self.text(&Field::ContactPhone);
        let name = self.text(&Field::ContactName);
        // A phone without a name still reaches somebody.
        let name = name.or_else(|| phone.as_ref().map(|_| "Contact".to_owned()))?;
        Some(json!({"name": name, "phone": phone, "relationship": relationship}))
    }

    /// The id by which a second run knows the row again: its own, else its first number, else
    /// what it says.
    fn source_id(&self, identifiers: &[Identifier]) -> String {
        if let Some(id) = self.text(&Field::Id) {
            return source_id(&id);
        }
        match identifiers.first() {
            Some(first) => format!("{}|{}", first.system, first.value),
            None => {
                let cells: Vec<&[u8]> = self.cells.iter().map(|cell| cell.as_bytes()).collect();
                hex(&sha256(&cells))
            }
        }
    }
}

fn names(row: &Row<'_>) -> Result<Vec<Value>, String> {
    let (family, given) = (row.text(&Field::Family), row.text(&Field::Given));
    // Where to cut a whole name differs from language to language.
    let family = if given.is_none() { family.or_else(|| row.text(&Field::Name)) } else { family };
    if family.is_none() && given.is_none() {
        let fields = [Field::Family, Field::Given, Field::Name];
        let called = fields.iter().map(|field| row.columns.called(field));
        let called = called.filter(|called| !called.is_empty()).collect::<Vec<_>>().join(" and ");
        return Err(format!("{called}: there is no name; give at least one"));
    }
    let parts: Vec<&str> = given.iter().flat_map(|given| given.split_whitespace()).collect();
    let mut names = vec![json!({
        "family": family,
        "given": parts,
        "prefix": row.text(&Field::Prefix),
        "suffix": row.text(&Field::Suffix),
        "name_use": "official",
    })];
    if let Some(maiden) = row.text(&Field::Maiden) {
        names.push(json!({"family": maiden, "given": parts, "name_use": "maiden"}));
    }
    Ok(names)
}

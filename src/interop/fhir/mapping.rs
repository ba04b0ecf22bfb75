//! The record that is being made of one resource.

use super::element::{Element, LeftOut, Taken, Wrong};
use super::kind::Kind;
use super::reference::{self, Link, Reference};
use serde_json::{Map, Value};

/// An identifier of a person, an organization or a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// The namespace of the value.
    pub system: String,
    /// The value.
    pub value: String,
    /// Whether nobody else can have it. A policy number, for instance, is a family's.
    pub is_unique: bool,
}

/// What becomes of one resource while it is read.
pub(super) struct Mapping<'a> {
    /// The name of the source, for identifiers that come without a system.
    pub(super) source: &'a str,
    /// The server that the resource came from, if its `fullUrl` says so.
    base: Option<&'a str>,
    contained: Vec<(String, Value)>,
    pub(super) body: Map<String, Value>,
    pub(super) refs: Vec<Link>,
    pub(super) identifiers: Vec<Identifier>,
    pub(super) left: LeftOut,
    notes: Vec<String>,
}

/// A code with its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Coded {
    pub(super) system: Option<String>,
    pub(super) code: Option<String>,
    pub(super) text: Option<String>,
}

impl<'a> Mapping<'a> {
    pub(super) fn new(source: &'a str, base: Option<&'a str>) -> Self {
        Self {
            source,
            base,
            contained: Vec::new(),
            body: Map::new(),
            refs: Vec::new(),
            identifiers: Vec::new(),
            left: LeftOut::default(),
            notes: Vec::new(),
        }
    }

    /// Takes the contained resources out of `element`, to be found by `#id`.
    pub(super) fn take_contained(&mut self, element: &mut Element) -> Taken<()> {
        match element.take("contained") {
            None => Ok(()),
            Some(Value::Array(list)) => {
                for resource in list {
                    let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
                    self.contained.push((id.trim_start_matches('#').to_owned(), resource));
                }
                Ok(())
            }
            Some(_) => Err(Wrong::new(element.path_of("contained"), "must be a list")),
        }
    }

    /// The contained resource that `#id` means.
    pub(super) fn contained(&self, reference: &str) -> Option<&Value> {
        let id = reference.strip_prefix('#')?;
        self.contained.iter().find(|(known, _)| known == id).map(|(_, resource)| resource)
    }

    /// Takes the contained resource that `#id` means, whole.
    pub(super) fn take_contained_one(&mut self, reference: &str) -> Option<Value> {
        let id = reference.strip_prefix('#')?;
        let at = self.contained.iter().position(|(known, _)| known == id)?;
        Some(self.contained.swap_remove(at).1)
    }

    /// Sets `field` unless there is nothing to set.
    pub(super) fn set(&mut self, field: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.body.insert(field.to_owned(), value.into());
        }
    }

    pub(super) fn is_set(&self, field: &str) -> bool {
        self.body.contains_key(field)
    }

    /// Sets the three columns of a code whose names begin with `prefix`.
    pub(super) fn set_coded(&mut self, [system, code, text]: [&str; 3], coded: Coded) {
        self.set(system, coded.system);
        self.set(code, coded.code);
        self.set(text, coded.text);
    }

    /// A line for the record's note: something that has no column of its own.
    pub(super) fn note(&mut self, line: String) {
        self.notes.push(line);
    }

    /// Takes `note` (a list of annotations) into the record's note.
    pub(super) fn take_notes(&mut self, element: &mut Element) -> Taken<()> {
        for mut annotation in element.elements("note")? {
            self.notes.extend(annotation.text("text")?);
            annotation.close(&mut self.left);
        }
        Ok(())
    }

    /// Writes down what [`Mapping::note`] and [`Mapping::take_notes`] collected.
    pub(super) fn finish_notes(&mut self) {
        let notes = std::mem::take(&mut self.notes);
        if !notes.is_empty() {
            self.set("note", Some(notes.join("\n")));
        }
    }

    /// A `CodeableConcept`. The coding that a person chose comes first, else the first with a
    /// code; its text is what was written, else what the coding is called, else the code.
    pub(super) fn coded(&mut self, element: Option<Element>) -> Taken<Option<Coded>> {
        let Some(mut element) = element else { return Ok(None) };
        let mut coded = Coded { text: element.text("text")?, ..Coded::default() };
        let mut codings = Vec::new();
        for mut coding in element.elements("coding")? {
            let (system, code) = (coding.text("system")?, coding.text("code")?);
            let (display, chosen) = (coding.text("display")?, coding.flag("userSelected")?);
            coding.close(&mut self.left);
            codings.push((chosen == Some(true), Coded { system, code, text: display }));
        }
        let best = codings
            .iter()
            .position(|(chosen, coding)| *chosen && coding.code.is_some())
            .or_else(|| codings.iter().position(|(_, coding)| coding.code.is_some()))
            .unwrap_or(0);
        if 1 < codings.len() {
            self.left.add(&format!("{}.coding[more]", element.path()));
        }
        if best < codings.len() {
            let (_, coding) = codings.swap_remove(best);
            if coded.text.is_some() && coding.text.is_some() && coded.text != coding.text {
                self.left.add(&format!("{}.coding.display", element.path()));
            }
            coded.text = coded.text.or(coding.text).or_else(|| coding.code.clone());
            (coded.system, coded.code) = (coding.system, coding.code);
        }
        element.close(&mut self.left);
        Ok((coded != Coded::default()).then_some(coded))
    }

    /// The text of the `CodeableConcept` in `field`. Its code has no column.
    pub(super) fn concept_text(
        &mut self,
        element: &mut Element,
        field: &str,
    ) -> Taken<Option<String>> {
        let concept = element.element(field)?;
        Ok(self.coded(concept)?.and_then(|coded| coded.text))
    }

    /// The texts of the list of `CodeableConcept`s in `field`, one behind the other.
    pub(super) fn concept_texts(
        &mut self,
        element: &mut Element,
        field: &str,
    ) -> Taken<Option<String>> {
        let mut texts = Vec::new();
        for concept in element.elements(field)? {
            texts.extend(self.coded(Some(concept))?.and_then(|coded| coded.text));
        }
        Ok((!texts.is_empty()).then(|| texts.join(", ")))
    }

    /// The code of the `CodeableConcept` in `field`, else its text: for FHIR's own words.
    pub(super) fn concept_code(
        &mut self,
        element: &mut Element,
        field: &str,
    ) -> Taken<Option<String>> {
        let concept = element.element(field)?;
        Ok(self.coded(concept)?.and_then(|coded| coded.code.or(coded.text)))
    }

    /// Reads a `Reference` and links `field` to what it points to. Answers what the sender
    /// calls it. A reference to a kind that cannot stand there is left out.
    pub(super) fn link(
        &mut self,
        field: &str,
        wants: &'static [Kind],
        element: Option<Element>,
    ) -> Taken<Option<String>> {
        let Some(element) = element else { return Ok(None) };
        let path = element.path().to_owned();
        let (to, display) = self.reference(element)?;
        match to {
            Ok(Reference::Display) => {}
            Ok(Reference::Resource { kind: Some(kind), .. }) if !wants.contains(&kind) => {
                self.left.add(&format!("{path}[{}]", kind.fhir()));
            }
            Ok(to) => {
                let (field, display) = (field.to_owned(), display.clone());
                self.refs.push(Link { field, wants, to, display });
            }
            Err(other) => self.left.add(&format!("{path}[{other}]")),
        }
        Ok(display)
    }

    /// The same for a reference without which the record cannot be.
    pub(super) fn link_required(
        &mut self,
        field: &str,
        wants: &'static [Kind],
        element: Option<Element>,
        path: &str,
    ) -> Taken<()> {
        let names = wants.iter().map(|kind| kind.fhir()).collect::<Vec<_>>().join(" or ");
        let Some(element) = element else {
            return Err(Wrong::new(path, format!("is missing; it must refer to a {names}")));
        };
        let (to, display) = self.reference(element)?;
        let known = match to {
            Ok(Reference::Display) => None,
            Ok(Reference::Resource { kind: Some(kind), .. }) if !wants.contains(&kind) => {
                return Err(Wrong::new(path, format!("is a {}, not a {names}", kind.fhir())));
            }
            Ok(to) => Some(to),
            Err(other) if other.is_empty() => None,
            Err(other) => {
                return Err(Wrong::new(path, format!("is \"{other}\", not a {names}")));
            }
        };
        let Some(to) = known else {
            let mend = format!("refers to nothing that could be found; it must name a {names}");
            return Err(Wrong::new(path, mend));
        };
        self.refs.push(Link { field: field.to_owned(), wants, to, display });
        Ok(())
    }

    /// What a `Reference` points to (or the kind that has no place here) and its display.
    fn reference(
        &mut self,
        mut element: Element,
    ) -> Taken<(Result<Reference, String>, Option<String>)> {
        let text = element.text("reference")?;
        let mut display = element.text("display")?;
        let kind = element.text("type")?;
        let logical = element.element("identifier")?;
        let logical = logical.map(|identifier| self.logical(identifier)).transpose()?.flatten();
        let to = match text {
            Some(text) if text.starts_with('#') => {
                let resource = self.contained(&text);
                display = display.or_else(|| resource.and_then(reference::name_of));
                Ok(resource.and_then(reference::identifier_of).unwrap_or(Reference::Display))
            }
            Some(text) => match (reference::parse(&text, self.base), kind.as_deref()) {
                (Ok(Reference::Resource { kind: None, id }), Some(kind)) => {
                    Ok(Reference::Resource { kind: Kind::of(kind), id })
                }
                (parsed, _) => parsed,
            },
            None => Ok(logical.unwrap_or(Reference::Display)),
        };
        element.close(&mut self.left);
        Ok((to, display))
    }

    fn logical(&mut self, mut identifier: Element) -> Taken<Option<Reference>> {
        let (system, value) = (identifier.text("system")?, identifier.text("value")?);
        // How the number is called and used adds nothing to finding its owner.
        let _ = (identifier.take("type"), identifier.take("use"), identifier.take("assigner"));
        identifier.close(&mut self.left);
        Ok(value.map(|value| Reference::Identified { system, value }))
    }

    /// Notes contained resources that nothing needed.
    pub(super) fn close(&mut self, root: &str) {
        for (_, resource) in std::mem::take(&mut self.contained) {
            let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or("?");
            // Their names or codes are taken where a reference points to them.
            let known = Kind::of(kind).map_or("another type", Kind::fhir);
            self.left.add(&format!("{root}.contained[{known}]"));
        }
    }
}

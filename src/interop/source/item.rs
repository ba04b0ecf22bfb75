//! From the text of a piece to a resource that can be mapped.

use super::item_check::{Shape, members, path_of_nul, repeated_key, resource_name};
use super::{Limits, Piece, Reject};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// One resource as it came, with what its Bundle said about it.
#[derive(Debug, Clone)]
pub struct Item {
    /// The file, and behind `!` the member when it is an archive.
    pub file: Arc<str>,
    /// The line on which it (or its entry) begins, counted from 1.
    pub line: u64,
    /// `Bundle.entry.fullUrl`, the name by which other entries refer to it.
    pub full_url: Option<String>,
    /// `Bundle.entry.request`.
    pub request: Option<Request>,
    /// The resource: an object with a `resourceType`. Numbers keep their digits.
    pub resource: Value,
    /// SHA-256 over the text of the resource as it stands in the file.
    pub digest: [u8; 32],
    /// Where in the piece its entry stands, if the piece holds several.
    pub entry: Option<std::ops::Range<usize>>,
}

/// What the sender asked for with an entry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `POST`, `PUT`, `DELETE`, …
    #[serde(default)]
    pub method: String,
    /// E.g. `Patient` or `Patient/12`.
    #[serde(default)]
    pub url: String,
    /// A search such as `identifier=system|value`: store only if nothing matches it.
    #[serde(default)]
    pub if_none_exist: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'t> {
    full_url: Option<String>,
    request: Option<Request>,
    #[serde(borrow)]
    resource: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct Envelope<'t> {
    #[serde(borrow, default)]
    entry: Vec<&'t RawValue>,
}

impl Item {
    /// `Bundle.type` and other things aside, what the resource says it is.
    #[must_use]
    pub fn resource_type(&self) -> &str {
        self.resource.get("resourceType").and_then(Value::as_str).unwrap_or_default()
    }

    /// Type and id, as rejects name it.
    #[must_use]
    pub fn name(&self) -> String {
        let kind = self.resource_type();
        match self.resource.get("id").and_then(Value::as_str) {
            Some(id) => format!("{kind}/{id}"),
            None => kind.to_owned(),
        }
    }

    /// A reject of this item, with its place.
    #[must_use]
    pub fn reject(&self, reason: impl Into<String>) -> Reject {
        Reject {
            file: self.file.to_string(),
            line: Some(self.line),
            resource: Some(self.name()),
            reason: reason.into(),
        }
    }
}

impl Piece {
    /// Parses the piece. One piece gives one item, or one reject, or, if it is a Bundle inside
    /// a Bundle or on a line of NDJSON, one for each of its entries.
    #[must_use]
    pub fn items(&self, limits: &Limits) -> Vec<Result<Item, Reject>> {
        let text = match self.checked(limits) {
            Ok(text) => text,
            Err(reason) => return vec![Err(self.reject(self.line, &self.bytes, reason))],
        };
        if self.is_entry {
            return self.entry(text, 0, true);
        }
        self.resource(text, 0, None, None, true)
    }

    /// The text, if its bytes are such that a parser may see them.
    fn checked(&self, limits: &Limits) -> Result<&str, String> {
        let text = std::str::from_utf8(&self.bytes).map_err(|wrong| {
            let line = self.line + newlines(&self.bytes[..wrong.valid_up_to()]);
            let byte = self.bytes[wrong.valid_up_to()];
            format!("line {line} is not UTF-8 (byte 0x{byte:02X}); save the file as UTF-8")
        })?;
        let shape = Shape::of(&self.bytes);
        if limits.depth_max < shape.depth {
            return Err(format!("it is nested more than {} deep", limits.depth_max));
        }
        Ok(text)
    }

    fn entry(&self, text: &str, offset: u64, may_nest: bool) -> Vec<Result<Item, Reject>> {
        let entry: Entry<'_> = match serde_json::from_str(text) {
            Ok(entry) => entry,
            Err(wrong) => return vec![Err(self.unparsed(text, offset, &wrong))],
        };
        let Some(resource) = entry.resource else {
            let reason = match entry.request {
                Some(request) if request.method == "DELETE" => {
                    "an import deletes nothing; remove the record in HealthFlow instead"
                }
                _ => "Bundle.entry.resource is missing; there is nothing to import in this entry",
            };
            return vec![Err(self.reject(self.line + offset, text.as_bytes(), reason.to_owned()))];
        };
        self.resource(resource.get(), offset, entry.full_url, entry.request, may_nest)
    }

    fn resource(
        &self,
        text: &str,
        offset: u64,
        full_url: Option<String>,
        request: Option<Request>,
        may_nest: bool,
    ) -> Vec<Result<Item, Reject>> {
        let refuse =
            |reason: String| vec![Err(self.reject(self.line + offset, text.as_bytes(), reason))];
        let resource: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(wrong) => return vec![Err(self.unparsed(text, offset, &wrong))],
        };
        let shape = Shape::of(text.as_bytes());
        if shape.has_nul {
            let path = path_of_nul(&resource).unwrap_or_default();
            let path = path.strip_prefix('.').unwrap_or(&path);
            return refuse(format!("{path} holds a NUL character; remove it"));
        }
        if members(&resource) < shape.members {
            let key = repeated_key(text).unwrap_or_default();
            return refuse(format!("\"{key}\" is given twice; keep the right one"));
        }
        let kind = resource.get("resourceType").and_then(Value::as_str);
        match kind {
            None => refuse("resourceType is missing; this is not a FHIR resource".to_owned()),
            Some("Bundle") if may_nest => self.nested(text, offset),
            Some("Bundle") => {
                refuse("a Bundle inside a Bundle inside a Bundle is not opened".into())
            }
            Some(_) => vec![Ok(Item {
                file: self.file.clone(),
                line: self.line + offset,
                full_url,
                request,
                resource,
                digest: Sha256::digest(text.as_bytes()).into(),
                entry: None,
            })],
        }
    }

    /// The entries of a Bundle that is itself a piece.
    fn nested(&self, text: &str, offset: u64) -> Vec<Result<Item, Reject>> {
        let entries = match serde_json::from_str::<Envelope<'_>>(text) {
            Ok(envelope) => envelope.entry,
            Err(wrong) => return vec![Err(self.unparsed(text, offset, &wrong))],
        };
        entries
            .iter()
            .flat_map(|entry| {
                let entry = entry.get();
                // Both are slices of the same text, so their distance is how far it stands in.
                let before = (entry.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
                let lines = text.get(..before).map_or(0, |head| newlines(head.as_bytes()));
                let start = (entry.as_ptr() as usize).saturating_sub(self.bytes.as_ptr() as usize);
                let mut items = self.entry(entry, offset + lines, false);
                for item in items.iter_mut().flatten() {
                    item.entry = Some(start..start + entry.len());
                }
                items
            })
            .collect()
    }

    /// What the parser says, without the values that it would quote.
    fn unparsed(&self, text: &str, offset: u64, wrong: &serde_json::Error) -> Reject {
        let line = self.line + offset + (wrong.line() as u64).saturating_sub(1);
        let reason = if wrong.is_data() {
            let what = wrong.to_string();
            let what = what.split([',', ':']).next().unwrap_or_default();
            format!("the entry is not as FHIR writes it ({what})")
        } else {
            let what = wrong.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            format!("line {line}, column {} is not JSON: {what}", wrong.column())
        };
        self.reject(self.line + offset, text.as_bytes(), reason)
    }

    fn reject(&self, line: u64, text: &[u8], reason: String) -> Reject {
        let file = self.file.to_string();
        Reject { file, line: Some(line), resource: resource_name(text), reason }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

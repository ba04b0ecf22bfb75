//! One table per kind: a resource as other systems write it, and the record that it becomes.
//! The people are invented.

use super::*;
use crate::interop::source::{Limits, Piece};
use serde_json::json;

mod bad_input;
mod clinical;
mod people;
mod references;

/// Maps a resource given as text, as it would stand in a file.
fn outcome_of(text: &str) -> Outcome {
    let piece =
        Piece { file: "a.json".into(), line: 7, bytes: text.as_bytes().to_vec(), is_entry: false };
    map(piece.items(&Limits::STANDARD).remove(0).expect("the text parses"), "clinic")
}

fn mapped_text(text: &str) -> Mapped {
    match outcome_of(text) {
        Outcome::Record(mapped) => *mapped,
        other => panic!("{text} became {other:?}"),
    }
}

fn mapped(resource: &Value) -> Mapped {
    mapped_text(&resource.to_string())
}

/// Why a resource is rejected.
fn reason(resource: &Value) -> String {
    match outcome_of(&resource.to_string()) {
        Outcome::Rejected(reject) => reject.reason,
        other => panic!("{resource} became {other:?}"),
    }
}

/// The fields of `resource` on top of the least that its type needs.
fn with_base(kind: &str, fields: Value) -> Value {
    let mut resource = match kind {
        "Encounter" => json!({"status": "finished", "class": {"code": "AMB"}}),
        "MedicationRequest" => json!({
            "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "Aspirin"}
        }),
        "Immunization" => json!({"status": "completed", "vaccineCode": {"text": "BCG"}}),
        "Observation" | "Procedure" => json!({"status": "unknown", "code": {"text": "X"}}),
        _ => json!({"code": {"text": "X"}}),
    };
    let object = resource.as_object_mut().expect("an object");
    object.insert("resourceType".into(), kind.into());
    object.insert("id".into(), "r1".into());
    let patient =
        if matches!(kind, "AllergyIntolerance" | "Immunization") { "patient" } else { "subject" };
    object.insert(patient.into(), json!({"reference": "Patient/p1"}));
    for (field, value) in fields.as_object().expect("an object") {
        object.insert(field.clone(), value.clone());
    }
    resource
}

/// Every field of `expected` stands in the body as it is there; null means that it is absent.
fn assert_body(mapped: &Mapped, expected: &Value) {
    for (field, value) in expected.as_object().expect("an object") {
        let found = mapped.body.get(field).unwrap_or(&Value::Null);
        assert_eq!(found, value, "{field} of {:?}", mapped.body);
    }
}

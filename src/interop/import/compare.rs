//! Whether a record says already what a resource says.

use serde_json::{Map, Value as Json};

/// Whether `current` holds what `body` says; a field that is not there is null.
pub(super) fn says_the_same(current: &Map<String, Json>, body: &Map<String, Json>) -> bool {
    let same = |ours: &Json, theirs: &Json| match (ours, theirs) {
        (Json::Object(ours), Json::Object(theirs)) => says_the_same(ours, theirs),
        (ours, theirs) => ours == theirs,
    };
    body.iter().all(|(name, theirs)| match (current.get(name), theirs) {
        (None | Some(Json::Null), Json::Array(theirs)) => theirs.is_empty(),
        (Some(Json::Array(ours)), Json::Null) => ours.is_empty(),
        (Some(Json::Array(ours)), Json::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(a, b))
        }
        (ours, theirs) => ours.unwrap_or(&Json::Null) == theirs,
    })
}

/// Whether `rows` holds `row` in all that `row` says. A practitioner is there once, in
/// whatever role.
pub(super) fn all_has(rows: &[Json], row: &Json) -> bool {
    let Json::Object(fields) = row else { return true };
    if let Some(id @ Json::String(_)) = fields.get("practitioner_id")
        && rows.iter().any(|known| known.get("practitioner_id") == Some(id))
    {
        return true;
    }
    rows.iter().any(|known| fields.iter().all(|(name, value)| known.get(name) == Some(value)))
}

//! The kinds of which a timeline is made, and what each says of itself in a line.

use crate::domain::encounters::ENCOUNTERS;
use crate::domain::observations::OBSERVATIONS;
use crate::domain::prescriptions::PRESCRIPTIONS;
use crate::domain::records::{ALLERGIES, CONDITIONS, IMMUNIZATIONS, PROCEDURES};
use crate::platform::resource::Resource;

/// Columns that a source brings for its words.
pub(super) const SAID: usize = 6;

/// What a row says: the columns of [`Source::said`], in order.
pub(super) type Said = [Option<String>; SAID];

/// Title and detail of an entry. Only a visit may have no title: its class says what it was.
pub(super) type Told = (Option<String>, Option<String>);

/// One kind in the timeline.
#[derive(Debug)]
pub(super) struct Source {
    /// The kind; its index is on `patient_id`, the time and `id`.
    pub(super) resource: &'static Resource,
    /// The stem of its time: `started` for `started_at` and `started_recorded`.
    pub(super) time: &'static str,
    /// The column that names the encounter, or `NULL`.
    pub(super) encounter: &'static str,
    /// The columns that its words are made of; of a visit the first is its class.
    pub(super) said: [&'static str; SAID],
    /// Title and detail. `clinical` tells whether the viewer may read records.
    pub(super) tell: fn(said: &Said, clinical: bool) -> Told,
}

/// All sources.
pub(super) static SOURCES: [Source; 7] = [
    Source {
        resource: &ENCOUNTERS,
        time: "started",
        encounter: "NULL",
        said: ["class", "code_text", "reason_text", "discharge_text", "NULL", "NULL"],
        tell: encounter,
    },
    Source {
        resource: &CONDITIONS,
        time: "onset",
        encounter: "encounter_id",
        said: ["code_text", "severity_text", "verification", "NULL", "NULL", "NULL"],
        tell: condition,
    },
    Source {
        resource: &ALLERGIES,
        time: "recorded",
        encounter: "encounter_id",
        said: ["code_text", "reaction_text", "severity", "NULL", "NULL", "NULL"],
        tell: titled,
    },
    Source {
        resource: &OBSERVATIONS,
        time: "effective",
        encounter: "encounter_id",
        said: [
            "code_text",
            "value_comparator",
            "value_decimal",
            "unit",
            "coalesce(value_text, value_code)",
            "absent_reason",
        ],
        tell: observation,
    },
    Source {
        resource: &PRESCRIPTIONS,
        time: "authored",
        encounter: "encounter_id",
        said: ["code_text", "dose_text", "dose_decimal", "dose_unit", "reason_text", "NULL"],
        tell: prescription,
    },
    Source {
        resource: &IMMUNIZATIONS,
        time: "given",
        encounter: "encounter_id",
        said: ["code_text", "reason_text", "site_text", "NULL", "NULL", "NULL"],
        tell: titled,
    },
    Source {
        resource: &PROCEDURES,
        time: "performed",
        encounter: "encounter_id",
        said: ["code_text", "body_site_text", "outcome_text", "reason_text", "NULL", "NULL"],
        tell: titled,
    },
];

/// The longest detail in characters; the record itself holds the rest.
const DETAIL_MAX: usize = 400;

/// `text` as a detail: nothing if empty, cut if long.
pub(super) fn detail(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    match text.char_indices().nth(DETAIL_MAX) {
        Some((end, _)) => Some(format!("{}…", &text[..end])),
        None => Some(text.to_owned()),
    }
}

/// A number with what belongs to it: `<5 mg/L`.
pub(super) fn measured(
    comparator: Option<&str>,
    decimal: Option<&str>,
    unit: Option<&str>,
) -> Option<String> {
    let number = format!("{}{}", comparator.unwrap_or_default(), decimal?);
    Some(unit.map_or(number.clone(), |unit| format!("{number} {unit}")))
}

fn joined<'a>(parts: impl Iterator<Item = &'a Option<String>>) -> Option<String> {
    let parts: Vec<&str> = parts.filter_map(Option::as_deref).collect();
    detail(&parts.join(" · "))
}

fn titled(said: &Said, _: bool) -> Told {
    (said[0].clone(), joined(said[1..].iter()))
}

fn encounter(said: &Said, clinical: bool) -> Told {
    let [_, code, reason, discharge, ..] = said;
    if !clinical {
        return (None, None);
    }
    (code.clone(), joined([reason, discharge].into_iter()))
}

fn condition(said: &Said, _: bool) -> Told {
    let [title, severity, verification, ..] = said;
    let doubt = verification.clone().filter(|word| word != "confirmed");
    (title.clone(), joined([severity, &doubt].into_iter()))
}

fn observation(said: &Said, _: bool) -> Told {
    let [title, comparator, decimal, unit, worded, absent] = said;
    let number = measured(comparator.as_deref(), decimal.as_deref(), unit.as_deref());
    let value = number.or_else(|| worded.clone()).or_else(|| absent.clone());
    (title.clone(), value.and_then(|value| detail(&value)))
}

fn prescription(said: &Said, _: bool) -> Told {
    let [title, text, decimal, unit, reason, _] = said;
    let dose = text.clone().or_else(|| measured(None, decimal.as_deref(), unit.as_deref()));
    (title.clone(), joined([&dose, reason].into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_somebody_came_is_told_to_those_who_may_read_records() {
        let texts = ["urgent_care", "Check-up", "Cough", "Home"];
        let said: Said = std::array::from_fn(|at| texts.get(at).map(|text| (*text).to_owned()));
        assert_eq!(encounter(&said, false), (None, None));
        let told = encounter(&said, true);
        assert_eq!(told, (Some("Check-up".to_owned()), Some("Cough · Home".to_owned())));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let cut = detail(&"é".repeat(1_000)).unwrap();
        assert_eq!(cut.chars().count(), DETAIL_MAX + 1);
        assert_eq!(detail(""), None);
    }
}

//! What was measured, seen or asked: a number with its unit, a code, a text, or several of them
//! as components, such as the two pressures of blood.
//!
//! Owns `observation` and `observation_component`. A decimal is kept as the digits that were
//! written. An observation says something, or why it cannot: a value, components, or the reason
//! why there is none. A vital sign that no body can show is refused (`possible`). Permissions:
//! `records.read`, `records.write`.
mod api;
mod possible;

pub use api::{describe, mount};

use super::encounters::{self, ENCOUNTER, ENCOUNTERS};
use super::facilities::FACILITY;
use super::patients::{PATIENT, PATIENTS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::form::{Form, row_text};
use crate::platform::resource::rules::Check;
use crate::platform::resource::{Child, Column, Occasion, Parent, Resource, Sort, Subject};
use crate::vocab::id::Kind;

/// Something measured, seen or asked.
pub const OBSERVATION: Kind = Kind::new("observation", "obs");

static STATUSES: [&str; 8] = [
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered_in_error",
    "unknown",
];
/// A value below or above what can be measured: `<5`.
static COMPARATORS: [&str; 4] = ["<", "<=", ">=", ">"];

/// Observations as a resource.
pub static OBSERVATIONS: Resource = Resource {
    kind: OBSERVATION,
    path: "observations",
    table: "observation",
    read: "records.read",
    write: "records.write",
    subject: Subject::OfPatient,
    sort: Sort { column: "effective_at", descending: true },
    columns: &[
        Column::id("facility_id", FACILITY),
        Column::id("patient_id", PATIENT).required().filter(),
        Column::id("encounter_id", ENCOUNTER).filter_within("patient_id"),
        Column::words("status", &STATUSES).filter_within("patient_id"),
        Column::text("category"),
        Column::text("code_system"),
        Column::long_text("code", 200).filter_within("patient_id"),
        Column::long_text("code_text", 1_000).required(),
        Column::time("effective_at").sort_within("patient_id"),
        Column::recorded("effective_recorded"),
        Column::time("issued_at"),
        Column::recorded("issued_recorded"),
        Column::decimal("value_decimal"),
        Column::words("value_comparator", &COMPARATORS),
        Column::long_text("unit", 100),
        Column::long_text("unit_code", 100),
        Column::text("value_system"),
        Column::long_text("value_code", 200),
        Column::long_text("value_text", 20_000),
        Column::decimal("range_low"),
        Column::decimal("range_high"),
        Column::long_text("range_text", 1_000),
        Column::text("interpretation"),
        Column::text("absent_reason"),
        Column::long_text("note", 20_000),
        Column::text("error_reason").read_only(),
    ],
    children: &[Child {
        name: "components",
        table: "observation_component",
        owner: "observation_id",
        columns: &[
            Column::text("code_system"),
            Column::long_text("code", 200),
            Column::long_text("code_text", 1_000).required(),
            Column::decimal("value_decimal"),
            Column::words("value_comparator", &COMPARATORS),
            Column::long_text("unit", 100),
            Column::long_text("unit_code", 100),
            Column::text("value_system"),
            Column::long_text("value_code", 200),
            Column::long_text("value_text", 20_000),
        ],
        most: 200,
        plain: false,
    }],
    parents: &[
        Parent { name: "patient", column: "patient_id", resource: &PATIENTS },
        Parent { name: "encounter", column: "encounter_id", resource: &ENCOUNTERS },
    ],
    prepare,
};

fn prepare(work: &Work<'_>, form: &mut Form, occasion: Occasion) -> Result<(), RecordError> {
    form.default_to("status", "final");
    encounters::settle(work, form)?;
    let has_components = has_components(work, form, occasion)?;
    let mut check = Check::new(work, form);
    check_value(&mut check, form, has_components);
    let rows = form.rows("components").iter().enumerate();
    for (index, row) in rows {
        let column = |name: &str| row_text(row, name);
        let path = format!("components[{index}].");
        check_one_value(&mut check, &column, &path);
    }
    possible::check(&mut check, form);
    if let (Some(low), Some(high)) = (number(form, "range_low"), number(form, "range_high")) {
        check.holds(low <= high, "range_high", "Send a number that is not below range_low.");
    }
    // An order that waits for its result may lie ahead.
    if !matches!(form.text("status"), Some("registered" | "cancelled")) {
        check.not_future("effective");
        check.not_future("issued");
    }
    check.verdict()
}

/// Whether the record will have components: those in the form, else those it has.
fn has_components(work: &Work<'_>, form: &Form, occasion: Occasion) -> Result<bool, RecordError> {
    let sent = form.children.iter().find(|child| child.name == "components");
    match (sent, occasion) {
        (Some(sent), _) => Ok(!sent.rows.is_empty()),
        (None, Occasion::Create(_)) => Ok(false),
        (None, Occasion::Amend(id)) => {
            let sql = "SELECT 1 FROM observation_component WHERE observation_id = ?1 LIMIT 1";
            Ok(work.tx().opt(sql, &[id.into()], |_| Ok(()))?.is_some())
        }
    }
}

fn check_value(check: &mut Check<'_>, form: &Form, has_components: bool) {
    let column = |name: &str| form.text(name);
    check_one_value(check, &column, "");
    let has_value =
        ["value_decimal", "value_code", "value_text"].iter().any(|name| column(name).is_some());
    let excused = column("absent_reason").is_some();
    let mend = "Leave it out: there is a value.";
    check.holds(!(has_value && excused), "absent_reason", mend);
    let waits = matches!(form.text("status"), Some("registered" | "cancelled"));
    let mend = "Send value_decimal, value_code, value_text or components, or say in \
         absent_reason why there is none.";
    check.holds(has_value || has_components || excused || waits, "value_decimal", mend);
}

/// A value is a number or something coded or written, not both.
fn check_one_value<'a>(
    check: &mut Check<'_>,
    column: &dyn Fn(&str) -> Option<&'a str>,
    path: &str,
) {
    let decimal = column("value_decimal").is_some();
    let worded = column("value_code").is_some() || column("value_text").is_some();
    let mend = "Send a number or a text, not both.";
    check.holds(!(decimal && worded), &format!("{path}value_text"), mend);
    let compared = column("value_comparator").is_some();
    let mend = "Send it together with value_decimal.";
    check.holds(decimal || !compared, &format!("{path}value_comparator"), mend);
}

/// The decimal in `name` for comparing; the record keeps the digits.
fn number(form: &Form, name: &str) -> Option<f64> {
    form.text(name)?.parse().ok()
}

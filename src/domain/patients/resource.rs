//! What a patient is made of.

use super::rules;
use crate::access::users::{FACILITY, USER};
use crate::platform::resource::{Child, Column, Resource, Sort, Subject};

pub use crate::access::reach::PATIENT;

/// The words for the sex that is relevant for care, as in FHIR's administrative gender.
pub const SEXES: [&str; 4] = ["female", "male", "other", "unknown"];

/// Why somebody's record is for their care team only.
pub const CONFIDENTIAL: [&str; 4] = ["staff", "vip", "request", "other"];

const NAME_USES: [&str; 7] =
    ["official", "usual", "maiden", "nickname", "alias", "temporary", "old"];
const TELECOM_SYSTEMS: [&str; 7] = ["phone", "email", "sms", "fax", "url", "pager", "other"];

/// That somebody asked for allergies is clinical, whoever the patient is.
const RECORDS_READ: &str = "records.read";

/// Patients as a resource.
pub static PATIENTS: Resource = Resource {
    kind: PATIENT,
    path: "patients",
    table: "patient",
    read: "patients.read",
    write: "patients.write",
    subject: Subject::Patient,
    sort: Sort { column: "name_key", descending: false },
    columns: &[
        Column::id("facility_id", FACILITY),
        Column::text("mrn").required().read_only().filter().sort().identifies(),
        Column::text("family").required().read_only().identifies(),
        Column::list("given").required().read_only().identifies(),
        Column::text("prefix").read_only().identifies(),
        Column::text("name_key").required().hidden().sort(),
        Column::date("birth_date").filter().sort().identifies(),
        Column::bool("birth_date_estimated").identifies(),
        Column::words("sex", &SEXES).identifies(),
        Column::text("gender"),
        Column::text("phone").read_only(),
        Column::bool("deceased"),
        Column::time("deceased_at"),
        Column::recorded("deceased_recorded"),
        Column::text("marital_status_text"),
        Column::text("language_text"),
        Column::int("multiple_birth", 1, 20),
        Column::time("allergies_reviewed_at").needs(RECORDS_READ),
        Column::id("allergies_reviewed_by", USER).read_only().needs(RECORDS_READ),
        Column::bool("active"),
        Column::words("confidential", &CONFIDENTIAL).read_only(),
        Column::id("registered_by", USER).hidden(),
    ],
    children: &[NAMES, IDENTIFIERS, TELECOMS, ADDRESSES, CONTACTS],
    parents: &[],
    prepare: rules::prepare,
};

const OWNER: &str = "patient_id";

const NAMES: Child = Child {
    name: "names",
    table: "patient_name",
    owner: OWNER,
    columns: &[
        Column::words("name_use", &NAME_USES),
        Column::long_text("family", 200),
        Column::list("given"),
        Column::long_text("prefix", 50),
        Column::long_text("suffix", 50),
    ],
    most: 20,
    plain: false,
};

const IDENTIFIERS: Child = Child {
    name: "identifiers",
    table: "patient_identifier",
    owner: OWNER,
    columns: &[
        Column::text("system").required(),
        Column::long_text("value", 100).required(),
        Column::text("value_key").hidden(),
        Column::long_text("type_code", 50),
        Column::long_text("type_text", 200),
    ],
    most: 50,
    plain: false,
};

const TELECOMS: Child = Child {
    name: "telecoms",
    table: "patient_telecom",
    owner: OWNER,
    columns: &[
        Column::words("system", &TELECOM_SYSTEMS).required(),
        Column::long_text("telecom_use", 50),
        Column::long_text("value", 200).required(),
    ],
    most: 20,
    plain: false,
};

const ADDRESSES: Child = Child {
    name: "addresses",
    table: "patient_address",
    owner: OWNER,
    columns: &[
        Column::long_text("address_use", 50),
        Column::text("line"),
        Column::long_text("city", 200),
        Column::long_text("district", 200),
        Column::long_text("state", 200),
        Column::long_text("postal_code", 50),
        Column::long_text("country", 100),
    ],
    most: 20,
    plain: false,
};

const CONTACTS: Child = Child {
    name: "contacts",
    table: "patient_contact",
    owner: OWNER,
    columns: &[
        Column::long_text("relationship", 100),
        Column::text("name").required(),
        Column::long_text("phone", 100),
    ],
    most: 20,
    plain: false,
};

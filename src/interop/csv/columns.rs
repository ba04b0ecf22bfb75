//! Which column of a table is what.

use super::Plan;
use super::dates::{DayOrder, Orders};
use std::collections::BTreeMap;

/// What a column can be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Id,
    Family,
    Given,
    Name,
    Prefix,
    Suffix,
    Maiden,
    BirthDate,
    Sex,
    Phone,
    Email,
    MaritalStatus,
    Language,
    DeceasedDate,
    ContactName,
    ContactPhone,
    ContactRelationship,
    /// One of our address fields.
    Address(&'static str),
    /// A number with its system (nothing: the source's own) and its type.
    Identifier {
        system: Option<String>,
        type_code: Option<&'static str>,
    },
}

/// The names of fields in a mapping, and of columns in the tables that others write. Names are
/// compared by letters and digits only, without case.
const NAMES: &[(&str, Field, &[&str])] = &[
    ("id", Field::Id, &["id", "patientid", "recid", "uuid", "patientuuid", "personid"]),
    (
        "family",
        Field::Family,
        &[
            "last",
            "lastname",
            "family",
            "familyname",
            "surname",
            "nom",
            "apellido",
            "apellidos",
            "nachname",
            "cognome",
            "sobrenome",
        ],
    ),
    (
        "given",
        Field::Given,
        &[
            "first",
            "firstname",
            "given",
            "givenname",
            "givennames",
            "forename",
            "middle",
            "middlename",
            "prenom",
            "prénom",
            "nombre",
            "vorname",
            "nome",
        ],
    ),
    ("name", Field::Name, &["name", "fullname", "patientname"]),
    ("prefix", Field::Prefix, &["prefix", "title"]),
    ("suffix", Field::Suffix, &["suffix"]),
    ("maiden", Field::Maiden, &["maiden", "maidenname", "birthname"]),
    (
        "birth_date",
        Field::BirthDate,
        &[
            "birthdate",
            "dateofbirth",
            "dob",
            "birthday",
            "born",
            "birth",
            "datenaissance",
            "datedenaissance",
            "fechanacimiento",
            "fechadenacimiento",
            "geburtsdatum",
        ],
    ),
    ("sex", Field::Sex, &["sex", "gender", "sexe", "sexo", "geschlecht"]),
    (
        "phone",
        Field::Phone,
        &[
            "phone",
            "phonenumber",
            "telephone",
            "tel",
            "mobile",
            "mobilephone",
            "cell",
            "cellphone",
            "homephone",
            "telefono",
            "telefon",
        ],
    ),
    ("email", Field::Email, &["email", "emailaddress", "mail"]),
    ("marital_status", Field::MaritalStatus, &["marital", "maritalstatus"]),
    ("language", Field::Language, &["language", "preferredlanguage", "lang"]),
    ("deceased_date", Field::DeceasedDate, &["deathdate", "dateofdeath", "deceaseddate", "dod"]),
    (
        "contact.name",
        Field::ContactName,
        &[
            "contactname",
            "nextofkin",
            "nextofkinname",
            "nok",
            "emergencycontact",
            "emergencycontactname",
        ],
    ),
    (
        "contact.phone",
        Field::ContactPhone,
        &["contactphone", "nextofkinphone", "nokphone", "emergencycontactphone"],
    ),
    (
        "contact.relationship",
        Field::ContactRelationship,
        &["contactrelationship", "nextofkinrelationship", "relationship"],
    ),
    (
        "address.line",
        Field::Address("line"),
        &[
            "streetnumber",
            "address",
            "address1",
            "addressline1",
            "street",
            "streetaddress",
            "address2",
            "addressline2",
            "adresse",
            "direccion",
        ],
    ),
    (
        "address.city",
        Field::Address("city"),
        &["city", "town", "suburb", "village", "ville", "ciudad", "ort"],
    ),
    ("address.district", Field::Address("district"), &["county", "district"]),
    ("address.state", Field::Address("state"), &["state", "province", "region"]),
    (
        "address.postal_code",
        Field::Address("postal_code"),
        &["zip", "zipcode", "postcode", "postalcode", "plz"],
    ),
    ("address.country", Field::Address("country"), &["country", "pays", "pais", "land"]),
];

/// Columns that hold numbers of persons: name, system if the number has one everywhere, type.
const NUMBERS: &[(&str, Option<&str>, &str)] = &[
    ("mrn", None, "MR"),
    ("medicalrecordnumber", None, "MR"),
    ("recordnumber", None, "MR"),
    ("hospitalnumber", None, "MR"),
    ("ssn", Some("http://hl7.org/fhir/sid/us-ssn"), "SS"),
    ("socialsecuritynumber", Some("http://hl7.org/fhir/sid/us-ssn"), "SS"),
    ("socsecid", None, "SS"),
    ("drivers", None, "DL"),
    ("driverslicense", None, "DL"),
    ("passport", None, "PPN"),
    ("passportnumber", None, "PPN"),
    ("nationalid", None, "NI"),
    ("nationalnumber", None, "NI"),
];

/// Fields of a mapping that are numbers without a system of their own, and their type.
const OWN_NUMBERS: [(&str, &str); 3] = [("mrn", "MR"), ("national_id", "NI"), ("passport", "PPN")];

/// What a mapping can name, as it is written in one.
pub fn fields() -> impl Iterator<Item = &'static str> {
    let numbers = OWN_NUMBERS.iter().map(|(name, _)| *name);
    let others = ["identifier:SYSTEM", "date_format"];
    NAMES.iter().map(|(name, _, _)| *name).chain(numbers).chain(others)
}

/// The columns of one table.
#[derive(Debug)]
pub(super) struct Columns {
    /// The names in the header.
    pub(super) names: Vec<String>,
    /// Each field with its columns, in order.
    fields: BTreeMap<Field, Vec<usize>>,
}

impl Columns {
    /// Finds the columns among `names`, and the order of dates if the mapping fixes one.
    ///
    /// # Errors
    /// What is wrong with the mapping or missing from the header, and the mend.
    pub(super) fn find(
        names: Vec<String>,
        plan: &Plan<'_>,
    ) -> Result<(Self, Option<Orders>), String> {
        let mut columns = Self { names, fields: BTreeMap::new() };
        let mut order = None;
        match plan.mapping {
            None => columns.guess(),
            Some(mapping) => {
                for (field, column) in mapping {
                    if field == "date_format" {
                        order = Some(Orders::given(DayOrder::of_format(column)?));
                    } else {
                        columns.assign(field, column)?;
                    }
                }
            }
        }
        let has_name = [Field::Family, Field::Given, Field::Name]
            .iter()
            .any(|field| columns.fields.contains_key(field));
        let is_guess = plan.mapping.is_none() && plan.among_others;
        if is_guess && !(has_name && columns.fields.contains_key(&Field::BirthDate)) {
            return Err(format!(
                "this does not look like a table of patients, which has a name and a date of \
                 birth, and other tables cannot be imported; if it is one, import it by itself \
                 with a mapping. Its columns: {}",
                columns.names.join(", ")
            ));
        }
        if !has_name {
            return Err(format!(
                "no column holds a name; map \"family\" and \"given\" to columns of this table: {}",
                columns.names.join(", ")
            ));
        }
        Ok((columns, order))
    }

    fn guess(&mut self) {
        for (index, name) in self.names.iter().enumerate() {
            let plain = plain(name);
            let known = NAMES.iter().find(|(_, _, names)| names.contains(&plain.as_str()));
            let number = NUMBERS.iter().find(|(known, _, _)| *known == plain);
            let field = match (known, number) {
                (Some((_, field, _)), _) => field.clone(),
                (None, Some((_, system, type_code))) => Field::Identifier {
                    system: system.map(str::to_owned),
                    type_code: Some(type_code),
                },
                (None, None) => continue,
            };
            let taken = self.fields.entry(field.clone()).or_default();
            // Two columns that seem to be the same: only names and address lines have parts.
            if taken.is_empty() || matches!(field, Field::Given | Field::Address("line")) {
                taken.push(index);
            }
        }
    }

    fn assign(&mut self, field: &str, column: &str) -> Result<(), String> {
        let known = NAMES.iter().find(|(name, _, _)| *name == field);
        let number = OWN_NUMBERS.iter().find(|(name, _)| *name == field);
        let field = match (known, number, field.strip_prefix("identifier:")) {
            (Some((_, field, _)), _, _) => field.clone(),
            (None, Some((_, code)), _) => Field::Identifier { system: None, type_code: Some(code) },
            (None, None, Some(system)) if !system.is_empty() => {
                Field::Identifier { system: Some(system.to_owned()), type_code: None }
            }
            (None, None, _) => {
                let names = fields().collect::<Vec<_>>().join(", ");
                return Err(format!(
                    "the mapping names a field \"{field}\" that is not known; allowed: {names}"
                ));
            }
        };
        let whole = self.position(column);
        let parts = match whole {
            Some(index) => vec![index],
            None => {
                let parts = column.split('+').map(|part| self.position(part.trim()).ok_or(part));
                parts.collect::<Result<Vec<_>, &str>>().map_err(|part| {
                    let names = self.names.join(", ");
                    format!(
                        "the mapping names a column \"{}\" that is not in the header: {names}",
                        part.trim()
                    )
                })?
            }
        };
        self.fields.insert(field, parts);
        Ok(())
    }

    fn position(&self, column: &str) -> Option<usize> {
        let exact = self.names.iter().position(|name| name == column);
        exact.or_else(|| self.names.iter().position(|name| name.eq_ignore_ascii_case(column)))
    }

    /// The columns of `field`.
    pub(super) fn of(&self, field: &Field) -> &[usize] {
        self.fields.get(field).map_or(&[], Vec::as_slice)
    }

    /// The columns that hold numbers of the person.
    pub(super) fn identifiers(
        &self,
    ) -> impl Iterator<Item = (Option<&str>, Option<&'static str>, usize)> {
        self.fields.iter().filter_map(|(field, columns)| match field {
            Field::Identifier { system, type_code } => {
                Some((system.as_deref(), *type_code, *columns.first()?))
            }
            _ => None,
        })
    }

    /// The columns that hold dates.
    pub(super) fn date_columns(&self) -> Vec<usize> {
        [self.of(&Field::BirthDate), self.of(&Field::DeceasedDate)].concat()
    }

    /// The columns that nobody wants.
    pub(super) fn unused(&self) -> impl Iterator<Item = usize> {
        (0..self.names.len()).filter(|index| !self.fields.values().flatten().any(|it| it == index))
    }

    /// For each column whether its text may go over several lines: in addresses, and where
    /// nobody wants it.
    pub(super) fn may_break(&self) -> Vec<bool> {
        let mut may_break = vec![true; self.names.len()];
        for (field, columns) in &self.fields {
            for index in columns {
                may_break[*index] &= matches!(field, Field::Address(_));
            }
        }
        may_break
    }

    /// What the columns of `field` are called.
    pub(super) fn called(&self, field: &Field) -> String {
        let names = self.of(field).iter().map(|index| self.names[*index].as_str());
        names.collect::<Vec<_>>().join(" and ")
    }
}

/// A name by its letters and digits.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

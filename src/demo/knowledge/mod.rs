//! What the generator knows of medicine: just enough that a record reads like one. Codes are
//! those that everybody knows; the words beside them are ours.
pub(super) mod medicines;
pub(super) mod problems;
pub(super) mod vaccines;

/// SNOMED CT, for problems, allergies and procedures.
pub(super) const SNOMED: &str = "http://snomed.info/sct";
/// ICD-10, for reasons of visits.
pub(super) const ICD: &str = "http://hl7.org/fhir/sid/icd-10";
/// LOINC, for what is measured.
pub(super) const LOINC: &str = "http://loinc.org";
/// RxNorm, for medicines.
pub(super) const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
/// CVX, for vaccines.
pub(super) const CVX: &str = "http://hl7.org/fhir/sid/cvx";

/// What somebody is allergic to, and what happens then.
pub(super) struct Allergen {
    pub(super) code: &'static str,
    pub(super) text: &'static str,
    pub(super) category: &'static str,
    pub(super) reaction: &'static str,
    pub(super) weight: i64,
}

const fn allergen(
    weight: i64,
    code: &'static str,
    text: &'static str,
    category: &'static str,
    reaction: &'static str,
) -> Allergen {
    Allergen { code, text, category, reaction, weight }
}

pub(super) static ALLERGENS: [Allergen; 10] = [
    allergen(30, "91936005", "Penicillin", "medication", "Rash"),
    allergen(10, "91939003", "Sulfonamides", "medication", "Hives"),
    allergen(8, "293586001", "Aspirin", "medication", "Wheezing"),
    allergen(10, "91935009", "Peanuts", "food", "Swelling of the lips"),
    allergen(8, "300913006", "Shellfish", "food", "Vomiting"),
    allergen(8, "91934008", "Nuts", "food", "Hives"),
    allergen(12, "418689008", "Grass pollen", "environment", "Runny nose"),
    allergen(12, "232350006", "House dust mites", "environment", "Sneezing"),
    allergen(5, "424213003", "Bee venom", "environment", "Fainting"),
    allergen(5, "300916003", "Latex", "environment", "Itching"),
];

/// Something done, to whom it is done, and how often in a thousand visits.
pub(super) struct Treatment {
    pub(super) code: &'static str,
    pub(super) text: &'static str,
    /// Ages in years.
    pub(super) from: i64,
    pub(super) women_only: bool,
    pub(super) weight: i64,
}

const fn treatment(
    weight: i64,
    code: &'static str,
    text: &'static str,
    from: i64,
    women_only: bool,
) -> Treatment {
    Treatment { code, text, from, women_only, weight }
}

pub(super) static TREATMENTS: [Treatment; 12] = [
    treatment(30, "399208008", "Chest X-ray", 3, false),
    treatment(25, "29303009", "Electrocardiogram", 25, false),
    treatment(20, "76601001", "Injection into a muscle", 0, false),
    treatment(15, "288086009", "Stitching of a wound", 2, false),
    treatment(10, "73761001", "Colonoscopy", 45, false),
    treatment(8, "433236007", "Ultrasound of the heart", 40, false),
    treatment(10, "71651007", "Mammography", 40, true),
    treatment(6, "66348005", "Childbirth", 18, true),
    treatment(3, "11466000", "Caesarean section", 18, true),
    treatment(5, "80146002", "Removal of the appendix", 8, false),
    treatment(4, "38102005", "Removal of the gallbladder", 30, false),
    treatment(6, "127783003", "Spirometry", 8, false),
];

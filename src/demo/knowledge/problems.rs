//! Problems: who has them, when they come, and what is given for them.

use super::medicines::{self as give, Medicine};

/// When in the year something comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Season {
    Any,
    /// December to February most.
    Winter,
    /// May to October most.
    Rains,
}

impl Season {
    /// How likely it is on `day` (since 1970), against other days.
    pub(crate) fn weight_on(self, day: i64) -> i64 {
        let of_year = day.rem_euclid(365);
        match self {
            Self::Any => 2,
            Self::Winter if !(60..335).contains(&of_year) => 6,
            Self::Rains if (121..304).contains(&of_year) => 4,
            Self::Winter | Self::Rains => 1,
        }
    }
}

/// One problem.
#[derive(Debug)]
pub(crate) struct Problem {
    /// SNOMED CT.
    pub(crate) code: &'static str,
    pub(crate) text: &'static str,
    /// ICD-10, when it is the reason of a visit.
    pub(crate) icd: &'static str,
    /// Of a thousand people younger than 15, 40, 65, and older: how many have it, or, if it
    /// passes, its weight among what passes.
    pub(crate) frequency: [i64; 4],
    /// Whose it can be.
    pub(crate) who: Who,
    pub(crate) season: Season,
    /// Given together.
    pub(crate) medicines: &'static [&'static Medicine],
}

/// Whose a problem can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    All,
    Women,
    Men,
}

impl Problem {
    /// How frequent it is at `age` (years).
    pub(crate) fn frequency_at(&self, age: i64, is_female: bool) -> i64 {
        let fits = match self.who {
            Who::All => true,
            Who::Women => is_female,
            Who::Men => !is_female,
        };
        let band = match age {
            ..15 => 0,
            15..40 => 1,
            40..65 => 2,
            _ => 3,
        };
        if fits { self.frequency[band] } else { 0 }
    }

    /// The youngest age (years) at which it begins.
    pub(crate) fn begins_at(&self) -> i64 {
        let first = self.frequency.iter().position(|frequency| 0 < *frequency);
        [0, 15, 40, 65][first.unwrap_or(0)]
    }
}

const fn lasting(
    text: &'static str,
    codes: (&'static str, &'static str),
    frequency: [i64; 4],
    medicines: &'static [&'static Medicine],
) -> Problem {
    let (code, icd) = codes;
    let (who, season) = (Who::All, Season::Any);
    Problem { code, text, icd, frequency, who, season, medicines }
}

const fn of(who: Who, mut problem: Problem) -> Problem {
    problem.who = who;
    problem
}

const fn within(season: Season, mut problem: Problem) -> Problem {
    problem.season = season;
    problem
}

/// High blood pressure, which measured values show.
pub(crate) const HYPERTENSION: &str = "38341003";
/// Type 2 diabetes, likewise.
pub(crate) const DIABETES: &str = "44054006";
/// Chronic obstructive pulmonary disease, likewise.
pub(crate) const COPD: &str = "13645005";
/// Obesity, likewise.
pub(crate) const OBESITY: &str = "414916001";
/// Chronic kidney disease, likewise.
pub(crate) const KIDNEY: &str = "709044004";
/// High blood lipids, likewise.
pub(crate) const LIPIDS: &str = "55822004";

/// What stays.
pub(crate) static LASTING: [Problem; 20] = [
    lasting(
        "High blood pressure",
        (HYPERTENSION, "I10"),
        [0, 30, 260, 520],
        &[&give::AMLODIPINE, &give::LISINOPRIL],
    ),
    lasting(
        "Type 2 diabetes",
        (DIABETES, "E11"),
        [0, 10, 110, 210],
        &[&give::METFORMIN, &give::GLARGINE],
    ),
    lasting("High blood lipids", (LIPIDS, "E78.5"), [0, 15, 130, 240], &[&give::SIMVASTATIN]),
    lasting("Asthma", ("195967001", "J45"), [55, 50, 40, 40], &[&give::SALBUTAMOL]),
    lasting("Obesity", (OBESITY, "E66"), [15, 60, 110, 90], &[]),
    lasting(
        "Chronic obstructive lung disease",
        (COPD, "J44"),
        [0, 0, 35, 100],
        &[&give::SALBUTAMOL],
    ),
    lasting(
        "Coronary heart disease",
        ("53741008", "I25.1"),
        [0, 0, 35, 160],
        &[&give::ASPIRIN, &give::ATORVASTATIN],
    ),
    lasting(
        "Heart failure",
        ("84114007", "I50"),
        [0, 0, 10, 80],
        &[&give::FUROSEMIDE, &give::BISOPROLOL],
    ),
    lasting("Atrial fibrillation", ("49436004", "I48"), [0, 0, 10, 80], &[&give::WARFARIN]),
    lasting("Chronic kidney disease", (KIDNEY, "N18"), [0, 2, 20, 110], &[&give::THIAZIDE]),
    lasting("Osteoarthritis", ("396275006", "M19.9"), [0, 0, 90, 260], &[&give::IBUPROFEN]),
    lasting("Underactive thyroid", ("40930008", "E03.9"), [0, 10, 40, 60], &[&give::LEVOTHYROXINE]),
    lasting("Depression", ("35489007", "F32"), [3, 60, 70, 60], &[&give::SERTRALINE]),
    of(
        Who::Women,
        lasting("Migraine", ("37796009", "G43"), [5, 90, 70, 20], &[&give::SUMATRIPTAN]),
    ),
    lasting("Epilepsy", ("84757009", "G40"), [6, 7, 7, 9], &[&give::CARBAMAZEPINE]),
    lasting("Sickle cell disease", ("127040003", "D57.1"), [5, 4, 2, 0], &[&give::HYDROXYUREA]),
    of(
        Who::Women,
        lasting("Iron deficiency anaemia", ("87522002", "D50"), [10, 70, 40, 30], &[&give::IRON]),
    ),
    lasting("Acid reflux", ("235595009", "K21.9"), [2, 30, 80, 90], &[&give::OMEPRAZOLE]),
    lasting("Osteoporosis", ("64859006", "M81"), [0, 0, 10, 110], &[]),
    of(Who::Men, lasting("Enlarged prostate", ("266569009", "N40"), [0, 0, 60, 220], &[])),
];

/// What passes.
pub(crate) static PASSING: [Problem; 15] = [
    within(
        Season::Winter,
        lasting("Common cold", ("82272006", "J00"), [90, 60, 45, 35], &[&give::PARACETAMOL]),
    ),
    within(
        Season::Winter,
        lasting("Acute bronchitis", ("10509002", "J20.9"), [40, 35, 40, 50], &[&give::PARACETAMOL]),
    ),
    within(
        Season::Winter,
        lasting("Pneumonia", ("233604007", "J18.9"), [20, 6, 12, 45], &[&give::AMOXICILLIN]),
    ),
    within(Season::Winter, lasting("Influenza", ("6142004", "J11"), [25, 20, 20, 20], &[])),
    within(
        Season::Rains,
        lasting(
            "Malaria",
            ("61462000", "B54"),
            [70, 40, 25, 15],
            &[&give::ARTEMETHER, &give::PARACETAMOL],
        ),
    ),
    within(
        Season::Rains,
        lasting("Gastroenteritis", ("25374005", "A09"), [70, 35, 25, 25], &[&give::REHYDRATION]),
    ),
    lasting("Middle ear infection", ("65363002", "H66.9"), [50, 5, 4, 3], &[&give::AMOXICILLIN]),
    lasting("Sore throat", ("195662009", "J02.9"), [40, 30, 15, 10], &[&give::IBUPROFEN]),
    of(
        Who::Women,
        lasting(
            "Urinary tract infection",
            ("68566005", "N39.0"),
            [8, 50, 45, 60],
            &[&give::NITROFURANTOIN],
        ),
    ),
    lasting("Low back pain", ("279039007", "M54.5"), [2, 45, 65, 55], &[&give::IBUPROFEN]),
    lasting("Sprained ankle", ("44465007", "S93.4"), [15, 25, 10, 6], &[&give::IBUPROFEN]),
    lasting("Cut of the forearm", ("283371005", "S51"), [15, 15, 10, 8], &[]),
    lasting("Fracture of the forearm", ("65966004", "S52"), [12, 6, 6, 14], &[&give::PARACETAMOL]),
    within(
        Season::Winter,
        lasting("Sinusitis", ("36971009", "J32.9"), [6, 20, 20, 12], &[&give::AZITHROMYCIN]),
    ),
    lasting("Atopic eczema", ("24079001", "L20.9"), [25, 10, 6, 4], &[&give::CETIRIZINE]),
];

//! Medicines and how they are usually taken.

/// One medicine as it is ordered.
#[derive(Debug)]
pub(crate) struct Medicine {
    /// RxNorm; empty where there is no code that everybody knows.
    pub(crate) code: &'static str,
    pub(crate) text: &'static str,
    pub(crate) dose: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) route: &'static str,
    /// Times a day.
    pub(crate) frequency: i64,
    pub(crate) as_needed: bool,
}

const fn oral(
    code: &'static str,
    text: &'static str,
    dose: &'static str,
    unit: &'static str,
    frequency: i64,
) -> Medicine {
    Medicine { code, text, dose, unit, route: "oral", frequency, as_needed: false }
}

const fn needed(mut medicine: Medicine) -> Medicine {
    medicine.as_needed = true;
    medicine
}

const fn by(route: &'static str, mut medicine: Medicine) -> Medicine {
    medicine.route = route;
    medicine
}

pub(super) static AMLODIPINE: Medicine = oral("197361", "Amlodipine 5 mg tablet", "5", "mg", 1);
pub(super) static LISINOPRIL: Medicine = oral("314076", "Lisinopril 10 mg tablet", "10", "mg", 1);
pub(super) static THIAZIDE: Medicine =
    oral("310798", "Hydrochlorothiazide 25 mg tablet", "25", "mg", 1);
pub(super) static METFORMIN: Medicine =
    oral("860975", "Metformin 500 mg extended-release tablet", "500", "mg", 2);
pub(super) static GLARGINE: Medicine =
    by("subcutaneous", oral("274783", "Insulin glargine", "18", "[IU]", 1));
pub(super) static SIMVASTATIN: Medicine = oral("312961", "Simvastatin 20 mg tablet", "20", "mg", 1);
pub(super) static ATORVASTATIN: Medicine = oral("83367", "Atorvastatin", "40", "mg", 1);
pub(super) static SALBUTAMOL: Medicine =
    needed(by("inhaled", oral("745679", "Salbutamol inhaler 90 micrograms", "2", "puffs", 4)));
pub(super) static FUROSEMIDE: Medicine = oral("4603", "Furosemide", "40", "mg", 1);
pub(super) static BISOPROLOL: Medicine = oral("19484", "Bisoprolol", "5", "mg", 1);
pub(super) static WARFARIN: Medicine = oral("855332", "Warfarin 5 mg tablet", "5", "mg", 1);
pub(super) static ASPIRIN: Medicine = oral("1191", "Aspirin", "75", "mg", 1);
pub(super) static LEVOTHYROXINE: Medicine = oral("10582", "Levothyroxine", "75", "ug", 1);
pub(super) static SERTRALINE: Medicine = oral("36437", "Sertraline", "50", "mg", 1);
pub(super) static CARBAMAZEPINE: Medicine = oral("2002", "Carbamazepine", "200", "mg", 2);
pub(super) static SUMATRIPTAN: Medicine = needed(oral("37418", "Sumatriptan", "50", "mg", 1));
pub(super) static HYDROXYUREA: Medicine = oral("5552", "Hydroxycarbamide", "500", "mg", 1);
pub(super) static IRON: Medicine = oral("24947", "Ferrous sulfate", "200", "mg", 2);
pub(super) static OMEPRAZOLE: Medicine = oral("7646", "Omeprazole", "20", "mg", 1);
pub(super) static PARACETAMOL: Medicine =
    needed(oral("198440", "Paracetamol 500 mg tablet", "500", "mg", 4));
pub(super) static IBUPROFEN: Medicine =
    needed(oral("310965", "Ibuprofen 200 mg tablet", "200", "mg", 3));
pub(super) static AMOXICILLIN: Medicine =
    oral("308182", "Amoxicillin 250 mg capsule", "250", "mg", 3);
pub(super) static AZITHROMYCIN: Medicine = oral("18631", "Azithromycin", "500", "mg", 1);
pub(super) static NITROFURANTOIN: Medicine = oral("7454", "Nitrofurantoin", "100", "mg", 2);
pub(super) static CETIRIZINE: Medicine = oral("20610", "Cetirizine", "10", "mg", 1);
pub(super) static ARTEMETHER: Medicine =
    oral("", "Artemether 20 mg and lumefantrine 120 mg tablet", "4", "tablets", 2);
pub(super) static REHYDRATION: Medicine =
    needed(oral("", "Oral rehydration salts", "1", "sachet", 4));

//! What the program asks for, and what its built-in roles hold. The only place that says so.

/// Something that the program asks for before it does it.
#[derive(Debug, Clone, Copy)]
pub struct Permission {
    /// Area and verb, e.g. `patients.write`.
    pub code: &'static str,
    /// What whoever holds it may do, in plain words. Pages have their own in each language.
    pub may: &'static str,
}

impl Permission {
    /// What it is about, e.g. `patients`.
    #[must_use]
    pub fn area(&self) -> &'static str {
        self.code.split('.').next().unwrap_or(self.code)
    }
}

const fn may(code: &'static str, may: &'static str) -> Permission {
    Permission { code, may }
}

/// Every permission that the program asks for, in the order in which people read them.
pub const CATALOGUE: [Permission; 26] = [
    may("patients.read", "Find patients and see who they are"),
    may("patients.write", "Register patients and correct who they are"),
    may("patients.confidential", "Mark a patient as confidential"),
    may("encounters.read", "See when patients come"),
    may("encounters.write", "Record visits"),
    may("records.read", "See what is wrong with patients and what was done"),
    may("records.write", "Record diagnoses, results, medicines and what was done"),
    may("break_glass.use", "Open the record of any patient in an emergency, with a reason"),
    may("break_glass.review", "Judge whether records were opened for a good reason"),
    may("providers.read", "See who treats and where"),
    may("providers.write", "Change who treats and where"),
    may("facilities.read", "See the sites and departments of the hospital"),
    may("facilities.write", "Change the sites and departments of the hospital"),
    may("users.read", "See who has an account"),
    may("users.write", "Make and change accounts, and give new passwords"),
    may("roles.read", "See what roles may do"),
    may("roles.write", "Change what roles may do"),
    may("tokens.read", "See which programs have access"),
    may("tokens.write", "Give programs access and take it away"),
    may("audit.read", "See who did and looked at what"),
    may("audit.export", "Take the list of who did what out of the hospital"),
    may("imports.run", "Take files with patients and records in"),
    may("system.read", "See how the server does"),
    may("system.write", "Run, stop and schedule what the server does in the background"),
    may("settings.write", "Change the hospital's name and time zone"),
    may("security.write", "Change how people sign in and what is limited"),
];

/// The codes of [`CATALOGUE`].
pub const PERMISSIONS: [&str; CATALOGUE.len()] = {
    let mut codes = [""; CATALOGUE.len()];
    let mut at = 0;
    while at < codes.len() {
        codes[at] = CATALOGUE[at].code;
        at += 1;
    }
    codes
};

/// A role that the program brings along.
#[derive(Debug)]
pub struct BuiltIn {
    /// The word that accounts name it by.
    pub code: &'static str,
    /// In English; pages have their own in each language.
    pub name: &'static str,
    /// Whose records it reaches unless an administrator says otherwise.
    pub reach: &'static str,
    /// What it holds unless an administrator says otherwise.
    pub permissions: &'static [&'static str],
}

/// The roles that every hospital has.
pub static BUILT_IN: [BuiltIn; 9] = [
    BuiltIn {
        code: "administrator",
        name: "Administrator",
        reach: "everybody",
        permissions: &PERMISSIONS,
    },
    // Who somebody is and when they come, nothing clinical.
    BuiltIn {
        code: "reception",
        name: "Reception",
        reach: "facility",
        permissions: &[
            "patients.read",
            "patients.write",
            "encounters.read",
            "encounters.write",
            "providers.read",
            "facilities.read",
        ],
    },
    BuiltIn {
        code: "nurse",
        name: "Nurse",
        reach: "departments",
        permissions: &[
            "patients.read",
            "patients.write",
            "encounters.read",
            "encounters.write",
            "records.read",
            "records.write",
            "break_glass.use",
            "providers.read",
            "facilities.read",
        ],
    },
    BuiltIn {
        code: "clinician",
        name: "Clinician",
        reach: "facility",
        permissions: &[
            "patients.read",
            "patients.write",
            "encounters.read",
            "encounters.write",
            "records.read",
            "records.write",
            "break_glass.use",
            "providers.read",
            "facilities.read",
        ],
    },
    BuiltIn {
        code: "pharmacist",
        name: "Pharmacist",
        reach: "facility",
        permissions: &[
            "patients.read",
            "encounters.read",
            "records.read",
            "break_glass.use",
            "providers.read",
            "facilities.read",
        ],
    },
    // Results are records.
    BuiltIn {
        code: "laboratory",
        name: "Laboratory",
        reach: "facility",
        permissions: &[
            "patients.read",
            "encounters.read",
            "records.read",
            "records.write",
            "providers.read",
            "facilities.read",
        ],
    },
    BuiltIn {
        code: "cashier",
        name: "Cashier",
        reach: "facility",
        permissions: &["patients.read", "encounters.read", "providers.read", "facilities.read"],
    },
    // Who looked, and whether they had to; not what they saw.
    BuiltIn {
        code: "privacy_officer",
        name: "Privacy officer",
        reach: "everybody",
        permissions: &[
            "patients.read",
            "patients.confidential",
            "break_glass.review",
            "facilities.read",
            "users.read",
            "roles.read",
            "tokens.read",
            "audit.read",
            "audit.export",
        ],
    },
    BuiltIn {
        code: "integration",
        name: "Integration",
        reach: "everybody",
        permissions: &[
            "patients.read",
            "patients.write",
            "encounters.read",
            "encounters.write",
            "records.read",
            "records.write",
            "providers.read",
            "providers.write",
            "facilities.read",
        ],
    },
];

/// The built-in role called `code`.
#[must_use]
pub fn built_in(code: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|role| role.code == code)
}

//! Vaccines and the ages at which they are due.

/// One dose of a schedule.
#[derive(Debug)]
pub(crate) struct Dose {
    /// CVX.
    pub(crate) code: &'static str,
    pub(crate) text: &'static str,
    /// Days after birth.
    pub(crate) due: i64,
    pub(crate) route: &'static str,
    pub(crate) site: &'static str,
    /// Given in the short history too.
    pub(crate) always: bool,
}

const fn dose(due: i64, code: &'static str, text: &'static str, always: bool) -> Dose {
    Dose { code, text, due, route: "intramuscular", site: "Left thigh", always }
}

const WEEK: i64 = 7;
const MONTH: i64 = 30;
const YEAR: i64 = 365;

/// Of children, in order.
pub(crate) static CHILDHOOD: [Dose; 16] = [
    dose(1, "19", "BCG", true),
    dose(1, "08", "Hepatitis B", false),
    dose(6 * WEEK, "146", "DTaP-IPV-Hib-HepB", true),
    dose(6 * WEEK, "133", "Pneumococcal 13-valent", false),
    dose(6 * WEEK, "116", "Rotavirus", false),
    dose(10 * WEEK, "146", "DTaP-IPV-Hib-HepB", true),
    dose(10 * WEEK, "133", "Pneumococcal 13-valent", false),
    dose(14 * WEEK, "146", "DTaP-IPV-Hib-HepB", false),
    dose(14 * WEEK, "10", "Polio, inactivated", false),
    dose(9 * MONTH, "37", "Yellow fever", false),
    dose(12 * MONTH, "03", "Measles, mumps, rubella", true),
    dose(15 * MONTH, "21", "Chickenpox", false),
    dose(18 * MONTH, "03", "Measles, mumps, rubella", true),
    dose(5 * YEAR, "20", "DTaP", true),
    dose(11 * YEAR, "165", "HPV 9-valent", true),
    dose(12 * YEAR, "115", "Tdap", false),
];

/// Every autumn, of the old and the chronically ill.
pub(crate) static INFLUENZA: Dose =
    Dose { site: "Left upper arm", ..dose(0, "88", "Influenza", true) };

/// Once, of the old.
pub(crate) static PNEUMOCOCCUS: Dose =
    Dose { site: "Left upper arm", ..dose(65 * YEAR, "33", "Pneumococcal 23-valent", true) };

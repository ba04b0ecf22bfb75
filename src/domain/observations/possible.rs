//! What a living body can show: a vital sign beyond these bounds is a slip of the hand or of the
//! unit, whoever sends it. They are no reference ranges and lie outside of everything that is
//! documented, so that nothing true is refused.

use super::Form;
use crate::platform::resource::form::row_text;
use crate::platform::resource::rules::Check;

const LOINC: &str = "http://loinc.org";

/// The bounds of one vital sign.
struct Possible {
    /// LOINC.
    code: &'static str,
    /// UCUM; a value in another unit is not judged.
    unit: &'static str,
    least: f64,
    most: f64,
}

/// Sources, for the extremes that people survived or were measured with:
/// - temperature: 11.8 °C (a child in Poland, 2014) and 46.5 °C (Slovis et al., Ann Emerg Med
///   1982;11:269);
/// - blood pressure: 480/350 mmHg while lifting weights (MacDougall et al., J Appl Physiol
///   1985;58:785);
/// - pulse: 480 a minute (Chhabra et al., J Electrocardiol 2012, "Mouse heart rate in a human");
/// - breaths: 150 a minute, where high-frequency ventilation begins, and some room;
/// - saturation: a part of all haemoglobin;
/// - weight: 212 g (a newborn in Singapore, 2020) and 635 kg (Guinness World Records);
/// - height: 272 cm (the same); the smallest newborns measure about 24 cm.
static POSSIBLE: [Possible; 9] = [
    Possible { code: "8310-5", unit: "Cel", least: 10.0, most: 47.0 },
    Possible { code: "8480-6", unit: "mm[Hg]", least: 0.0, most: 480.0 },
    Possible { code: "8462-4", unit: "mm[Hg]", least: 0.0, most: 350.0 },
    Possible { code: "8867-4", unit: "/min", least: 0.0, most: 480.0 },
    Possible { code: "9279-1", unit: "/min", least: 0.0, most: 200.0 },
    Possible { code: "59408-5", unit: "%", least: 0.0, most: 100.0 },
    Possible { code: "2708-6", unit: "%", least: 0.0, most: 100.0 },
    Possible { code: "29463-7", unit: "kg", least: 0.1, most: 650.0 },
    Possible { code: "8302-2", unit: "cm", least: 15.0, most: 280.0 },
];

/// Every vital sign of `form`, its own and those of its parts, must be possible.
pub(super) fn check(check: &mut Check<'_>, form: &Form) {
    one(check, &|name| form.text(name), "");
    for (index, row) in form.rows("components").iter().enumerate() {
        one(check, &|name| row_text(row, name), &format!("components[{index}]."));
    }
}

fn one<'a>(check: &mut Check<'_>, column: &dyn Fn(&str) -> Option<&'a str>, path: &str) {
    if column("code_system") != Some(LOINC) {
        return;
    }
    let unit = column("unit_code").or_else(|| column("unit"));
    let found = POSSIBLE
        .iter()
        .find(|it| column("code") == Some(it.code) && unit.is_some_and(|unit| unit == it.unit));
    let value = column("value_decimal").and_then(|digits| digits.parse::<f64>().ok());
    if let (Some(Possible { least, most, unit, .. }), Some(value)) = (found, value) {
        let mend = format!(
            "This cannot be: it lies between {least} and {most} {unit}. Check the number, its \
             decimal point and its unit."
        );
        check.holds((*least..=*most).contains(&value), &format!("{path}value_decimal"), &mend);
    }
}

#[cfg(test)]
mod possible_tests {
    use super::*;

    #[test]
    fn the_form_of_vital_signs_refuses_what_the_server_refuses() {
        let page = include_str!("../../../assets/clinical/vitals.js");
        for one in POSSIBLE.iter().filter(|it| it.code != "2708-6") {
            let told = page.split_once(&format!("code: '{}'", one.code)).unwrap().1;
            let told = told.split_once('}').unwrap().0;
            let bounds = format!("possible: [{}, {}]", one.least, one.most);
            assert!(told.contains(&bounds), "{}: {bounds} in {told}", one.code);
        }
    }
}

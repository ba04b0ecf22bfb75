//! What a living body can show: a vital sign beyond these bounds is a slip of the hand or of the
//! unit, whoever sends it. They are no reference ranges and lie outside of everything that is
//! documented, so that nothing true is refused.

use super::Form;
use crate::platform::resource::form::row_text;
use crate::platform::resource::rules::Check;

const LOINC: &str = "http://loinc.org";
const SYSTOLIC: &str = "8480-6";
const DIASTOLIC: &str = "8462-4";

/// The bounds of one vital sign.
struct Possible {
    /// LOINC.
    code: &'static str,
    /// As values come, the one of the bounds first; a value in any other is not judged.
    units: &'static [Unit],
    least: f64,
    most: f64,
}

impl Possible {
    /// The bounds in `unit`.
    fn bounds(&self, unit: &Unit) -> (f64, f64) {
        (unit.of(self.least), unit.of(self.most))
    }

    /// Whether a body can show `value`, in `unit`.
    fn spans(&self, unit: &Unit, value: f64) -> bool {
        let (least, most) = self.bounds(unit);
        (least..=most).contains(&value)
    }
}

/// A unit in the spellings of UCUM and of people. `value * per + zero` is a value in it, where
/// `value` is in the unit of the bounds.
struct Unit {
    names: &'static [&'static str],
    per: f64,
    zero: f64,
}

impl Unit {
    const fn plain(names: &'static [&'static str]) -> Self {
        Self { names, per: 1.0, zero: 0.0 }
    }

    const fn per(names: &'static [&'static str], per: f64) -> Self {
        Self { names, per, zero: 0.0 }
    }

    /// A bound in this unit, to two places: what is told is what is judged.
    fn of(&self, bound: f64) -> f64 {
        ((bound * self.per + self.zero) * 100.0).round() / 100.0
    }
}

/// °F = °C · 9/5 + 32.
static TEMPERATURE: [Unit; 2] = [
    Unit::plain(&["Cel", "°C", "degC", "C"]),
    Unit { names: &["[degF]", "°F", "degF", "F"], per: 1.8, zero: 32.0 },
];
static PRESSURE: [Unit; 1] = [Unit::plain(&["mm[Hg]", "mmHg", "mm Hg"])];
static BEATS: [Unit; 1] =
    [Unit::plain(&["/min", "{beats}/min", "beats/min", "beats/minute", "bpm", "1/min"])];
static BREATHS: [Unit; 1] =
    [Unit::plain(&["/min", "{breaths}/min", "breaths/min", "breaths/minute", "1/min"])];
static PERCENT: [Unit; 1] = [Unit::plain(&["%"])];
/// The international pound is 0.45359237 kg.
static WEIGHT: [Unit; 3] = [
    Unit::plain(&["kg"]),
    Unit::per(&["g"], 1_000.0),
    Unit::per(&["[lb_av]", "lb", "lbs"], 1.0 / 0.453_592_37),
];
/// The inch is 2.54 cm.
static HEIGHT: [Unit; 3] = [
    Unit::plain(&["cm"]),
    Unit::per(&["m"], 0.01),
    Unit::per(&["[in_i]", "in", "inch", "inches"], 1.0 / 2.54),
];

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
    Possible { code: "8310-5", units: &TEMPERATURE, least: 10.0, most: 47.0 },
    Possible { code: SYSTOLIC, units: &PRESSURE, least: 0.0, most: 480.0 },
    Possible { code: DIASTOLIC, units: &PRESSURE, least: 0.0, most: 350.0 },
    Possible { code: "8867-4", units: &BEATS, least: 0.0, most: 480.0 },
    Possible { code: "9279-1", units: &BREATHS, least: 0.0, most: 200.0 },
    Possible { code: "59408-5", units: &PERCENT, least: 0.0, most: 100.0 },
    Possible { code: "2708-6", units: &PERCENT, least: 0.0, most: 100.0 },
    Possible { code: "29463-7", units: &WEIGHT, least: 0.1, most: 650.0 },
    Possible { code: "8302-2", units: &HEIGHT, least: 15.0, most: 280.0 },
];

/// Every vital sign of `form`, its own and those of its parts, must be possible.
pub(super) fn check(check: &mut Check<'_>, form: &Form) {
    one(check, &|name| form.text(name), "");
    for (index, row) in form.rows("components").iter().enumerate() {
        one(check, &|name| row_text(row, name), &format!("components[{index}]."));
    }
    pressures(check, form);
}

/// The pressure between two beats is never above that of a beat. The same twice is left to the
/// page to ask about: devices that read a failing pulse say so.
fn pressures(check: &mut Check<'_>, form: &Form) {
    let rows = form.rows("components");
    let of = |code: &str| {
        rows.iter().enumerate().find_map(|(index, row)| {
            let column = |name: &str| row_text(row, name);
            let exact = column("value_comparator").is_none() && column("code") == Some(code);
            let (possible, unit, value) = exact.then(|| measured(&column)).flatten()?;
            // What cannot be by itself has been told already.
            possible.spans(unit, value).then_some((index, value))
        })
    };
    if let (Some((_, systolic)), Some((index, diastolic))) = (of(SYSTOLIC), of(DIASTOLIC)) {
        let field = format!("components[{index}].value_decimal");
        let mend = "The diastolic pressure is above the systolic. Check both numbers.";
        check.holds(diastolic <= systolic, &field, mend);
    }
}

fn one<'a>(check: &mut Check<'_>, column: &dyn Fn(&str) -> Option<&'a str>, path: &str) {
    let Some((possible, unit, value)) = measured(column) else { return };
    let (least, most) = possible.bounds(unit);
    let mend = format!(
        "This cannot be: it lies between {least} and {most} {}. Check the number, its decimal \
         point and its unit.",
        unit.names[0]
    );
    check.holds(possible.spans(unit, value), &format!("{path}value_decimal"), &mend);
}

/// The vital sign in `column` with its unit and its value, if all three are known.
fn measured<'a>(
    column: &dyn Fn(&str) -> Option<&'a str>,
) -> Option<(&'static Possible, &'static Unit, f64)> {
    let code = column("code").filter(|_| column("code_system") == Some(LOINC))?;
    let possible = POSSIBLE.iter().find(|it| it.code == code)?;
    let called = |name: &str| {
        let is_called = |unit: &&Unit| unit.names.iter().any(|it| it.eq_ignore_ascii_case(name));
        possible.units.iter().find(is_called)
    };
    // The code decides; words beside it count where the code says nothing that is known.
    let unit = column("unit_code").and_then(called).or_else(|| column("unit").and_then(called))?;
    Some((possible, unit, column("value_decimal")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_vital_signs_refuses_what_the_server_refuses() {
        let page = include_str!("../../../assets/clinical/vitals.js");
        for one in POSSIBLE.iter().filter(|it| it.code != "2708-6") {
            let told = page.split_once(&format!("code: '{}'", one.code)).unwrap().1;
            let told = told.split_once('}').unwrap().0;
            let bounds = format!("possible: [{}, {}]", one.least, one.most);
            assert!(told.contains(&bounds), "{}: {bounds} in {told}", one.code);
            let unit = format!("unit: '{}'", one.units[0].names[0]);
            assert!(told.contains(&unit), "{}: {unit} in {told}", one.code);
        }
    }

    #[test]
    fn bounds_are_the_same_in_every_unit() {
        let bounds = |code: &str, unit: usize| {
            let one = POSSIBLE.iter().find(|it| it.code == code).unwrap();
            (one.units[unit].of(one.least), one.units[unit].of(one.most))
        };
        assert_eq!(bounds("8310-5", 0), (10.0, 47.0));
        assert_eq!(bounds("8310-5", 1), (50.0, 116.6), "degrees Fahrenheit");
        assert_eq!(bounds("29463-7", 1), (100.0, 650_000.0), "grams");
        assert_eq!(bounds("29463-7", 2), (0.22, 1_433.0), "pounds");
        assert_eq!(bounds("8302-2", 1), (0.15, 2.8), "metres");
        assert_eq!(bounds("8302-2", 2), (5.91, 110.24), "inches");
    }
}

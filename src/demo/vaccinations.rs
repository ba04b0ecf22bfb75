//! Who gets which vaccine when.

use serde_json::json;

use super::chart::{Chart, day, time};
use super::dice::Dice;
use super::knowledge::CVX;
use super::knowledge::vaccines::{CHILDHOOD, Dose, INFLUENZA, PNEUMOCOCCUS};
use super::people::{DAY, Person, YEAR};
use super::staff::Staff;
use crate::domain::records::IMMUNIZATIONS;

/// Adds what `person` was given until `end` (days since 1970), all of it or only what matters
/// most, with influenza every autumn if they are `ill` or old.
pub(super) fn add(
    dice: &mut Dice,
    chart: &mut Chart,
    person: &Person,
    staff: &Staff,
    (end, whole): (i64, bool),
    ill: bool,
) {
    for dose in CHILDHOOD.iter().filter(|dose| whole || dose.always) {
        // A few weeks late is usual, and some never come.
        let given = person.born + dose.due + dice.between(0, 24);
        let here = person.registered - 30 <= given && given <= end;
        if here && dice.chance(930) {
            one(dice, chart, staff, dose, given);
        }
    }
    let turns_65 = person.born + PNEUMOCOCCUS.due;
    let given = turns_65 + dice.between(0, 2 * YEAR);
    if person.registered <= given && given <= end && dice.chance(600) {
        one(dice, chart, staff, &PNEUMOCOCCUS, given);
    }
    let mut autumns = if whole { 6 } else { 1 };
    for back in 0..8 {
        let autumn = end - end.rem_euclid(YEAR) - 80 - back * YEAR + dice.between(0, 50);
        let old = 65 * YEAR <= autumn - person.born;
        let wanted = dice.chance(if old { 600 } else { 300 });
        if autumns == 0 || autumn < person.registered || end < autumn {
            continue;
        }
        if (old || (ill && person.born + YEAR < autumn)) && wanted {
            one(dice, chart, staff, &INFLUENZA, autumn);
            autumns -= 1;
        }
    }
}

fn one(dice: &mut Dice, chart: &mut Chart, staff: &Staff, dose: &Dose, given: i64) {
    let at = given * DAY + 8 * 3_600 + 60 * dice.between(0, 400);
    let letter = char::from(b'A' + u8::try_from(dice.between(0, 25)).unwrap_or(0));
    chart.add(
        &IMMUNIZATIONS,
        json!({
            "status": "completed", "code_system": CVX, "code": dose.code,
            "code_text": dose.text, "given_recorded": time(at), "primary_source": true,
            "lot_number": format!("{letter}{:04}", dice.between(0, 9_999)),
            "expiry_date": day(given + dice.between(60, 500)),
            "site_text": dose.site, "route_text": dose.route, "dose_decimal": "0.5",
            "dose_unit": "mL", "location_id": staff.clinic(),
        }),
    );
}

//! What is measured at a visit, and how it goes with somebody's problems over the years.

use serde_json::{Value as Json, json};

use super::chart::{Chart, time};
use super::dice::Dice;
use super::knowledge::LOINC;
use super::knowledge::problems::{COPD, DIABETES, HYPERTENSION, KIDNEY, LIPIDS, OBESITY};
use crate::domain::observations::OBSERVATIONS;

/// How somebody's body is, so that what is measured twice goes together.
#[derive(Debug)]
pub(super) struct Body {
    is_female: bool,
    /// Of the grown body, in centimetres.
    height: i64,
    /// Body mass index of the grown body, in tenths.
    mass_index: i64,
    /// What the systolic pressure lies around, in mmHg.
    systolic: i64,
    /// What HbA1c (tenths of a percent), creatinine (tenths of mg/dL) and cholesterol (mg/dL) lie
    /// around, where they are not as they should be.
    laboratory: [i64; 3],
    /// Which way values drift each year: -1, 0 or 1.
    drift: i64,
    problems: Vec<(&'static str, i64)>,
}

/// One visit, as far as measuring goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occasion<'a> {
    /// As a body names it.
    pub(super) encounter: &'a str,
    /// Seconds since 1970.
    pub(super) at: i64,
    /// Days since birth.
    pub(super) age: i64,
    /// Since the first visit, in days.
    pub(super) days: i64,
    pub(super) has_fever: bool,
}

impl Body {
    /// Somebody's body; `problems` are codes and the day (since 1970) of their onset.
    pub(super) fn new(
        dice: &mut Dice,
        is_female: bool,
        age: i64,
        problems: Vec<(&'static str, i64)>,
    ) -> Self {
        let obese = problems.iter().any(|(code, _)| *code == OBESITY);
        let height = dice.around(156, 192) - if is_female { 12 } else { 0 };
        let mass_index = if obese { dice.around(305, 400) } else { dice.around(180, 295) };
        let systolic = 106 + dice.around(0, 20) + age / 365 / 5;
        let drift = dice.between(-1, 1);
        let laboratory = [dice.around(62, 94), dice.around(14, 28), dice.around(190, 290)];
        Self { is_female, height, mass_index, systolic, laboratory, drift, problems }
    }

    fn has(&self, code: &str, at: i64) -> bool {
        let day = at.div_euclid(super::people::DAY);
        self.problems.iter().any(|(known, onset)| *known == code && *onset <= day)
    }

    /// Height in millimetres at an `age` in days.
    fn height_at(&self, age: i64) -> i64 {
        let (grown, born) = (self.height * 10, 500);
        let years = age / 365;
        // A quarter of what is missing is grown in the first year, the rest until 17 or so.
        let until = if self.is_female { 15 } else { 17 };
        match years {
            0 => born + (grown - born) * 22 * age / 365 / 100,
            _ if years < until => {
                let share = 22 + 78 * (age - 365) / ((until - 1) * 365);
                born + (grown - born) * share.min(100) / 100
            }
            _ => grown,
        }
    }

    /// Weight in tenths of a kilogram.
    fn weight_at(&self, occasion: &Occasion<'_>) -> i64 {
        let height = self.height_at(occasion.age);
        let years = occasion.age / 365;
        let index = match years {
            0..=1 => 165,
            2..=9 => 158 + (self.mass_index - 220) / 5,
            10..=17 => (self.mass_index * 85) / 100,
            _ => self.mass_index + self.drift * occasion.days / 365 * 4,
        };
        (index * height * height + 500_000) / 1_000_000
    }

    /// Measures what is usual: pressure and pulse of the grown, temperature of whoever is ill,
    /// weight of everybody, with all of it or only what matters most.
    pub(super) fn vitals(
        &self,
        dice: &mut Dice,
        chart: &mut Chart,
        occasion: &Occasion<'_>,
        whole: bool,
    ) {
        let grown = 15 * 365 <= occasion.age;
        if grown && (whole || dice.chance(750)) {
            self.pressure(dice, chart, occasion);
        }
        if whole || !grown || dice.chance(350) {
            let tenths = self.weight_at(occasion) + dice.between(-4, 4);
            single(chart, occasion, ("29463-7", "Body weight"), (&tenth(tenths.max(21)), "kg"));
        }
        if occasion.has_fever || (whole && dice.chance(600)) {
            let tenths = if occasion.has_fever { dice.around(375, 402) } else { 0 };
            let tenths = tenths.max(dice.between(361, 371));
            single(chart, occasion, ("8310-5", "Body temperature"), (&tenth(tenths), "Cel"));
        }
        if !whole {
            return;
        }
        let young = 75 * (15 * 365 - occasion.age).max(0) / (15 * 365);
        let pulse = dice.around(58, 88) + young * 7 / 10 + if occasion.has_fever { 14 } else { 0 };
        single(chart, occasion, ("8867-4", "Heart rate"), (&pulse.to_string(), "/min"));
        if dice.chance(500) {
            let low = if self.has(COPD, occasion.at) { 89 } else { 95 };
            let saturation = dice.between(low, low + 5).min(100);
            let coded = ("59408-5", "Oxygen saturation");
            single(chart, occasion, coded, (&saturation.to_string(), "%"));
        }
        if !grown || dice.chance(150) {
            let height = self.height_at(occasion.age).div_euclid(10);
            single(chart, occasion, ("8302-2", "Body height"), (&height.to_string(), "cm"));
        }
    }

    fn pressure(&self, dice: &mut Dice, chart: &mut Chart, occasion: &Occasion<'_>) {
        let treated = occasion.days / 365;
        // Treatment brings it down by and by.
        let high = if self.has(HYPERTENSION, occasion.at) { (34 - 4 * treated).max(12) } else { 0 };
        let systolic = self.systolic + high + dice.between(-7, 7);
        let diastolic = 48 + systolic / 5 + dice.between(-4, 6);
        let part = |code: &str, text: &str, value: i64| {
            json!({
                "code_system": LOINC, "code": code, "code_text": text,
                "value_decimal": value.to_string(), "unit": "mm[Hg]", "unit_code": "mm[Hg]",
            })
        };
        let mut body = coded(occasion, ("85354-9", "Blood pressure"), "vital-signs");
        body["components"] = json!([
            part("8480-6", "Systolic blood pressure", systolic),
            part("8462-4", "Diastolic blood pressure", diastolic),
        ]);
        chart.add(&OBSERVATIONS, body);
    }

    /// Has blood looked at where a problem asks for it.
    pub(super) fn laboratory(
        &self,
        dice: &mut Dice,
        chart: &mut Chart,
        occasion: &Occasion<'_>,
        whole: bool,
    ) {
        let [sugar, creatinine, cholesterol] = self.laboratory;
        if self.has(DIABETES, occasion.at) {
            let trend = self.drift * occasion.days / 365 * 3;
            let tenths = (sugar + trend + dice.between(-3, 3)).clamp(55, 130);
            let body = lab(occasion, ("4548-4", "HbA1c"), (&tenth(tenths), "%"), ("4.0", "5.6"));
            chart.add(&OBSERVATIONS, body);
            if whole {
                let glucose = (tenths * 29 - 467) / 10 + dice.between(-20, 20);
                let value = glucose.max(70).to_string();
                let coded = ("2339-0", "Glucose");
                chart.add(&OBSERVATIONS, lab(occasion, coded, (&value, "mg/dL"), ("70", "99")));
            }
        }
        if self.has(KIDNEY, occasion.at) {
            let tenths = creatinine + occasion.days / 365 + dice.between(-1, 1);
            let coded = ("2160-0", "Creatinine");
            let value = tenth(tenths);
            chart.add(&OBSERVATIONS, lab(occasion, coded, (&value, "mg/dL"), ("0.6", "1.3")));
        }
        if self.has(LIPIDS, occasion.at) && (whole || dice.chance(300)) {
            let value =
                (cholesterol - 8 * occasion.days / 365 + dice.between(-9, 9)).max(150).to_string();
            let coded = ("2093-3", "Total cholesterol");
            chart.add(&OBSERVATIONS, lab(occasion, coded, (&value, "mg/dL"), ("0", "200")));
        }
        if dice.chance(if whole { 180 } else { 40 }) {
            let tenths = dice.around(112, 158) - if self.is_female { 10 } else { 0 };
            let coded = ("718-7", "Haemoglobin");
            chart.add(&OBSERVATIONS, lab(occasion, coded, (&tenth(tenths), "g/dL"), ("12", "16")));
        }
    }
}

/// `368` as `36.8`.
fn tenth(tenths: i64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn coded(occasion: &Occasion<'_>, (code, text): (&str, &str), category: &str) -> Json {
    json!({
        "encounter_id": occasion.encounter, "status": "final", "category": category,
        "code_system": LOINC, "code": code, "code_text": text,
        "effective_recorded": time(occasion.at),
    })
}

fn single(
    chart: &mut Chart,
    occasion: &Occasion<'_>,
    what: (&str, &str),
    (value, unit): (&str, &str),
) {
    let mut body = coded(occasion, what, "vital-signs");
    body["value_decimal"] = value.into();
    body["unit"] = unit.into();
    body["unit_code"] = unit.into();
    chart.add(&OBSERVATIONS, body);
}

fn lab(
    occasion: &Occasion<'_>,
    what: (&str, &str),
    (value, unit): (&str, &str),
    (low, high): (&str, &str),
) -> Json {
    let mut body = coded(occasion, what, "laboratory");
    body["value_decimal"] = value.into();
    body["unit"] = unit.into();
    body["unit_code"] = unit.into();
    body["range_low"] = low.into();
    body["range_high"] = high.into();
    let number = |text: &str| text.parse::<f64>().unwrap_or_default();
    body["interpretation"] = match number(value) {
        below if below < number(low) => "L".into(),
        above if number(high) < above => "H".into(),
        _ => "N".into(),
    };
    body
}

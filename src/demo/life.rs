//! What happens to somebody: problems that come and stay or pass, visits that follow from them
//! and from age and season, and what is measured, given and done there.

use serde_json::{Value as Json, json};

use super::History;
use super::chart::{Chart, day, time};
use super::dice::Dice;
use super::knowledge::medicines::Medicine;
use super::knowledge::problems::{LASTING, PASSING, Problem, Season};
use super::knowledge::{ALLERGENS, ICD, RXNORM, SNOMED, TREATMENTS};
use super::measures::{Body, Occasion};
use super::people::{DAY, Person, YEAR};
use super::staff::Staff;
use super::vaccinations;
use super::visit::Kind;
use crate::domain::encounters::ENCOUNTERS;
use crate::domain::prescriptions::PRESCRIPTIONS;
use crate::domain::records::{ALLERGIES, CONDITIONS, PROCEDURES};

/// The most visits of one patient, so that no record outgrows its identities.
const VISITS_MAX: i64 = 60;

/// A problem that stays, and since when (days since 1970).
struct Lasting {
    problem: &'static Problem,
    onset: i64,
    /// As a body names it, once it is in the record.
    id: Option<String>,
}

/// A visit as planned.
#[derive(Debug, Clone, Copy)]
struct Visit {
    /// Days since 1970.
    day: i64,
    passing: Option<&'static Problem>,
}

/// The record of `person`, whose first identity is `first`.
pub(super) fn chart(
    person: &Person,
    first: i64,
    staff: &Staff,
    (seed, today, minutes): (u64, i64, i64),
    history: History,
) -> Chart {
    let facility = staff.facility_of(person);
    let mut chart = Chart::open(person, first, facility);
    if history == History::None || person.is_duplicate {
        return chart;
    }
    let mut dice = Dice::new(seed ^ 0x11FE, person.number);
    let end = person.died.map_or(today - 1, |(day, _)| day);
    let mut life = Life {
        lasting: lasting(&mut dice, person, end),
        whole: history == History::Full,
        dice,
        person,
        staff,
        end,
    };
    life.allergies(&mut chart, today);
    let codes = life.lasting.iter().map(|one| (one.problem.code, one.onset)).collect();
    let body = Body::new(&mut life.dice, person.is_female, end - person.born, codes);
    for visit in life.visits() {
        life.visit(&mut chart, &body, visit);
    }
    vaccinations::add(&mut life.dice, &mut chart, person, staff, (end, life.whole), {
        !life.lasting.is_empty()
    });
    life.plan(&mut chart, today);
    life.is_here(&mut chart, &body, today * DAY + 60 * minutes);
    chart
}

/// Problems that stay, each since some day of the ages at which it comes.
fn lasting(dice: &mut Dice, person: &Person, end: i64) -> Vec<Lasting> {
    let age = (end - person.born) / YEAR;
    let mut found = Vec::new();
    for problem in &LASTING {
        if !dice.chance(problem.frequency_at(age, person.is_female)) {
            continue;
        }
        let earliest = person.born + problem.begins_at() * YEAR;
        // Most come in the second half of the years in which they can.
        let onset = dice.between(earliest, end).max(dice.between(earliest, end));
        found.push(Lasting { problem, onset, id: None });
    }
    found
}

struct Life<'a> {
    dice: Dice,
    person: &'a Person,
    staff: &'a Staff,
    lasting: Vec<Lasting>,
    /// All of it, not the short history.
    whole: bool,
    /// The last day, in days since 1970.
    end: i64,
}

impl Life<'_> {
    /// Days on which they come, in order, and what for if it is something that passes.
    fn visits(&mut self) -> Vec<Visit> {
        let (begin, end) = (self.person.registered, self.end);
        let age = (end - self.person.born) / YEAR;
        let each_year: i64 = match age {
            0..=4 => 1_300,
            5..=14 => 350,
            15..=39 => 420,
            40..=64 => 560,
            _ => 900,
        };
        let ill = i64::try_from(self.lasting.len().min(4)).unwrap_or(0);
        let each_year = each_year + 330 * ill;
        let wanted = (end - begin).max(0) * each_year / YEAR;
        let wanted = if self.whole { wanted * 17 / 10 } else { wanted / 2 };
        let more = i64::from(self.dice.chance(wanted.rem_euclid(1_000)));
        let count = (wanted / 1_000 + more).clamp(0, if self.whole { VISITS_MAX } else { 9 });
        let mut visits = vec![self.come(begin.min(end))];
        for _ in 0..count {
            let day = self.dice.between(begin.min(end), end);
            visits.push(self.come(day));
        }
        visits.sort_by_key(|visit| visit.day);
        visits
    }

    fn come(&mut self, day: i64) -> Visit {
        let age = (day - self.person.born) / YEAR;
        let ill = self.lasting.iter().any(|one| one.onset <= day);
        if self.dice.chance(if ill { 550 } else { 250 }) {
            return Visit { day, passing: None };
        }
        let is_female = self.person.is_female;
        let frequencies = PASSING
            .iter()
            .map(|problem| problem.frequency_at(age, is_female) * problem.season.weight_on(day));
        Visit { day, passing: Some(&PASSING[self.dice.weighted(frequencies)]) }
    }

    fn visit(&mut self, chart: &mut Chart, body: &Body, visit: Visit) {
        let kind = Kind::of(&mut self.dice, visit.passing, self.whole);
        let start = kind.start(&mut self.dice, visit.day);
        let last = (self.end + 1) * DAY - 60;
        let stop = (start + kind.length(&mut self.dice)).min(last.max(start));
        // The few who lie in a bed today.
        let stays = kind == Kind::Stay && last - 3 * DAY < stop && self.person.died.is_none();
        let encounter = self.encounter(chart, (kind, visit.passing), (start, stop), stays);
        let mut reason = None;
        for position in 0..self.lasting.len() {
            if self.lasting[position].onset <= visit.day && self.lasting[position].id.is_none() {
                self.diagnose(chart, position, &encounter, start);
            }
        }
        if let Some(problem) = visit.passing {
            reason = Some(self.passes(chart, problem, &encounter, start));
        }
        let occasion = Occasion {
            encounter: &encounter,
            at: start + 600,
            age: (visit.day - self.person.born).max(0),
            days: (visit.day - self.person.registered).max(0),
            has_fever: visit.passing.is_some_and(|it| it.season != Season::Any)
                && self.dice.chance(if self.whole { 600 } else { 300 }),
        };
        body.vitals(&mut self.dice, chart, &occasion, self.whole);
        if visit.passing.is_none() {
            body.laboratory(&mut self.dice, chart, &occasion, self.whole);
        }
        self.treat(chart, &encounter, start, reason);
    }

    fn encounter(
        &mut self,
        chart: &mut Chart,
        (kind, passing): (Kind, Option<&Problem>),
        (start, stop): (i64, i64),
        stays: bool,
    ) -> String {
        let reason = passing.or_else(|| {
            let mut known = self.lasting.iter().filter(|one| one.onset * DAY <= start);
            known.next_back().map(|one| one.problem)
        });
        let place = self.staff.place(kind.class(), &mut self.dice);
        chart.add(
            &ENCOUNTERS,
            json!({
                "class": kind.class(),
                "status": if stays { "in_progress" } else { "finished" },
                "code_text": kind.title(),
                "reason_system": reason.map(|_| ICD),
                "reason_code": reason.map(|it| it.icd),
                "reason_text": reason.map_or("Check-up", |it| it.text),
                "started_recorded": time(start),
                "ended_recorded": (!stays).then(|| time(stop)),
                "location_id": place,
                "discharge_text": (kind == Kind::Stay && !stays).then_some("Home"),
                "participants": [{
                    "practitioner_id": self.staff.practitioner(&mut self.dice),
                    "role_text": "Attending",
                }],
            }),
        )
    }

    /// Writes a lasting problem down, with what is given for it.
    fn diagnose(&mut self, chart: &mut Chart, position: usize, encounter: &str, at: i64) {
        let (problem, onset) = (self.lasting[position].problem, self.lasting[position].onset);
        let id = chart.add(
            &CONDITIONS,
            json!({
                "encounter_id": encounter, "status": "active", "verification": "confirmed",
                "category": "problem-list-item", "code_system": SNOMED, "code": problem.code,
                "code_text": problem.text, "onset_recorded": day(onset),
                "recorded_recorded": time(at + 900),
            }),
        );
        let most = if self.whole { 2 } else { 1 };
        for medicine in problem.medicines.iter().take(most) {
            let status = if self.person.died.is_some() { "completed" } else { "active" };
            self.prescribe(chart, medicine, (encounter, at), (&id, problem.text), status);
        }
        self.lasting[position].id = Some(id);
    }

    /// Writes a problem down that comes and goes.
    fn passes(
        &mut self,
        chart: &mut Chart,
        problem: &'static Problem,
        encounter: &str,
        at: i64,
    ) -> (String, &'static str) {
        let today = at.div_euclid(DAY);
        let onset = (today - self.dice.between(0, 4)).max(self.person.born);
        let abated = today + self.dice.between(3, 21);
        let over = abated <= self.end;
        let id = chart.add(
            &CONDITIONS,
            json!({
                "encounter_id": encounter, "verification": "confirmed",
                "status": if over { "resolved" } else { "active" },
                "category": "encounter-diagnosis", "code_system": SNOMED, "code": problem.code,
                "code_text": problem.text, "onset_recorded": day(onset),
                "abated_recorded": over.then(|| day(abated)),
                "recorded_recorded": time(at + 900),
            }),
        );
        let most = if self.whole { 2 } else { 1 };
        for medicine in problem.medicines.iter().take(most) {
            if self.whole || self.dice.chance(600) {
                let status = if over { "completed" } else { "active" };
                self.prescribe(chart, medicine, (encounter, at), (&id, problem.text), status);
            }
        }
        (id, problem.text)
    }

    fn prescribe(
        &mut self,
        chart: &mut Chart,
        medicine: &Medicine,
        (encounter, at): (&str, i64),
        (condition, reason): (&str, &str),
        status: &str,
    ) {
        let coded = !medicine.code.is_empty();
        chart.add(
            &PRESCRIPTIONS,
            json!({
                "encounter_id": encounter, "status": status, "intent": "order",
                "requester_id": self.staff.practitioner(&mut self.dice),
                "code_system": coded.then_some(RXNORM), "code": coded.then_some(medicine.code),
                "code_text": medicine.text,
                "dose_decimal": medicine.dose, "dose_unit": medicine.unit,
                "route_text": medicine.route, "frequency": medicine.frequency,
                "period_decimal": "1", "period_unit": "d", "as_needed": medicine.as_needed,
                "reason_text": reason, "reason_condition_id": condition,
                "authored_recorded": time(at + 1_200),
            }),
        );
    }

    /// Something done, now and then.
    fn treat(
        &mut self,
        chart: &mut Chart,
        encounter: &str,
        at: i64,
        reason: Option<(String, &str)>,
    ) {
        if !self.dice.chance(if self.whole { 160 } else { 90 }) {
            return;
        }
        let age = (at.div_euclid(DAY) - self.person.born) / YEAR;
        let is_female = self.person.is_female;
        let fits = |it: &super::knowledge::Treatment| {
            let bears = it.text != "Childbirth" && it.text != "Caesarean section" || age < 46;
            it.from <= age && (is_female || !it.women_only) && bears
        };
        let weights = TREATMENTS.iter().map(|it| if fits(it) { it.weight } else { 0 });
        let done = &TREATMENTS[self.dice.weighted(weights)];
        chart.add(
            &PROCEDURES,
            json!({
                "encounter_id": encounter, "status": "completed", "code_system": SNOMED,
                "code": done.code, "code_text": done.text,
                "performed_recorded": time(at + 1_500),
                "performed_end_recorded": time(at + 1_500 + 60 * self.dice.between(5, 40)),
                "reason_condition_id": reason.as_ref().map(|(id, _)| id),
                "reason_text": reason.as_ref().map(|(_, text)| text),
            }),
        );
    }

    fn allergies(&mut self, chart: &mut Chart, today: i64) {
        let count = match self.dice.between(0, 99) {
            0..=2 => 2,
            3..=18 => 1,
            _ => 0,
        };
        chart.no_allergies = count == 0 && self.person.died.is_none() && self.dice.chance(180);
        let mut taken = Vec::new();
        for _ in 0..count {
            let chosen = self.dice.weighted(ALLERGENS.iter().map(|it| it.weight));
            if taken.contains(&chosen) {
                continue;
            }
            taken.push(chosen);
            let allergen = &ALLERGENS[chosen];
            let onset = self.dice.between(self.person.born, self.end.min(today - 1));
            let severity = *self.dice.pick(&["mild", "mild", "moderate", "severe"]);
            let recorded = self.person.registered.max(onset).min(self.end);
            chart.add(
                &ALLERGIES,
                json!({
                    "status": "active", "kind": "allergy", "category": allergen.category,
                    "verification": if self.dice.chance(600) { "confirmed" } else { "unconfirmed" },
                    "criticality": if severity == "severe" { "high" } else { "low" },
                    "code_system": SNOMED, "code": allergen.code, "code_text": allergen.text,
                    "reaction_text": allergen.reaction, "severity": severity,
                    "onset_recorded": &day(onset)[..4],
                    "recorded_recorded": day(recorded),
                }),
            );
        }
    }

    /// The few who came in the last hours before `now` (seconds since 1970) and are still there,
    /// measured on arrival.
    fn is_here(&mut self, chart: &mut Chart, body: &Body, now: i64) {
        if self.person.died.is_some() || !self.dice.chance(12) {
            return;
        }
        let kind = if self.dice.chance(250) { Kind::Emergency } else { Kind::Clinic };
        let start = now - 60 * self.dice.between(15, 180);
        let encounter = self.encounter(chart, (kind, None), (start, start), true);
        let occasion = Occasion {
            encounter: &encounter,
            at: start + 600,
            age: (start.div_euclid(DAY) - self.person.born).max(0),
            days: (start.div_euclid(DAY) - self.person.registered).max(0),
            has_fever: false,
        };
        body.vitals(&mut self.dice, chart, &occasion, true);
    }

    /// A visit ahead, for those who have a reason to come again.
    fn plan(&mut self, chart: &mut Chart, today: i64) {
        let ill = !self.lasting.is_empty();
        if self.person.died.is_some() || !self.dice.chance(if ill { 60 } else { 8 }) {
            return;
        }
        let ahead = today + self.dice.between(0, 60);
        let start = Kind::Clinic.start(&mut self.dice, ahead);
        let reason: Json = self.lasting.first().map_or("Check-up", |one| one.problem.text).into();
        chart.add(
            &ENCOUNTERS,
            json!({
                "class": "ambulatory", "status": "planned", "code_text": "Follow-up",
                "reason_text": reason, "started_recorded": time(start),
                "participants": [{
                    "practitioner_id": self.staff.practitioner(&mut self.dice),
                    "role_text": "Attending",
                }],
            }),
        );
    }
}

//! Who lives in the demo hospital's town: households of a few people who share their address,
//! their phone and often their name.
//!
//! People come in blocks of [`BLOCK`], each thrown by itself, so that blocks can be made in
//! parallel and person number `k` is the same in every hospital of the same seed and day,
//! however many people it has.

use super::dice::Dice;
use super::names::{self, Family, Name, Naming};

/// People who are made together.
pub(super) const BLOCK: u64 = 16;

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;
/// Days of a year, for ages.
pub(super) const YEAR: i64 = 365;
/// Years that the hospital keeps records of.
const YEARS_KEPT: i64 = 9;

/// How exactly a birth date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Day,
    /// An age was asked for, and the year follows from it.
    YearByAge,
    Month,
}

/// Where a household lives.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) line: String,
    pub(super) district: &'static str,
    pub(super) city: &'static str,
    pub(super) postal_code: String,
    pub(super) phone: String,
}

/// Somebody to call.
#[derive(Debug, Clone)]
pub(super) struct Contact {
    pub(super) relationship: &'static str,
    pub(super) name: String,
}

/// Somebody.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// From 0.
    pub(super) number: u64,
    pub(super) is_female: bool,
    /// Days since 1970.
    pub(super) born: i64,
    pub(super) known: Known,
    pub(super) name: Name,
    /// The family's name before marriage.
    pub(super) maiden: Option<String>,
    pub(super) language: &'static str,
    pub(super) home: Home,
    pub(super) contact: Option<Contact>,
    pub(super) marital_status: Option<&'static str>,
    /// Of twins: first or second.
    pub(super) multiple_birth: Option<i64>,
    /// The day of death, in days since 1970, and whether it is known.
    pub(super) died: Option<(i64, bool)>,
    /// The day of the first visit, in days since 1970.
    pub(super) registered: i64,
    /// Registered a second time: without numbers, with a slip.
    pub(super) is_duplicate: bool,
}

/// Towns of nowhere, and what people there live by.
static CITIES: [&str; 12] = [
    "Riverside",
    "Hillview",
    "Newhaven",
    "Eastport",
    "Lakeview",
    "Stonebridge",
    "Palmgrove",
    "Oldmarket",
    "Fairfield",
    "Northgate",
    "Sandpoint",
    "Millbrook",
];
static DISTRICTS: [&str; 8] =
    ["Central", "Harbour", "Station", "University", "Garden", "Old Town", "West", "Airport"];
static STREETS: [&str; 24] = [
    "Market",
    "Church",
    "School",
    "Harbour",
    "Station",
    "Mill",
    "Garden",
    "Hospital",
    "Mission",
    "Railway",
    "Independence",
    "Liberty",
    "Cocoa",
    "Cotton",
    "Acacia",
    "Baobab",
    "Mango",
    "Palm",
    "River",
    "Ridge",
    "Temple",
    "Mosque",
    "Bridge",
    "Well",
];
static LANDMARKS: [&str; 6] = [
    "Behind the central market, blue gate",
    "Opposite the primary school",
    "Third house after the water tower",
    "Next to the filling station",
    "Above the bakery, second floor",
    "By the old railway bridge",
];

/// The people of block `number` in the hospital of `seed` as it is on `today` (days since 1970).
pub(super) fn block(seed: u64, number: u64, today: i64) -> Vec<Person> {
    let mut dice = Dice::new(seed, number);
    let mut people: Vec<Person> = Vec::new();
    let room = usize::try_from(BLOCK).unwrap_or(0);
    while people.len() < room {
        Household::settle(&mut dice, today, &mut people);
    }
    people.truncate(room);
    if dice.chance(60) {
        let last = room - 1;
        let from = usize::try_from(dice.between(0, 9)).unwrap_or(0);
        people[last] = again(&mut dice, &people[from], today);
    }
    for (position, person) in (0..).zip(&mut people) {
        person.number = number * BLOCK + position;
    }
    people
}

/// A household while it is being put together.
struct Household<'a> {
    dice: &'a mut Dice,
    today: i64,
    naming: &'static Naming,
    family: Family,
    home: Home,
}

impl Household<'_> {
    fn settle(dice: &mut Dice, today: i64, people: &mut Vec<Person>) {
        let naming = names::any(dice);
        let family = naming.family(dice);
        let home = home(dice);
        let mut house = Household { dice, today, naming, family, home };
        let kind = house.dice.between(0, 99);
        match kind {
            0..=21 => people.push(house.adult((19, 45), None)),
            22..=35 => people.push(house.adult((58, 94), None)),
            36..=51 => house.couple((24, 88), people),
            52..=83 => {
                house.couple((22, 46), people);
                house.children(people, true);
            }
            84..=92 => {
                let mother = house.adult((19, 46), Some(true));
                people.push(mother);
                house.children(people, false);
            }
            _ => {
                let grandmother = house.adult((56, 90), None);
                people.push(grandmother);
                house.couple((24, 40), people);
                house.children(people, true);
            }
        }
    }

    fn couple(&mut self, ages: (i64, i64), people: &mut Vec<Person>) {
        let mut husband = self.adult(ages, Some(false));
        let mut wife = self.adult(ages, Some(true));
        wife.born = husband.born + self.dice.between(-3 * YEAR, 7 * YEAR);
        wife.born = wife.born.min(self.today - 19 * YEAR);
        self.outlive(&mut wife);
        let born_as = self.naming.family(self.dice);
        let maiden = self.naming.name(self.dice, &born_as, true);
        wife.maiden = (self.dice.chance(250) && maiden.family != wife.name.family)
            .then_some(maiden.family)
            .filter(|family| !family.is_empty());
        husband.contact = Some(Contact { relationship: "wife", name: spoken(&wife.name) });
        wife.contact = Some(Contact { relationship: "husband", name: spoken(&husband.name) });
        (husband.marital_status, wife.marital_status) = (Some("Married"), Some("Married"));
        people.extend([husband, wife]);
    }

    /// Children of whoever came last, and of the man before her.
    fn children(&mut self, people: &mut Vec<Person>, with_father: bool) {
        let Some(mother) = people.last().cloned() else { return };
        let father = people.iter().rev().nth(1).filter(|_| with_father).map(|it| it.name.clone());
        let family = self.naming.family_of_children(&self.family, father.as_ref());
        let mut born = mother.born + self.dice.between(17 * YEAR, 27 * YEAR);
        let wanted = self.dice.between(1, 4);
        for _ in 0..wanted {
            if self.today <= born || mother.died.is_some_and(|(day, _)| day < born) {
                break;
            }
            let twins = self.dice.chance(17);
            for twin in 1..=if twins { 2 } else { 1 } {
                let is_female = self.dice.chance(490);
                let mut child = self.person(&family, is_female, born);
                child.multiple_birth = twins.then_some(twin);
                let name = spoken(&mother.name);
                child.contact = Some(Contact { relationship: "mother", name });
                people.push(child);
            }
            born += self.dice.between(YEAR, 5 * YEAR);
        }
    }

    fn adult(&mut self, (youngest, oldest): (i64, i64), is_female: Option<bool>) -> Person {
        let age = self.dice.between(youngest * YEAR, oldest * YEAR);
        let is_female = is_female.unwrap_or_else(|| self.dice.chance(540));
        let family = self.family.clone();
        let mut person = self.person(&family, is_female, self.today - age);
        let status = ["Single", "Divorced", "Widowed"];
        let old = 60 * YEAR < age;
        person.marital_status = Some(if old { status[2] } else { status[0] });
        person
    }

    fn person(&mut self, family: &Family, is_female: bool, born: i64) -> Person {
        let name = self.naming.name(self.dice, family, is_female);
        let old = 55 * YEAR < self.today - born;
        let known = match self.dice.between(0, 99) {
            0..=1 => Known::Month,
            2..=4 => Known::YearByAge,
            5..=14 if old => Known::YearByAge,
            _ => Known::Day,
        };
        let mut person = Person {
            number: 0,
            is_female,
            born,
            known,
            name,
            maiden: None,
            language: self.naming.language,
            home: self.home.clone(),
            contact: None,
            marital_status: None,
            multiple_birth: None,
            died: None,
            registered: born,
            is_duplicate: false,
        };
        self.outlive(&mut person);
        person
    }

    /// When somebody came for the first time, and whether they have died since.
    fn outlive(&mut self, person: &mut Person) {
        let begin = self.today - YEARS_KEPT * YEAR;
        person.registered = if begin < person.born {
            (person.born + self.dice.between(0, 40)).min(self.today)
        } else {
            self.dice.between(begin, self.today)
        };
        let per_mille = match (self.today - person.born) / YEAR {
            0..=59 => 4,
            60..=74 => 30,
            75..=84 => 110,
            _ => 260,
        };
        person.died = self
            .dice
            .chance(per_mille)
            .then(|| (self.dice.between(person.registered, self.today - 1), self.dice.chance(900)));
        if self.today <= person.registered {
            person.died = None;
        }
    }
}

/// Somebody who was registered before and is again, with a slip of the pen.
fn again(dice: &mut Dice, before: &Person, today: i64) -> Person {
    let mut person = before.clone();
    person.is_duplicate = true;
    person.registered = dice.between(before.registered, today);
    person.died = None;
    person.maiden = None;
    person.contact = None;
    match dice.between(0, 3) {
        0 => person.name.given.iter_mut().take(1).for_each(|name| *name = slip(dice, name)),
        1 => person.name.family = slip(dice, &person.name.family),
        2 => person.known = Known::YearByAge,
        _ => {
            person.name.given.truncate(1);
            person.born = (person.born + dice.between(1, 9)).min(person.registered);
        }
    }
    person
}

/// `name` with two neighbouring letters changed over, or one left out.
fn slip(dice: &mut Dice, name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 4 {
        return name.to_owned();
    }
    let last = i64::try_from(letters.len()).unwrap_or(4) - 2;
    let at = usize::try_from(dice.between(1, last)).unwrap_or(1);
    if dice.chance(500) {
        letters.swap(at, at + 1);
    } else {
        letters.remove(at);
    }
    letters.into_iter().collect()
}

/// A name as it is said.
pub(super) fn spoken(name: &Name) -> String {
    format!("{} {}", name.given.join(" "), name.family).trim().to_owned()
}

fn home(dice: &mut Dice) -> Home {
    let line = if dice.chance(120) {
        (*dice.pick(&LANDMARKS)).to_owned()
    } else {
        let kind = *dice.pick(&["Street", "Road", "Lane", "Avenue", "Close"]);
        format!("{} {} {kind}", dice.between(1, 240), dice.pick(&STREETS))
    };
    Home {
        line,
        district: dice.pick::<&str>(&DISTRICTS),
        city: dice.pick::<&str>(&CITIES),
        postal_code: format!("{:05}", dice.between(10_000, 99_999)),
        phone: phone(dice),
    }
}

/// A number that nobody can have: no country has the code 999.
pub(super) fn phone(dice: &mut Dice) -> String {
    let (first, last) = (dice.between(100, 999), dice.between(0, 9_999));
    format!("+999 {} {first} {last:04}", dice.between(20, 79))
}

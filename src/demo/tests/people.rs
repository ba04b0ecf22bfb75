//! The town is believable: ages, households, scripts, twins, second registrations.

use std::collections::{BTreeMap, BTreeSet};

use super::super::people::{self, BLOCK, Known, Person, YEAR};
use super::*;

/// 2026-11-20 in days since 1970.
const TODAY: i64 = 20_777;

fn town(people: u64) -> Vec<Person> {
    (0..people / BLOCK).flat_map(|block| people::block(1, block, TODAY)).collect()
}

/// So many of a thousand.
fn share(people: &[Person], is: impl Fn(&Person) -> bool) -> usize {
    people.iter().filter(|person| is(person)).count() * 1_000 / people.len()
}

#[test]
fn ages_make_a_pyramid_and_few_are_older_than_ninety() {
    let people = town(16_000);
    let years = |person: &Person| (TODAY - person.born) / YEAR;
    let between = |low: i64, high: i64| share(&people, |it| (low..high).contains(&years(it)));
    let bands = [between(0, 15), between(15, 40), between(40, 65), between(65, 130)];
    assert!((180..380).contains(&bands[0]), "{bands:?}");
    assert!((250..480).contains(&bands[1]), "{bands:?}");
    assert!((130..350).contains(&bands[2]), "{bands:?}");
    assert!((80..250).contains(&bands[3]), "{bands:?}");
    assert!((1..40).contains(&between(90, 130)), "{}", between(90, 130));
    assert!(people.iter().all(|person| (0..100).contains(&years(person))));
    assert!((470..560).contains(&share(&people, |person| person.is_female)));
    assert!((10..80).contains(&share(&people, |person| person.died.is_some())));
    assert!((20..150).contains(&share(&people, |person| person.known == Known::YearByAge)));
}

#[test]
fn names_come_in_many_scripts_and_some_people_have_one_name_only() {
    let people = town(16_000);
    let script = |person: &Person| {
        let letter = person.name.given[0].chars().next().unwrap_or(' ');
        match u32::from(letter) {
            0x0000..0x0370 | 0x1E00..0x1F00 => "Latin",
            0x0370..0x0400 => "Greek",
            0x0400..0x0530 => "Cyrillic",
            0x0590..0x0600 => "Hebrew",
            0x0600..0x0700 => "Arabic",
            0x0900..0x0980 => "Devanagari",
            0x0B80..0x0C00 => "Tamil",
            0x0E00..0x0E80 => "Thai",
            0x10A0..0x1100 => "Georgian",
            0x1200..0x1380 => "Ethiopic",
            0x3000..0xA000 => "Han and Kana",
            0xAC00..0xD7B0 => "Hangul",
            _ => "something else",
        }
    };
    let mut scripts: BTreeMap<&str, usize> = BTreeMap::new();
    for person in &people {
        *scripts.entry(script(person)).or_default() += 1;
        assert_eq!(person.name.latin.is_none(), script(person) == "Latin", "{:?}", person.name);
    }
    assert_eq!(scripts.len(), 12, "{scripts:?}");
    assert!(!scripts.contains_key("something else"), "{scripts:?}");
    assert!((450..700).contains(&share(&people, |person| script(person) == "Latin")));
    assert!((10..60).contains(&share(&people, |person| person.name.family.is_empty())));
    let families: BTreeSet<&str> = people.iter().map(|it| it.name.family.as_str()).collect();
    assert!(1_000 < families.len(), "{}", families.len());
}

#[test]
fn households_share_their_phone_and_twins_their_birthday() {
    let people = town(16_000);
    let mut homes: BTreeMap<&str, Vec<&Person>> = BTreeMap::new();
    for person in people.iter().filter(|person| !person.is_duplicate) {
        homes.entry(&person.home.phone).or_default().push(person);
    }
    let together = homes.values().filter(|home| 1 < home.len()).count();
    assert!(people.len() / 8 < together, "{together}");
    let twins: Vec<&Person> = people.iter().filter(|it| it.multiple_birth == Some(2)).collect();
    assert!((10..200).contains(&twins.len()), "{}", twins.len());
    for twin in twins.into_iter().filter(|twin| !twin.is_duplicate) {
        let home = &homes[twin.home.phone.as_str()];
        let other = home.iter().find(|it| it.multiple_birth == Some(1) && it.born == twin.born);
        assert!(other.is_some(), "{twin:?}");
    }
    let again = share(&people, |person| person.is_duplicate);
    assert!((1..10).contains(&again), "{again}");
}

#[test]
fn nobody_can_be_called_by_a_number_of_theirs() {
    let desk = hospital(&order(300, History::None));
    let numbers = "SELECT count(*) FROM patient_telecom WHERE system = 'phone'";
    assert!(200 < number(&desk, numbers));
    let real = format!("{numbers} AND value NOT LIKE '+999 %'");
    assert_eq!(number(&desk, &real), 0);
    let mail = "SELECT count(*) FROM patient_telecom WHERE system = 'email' \
        AND value NOT LIKE '%@example.org'";
    assert_eq!(number(&desk, mail), 0);
}

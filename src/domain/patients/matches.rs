//! Who may be the same person: candidates from the directory, scored with reasons in words.
//!
//! The score adds what agrees and takes away what contradicts, after Fellegi and Sunter's
//! idea of weights for agreement and disagreement; the weights are ours, set so that the
//! same name with the same birth date is at least 90 and the same name alone at most 60.

use std::collections::BTreeMap;

use super::directory::Directory;
use super::rules::name_key;
use crate::platform::resource::list;
use crate::platform::search::SearchError;
use crate::store::{ReadTx, StoreError};

/// Candidates looked at.
const CANDIDATES: usize = 60;
/// Characters of what is typed to find who may be the same.
pub const TYPED_MAX: usize = 200;
/// Matches shown.
pub const SHOWN: usize = 8;
/// The reason that is told only of those whose record may be seen.
pub(super) const SAME_PHONE: &str = "same phone";
/// Below this a match is noise.
const SCORE_MIN: i32 = 40;

/// What is known of the person at the desk.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Family name.
    pub family: String,
    /// Given names.
    pub given: String,
    /// ISO date, maybe reduced.
    pub birth_date: String,
    /// One of the words for sex.
    pub sex: String,
    /// Phone as written.
    pub phone: String,
}

/// A patient who may be that person.
#[derive(Debug, Clone)]
pub struct Match {
    /// The patient.
    pub id: i64,
    /// 0 to 100.
    pub score: i32,
    /// Why, in words.
    pub reasons: Vec<&'static str>,
}

/// The identities of patients worth comparing with `person`.
///
/// # Errors
/// The index cannot be read.
pub fn candidates(directory: &Directory, person: &Person) -> Result<Vec<i64>, SearchError> {
    let names = format!("{} {}", person.given, person.family);
    let dated = format!("{} {}", person.family, person.birth_date);
    let dated_given = format!("{} {}", person.given, person.birth_date);
    let mut texts = vec![names];
    if !person.birth_date.is_empty() {
        texts.extend([dated, dated_given]);
    }
    if 6 <= person.phone.chars().filter(char::is_ascii_digit).count() {
        texts.push(person.phone.clone());
    }
    let mut found = Vec::new();
    for text in texts.iter().filter(|text| 2 < text.trim().chars().count()) {
        match directory.query(text, CANDIDATES) {
            Ok(answer) => found.extend(answer.hits.into_iter().map(|hit| hit.id)),
            // Too long a name finds nobody by this way; the others still may.
            Err(SearchError::TooLong { .. } | SearchError::TooManyWords { .. }) => {}
            Err(cause) => return Err(cause),
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Compares `person` with the patients `ids`; the best first.
///
/// # Errors
/// What the store says.
pub fn compare(tx: &ReadTx<'_>, person: &Person, ids: &[i64]) -> Result<Vec<Match>, StoreError> {
    let mut best: BTreeMap<i64, Match> = BTreeMap::new();
    for &id in ids {
        let sql = "SELECT patient_name.family, patient_name.given, birth_date, sex, phone \
            FROM patient JOIN patient_name ON patient_name.patient_id = patient.id WHERE id = ?1";
        let known = tx.all(sql, &[id.into()], |row| {
            Ok(Person {
                family: row.get(0)?,
                given: list::readable(&row.get::<String>(1)?),
                birth_date: row.get::<Option<String>>(2)?.unwrap_or_default(),
                sex: row.get(3)?,
                phone: row.get::<Option<String>>(4)?.unwrap_or_default(),
            })
        })?;
        for other in &known {
            let (score, reasons) = score(person, other);
            let better = best.get(&id).is_none_or(|known| known.score < score);
            if SCORE_MIN <= score && better {
                best.insert(id, Match { id, score, reasons });
            }
        }
    }
    let mut found: Vec<Match> = best.into_values().collect();
    found.sort_by_key(|found| (-found.score, found.id));
    found.truncate(SHOWN);
    Ok(found)
}

fn score(person: &Person, other: &Person) -> (i32, Vec<&'static str>) {
    let mut score = 0;
    let mut reasons = Vec::new();
    let mut add = |points: i32, reason: &'static str| {
        score += points;
        reasons.push(reason);
    };
    match likeness(&name_key(&person.family, &person.given), &name_key(&other.family, &other.given))
    {
        1.0 => add(60, "same name"),
        alike if 0.92 <= alike => add(50, "almost the same name"),
        alike if 0.84 <= alike => add(35, "similar name"),
        _ if same_words(person, other) => add(50, "same name in another order"),
        _ => {}
    }
    match (person.birth_date.as_str(), other.birth_date.as_str()) {
        ("", _) | (_, "") => {}
        (ours, theirs) if ours == theirs => add(35, "same birth date"),
        (ours, theirs) if day_and_month_swapped(ours, theirs) => add(25, "day and month swapped"),
        (ours, theirs) if ours.starts_with(theirs) || theirs.starts_with(ours) => {
            add(20, "birth date fits");
        }
        (ours, theirs) if differing(ours, theirs) == 1 => {
            add(15, "birth date differs in one digit")
        }
        (ours, theirs) if ours.get(..4) == theirs.get(..4) => add(5, "same year of birth"),
        _ => score -= 25,
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (ours, theirs) = (digits(&person.phone), digits(&other.phone));
    if 6 <= ours.len() && 6 <= theirs.len() && (ours.ends_with(&theirs) || theirs.ends_with(&ours))
    {
        score += 15;
        reasons.push(SAME_PHONE);
    }
    let told = |sex: &str| matches!(sex, "female" | "male");
    if told(&person.sex) && told(&other.sex) {
        if person.sex == other.sex {
            score += 5;
        } else {
            score -= 10;
            reasons.push("other sex");
        }
    }
    (score.clamp(0, 100), reasons)
}

/// Jaro–Winkler likeness of two keys, 0 to 1.
fn likeness(ours: &str, theirs: &str) -> f64 {
    if ours == theirs { 1.0 } else { strsim::jaro_winkler(ours, theirs).min(0.999) }
}

fn same_words(person: &Person, other: &Person) -> bool {
    let words = |it: &Person| {
        let key = name_key(&it.family, &it.given);
        let mut words: Vec<String> =
            key.split([',', ' ', '-']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        words.sort();
        words
    };
    words(person) == words(other)
}

fn day_and_month_swapped(ours: &str, theirs: &str) -> bool {
    let parts = |text: &str| {
        let mut parts = text.split('-').map(str::to_owned);
        Some((parts.next()?, parts.next()?, parts.next()?))
    };
    match (parts(ours), parts(theirs)) {
        (Some((year, month, day)), Some((other_year, other_month, other_day))) => {
            year == other_year && month == other_day && day == other_month
        }
        _ => false,
    }
}

fn differing(ours: &str, theirs: &str) -> usize {
    if ours.len() != theirs.len() {
        return usize::MAX;
    }
    ours.bytes().zip(theirs.bytes()).filter(|(left, right)| left != right).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(family: &str, given: &str, birth_date: &str) -> Person {
        Person {
            family: family.to_owned(),
            given: given.to_owned(),
            birth_date: birth_date.to_owned(),
            ..Person::default()
        }
    }

    #[test]
    fn the_same_person_scores_high_and_a_namesake_does_not() {
        let amina = person("Diallo", "Amina", "1990-02-03");
        let scored = |other: &Person| score(&amina, other).0;
        assert!(90 <= scored(&amina));
        assert!(80 <= scored(&person("DIALLO", "Aminá", "1990-03-02")));
        assert!(80 <= scored(&person("Amina", "Diallo", "1990-02-03")));
        assert!(70 <= scored(&person("Dialo", "Amina", "1990-02-03")));
        assert!(scored(&person("Diallo", "Amina", "1955-11-20")) < 40);
        assert!(scored(&person("Okafor", "Chinwe", "1990-02-03")) < 40);
    }
}

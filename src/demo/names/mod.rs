//! Names of people of many scripts and cultures, written for this program from what such names
//! are like. Nobody in particular is meant.

mod latin;
mod scripts;

use std::sync::LazyLock;

use super::dice::Dice;

/// How names go in a culture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A name of the family and one's own.
    Plain,
    /// The same; many families have a name of two parts, such as `Ashford`.
    Compound,
    /// The names of the father's and the mother's family.
    TwoFamilies,
    /// One name and no other.
    Mononym,
    /// One's own name and that of one's father.
    FathersName,
}

/// Names as they are written down here; see [`latin`] and [`scripts`].
struct Culture {
    /// People out of all weights together.
    weight: i64,
    language: &'static str,
    shape: Shape,
    families: &'static str,
    female: &'static str,
    male: &'static str,
}

/// One name in its own script and in Latin letters.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    own: String,
    latin: String,
}

/// A family's name, as men and as women bear it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Family {
    male: Word,
    female: Word,
}

/// A culture, taken apart.
pub(super) struct Naming {
    weight: i64,
    /// What people of it speak.
    pub(super) language: &'static str,
    shape: Shape,
    families: Vec<Family>,
    female: Vec<Word>,
    male: Vec<Word>,
}

/// A whole name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// Empty for people with one name.
    pub(super) family: String,
    /// In order.
    pub(super) given: Vec<String>,
    /// Family and given in Latin letters, if the name is written in others.
    pub(super) latin: Option<(String, Vec<String>)>,
}

static NAMINGS: LazyLock<Vec<Naming>> = LazyLock::new(|| {
    let all = latin::LATIN.iter().chain(scripts::SCRIPTS.iter());
    all.map(Naming::of).collect()
});

/// Surnames of two parts, of which there are many more than any list holds.
static HEADS: [&str; 24] = [
    "Ash", "Black", "Brad", "Burn", "Cran", "Dal", "East", "Fair", "Green", "Hart", "Holl",
    "Kings", "Lang", "Mar", "North", "Oak", "Pen", "Red", "Shel", "Stan", "Thorn", "Wake", "West",
    "Whit",
];
static TAILS: [&str; 20] = [
    "bourne", "bridge", "bury", "by", "combe", "den", "field", "ford", "gate", "ham", "hurst",
    "ley", "low", "man", "more", "stead", "ton", "well", "wick", "wood",
];

/// The naming of some household.
pub(super) fn any(dice: &mut Dice) -> &'static Naming {
    &NAMINGS[dice.weighted(NAMINGS.iter().map(|naming| naming.weight))]
}

/// `own=latin`, or `own` alone; `_` is a blank.
fn words(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split_whitespace().map(|word| {
        let (own, latin) = word.split_once('=').unwrap_or((word, word));
        (own.replace('_', " "), latin.replace('_', " "))
    })
}

fn form(text: &str, female: bool) -> String {
    let (male, other) = text.split_once('/').unwrap_or((text, text));
    if female { other } else { male }.to_owned()
}

impl Naming {
    fn of(culture: &Culture) -> Self {
        let given = |text| words(text).map(|(own, latin)| Word { own, latin }).collect();
        let families = words(culture.families).map(|(own, latin)| {
            let word = |female| Word { own: form(&own, female), latin: form(&latin, female) };
            Family { male: word(false), female: word(true) }
        });
        Self {
            weight: culture.weight,
            language: culture.language,
            shape: culture.shape,
            families: families.collect(),
            female: given(culture.female),
            male: given(culture.male),
        }
    }

    /// The family name of some household. Where sons and daughters bear their father's name, it
    /// is some man's.
    pub(super) fn family(&self, dice: &mut Dice) -> Family {
        let one = |word: Word| Family { male: word.clone(), female: word };
        match self.shape {
            Shape::Mononym => one(Word { own: String::new(), latin: String::new() }),
            Shape::FathersName => one(dice.pick(&self.male).clone()),
            Shape::TwoFamilies => {
                let (first, second) = (dice.pick(&self.families), dice.pick(&self.families));
                let both = |first: &Word, second: &Word| Word {
                    own: format!("{} {}", first.own, second.own),
                    latin: format!("{} {}", first.latin, second.latin),
                };
                one(both(&first.male, &second.male))
            }
            Shape::Compound if dice.chance(700) => {
                let own = format!("{}{}", dice.pick(&HEADS), dice.pick(&TAILS));
                one(Word { latin: own.clone(), own })
            }
            Shape::Plain | Shape::Compound => dice.pick(&self.families).clone(),
        }
    }

    /// The family name of the children of `father`, who is of the household's `family`.
    pub(super) fn family_of_children(&self, family: &Family, father: Option<&Name>) -> Family {
        match (self.shape, father) {
            (Shape::FathersName, Some(father)) => {
                let latin = father.latin.as_ref().map_or(&father.given, |(_, given)| given);
                let first = |names: &[String]| names.first().cloned().unwrap_or_default();
                let word = Word { own: first(&father.given), latin: first(latin) };
                Family { male: word.clone(), female: word }
            }
            _ => family.clone(),
        }
    }

    /// The name of somebody of `family`.
    pub(super) fn name(&self, dice: &mut Dice, family: &Family, is_female: bool) -> Name {
        let list = if is_female { &self.female } else { &self.male };
        let mut given = vec![dice.pick(list)];
        let several = !matches!(self.shape, Shape::Mononym | Shape::FathersName);
        if several && dice.chance(300) && self.latin_only() {
            let second = dice.pick(list);
            if given[0] != second {
                given.push(second);
            }
        }
        let family = if is_female { &family.female } else { &family.male };
        let latin = (!self.latin_only())
            .then(|| (family.latin.clone(), given.iter().map(|word| word.latin.clone()).collect()));
        let own = given.iter().map(|word| word.own.clone()).collect();
        Name { family: family.own.clone(), given: own, latin }
    }

    fn latin_only(&self) -> bool {
        self.female.iter().all(|word| word.own == word.latin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_culture_has_names_for_men_and_women_and_each_script_its_latin_spelling() {
        for naming in NAMINGS.iter() {
            assert!(5 <= naming.female.len() && 5 <= naming.male.len(), "{}", naming.language);
            let named = matches!(naming.shape, Shape::Mononym | Shape::FathersName);
            assert_eq!(naming.families.is_empty(), named, "{}", naming.language);
            let families = naming.families.iter().flat_map(|family| [&family.male, &family.female]);
            for word in naming.female.iter().chain(&naming.male).chain(families) {
                let plain = |text: &str| !text.is_empty() && !text.contains(['=', '/', '_']);
                assert!(plain(&word.own) && plain(&word.latin), "{word:?}");
                let latin = word.latin.chars().all(|letter| (letter as u32) < 0x2000);
                assert!(latin, "{word:?}");
                let own = word.own.is_ascii();
                assert!(naming.latin_only() || !own, "{word:?}");
            }
        }
    }

    #[test]
    fn women_and_men_of_a_family_bear_its_forms_and_children_their_fathers_name() {
        let find = |language: &str| NAMINGS.iter().find(|it| it.language == language).unwrap();
        let (russian, amharic) = (find("Russian"), find("Amharic"));
        let mut dice = Dice::new(3, 3);
        let family = russian.families[0].clone();
        assert_eq!(russian.name(&mut dice, &family, true).family, "Кузнецова");
        assert_eq!(russian.name(&mut dice, &family, false).latin.unwrap().0, "Kuznetsov");
        let household = amharic.family(&mut dice);
        let father = amharic.name(&mut dice, &household, false);
        let children = amharic.family_of_children(&household, Some(&father));
        assert_eq!(amharic.name(&mut dice, &children, true).family, father.given[0]);
        let indonesian = find("Indonesian");
        let nobody = indonesian.family(&mut dice);
        assert_eq!(indonesian.name(&mut dice, &nobody, true).family, "");
    }
}

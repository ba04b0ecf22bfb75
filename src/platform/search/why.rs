//! By which of its names a card was found, when the first of them does not say so.

use super::keys::Keys;
use super::overlay;
use super::query::Plan;
use super::{Card, SearchError};

/// For each card that `text` finds: the place of the name without which it would be found
/// less well or not at all, where that is not the first one, which everybody sees. `None`
/// also for a card that `text` does not find.
///
/// # Errors
/// [`SearchError::TooLong`] and [`SearchError::TooManyWords`].
pub fn telling_names(text: &str, cards: &[Card]) -> Result<Vec<Option<usize>>, SearchError> {
    let plan = Plan::read(text)?;
    Ok(cards.iter().map(|card| telling_name(&plan, card)).collect())
}

fn telling_name(plan: &Plan, card: &Card) -> Option<usize> {
    if card.names.len() < 2 {
        return None;
    }
    let with = |names: Vec<String>| {
        let some = Card { names, ..card.clone() };
        overlay::cost(&Keys::of(&some), plan)
    };
    let whole = with(card.names.clone())?;
    let first = &card.names[0];
    if with(vec![first.clone()]) == Some(whole) {
        return None;
    }
    let tells = |other: &&String| with(vec![first.clone(), (*other).clone()]) == Some(whole);
    let place = card.names.iter().skip(1).position(|other| tells(&other))?;
    Some(place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<usize> {
        let card = Card {
            id: 1,
            names: ["Ama Osei", "Ama Mensah", "Abena Osei"].map(str::to_owned).to_vec(),
            identifiers: vec!["MRN-0000007".to_owned()],
            birth_date: Some("1990-01-02".to_owned()),
            ..Card::default()
        };
        telling_names(text, &[card]).unwrap()[0]
    }

    #[test]
    fn a_name_that_is_not_shown_is_told_and_one_that_is_shown_is_not() {
        assert_eq!(told("mensah"), Some(1));
        assert_eq!(told("ama mens"), Some(1));
        assert_eq!(told("abena osei 1990"), Some(2));
        for shown in ["osei", "ama osei", "MRN-0000007", "0007", "1990", "osie"] {
            assert_eq!(told(shown), None, "{shown}");
        }
        assert_eq!(told("nobody"), None);
    }

    #[test]
    fn a_former_name_in_another_spelling_is_told_too() {
        assert_eq!(told("mensha"), Some(1));
    }
}

//! What comes first.

use super::super::{Card, Search};
use super::{everywhere, found, named};

#[test]
fn the_exact_one_is_first_and_errors_come_last() {
    let cards = [
        Card { identifiers: vec!["moreau".into()], ..named(1, "Zz Xx") },
        named(2, "Moreau"),
        named(3, "Ana Moreau"),
        named(5, "Ana Moreauville"),
        named(6, "Ana Moro"),
        named(7, "Ana Boreau"),
    ];
    for (place, search) in everywhere(&cards) {
        assert_eq!(found(&search, "moreau"), [1, 2, 3, 5, 6, 7], "{place}");
    }
}

#[test]
fn a_whole_name_comes_before_a_longer_one_and_a_short_one_before_a_long_one() {
    let cards = [
        named(1, "Bekele Moreau Lefebvre"),
        named(2, "Moreau Bekele"),
        named(3, "Bekele Moreaux"),
        named(4, "Bekele Moreauville Lefebvre"),
        named(5, "Bekele Moreauville"),
    ];
    for (place, search) in everywhere(&cards) {
        assert_eq!(found(&search, "bekele moreau"), [2, 1, 3, 5, 4], "{place}");
        assert_eq!(found(&search, "bek more"), [2, 3, 5, 1, 4], "{place}");
    }
}

#[test]
fn one_mistyped_word_puts_a_card_behind_all_others() {
    let cards = [
        Card { birth_date: Some("1963-05-10".into()), ..named(1, "Bekele Noreau") },
        Card { birth_date: Some("1963".into()), ..named(2, "Bekeleson Moreauville") },
    ];
    for (place, search) in everywhere(&cards) {
        assert_eq!(found(&search, "bekele moreau 10.5.1963"), [2, 1], "{place}");
    }
}

#[test]
fn an_exact_identifier_comes_before_years_phones_and_parts() {
    let cards = [
        Card { birth_date: Some("1963".into()), ..named(1, "Amina") },
        Card { phones: vec!["555 1963".into()], ..named(2, "Bintu") },
        Card { identifiers: vec!["19630".into()], ..named(3, "Chidi") },
        Card { identifiers: vec!["HF-001963".into()], ..named(4, "Dede") },
    ];
    for (place, search) in everywhere(&cards) {
        let order = found(&search, "1963");
        assert_eq!((order[0], order.len()), (4, 4), "{place} {order:?}");
    }
}

#[test]
fn its_own_script_comes_before_a_transcription() {
    for (place, search) in everywhere(&[named(1, "Wang Ming"), named(2, "王明"), named(3, "汪明")])
    {
        assert_eq!(found(&search, "王")[0], 2, "{place}");
        assert_eq!(found(&search, "wang")[0], 1, "{place}");
    }
}

#[test]
fn equal_cards_are_in_order_of_their_ids_wherever_they_are() {
    let search = Search::in_memory();
    for (seq, id) in [(1, 30), (2, 10), (3, 20)] {
        search.put(named(id, "Amina Osei"), seq);
        search.commit(seq).unwrap();
    }
    search.put(named(15, "Amina Osei"), 4);
    search.put(named(10, "Amina Osei"), 5);
    assert_eq!(found(&search, "amina osei"), [10, 15, 20, 30]);
}

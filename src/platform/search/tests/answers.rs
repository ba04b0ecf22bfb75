//! Which text finds which card, and why.

use proptest::prelude::*;

use super::super::{Card, Matched, Search, SearchError};
use super::{NOBODY, bekele, everywhere, found, ids, named};

/// Asks each text of the card and somebody quite different, in all places.
fn check(card: &Card, finds: &[&str], does_not_find: &[&str]) {
    let other = Card { id: 99, identifiers: vec!["QX-77".into()], ..named(99, "Zz Yy") };
    for (place, search) in everywhere(&[card.clone(), other]) {
        for text in finds {
            assert_eq!(found(&search, text), [card.id], "{text:?} {place} {:?}", card.names);
        }
        for text in does_not_find {
            assert_eq!(found(&search, text), NOBODY, "{text:?} {place} {:?}", card.names);
        }
    }
}

#[test]
fn words_in_any_order_each_must_match() {
    let finds = [
        "bekele",
        "BEKELE",
        "bek",
        "b",
        "mor bek",
        "moreau bekele",
        "Moreau, Bekele",
        "bek 1963",
        "1963 mor 12345",
        "  bekele  ",
        "bekele-moreau",
        "alcantar",
        "Alcántar",
        "alc 10.5.1963",
    ];
    let not = ["bekele zzz", "mor 1964", "moreau 999999", "reau b"];
    check(&bekele(), &finds, &not);
}

#[test]
fn identifiers_with_or_without_punctuation_zeros_and_parts() {
    let finds = [
        "HF-0001234-5",
        "hf00012345",
        "HF 0001234 5",
        "hf-00012345",
        "HF12345",
        "00012345",
        "12345",
        "0000012345",
        "hf-0001",
        "HF0001234",
        "1234",
        "2345",
        "999-12-3456",
        "999123456",
        "999 12 3456",
        "9991",
        "3456",
        "hf-0001234-5 bek",
    ];
    check(&bekele(), &finds, &["hf1", "345", "HG-0001234-5", "999-12-3457", "00012346"]);
    let uuid = Card {
        identifiers: vec!["550e8400-e29b-41d4-a716-446655440000".into()],
        ..named(1, "Amina Osei")
    };
    let finds = [
        "550e8400-e29b-41d4-a716-446655440000",
        "550e8400e29b41d4a716446655440000",
        "550e8400",
        "550e8400-e29b",
        "550e8400-e29b-41",
        "446655440000",
        "a716-446655440000",
    ];
    check(&uuid, &finds, &["550f8400", "550e8400-e29c"]);
}

#[test]
fn phones_by_their_last_digits() {
    let finds = [
        "+251 911 234567",
        "+251911234567",
        "0911234567",
        "0911 234 567",
        "911-234-567",
        "00251911234567",
        "4567",
        "234 567",
        "bek 234567",
        "(0911) 23-45-67",
    ];
    check(&bekele(), &finds, &["567", "911234568", "+251 911 234568", "0912234567"]);
}

#[test]
fn birth_dates_in_the_usual_spellings() {
    let finds = [
        "1963-05-10",
        "10.5.1963",
        "10/05/1963",
        "5/10/1963",
        "10051963",
        "19630510",
        "10 May 1963",
        "10-May-63",
        "May 10, 1963",
        "1963",
        "May 1963",
        "05/1963",
        "1963-05",
        "moreau 10 may 1963 bekele",
        "bek 10.05.1963",
    ];
    check(&bekele(), &finds, &["1964", "11.5.1963", "June 1963", "10-Jun-63", "1963-05-11"]);
    let year_only = Card { birth_date: Some("1963".into()), ..named(1, "Amina Osei") };
    check(&year_only, &["1963", "amina 10 May 1963", "05/1963"], &["1964", "10.5.1964"]);
}

#[test]
fn letters_in_every_spelling_and_script() {
    for (name, finds, not) in [
        (
            "Мария Иванова",
            &["мария", "МАРИЯ", "мар", "maria", "mariya", "ivanova"][..],
            &["петр"][..],
        ),
        ("Maria Ivanova", &["Мария", "мария иванова", "иван"], &["ольга"]),
        ("Jürg Müller", &["muller", "mueller", "Müller", "MÜLLER", "müll", "juerg"], &["mayer"]),
        ("Hans Mueller", &["müller", "Mueller"], &[]),
        ("Søren Ångström", &["soren", "soeren", "angstrom", "Ångs", "aangstroem"], &[]),
        ("Shaun O'Kon", &["okon", "o kon", "o'kon", "O’Kon", "OKON", "kon", "o'k"], &["akon x"]),
        ("Shaun Okon", &["o'kon", "okon"], &[]),
        ("Ana Moreau-Lefebvre", &["moreau", "lefebvre", "moreau-lefebvre", "lef mor"], &["ma le"]),
        ("Ana Moreaulefebvre", &["moreau-lefebvre"], &[]),
        ("Juan de la Cruz", &["cruz", "de la cruz", "delacruz", "la cruz juan", "dela"], &["dc"]),
        ("Juan Delacruz", &["de la cruz", "delacruz juan"], &[]),
        ("王小明", &["王", "王小", "王小明", "小明", "wang", "xiaoming", "wang xiaoming"], &["李"]),
        ("山田 太郎", &["山田", "山", "太郎", "山田太郎", "太郎 山田"], &["田中"]),
        ("김철수", &["김", "김철", "김철수", "철수", "gim"], &["박"]),
        ("やまだ たろう", &["やま", "yamada", "たろう"], &["すずき"]),
        ("محمد الحاج", &["محمد", "مُحَمَّد", "الحاج", "حاج", "mhmd"], &["علي"]),
        ("Γιώργος Παππάς", &["γιωργος", "ΓΙΏΡΓΟΣ", "παππασ", "giorgos", "pappas"], &["νικος"]),
        ("Ｍａｒｉａ Ｏｓｅｉ", &["maria", "osei", "Ｍａｒ"], &[]),
        ("मारिया शर्मा", &["मारिया", "शर्मा", "mariya"], &["राम"]),
        ("דוד כהן", &["דוד", "כהן", "דָּוִד"], &["משה"]),
        ("Nguyễn Thị Ánh", &["nguyen", "Nguyễn", "thi anh", "anh nguyen"], &["tran"]),
        ("İbrahim Işık", &["ibrahim", "isik", "IŞIK", "ışık"], &[]),
        ("Łukasz Wałęsa", &["lukasz", "walesa", "Wałęsa"], &[]),
        ("Kaʻiulani Oʻgʻli", &["kaiulani", "ka'iulani", "ogli"], &[]),
    ] {
        check(&named(1, name), finds, not);
    }
}

#[test]
fn typing_errors_and_sounds_are_forgiven() {
    for (name, finds, not) in [
        (
            "Bekele Moreau",
            &["morau", "moreua", "morreau", "noreau", "bekelle", "moro"][..],
            &["mxrxau"][..],
        ),
        (
            "Christopher Osei",
            &["cristofer", "christohper", "kristopher", "chirstophre"],
            &["chr osai x"],
        ),
        ("Stephen Catherine", &["steven", "kathryn", "stephan katherine"], &[]),
        ("Philip Schmidt", &["filip", "schmitt", "shmidt", "phillip"], &[]),
        ("Ann Lee", &["leigh"], &["bnn"]),
    ] {
        check(&named(1, name), finds, not);
    }
}

#[test]
fn an_answer_says_why() {
    for (place, search) in everywhere(&[bekele()]) {
        for (text, reasons) in [
            ("bekele", &[Matched::Name][..]),
            ("bek", &[Matched::Name]),
            ("HF-0001234-5", &[Matched::Identifier]),
            ("3456", &[Matched::Identifier]),
            ("234567", &[Matched::Phone]),
            ("1963", &[Matched::BirthDate]),
            ("10 may 1963", &[Matched::BirthDate]),
            ("moro", &[Matched::SoundsLike]),
            ("nekele", &[Matched::Fuzzy]),
            ("mor 1963 12345", &[Matched::Name, Matched::Identifier, Matched::BirthDate]),
            ("bekele nekele", &[Matched::Name, Matched::Fuzzy]),
        ] {
            let answer = search.query(text, 5).unwrap();
            assert_eq!(answer.hits[0].matched, reasons, "{text} {place}");
            assert!((0.0..=1.0).contains(&answer.hits[0].score));
        }
    }
}

#[test]
fn text_is_bounded_and_never_a_query_language() {
    let search = Search::in_memory();
    search.put(bekele(), 1);
    search.commit(1).unwrap();
    let long = search.query(&"x".repeat(201), 5).unwrap_err();
    assert_eq!(long, SearchError::TooLong { max: 200 });
    let many = search.query(&"x ".repeat(13), 5).unwrap_err();
    assert_eq!(many, SearchError::TooManyWords { max: 12 });
    for text in ["", " ", "*", "\"", "()", "\0", "\u{202E}", "🙂", "%", "';--"] {
        assert_eq!(found(&search, text), NOBODY, "{text:?}");
    }
    for text in ["*:*", "id:1", "bekele OR zzz", "words:bekele", "[a TO z]", "NOT zzz", "b.*"] {
        let _ = search.query(text, 5).unwrap();
    }
    assert_eq!(found(&search, "bekele OR zzz"), NOBODY);
    assert_eq!(found(&search, "+bekele -moreau"), [1], "signs are no operators");
    assert_eq!(found(&search, "\"bekele\" (moreau)^2"), NOBODY, "the 2 is a word");
}

#[test]
fn an_answer_says_whether_there_is_more() {
    let cards = (1..=30).map(|id| named(id, "Amina Osei")).collect::<Vec<_>>();
    for (place, search) in everywhere(&cards) {
        let answer = search.query("amina", 10).unwrap();
        assert_eq!((ids(&answer), answer.more), ((1..=10).collect(), true), "{place}");
        let answer = search.query("amina", 30).unwrap();
        assert_eq!((answer.hits.len(), answer.more), (30, false), "{place}");
        assert_eq!(search.query("amina", 0).unwrap().hits.len(), 1, "{place}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The overlay and the index give the same answer, down to the scores.
    #[test]
    fn a_commit_changes_no_answer(
        names in prop::collection::vec("[a-d]{1,9}( |-|')[a-dé王小]{1,5}", 1..12),
        numbers in prop::collection::vec("[0-3]{3,9}", 1..12),
        texts in prop::collection::vec("[a-dé王小0-3]{1,9}( [a-d0-3]{1,5})?", 12),
    ) {
        let search = Search::in_memory();
        for (nth, (name, number)) in names.iter().zip(numbers.iter().cycle()).enumerate() {
            let card = Card {
                identifiers: vec![number.clone()],
                phones: vec![number.chars().rev().collect()],
                birth_date: Some(format!("200{}-0{}-11", nth % 4, 1 + nth % 3)),
                ..named(i64::try_from(nth).unwrap(), name)
            };
            search.put(card, 1);
        }
        let ask = |text: &String| search.query(text, 5).unwrap();
        let before = texts.iter().map(ask).collect::<Vec<_>>();
        search.commit(1).unwrap();
        for (text, before) in texts.iter().zip(before) {
            prop_assert_eq!(ask(text), before, "{} in {:?} {:?}", text, names, numbers);
        }
    }

    #[test]
    fn any_card_is_found_by_its_whole_name(name in "\\PC{1,40}") {
        let search = Search::in_memory();
        search.put(named(7, &name), 1);
        if let Ok(answer) = search.query(&name, 5) {
            let words = super::super::words::pieces(&name, 100).len();
            prop_assert_eq!(answer.hits.len(), usize::from(0 < words), "{:?}", name);
        }
    }
}

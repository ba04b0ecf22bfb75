//! Tables in which something is broken: no row is lost with another.

use super::*;

/// The ids of the rows and the lines of the rejects, with their reasons.
fn ids(text: &str) -> (Vec<String>, Vec<(Option<u64>, String)>) {
    let (patients, rejects) = read_plain(text);
    (patients.into_iter().map(|(_, it)| it.source_id).collect(), rejects)
}

#[test]
fn a_quote_that_is_not_closed_takes_no_other_row_along() {
    let table = "id,family,given,dob\n901,A,B,1980-01-01\n902,\"Open,Quote,1980-01-01\n\
        903,C,D,1981-01-01\n904,E,F,1982-01-01\n905,\"G\",H,1983-01-01\n906,I,J,1984-01-01\n";
    let (taken, rejects) = ids(table);
    assert_eq!(taken, ["901", "903", "904", "905", "906"]);
    assert_eq!(rejects.len(), 1, "{rejects:?}");
    assert_eq!(rejects[0].0, Some(3));
    let told = "lines 3 to 6: a double quote opened in line 3 is closed only in line 6; ";
    assert!(rejects[0].1.starts_with(told), "{rejects:?}");
}

#[test]
fn a_quote_that_is_never_closed_takes_no_other_row_along() {
    let mut table = "id,family,given,dob\n1,\"A,B,1980\n".to_owned();
    for id in 2..500 {
        table.push_str(&format!("{id},C,D,1981\r\n"));
    }
    let (taken, rejects) = ids(&table);
    assert_eq!((taken.len(), rejects.len()), (498, 1), "{rejects:?}");
    assert!(rejects[0].1.contains("is not closed up to line 101"), "{rejects:?}");
    let (taken, rejects) = ids("id,family,given,dob\n1,A,B,1980\n2,C,D,\"1980");
    assert_eq!((taken.len(), rejects.len()), (1, 1));
    assert!(rejects[0].1.contains("is not closed"), "{rejects:?}");
}

#[test]
fn quotes_that_hide_rows_in_any_column_are_found() {
    for swallowed in [
        "1,A,B,\"x\n2,C,D,x\n3,E,F,\"y\"\n",
        "1,A,B,\"x\n2,C,D,x\n3,E,F,y\"\n",
        "1,\"A,B,x\n2,\"C\",D,x\n3,E,F,y\n",
        "1,A,B,\"x\n2,\"\",D,x\n3,E,F,y\n",
    ] {
        let (taken, rejects) = ids(&format!("id,family,given,address\n{swallowed}"));
        assert!(taken.iter().any(|id| id == "2"), "{swallowed}: {rejects:?}");
        assert!(taken.iter().any(|id| id == "3") || rejects.iter().any(|it| it.0 == Some(4)));
        assert_eq!(rejects[0].0, Some(2), "{swallowed}");
    }
}

#[test]
fn an_address_may_go_over_lines_and_a_name_may_not() {
    let table = "id,family,given,address,notes\n1,A,B,\"1 High St, Flat 2\r\nCork\",\"x \"\"y\"\"\n\nz\"\n\
        2,\"C\nD\",E,x,y\n3,F,G,x,y\n";
    let (patients, rejects) = read_plain(table);
    let lines: Vec<u64> = patients.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 8], "{rejects:?}");
    assert_eq!(patients[0].1.body["addresses"][0]["line"], "1 High St, Flat 2\r\nCork");
    let lines: Vec<Option<u64>> = rejects.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [Some(6), Some(7)], "{rejects:?}");
}

#[test]
fn a_header_whose_quote_is_not_closed_is_refused() {
    let (taken, rejects) = ids("id,\"family,given\n1,\"A\",B\n");
    assert!(taken.is_empty());
    assert!(rejects[0].1.starts_with("lines 1 to 2: a double quote"), "{rejects:?}");
}

#[test]
fn the_second_row_of_an_id_is_refused_unless_it_says_the_same() {
    let table = "id,family,dob\n7,A,1980\n8,B,1981\n7,C,1982\n8,B,1981\n";
    let (taken, rejects) = ids(table);
    assert_eq!(taken, ["7", "8", "8"]);
    assert_eq!(rejects.len(), 1);
    assert_eq!(rejects[0].0, Some(4));
    assert!(rejects[0].1.starts_with("line 2 has the same id"), "{rejects:?}");
    let (taken, rejects) = ids("mrn,family\n7,A\n7,B\n");
    assert_eq!((taken.len(), rejects.len()), (1, 1), "a number that stands for an id");
}

#[test]
fn ids_are_remembered_up_to_a_bound_that_is_told() {
    let (patients, _) = read_plain("id,family\n1,A\n2,B\n3,C\n");
    let mut seen = Seen::new(2);
    let mut add = |index: usize| seen.add(patients[index].0, &patients[index].1);
    assert_eq!((add(0), add(1)), (Ok(()), Ok(())));
    assert_eq!(add(2), Err(Known::TooMany));
    assert_eq!(add(1), Ok(()), "what is known needs no room");
    assert!(too_many(2).contains("were not read"));
}

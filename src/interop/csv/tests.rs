//! Tables as others write them.

use super::*;
use serde_json::{Value, json};
use std::io::Write;

mod broken;

type Mapping = BTreeMap<String, String>;

/// Rows as (line, patient) and rejects as (line, reason).
type Read = (Vec<(u64, Mapped)>, Vec<(Option<u64>, String)>);

static NEVER: AtomicBool = AtomicBool::new(false);

fn plan(mapping: Option<&Mapping>) -> Plan<'_> {
    Plan { mapping, source: "lab", among_others: false, stop: &NEVER }
}

/// Both readings of a table, as of one in a file.
fn read_table(
    bytes: &[u8],
    plan: &Plan<'_>,
    sink: &mut RowSink<'_>,
) -> (Result<(), Stop>, Vec<DateOrder>) {
    let (mut orders, mut notes) = (Orders::default(), Notes::default());
    let outcome = look(&mut { bytes }, plan, &mut orders)
        .and_then(|()| table(&mut { bytes }, "a.csv", (plan, &orders), &mut notes, sink));
    (outcome, notes.dates)
}

fn read_with(bytes: &[u8], mapping: Option<&Mapping>) -> Read {
    let (mut patients, mut rejects) = (Vec::new(), Vec::new());
    let (outcome, _) = read_table(bytes, &plan(mapping), &mut |row| {
        match row {
            Ok(row) => patients.push((row.piece.line, *row.mapped)),
            Err(reject) => rejects.push((reject.line, reject.reason)),
        }
        ControlFlow::Continue(())
    });
    assert!(outcome.is_ok());
    (patients, rejects)
}

fn read_plain(text: &str) -> Read {
    read_with(text.as_bytes(), None)
}

fn mapping(pairs: &[(&str, &str)]) -> Mapping {
    pairs.iter().map(|(field, column)| ((*field).to_owned(), (*column).to_owned())).collect()
}

#[test]
fn the_usual_headers_are_understood() {
    let synthea = "\u{feff}Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PREFIX,FIRST,LAST,MAIDEN,MARITAL,RACE,GENDER,\
        ADDRESS,CITY,STATE,COUNTY,ZIP\n\
        AB33527A-6ab6-45b9-b181-25e08e3da8e4,1980-05-10,2020-01-02,999-1,S9,Mrs.,Ana Maria,\"Lima, Jr\",Reis,M,white,F,\
        1 High St,Cork,Munster,County,T12\n";
    let (patients, rejects) = read_plain(synthea);
    assert_eq!(rejects, []);
    let (line, patient) = &patients[0];
    assert_eq!((*line, patient.source_id.as_str()), (2, "ab33527a-6ab6-45b9-b181-25e08e3da8e4"));
    assert_eq!(
        Value::Object(patient.body.clone()),
        json!({
            "names": [
                {"family": "Lima, Jr", "given": ["Ana", "Maria"], "prefix": "Mrs.", "suffix": null,
                 "name_use": "official"},
                {"family": "Reis", "given": ["Ana", "Maria"], "name_use": "maiden"},
            ],
            "birth_date": "1980-05-10", "deceased": true, "deceased_recorded": "2020-01-02",
            "sex": "female", "marital_status_text": "Married",
            "identifiers": [
                {"system": "urn:healthflow:source:lab:DL", "value": "S9", "type_code": "DL"},
                {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-1", "type_code": "SS"},
            ],
            "addresses": [{"line": "1 High St", "city": "Cork", "state": "Munster",
                "district": "County", "postal_code": "T12"}],
        })
    );
    assert_eq!(patient.left_out, ["column RACE"]);

    let febrl = "rec_id, given_name, surname, street_number, address_1, suburb, postcode, state, \
        date_of_birth, soc_sec_id\nrec-2-org, , waller, 6, tullaroop street, st james, 4011, wa, 19081209, 6988048\n";
    let (patients, rejects) = read_plain(febrl);
    assert_eq!(rejects, []);
    let body = &patients[0].1.body;
    assert_eq!(body["birth_date"], "1908-12-09");
    assert_eq!(body["addresses"][0]["line"], "6 tullaroop street");
    assert_eq!(body["names"][0]["family"], "waller");
}

#[test]
fn delimiters_and_endings_are_found() {
    for text in [
        "last;first\nA;B\n",
        "last\tfirst\r\nA\tB",
        "last|first\nA|B\n",
        "\"last\",first\n\"A\",B\n",
    ] {
        let (patients, rejects) = read_plain(text);
        assert_eq!((patients.len(), rejects.len()), (1, 0), "{text:?}");
        assert_eq!(patients[0].1.body["names"][0]["family"], "A");
    }
}

#[test]
fn a_mapping_names_the_columns() {
    let table = b"N1,N2,N3,B,C,P\nObi,Ruth,Okafor,03/04/1980,77-1,555\n";
    let plan = mapping(&[
        ("family", "n3"),
        ("given", "N1 + N2"),
        ("birth_date", "B"),
        ("date_format", "mm/dd/yyyy"),
        ("identifier:urn:card", "C"),
        ("phone", "P"),
    ]);
    let (patients, rejects) = read_with(table, Some(&plan));
    assert_eq!(rejects, []);
    let patient = &patients[0].1;
    assert_eq!(patient.body["names"][0]["given"], json!(["Obi", "Ruth"]));
    assert_eq!(patient.body["birth_date"], "1980-03-04");
    assert_eq!(patient.body["telecoms"], json!([{"system": "phone", "value": "555"}]));
    assert_eq!(patient.identifiers[0].system, "urn:card");
    assert_eq!(patient.source_id, "urn:card|77-1");
}

#[test]
fn wrong_mappings_and_headers_say_what_is_allowed() {
    let cases = [
        (
            mapping(&[("famly", "N1")]),
            "the mapping names a field \"famly\" that is not known; allowed: id, family",
        ),
        (
            mapping(&[("family", "N9")]),
            "the mapping names a column \"N9\" that is not in the header: N1, N2",
        ),
        (
            mapping(&[("phone", "N1")]),
            "no column holds a name; map \"family\" and \"given\" to columns of this table: N1, N2",
        ),
        (mapping(&[("date_format", "whatever")]), "date_format is not known; allowed: dd/mm/yyyy"),
    ];
    for (mapping, expected) in cases {
        let (patients, rejects) = read_with(b"N1,N2\nA,B\n", Some(&mapping));
        assert!(patients.is_empty());
        assert_eq!(rejects.len(), 1);
        assert!(rejects[0].1.starts_with(expected), "{}", rejects[0].1);
    }
}

#[test]
fn bad_rows_are_rejected_by_line_and_column_and_the_others_go_in() {
    let table = b"LAST,FIRST,DOB,SEX\n\
        A,B,1980-05-10,F\n\
        A,B,2023-02-30,F\n\
        A,B,03/04/1980,F\n\
        A,B,3/4/80,F\n\
        A,B,1980,alien\n\
        ,,1980,F\n\
        A,B,1980\n\
        A,B\0,1980,F\n\
        M\xfcller,B,1980,F\n\
        C,D,,\n";
    let (patients, rejects) = read_with(table, None);
    let lines: Vec<u64> = patients.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 11]);
    let expected = [
        (3, "DOB is not a date: write a date that exists, like 1963-05-10"),
        (
            4,
            "DOB is not a date: it can mean two days; write it like 1963-05-10, or say which comes first: in the browser by “Dates like 3/4/2020”, in a mapping by date_format",
        ),
        (5, "DOB is not a date: write the year with four digits"),
        (6, "SEX is not known; write male, female, other or unknown"),
        (7, "LAST and FIRST: there is no name; give at least one"),
        (
            8,
            "the row has 3 columns and the header has 4; a delimiter or a double quote is missing or too many",
        ),
        (9, "FIRST holds a NUL character; remove it"),
        (10, "LAST is not UTF-8; save the file as UTF-8"),
    ];
    let expected = expected.map(|(line, reason)| (Some(line), reason.to_owned()));
    assert_eq!(rejects, expected);
}

#[test]
fn dates_in_the_usual_spellings() {
    let cases = [
        ("1980-05-10", "1980-05-10"),
        ("1980/5/1", "1980-05-01"),
        ("19800510", "1980-05-10"),
        ("1980", "1980"),
        ("1980-05", "1980-05"),
        ("13/04/1980", "1980-04-13"),
        ("04/13/1980", "1980-04-13"),
        ("04/04/1980", "1980-04-04"),
        ("3.4.1980", "1980-04-03"),
        ("10-May-1963", "1963-05-10"),
        ("10 may 1963", "1963-05-10"),
        ("May 10, 1963", "1963-05-10"),
        ("1980-05-10T00:00:00Z", "1980-05-10"),
        ("1980-05-10 00:00:00", "1980-05-10"),
    ];
    for (text, expected) in cases {
        assert_eq!(dates::iso(text, None).as_deref(), Ok(expected), "{text}");
    }
    for wrong in [
        "1980-13-01",
        "31/02/1980",
        "30/30/1980",
        "soon",
        "10-Mai-63",
        "1/2/3/4",
        "19801301",
        "٣/٤/١٩٨٠",
    ] {
        assert!(dates::iso(wrong, None).is_err(), "{wrong}");
    }
    assert_eq!(dates::iso("03/04/1980", Some(DayOrder::DayFirst)).as_deref(), Ok("1980-04-03"));
    assert_eq!(dates::iso("03/04/1980", Some(DayOrder::MonthFirst)).as_deref(), Ok("1980-03-04"));
}

#[test]
fn a_table_that_shows_its_order_is_believed() {
    let (patients, rejects) = read_plain("LAST,DOB\nA,03/04/1980\nB,31/12/1980\n");
    assert_eq!(rejects, []);
    assert_eq!(patients[0].1.body["birth_date"], "1980-04-03");
    let (patients, rejects) = read_plain("LAST,DOB\nA,03/04/1980\nB,31/12/1980\nC,12/31/1980\n");
    assert_eq!((patients.len(), rejects.len()), (2, 1), "it contradicts itself");
}

/// What a table tells of its dates: column, mark, whether days come first, and the line.
fn decided(text: &str) -> Vec<(String, char, bool, u64)> {
    let rows = &mut |_| ControlFlow::Continue(());
    let (outcome, dates) = read_table(text.as_bytes(), &plan(None), rows);
    assert!(outcome.is_ok());
    dates.into_iter().map(|it| (it.column, it.mark, it.day_first, it.line)).collect()
}

#[test]
fn a_date_is_decided_only_by_rows_of_its_own_column_and_style_and_that_is_told() {
    let mixed = "LAST,DOB\nA,03/04/2020\nB,31.12.1999\nC,31-12-1999\n";
    let (patients, rejects) = read_plain(mixed);
    assert_eq!(patients.len(), 2, "{rejects:?}");
    assert_eq!(rejects[0].0, Some(2));
    assert!(rejects[0].1.contains("it can mean two days"), "{rejects:?}");
    let other = "LAST,DOB,DEATHDATE\nA,03/04/1980,31/12/1999\n";
    assert_eq!(read_plain(other).1.len(), 1, "another column shows nothing");
    let same = "LAST,DOB\nA,03/04/2020\nB,\nC,12/31/1999 00:00\n";
    let (patients, rejects) = read_plain(same);
    assert_eq!((rejects.len(), &patients[0].1.body["birth_date"]), (0, &json!("2020-03-04")));
    assert_eq!(decided(same), [("DOB".to_owned(), '/', false, 4)]);
    assert_eq!(decided(mixed), [("DOB".to_owned(), '-', true, 4)]);
    assert!(dates::iso("03/04.1980", None).is_err(), "two marks in one date");
}

#[test]
fn a_date_is_decided_by_all_of_its_column_however_long_the_table_is() {
    let rows = "A,03/04/1980\n".repeat(20_000);
    assert!(HEAD_BYTES < u64::try_from(rows.len()).unwrap());
    let shown = format!("LAST,DOB\n{rows}B,31/12/1980\n");
    let (patients, rejects) = read_plain(&shown);
    assert_eq!((patients.len(), rejects.len()), (20_001, 0));
    assert_eq!(patients[0].1.body["birth_date"], "1980-04-03");
    assert_eq!(decided(&shown), [("DOB".to_owned(), '/', true, 20_002)]);
    let contradicted = format!("LAST,DOB\nB,31/12/1980\n{rows}C,12/31/1980\n");
    let (patients, rejects) = read_plain(&contradicted);
    assert_eq!((patients.len(), rejects.len()), (2, 20_000), "the last row contradicts the first");
}

#[test]
fn the_first_reading_of_a_table_can_be_stopped() {
    let stop = AtomicBool::new(true);
    let plan = Plan { stop: &stop, ..plan(None) };
    let text = "LAST,DOB\nA,03/04/1980\n";
    let looked = look(&mut text.as_bytes(), &plan, &mut Orders::default());
    assert!(matches!(looked, Err(Stop::Cancelled)));
}

#[test]
fn among_other_files_only_names_with_dates_of_birth_are_patients() {
    let read = |text: &str, mapping: Option<&Mapping>| {
        let plan = Plan { among_others: true, ..plan(mapping) };
        let mut told = Vec::new();
        let rows = &mut |row: Result<Row, Reject>| {
            told.push(row.map(|_| ()).map_err(|reject| reject.reason));
            ControlFlow::Continue(())
        };
        assert!(read_table(text.as_bytes(), &plan, rows).0.is_ok());
        told
    };
    assert_eq!(read("LAST,DOB\nA,1980\n", None), [Ok(())]);
    let clinics = "Id,NAME,CITY\n1,North Clinic,Cork\n";
    let told = read(clinics, None).remove(0).unwrap_err();
    assert!(told.starts_with("this does not look like a table of patients"), "{told}");
    assert!(told.contains("Id, NAME, CITY") && told.contains("with a mapping"), "{told}");
    assert_eq!(read(clinics, Some(&mapping(&[("name", "NAME")]))), [Ok(())]);
}

#[test]
fn rows_are_known_again() {
    let twice = "LAST,FIRST\nA,B\nA,B\nA,C\n";
    let (patients, _) = read_plain(twice);
    let ids: Vec<&str> = patients.iter().map(|(_, it)| it.source_id.as_str()).collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
}

#[test]
fn a_row_without_end_is_stopped() {
    let mut table = b"LAST,FIRST\nA,B\nA,\"B\n".to_vec();
    table.resize(table.len() + (17 << 20), b'x');
    let (patients, rejects) = read_with(&table, None);
    assert_eq!(patients.len(), 1);
    assert_eq!(rejects.len(), 1);
    assert!(rejects[0].1.starts_with("a row never ends"), "{rejects:?}");
}

#[test]
fn packed_tables_are_read_too() {
    let path = std::env::temp_dir().join(format!("hf-csv-{}.csv.gz", std::process::id()));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(b"LAST,DOB\nA,03/04/1980\nB,31/12/1980\n").unwrap();
    std::fs::write(&path, encoder.finish().unwrap()).unwrap();
    let files = crate::interop::source::list(&path).files;
    let (mut count, mut notes, progress) = (0, Notes::default(), Progress::default());
    let flow = read(&files[0], (&plan(None), false), &progress, &mut notes, &mut |row| {
        count += usize::from(row.is_ok());
        ControlFlow::Continue(())
    });
    std::fs::remove_file(&path).unwrap();
    assert_eq!((flow, count), (ControlFlow::Continue(()), 2));
    assert_eq!(notes.dates.len(), 1, "the first reading unpacks too");
    assert_eq!(progress.bytes(), files[0].bytes, "bytes that are read twice count once");
}

//! What JSON as such allows and a hospital does not: a field that is there twice, of which only
//! one would count, and the names by which our parser marks numbers to itself.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value as Json};

/// How the parser's own names begin.
const PRIVATE: &str = "$serde_json::";
/// Steps to the deepest number of a record: `list[0].field`.
const STEPS_MAX: usize = 3;
/// Numbers whose digits are kept; no record has half as many. The others have the same value in
/// the spelling of the parser.
const RESPELLED_MAX: usize = 1_000;

/// A field that is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// Its path, e.g. `names[0].family`.
    pub(super) field: String,
    pub(super) mend: &'static str,
}

/// A number whose digits the parser spells in its own way: `1E5` becomes `1e+5`.
#[derive(Debug)]
pub(super) struct Respelled<'t> {
    path: Vec<Step<'t>>,
    digits: &'t str,
}

#[derive(Debug, Clone)]
enum Step<'t> {
    Name(Cow<'t, str>),
    Index(usize),
}

/// An object or a list that is being walked through.
struct Level<'t> {
    at: Step<'t>,
    /// The names so far; a list has none.
    names: Option<HashSet<Cow<'t, str>>>,
    awaits_name: bool,
}

/// Walks once through `text`, which must be JSON already.
///
/// # Errors
/// The first field that is there twice, or has a name of the parser's.
pub(super) fn check(text: &str) -> Result<Vec<Respelled<'_>>, Refused> {
    let bytes = text.as_bytes();
    let (mut levels, mut respelled) = (Vec::<Level<'_>>::new(), Vec::new());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let mut end = at + 1;
        match byte {
            b'{' => levels.push(Level {
                at: Step::Name(Cow::Borrowed("")),
                names: Some(HashSet::new()),
                awaits_name: true,
            }),
            b'[' => levels.push(Level { at: Step::Index(0), names: None, awaits_name: false }),
            b'}' | b']' => drop(levels.pop()),
            b',' => {
                if let Some(level) = levels.last_mut() {
                    level.awaits_name = level.names.is_some();
                    if let Step::Index(index) = &mut level.at {
                        *index += 1;
                    }
                }
            }
            b'"' => {
                end = end_of_text(bytes, at);
                if levels.last().is_some_and(|level| level.awaits_name) {
                    enter(&mut levels, text.get(at..end).unwrap_or_default())?;
                }
            }
            b'-' | b'0'..=b'9' => {
                end = at + bytes[at..].iter().take_while(|byte| in_number(**byte)).count();
                let digits = text.get(at..end).unwrap_or_default();
                let counts = levels.len() <= STEPS_MAX && respelled.len() < RESPELLED_MAX;
                if counts && is_respelled(digits) {
                    let path = levels.iter().map(|level| level.at.clone()).collect();
                    respelled.push(Respelled { path, digits });
                }
            }
            _ => {}
        }
        at = end;
    }
    Ok(respelled)
}

fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') | None => return (at + 1).min(bytes.len()),
            Some(_) => at += 1,
        }
    }
}

fn in_number(byte: u8) -> bool {
    byte.is_ascii_digit() || b"+-.eE".contains(&byte)
}

fn is_respelled(digits: &str) -> bool {
    let exponent = digits.split_once(['e', 'E']).map(|(_, exponent)| exponent);
    digits.contains('E') || exponent.is_some_and(|it| !it.starts_with(['+', '-']))
}

/// Goes to the field whose name is written as `token`.
fn enter<'t>(levels: &mut [Level<'t>], token: &'t str) -> Result<(), Refused> {
    let plain = token.trim_matches('"');
    let name = if plain.contains('\\') {
        // The whole text was parsed before, so this cannot fail.
        Cow::Owned(serde_json::from_str(token).unwrap_or_default())
    } else {
        Cow::Borrowed(plain)
    };
    let Some(level) = levels.last_mut() else { return Ok(()) };
    level.awaits_name = false;
    level.at = Step::Name(name.clone());
    let private = name.starts_with(PRIVATE);
    if level.names.as_mut().is_some_and(|names| names.insert(name)) && !private {
        return Ok(());
    }
    let mend = if private { "This field is not known." } else { "Send this field once." };
    Err(Refused { field: shown(levels), mend })
}

fn shown(levels: &[Level<'_>]) -> String {
    let mut path = String::new();
    for level in levels {
        match &level.at {
            Step::Index(index) => path.push_str(&format!("[{index}]")),
            Step::Name(name) if path.is_empty() => path.push_str(name),
            Step::Name(name) => path.push_str(&format!(".{name}")),
        }
    }
    path
}

/// Puts the digits as they were written, as text, in place of what the parser made of them.
pub(super) fn restore(body: &mut Map<String, Json>, numbers: &[Respelled<'_>]) {
    for Respelled { path, digits } in numbers {
        let Some((Step::Name(first), rest)) = path.split_first() else { continue };
        let place = rest.iter().try_fold(body.get_mut(first.as_ref()), |place, step| {
            Some(match step {
                Step::Name(name) => place?.get_mut(name.as_ref()),
                Step::Index(index) => place?.get_mut(*index),
            })
        });
        if let Some(Some(place)) = place {
            *place = Json::String((*digits).to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<String> {
        check(text).err().map(|refused| refused.field)
    }

    #[test]
    fn a_field_that_is_there_twice_is_named_wherever_it_is() {
        let cases = [
            (r#"{"a":1,"a":2}"#, "a"),
            (r#"{"a":1,"\u0061":2}"#, "a"),
            (r#"{"names":[{"family":"x"},{"given":["{\"","]"],"given":[]}]}"#, "names[1].given"),
            (r#"{"a":{"b":{"c":1,"d":[],"c":null}}}"#, "a.b.c"),
        ];
        for (text, field) in cases {
            assert_eq!(refused(text).as_deref(), Some(field), "{text}");
        }
        for fine in ["{}", "[]", r#"{"a":{"a":[{"a":"a"},{"a":"a"}]},"b":"\"a\":\\"}"#] {
            assert_eq!(refused(fine), None, "{fine}");
        }
        let private = r#"{"x":{"$serde_json::private::Number":"3"}}"#;
        assert!(refused(private).is_some_and(|field| field.starts_with("x.$serde_json")));
    }

    #[test]
    fn a_body_cannot_have_more_kept_of_its_numbers_than_a_record_has() {
        let many = format!("{{\"a\":[{}1E1]}}", "1E1,".repeat(2 * RESPELLED_MAX));
        assert_eq!(check(&many).unwrap().len(), RESPELLED_MAX);
        let kept = |text: &str| check(text).unwrap().len();
        assert_eq!(kept(r#"{"a":[{"b":1E1}]}"#), 1);
        assert_eq!(kept(r#"{"a":[{"b":[1E1]}],"c":[[[[1E1,1E1]]]]}"#), 0, "no record is so deep");
    }

    #[test]
    fn a_number_that_is_not_kept_stays_the_same_number() {
        let text = format!("{{\"a\":[{}2E1],\"b\":[[[3E1]]]}}", "1E1,".repeat(RESPELLED_MAX));
        let mut body: Map<String, Json> = serde_json::from_str(&text).unwrap();
        restore(&mut body, &check(&text).unwrap());
        assert_eq!(body["a"][RESPELLED_MAX - 1], "1E1");
        assert_eq!(body["a"][RESPELLED_MAX].as_f64(), Some(20.0));
        assert_eq!(body["b"][0][0][0].as_f64(), Some(30.0));
    }

    #[test]
    fn digits_stay_as_they_were_written() {
        let text = r#"{"a":1E5,"b":[{"c":-2.50e3},6.80,1e+5],"d":"1E5","e":2e-7}"#;
        let mut body: Map<String, Json> = serde_json::from_str(text).unwrap();
        restore(&mut body, &check(text).unwrap());
        let shown = Json::Object(body).to_string();
        assert_eq!(shown, r#"{"a":"1E5","b":[{"c":"-2.50e3"},6.80,1e+5],"d":"1E5","e":2e-7}"#);
    }
}

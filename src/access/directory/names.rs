//! Names as directories have them: of people as they are typed, of entries and groups
//! (distinguished names, RFC 4514), and in filters (RFC 4515).

use std::fmt::Write as _;

/// What somebody typed, without the domain of Windows before it: `HOSPITAL\ama` is `ama`.
#[must_use]
pub fn without_domain(typed: &str) -> &str {
    let typed = typed.trim();
    typed.rsplit_once('\\').map_or(typed, |(_, name)| name)
}

/// What tries are counted by, so that one person has no more of them under more names:
/// `HOSPITAL\ama` and `ama@hospital.example` are `ama`.
#[must_use]
pub fn bare(typed: &str) -> &str {
    let name = without_domain(typed);
    name.split_once('@').map_or(name, |(name, _)| name)
}

/// `template` with `name` in the places of `{name}`, escaped so that it can only be a value.
#[must_use]
pub fn filter(template: &str, name: &str) -> String {
    template.replace("{name}", &ldap3::ldap_escape(name))
}

/// Bytes as the value of a filter.
#[must_use]
pub fn bytes_in_filter(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(3 * bytes.len()), |mut text, byte| {
        // Writing into text cannot fail.
        let _ = write!(text, "\\{byte:02x}");
        text
    })
}

/// A distinguished name in the one form in which two can be compared: without regard to case,
/// to blanks around `,`, `+` and `=`, and to how something is escaped.
#[must_use]
pub fn normal(dn: &str) -> String {
    let (mut out, mut value, mut letters) = (String::new(), Vec::new(), dn.trim().chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let rest = letters.as_str();
                let byte = rest.get(..2).and_then(|two| u8::from_str_radix(two, 16).ok());
                let escaped = letters.next();
                if let Some(byte) = byte {
                    letters.next();
                    value.push(byte);
                } else if let Some(escaped) = escaped {
                    value.extend(escaped.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            ',' | ';' | '+' | '=' => {
                push_part(&mut out, &mut value);
                out.push(if letter == ';' { ',' } else { letter });
            }
            _ => value.extend(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    push_part(&mut out, &mut value);
    out
}

/// Appends a part in small letters, with what would be taken for a mark escaped again.
fn push_part(out: &mut String, value: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(value).to_lowercase();
    for letter in text.trim().chars() {
        if matches!(letter, ',' | ';' | '+' | '=' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    value.clear();
}

/// The value of the first part: the name of a group in `cn=Nurses,ou=groups,dc=…`, as
/// [`normal`] has it.
#[must_use]
pub fn first_value(normal_dn: &str) -> &str {
    let value = normal_dn.split_once('=').map_or("", |(_, rest)| rest);
    let mut escaped = false;
    let end = value.find(|letter: char| {
        let ends = !escaped && matches!(letter, ',' | '+');
        escaped = !escaped && letter == '\\';
        ends
    });
    end.map_or(value, |end| &value[..end])
}

/// Whether the entry lies under `base`; both as [`normal`] has them.
#[must_use]
pub fn is_under(normal_dn: &str, base: &str) -> bool {
    // A comma that is escaped belongs to a name and separates nothing.
    let separates = |above: &str| {
        above.strip_suffix(',').is_some_and(|above| {
            above.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0
        })
    };
    let above = normal_dn.strip_suffix(base);
    base.is_empty() || above.is_some_and(|above| above.is_empty() || separates(above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        let same = [
            "CN=Ward 3\\, Night,OU=Groups,DC=hospital,DC=example",
            "cn=ward 3\\2C night , ou = groups,dc=HOSPITAL,dc=example",
            "cn=Ward 3\\2c Night;OU=Groups;dc=hospital;dc=example",
        ];
        assert!(same.iter().all(|dn| normal(dn) == normal(same[0])), "{:?}", same.map(normal));
        assert_eq!(first_value(&normal(same[0])), "ward 3\\, night");
        assert_ne!(normal("cn=a,ou=b"), normal("cn=a\\,ou=b"));
        assert_eq!(normal("cn=\\c3\\89t\\C3\\A9,dc=x"), "cn=été,dc=x");
        assert_eq!(first_value(&normal("cn=Nurses")), "nurses");
        for odd in ["", "\\", "cn=\\", "cn=\\f", "é\\é", "===,,,", "cn=\\ff\\fe"] {
            assert!(first_value(&normal(odd)).len() <= 3 * odd.len());
        }
    }

    #[test]
    fn an_entry_lies_under_its_base_and_not_under_one_that_only_ends_like_it() {
        let base = normal("ou=Groups,dc=x");
        assert!(is_under(&normal("cn=a,ou=groups,dc=x"), &base));
        assert!(is_under(&base, &base));
        assert!(!is_under(&normal("cn=a,ou=other,dc=x"), &base));
        assert!(!is_under(&normal("cn=a,xou=groups,dc=x"), &base));
        assert!(!is_under(&normal("cn=a\\,ou=groups,dc=x"), &base));
    }

    #[test]
    fn what_is_typed_can_only_be_a_value_of_the_filter() {
        let asked = filter("(&(objectClass=person)(uid={name}))", "*)(uid=*");
        assert_eq!(asked, "(&(objectClass=person)(uid=\\2a\\29\\28uid=\\2a))");
        assert!(filter("(uid={name})", "a\0b\\c").contains("a\\00b\\5cc"));
        assert_eq!(bytes_in_filter(&[0, 0xff, b'*']), "\\00\\ff\\2a");
        assert_eq!(without_domain(" HOSPITAL\\ama "), "ama");
        assert_eq!(without_domain("ama@hospital.example"), "ama@hospital.example");
        for typed in ["ama", "HOSPITAL\\ama", "ama@hospital.example", "X\\ama@h"] {
            assert_eq!(bare(typed), "ama");
        }
    }
}

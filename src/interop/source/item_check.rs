//! What JSON parsers let pass and an import must not: keys given twice, NUL characters,
//! nesting without end.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;

/// What one pass over the text of a piece shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// How many key-value pairs there are, at all depths.
    pub(super) members: usize,
    /// The deepest nesting.
    pub(super) depth: usize,
    /// Whether a NUL character stands in it, bare or as `\u0000`.
    pub(super) has_nul: bool,
}

impl Shape {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut shape = Self::default();
        let mut depth = 0_usize;
        let mut index = 0;
        let mut in_string = false;
        while let Some(&byte) = text.get(index) {
            match (in_string, byte) {
                (_, 0) => shape.has_nul = true,
                (true, b'\\') => {
                    shape.has_nul |= text[index + 1..].starts_with(b"u0000");
                    index += 1;
                }
                (_, b'"') => in_string = !in_string,
                (false, b':') => shape.members += 1,
                (false, b'{' | b'[') => {
                    depth += 1;
                    shape.depth = shape.depth.max(depth);
                }
                (false, b'}' | b']') => depth = depth.saturating_sub(1),
                _ => {}
            }
            index += 1;
        }
        shape
    }
}

/// How many key-value pairs a parsed value holds, at all depths. Fewer than its text had means
/// that a key came twice, of which the parser kept the last.
pub(super) fn members(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.len() + map.values().map(members).sum::<usize>(),
        Value::Array(list) => list.iter().map(members).sum(),
        _ => 0,
    }
}

/// Where the first string or key with a NUL character stands, e.g. `name[0].family`.
pub(super) fn path_of_nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .find_map(|(index, item)| path_of_nul(item).map(|below| format!("[{index}]{below}"))),
        Value::Object(map) => map.iter().find_map(|(key, item)| {
            if key.contains('\0') {
                return Some(String::from(".(a field name)"));
            }
            path_of_nul(item).map(|below| format!(".{key}{below}"))
        }),
        _ => None,
    }
}

/// The first key that is given twice within one object of `text`.
pub(super) fn repeated_key(text: &str) -> Option<String> {
    let mut found = None;
    let mut parser = serde_json::Deserializer::from_str(text);
    let _ = Keys { found: &mut found }.deserialize(&mut parser);
    found
}

/// Walks a value for its keys only.
struct Keys<'f> {
    found: &'f mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if seen.contains(&key) {
                *self.found = Some(key);
                return Err(A::Error::custom("found"));
            }
            seen.insert(key);
            map.next_value_seed(Keys { found: self.found })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Keys { found: self.found })?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        self.deserialize(inner)
    }
}

/// Type and id of a resource out of text that is no good JSON, to name it in a reject.
pub(super) fn resource_name(text: &[u8]) -> Option<String> {
    let kind = word_after(text, b"\"resourceType\"")?;
    let rest = &text[kind.1..];
    Some(match word_after(rest, b"\"id\"") {
        Some((id, _)) => format!("{}/{id}", kind.0),
        None => kind.0,
    })
}

/// The string that follows `key` and a colon, if it looks like a type or an id, and where it
/// ends.
fn word_after(text: &[u8], key: &[u8]) -> Option<(String, usize)> {
    let at = text.windows(key.len()).position(|window| window == key)? + key.len();
    let rest = &text[at..];
    let skipped =
        rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b':'))?;
    let word = rest[skipped..].strip_prefix(b"\"")?;
    let end = word.iter().position(|byte| *byte == b'"')?;
    let word = &word[..end];
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let right = (1..=64).contains(&word.len()) && word.iter().all(is_plain);
    right.then(|| (String::from_utf8_lossy(word).into_owned(), at + skipped + end))
}

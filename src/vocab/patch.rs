//! The three answers of a PATCH body: not sent, sent as null, sent.

use serde::{Deserialize, Deserializer};

/// What a change says about one field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not sent: the value stays.
    #[default]
    Keep,
    /// Sent as null: the value is taken away.
    Clear,
    /// Sent: this is the new value.
    Set(T),
}

impl<T> Patch<T> {
    /// The value after the change, given the one before it.
    pub fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Whether the field was sent at all.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        !matches!(self, Self::Keep)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(input)?.map_or(Self::Clear, Self::Set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Body {
        phone: Patch<String>,
    }

    #[test]
    fn absent_null_and_value_are_three_answers() {
        let phone = |json: &str| serde_json::from_str::<Body>(json).map(|body| body.phone);
        assert_eq!(phone("{}").unwrap(), Patch::Keep);
        assert_eq!(phone(r#"{"phone":null}"#).unwrap(), Patch::Clear);
        assert_eq!(phone(r#"{"phone":"1"}"#).unwrap(), Patch::Set("1".to_owned()));
        assert_eq!(Patch::Keep.over(Some(1)), Some(1));
        assert_eq!(Patch::Clear.over(Some(1)), None);
    }
}

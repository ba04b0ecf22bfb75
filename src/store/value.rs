//! The store's own words for what goes into a statement and what comes out of a row.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef as EngineRef};

use super::error::StoreError;

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// A value in a row, borrowed from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(&'a str),
    /// Bytes; also text that is not UTF-8.
    Blob(&'a [u8]),
}

impl ValueRef<'_> {
    fn kind(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "a whole number",
            Self::Real(_) => "a number",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }

    /// The value on its own.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Int(value) => Value::Int(value),
            Self::Real(value) => Value::Real(value),
            Self::Text(value) => Value::Text(value.to_owned()),
            Self::Blob(value) => Value::Blob(value.to_vec()),
        }
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident($convert:expr)),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant($convert(value))
            }
        })*
    };
}

value_from! {
    i64 => Int(|value| value),
    i32 => Int(i64::from),
    u32 => Int(i64::from),
    u16 => Int(i64::from),
    u8 => Int(i64::from),
    bool => Int(i64::from),
    f64 => Real(|value| value),
    &str => Text(str::to_owned),
    String => Text(|value| value),
    &String => Text(Clone::clone),
    std::borrow::Cow<'_, str> => Text(std::borrow::Cow::into_owned),
    Vec<u8> => Blob(|value| value),
    &[u8] => Blob(<[u8]>::to_vec),
    [u8; 32] => Blob(Vec::from),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Makes the parameters of a statement: `params![id, "active", None::<i64>]`.
#[macro_export]
#[doc(hidden)]
macro_rules! __store_params {
    () => {{
        let none: [$crate::store::Value; 0] = [];
        none
    }};
    ($($value:expr),+ $(,)?) => {
        [$($crate::store::Value::from($value)),+]
    };
}

/// Hands a [`Value`] to the engine without copying it.
pub(super) struct Bind<'a>(pub(super) &'a Value);

impl ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => EngineRef::Null,
            Value::Int(value) => EngineRef::Integer(*value),
            Value::Real(value) => EngineRef::Real(*value),
            Value::Text(value) => EngineRef::Text(value.as_bytes()),
            Value::Blob(value) => EngineRef::Blob(value),
        }))
    }
}

/// One row of an answer, valid until the next one is asked for.
pub struct Row<'a> {
    inner: &'a rusqlite::Row<'a>,
}

impl<'a> Row<'a> {
    pub(super) fn new(inner: &'a rusqlite::Row<'a>) -> Self {
        Self { inner }
    }

    /// The value in column `i`, from 0.
    ///
    /// # Errors
    /// [`StoreError::Column`] if there is no such column or it holds another type.
    pub fn get<T: FromValue>(&self, i: usize) -> Result<T, StoreError> {
        let Some(value) = self.at(i) else {
            return Err(StoreError::Column { column: i, wanted: T::WANTED, found: "no column" });
        };
        T::from_value(value).ok_or(StoreError::Column {
            column: i,
            wanted: T::WANTED,
            found: value.kind(),
        })
    }

    /// The value in column `i`, from 0, whatever its type; `Null` where there is no such column.
    #[must_use]
    pub fn value(&self, i: usize) -> ValueRef<'_> {
        self.at(i).unwrap_or(ValueRef::Null)
    }

    fn at(&self, i: usize) -> Option<ValueRef<'_>> {
        Some(match self.inner.get_ref(i).ok()? {
            EngineRef::Null => ValueRef::Null,
            EngineRef::Integer(value) => ValueRef::Int(value),
            EngineRef::Real(value) => ValueRef::Real(value),
            EngineRef::Text(bytes) => {
                std::str::from_utf8(bytes).map_or(ValueRef::Blob(bytes), ValueRef::Text)
            }
            EngineRef::Blob(bytes) => ValueRef::Blob(bytes),
        })
    }
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// What the column must hold, in words.
    const WANTED: &'static str;
    /// The value as this type, or nothing if it is another.
    fn from_value(value: ValueRef<'_>) -> Option<Self>;
}

macro_rules! from_value {
    ($($type:ty, $wanted:literal, $($pattern:pat => $value:expr),+;)*) => {
        $(impl FromValue for $type {
            const WANTED: &'static str = $wanted;
            fn from_value(value: ValueRef<'_>) -> Option<Self> {
                match value {
                    $($pattern => $value,)+
                    _ => None,
                }
            }
        })*
    };
}

from_value! {
    i64, "a whole number", ValueRef::Int(value) => Some(value);
    i32, "a whole number of 32 bits", ValueRef::Int(value) => Self::try_from(value).ok();
    u32, "a whole number from 0 of 32 bits", ValueRef::Int(value) => Self::try_from(value).ok();
    f64, "a number", ValueRef::Real(value) => Some(value);
    bool, "0 or 1", ValueRef::Int(0) => Some(false), ValueRef::Int(1) => Some(true);
    String, "text", ValueRef::Text(value) => Some(value.to_owned());
    Vec<u8>, "bytes", ValueRef::Blob(value) => Some(value.to_vec());
}

impl<T: FromValue> FromValue for Option<T> {
    const WANTED: &'static str = T::WANTED;
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(None),
            present => T::from_value(present).map(Some),
        }
    }
}

//! The seam between the operations and the database: statements, values, rows.
//!
//! Every statement is written once, in the SQL that SQLite and PostgreSQL share: parameters `?1` to `?n`, whole numbers,
//! truth values, texts and bytes, `ON CONFLICT (…)`, `RETURNING`, `IS NOT DISTINCT FROM`. Where the two differ, Rust does it.

use super::{Error, Result};

/// A value of a statement or of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    /// SQLite also stores truth values as this.
    Integer(i64),
    Bool(bool),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row of an answer.
pub(super) struct Row(pub(super) Vec<Value>);

impl Row {
    /// Reads a column, counted from 0.
    pub(super) fn get<T: FromValue>(&self, column: usize) -> Result<T> {
        self.0.get(column).and_then(T::from_value).ok_or(Error::Corrupt("column"))
    }
}

/// A database in the midst of a transaction.
pub(super) trait Statements {
    /// Runs a statement and returns its rows.
    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>>;
    /// Runs a statement and returns how many rows it wrote.
    fn execute(&self, sql: &str, values: &[Value]) -> Result<u64>;
}

/// A transaction, whatever database it is in. Nothing else touches tables.
pub(super) struct Tx<'a>(pub(super) &'a dyn Statements);

impl Tx<'_> {
    /// Runs a statement and returns how many rows it wrote.
    pub(super) fn execute(&self, sql: &str, values: &[Value]) -> Result<u64> {
        self.0.execute(sql, values)
    }

    /// Returns all rows.
    pub(super) fn rows<T>(&self, sql: &str, values: &[Value], read: impl FnMut(&Row) -> Result<T>) -> Result<Vec<T>> {
        self.0.query(sql, values)?.iter().map(read).collect()
    }

    /// Returns the first row, if there is one.
    pub(super) fn row<T>(
        &self,
        sql: &str,
        values: &[Value],
        read: impl FnOnce(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        self.0.query(sql, values)?.first().map(read).transpose()
    }

    /// Returns the row of a statement that always has one.
    pub(super) fn only<T>(&self, sql: &str, values: &[Value], read: impl FnOnce(&Row) -> Result<T>) -> Result<T> {
        self.row(sql, values, read)?.ok_or(Error::Corrupt("answer"))
    }
}

/// Makes the values of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::storage::sql::ToValue::to_value(&$value)),*] };
}
pub(super) use values;

/// What can be given to a statement.
pub(super) trait ToValue {
    fn to_value(&self) -> Value;
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Value {
        Value::Integer(*self)
    }
}

impl ToValue for u32 {
    fn to_value(&self) -> Value {
        Value::Integer(i64::from(*self))
    }
}

/// Writes the largest number that a database knows in the place of a larger one.
impl ToValue for u64 {
    fn to_value(&self) -> Value {
        Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value {
        Value::Bytes(self.clone())
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }
}

/// What can be read from a row.
pub(super) trait FromValue: Sized {
    /// Returns `None` for a value of another kind.
    fn from_value(value: &Value) -> Option<Self>;
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromValue for u32 {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for u64 {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(truth) => Some(*truth),
            Value::Integer(number) => Some(*number != 0),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: &Value) -> Option<Self> {
        Vec::from_value(value)?.try_into().ok()
    }
}

//! How values are written in the database.

use calendar::Month;
use chrono::NaiveDateTime;
use kokuho::OfficeNumber;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// A local time, to the millisecond and always of the same length, so that text order is time order.
pub(crate) struct Stamp(pub NaiveDateTime);

const STAMP: &str = "%Y-%m-%dT%H:%M:%S%.3f";

impl ToSql for Stamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.format(STAMP).to_string().into())
    }
}

impl FromSql for Stamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        NaiveDateTime::parse_from_str(text, STAMP).map(Self).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

/// A month as `YYYY-MM`.
pub(crate) struct MonthText(pub Month);

impl ToSql for MonthText {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for MonthText {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Self).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

/// 事業所番号 as it was given; a file may hold one that breaks the rules.
pub(crate) struct OfficeText(pub OfficeNumber);

impl FromSql for OfficeText {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(OfficeNumber::from_file(value.as_str()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_milliseconds_and_order() {
        let time = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let written = |at: NaiveDateTime| match Stamp(at).to_sql().unwrap() {
            ToSqlOutput::Owned(rusqlite::types::Value::Text(text)) => text,
            other => panic!("not a text: {other:?}"),
        };
        let (early, late) = (written(time("2026-06-05T09:30:00")), written(time("2026-06-05T09:30:00.250")));
        assert_eq!((early.as_str(), late.as_str()), ("2026-06-05T09:30:00.000", "2026-06-05T09:30:00.250"));
        assert_eq!(Stamp::column_result(ValueRef::Text(late.as_bytes())).unwrap().0, time("2026-06-05T09:30:00.250"));
    }
}

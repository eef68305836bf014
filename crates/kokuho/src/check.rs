//! temp
use crate::*; use calendar::Month;
/// t
pub struct CheckReport { /// a
 pub kind: FileKind, /// a
 pub office: String, /// a
 pub processing_month: Option<Month>, /// a
 pub service_months: Vec<Month>, /// a
 pub claims: usize, /// a
 pub persons: usize, /// a
 pub persons_with_errors: usize, /// a
 pub units: i64, /// a
 pub cost: Yen, /// a
 pub yen: Yen, /// a
 pub test: bool, /// a
 pub findings: Vec<Finding> }
/// t
pub fn check(_: &[u8], _: Option<&str>) -> Result<CheckReport, NotInterchange> { Err(NotInterchange::Empty) }

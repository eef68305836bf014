//! The test transmission: a file marked `*TEST*` with an invented person, made here, so that no real person's data goes out
//! and the care software need not be asked.

use calendar::{ClaimWindow, Month};
use chrono::NaiveDateTime;
use kokuho::{ControlFacts, FileWriter, OfficeNumber, Quoting, WriteError};

use crate::files::{Content, sha256};
use crate::problem::{Code, Problem};
use crate::views::SubmissionView;
use crate::{App, Topic};

impl App {
    /// Makes a test file for `office` and puts it into the outbox, from which it goes the whole way.
    pub async fn send_test(&self, office: &str) -> Result<SubmissionView, Problem> {
        let number = OfficeNumber::parse(office).map_err(|_| Problem::with(Code::OtherOffice, office))?;
        let now = self.now();
        let window = ClaimWindow::current_or_next(now.date());
        let bytes = test_file(&number, window.processing_month, now).map_err(|error| {
            tracing::error!(cause = %error, "The test file cannot be written");
            Problem::from(Code::Internal)
        })?;
        // Unique in a month, at most eight characters, a letter first（F10）.
        let name = format!("T{}.CSV", now.format("%d%H%M%S").to_string().get(..7).unwrap_or_default());
        let content = Content { name, sha256: sha256(&bytes), bytes };
        let view = self.stage_content(content).await?;
        self.announce_change(Topic::Onboarding);
        Ok(view)
    }
}

/// Builds the file: one person, one service. The number of the person holds the time, so that each test is a file of its
/// own; a file that was sent before would not be sent again.
fn test_file(office: &OfficeNumber, processing_month: Month, now: NaiveDateTime) -> Result<Vec<u8>, WriteError> {
    let facts = ControlFacts { office: office.clone(), processing_month, file_number: "*TEST*".to_owned() };
    let mut file = FileWriter::new(facts, Quoting::Vendor);
    let (month, office) = (processing_month.plus(-1).compact(), office.as_str());
    let insured = now.format("%m%d%H%M%S").to_string();
    let certified = (processing_month.plus(-6).first_day(), processing_month.plus(17).last_day());
    let (from, to) = (certified.0.format("%Y%m%d").to_string(), certified.1.format("%Y%m%d").to_string());
    let row = |text: String| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    file.row(&row(format!("7111,{month},{office},1,0,01,1,6098,63724,57351,0,6373,0,0,0,0,0,0")))?;
    file.row(&row(format!(
        "7131,01,{month},{office},00990010,{insured},,,,,,,19400105,2,21,,{from},{to},1,9970001013,,,,,,,,,90,,,,6098,57351,6373{}",
        ",0".repeat(21)
    )))?;
    for service in ["15,2241,658,8,0,0,0,5264", "15,5301,40,8,0,0,0,320", "15,6108,514,1,0,0,0,514"] {
        file.row(&row(format!("7131,02,{month},{office},00990010,{insured},{service},0,0,0,")))?;
    }
    file.row(&row(format!(
        "7131,10,{month},{office},00990010,{insured},15,8,5584,5584,514,,,6098,1045,57351,6373{}{}",
        ",0".repeat(9),
        ",".repeat(12)
    )))?;
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_file_is_marked_and_has_no_error() {
        for (month, now) in [("2026-06", "2026-06-05T10:00:00"), ("2027-01", "2026-12-31T23:59:59")] {
            let office = OfficeNumber::parse("9970000015").unwrap();
            let bytes = test_file(&office, month.parse().unwrap(), now.parse().unwrap()).unwrap();
            let report = kokuho::check(&bytes, Some("T0510000.CSV")).unwrap();
            assert!(report.test);
            let errors: Vec<_> =
                report.findings.iter().filter(|finding| finding.severity == kokuho::Severity::Error).collect();
            assert!(errors.is_empty(), "{errors:?}");
            assert_eq!((report.claims, report.persons, report.yen.0), (1, 1, 57_351));
        }
    }

    #[test]
    fn each_test_is_a_file_of_its_own() {
        let office = OfficeNumber::parse("9970000015").unwrap();
        let at = |now: &str| test_file(&office, "2026-06".parse().unwrap(), now.parse().unwrap()).unwrap();
        assert_ne!(at("2026-06-05T10:00:00"), at("2026-06-05T10:00:01"));
    }
}

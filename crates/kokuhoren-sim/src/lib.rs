//! A simulated 国保連 for practice, demonstrations and tests.
//!
//! It takes claim files as a terminal would hand them over, answers with the states of the field (5C01 to 5C12), reviews
//! at the end of the month and writes the notices of that review: 7411, 7211 (7231 for 総合事業), 7311, and on the payment
//! day 7521 (7551), 7611 (7631) for what was taken back, and 7513. The notices reconcile with each other to the yen, because all of them are written from one
//! list of rulings. To all offices of a prefecture it sends お知らせ with attachments.
//!
//! Pure: the virtual clock is an argument, every draw comes from the seed and the claim itself, and the whole state can be
//! saved and loaded. It shares no code with the crate that reads notices for the office, so that an error in one cannot
//! hide an error in the other; files are encoded here by its own writer for the same reason.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use kokuhoren_sim::{Event, Kokuhoren, Scenario};
//!
//! let file = include_bytes!("../tests/data/KK260601.CSV");
//! let mut kokuhoren = Kokuhoren::new(Scenario::demo());
//! kokuhoren.submit(file, "2026-06-05T10:00:00".parse()?);
//! let events = kokuhoren.advance("2026-06-30T15:00:00".parse()?);
//! assert!(events.iter().any(|event| matches!(event, Event::Document { file_name, .. } if file_name == "74100000.CSV")));
//! # Ok(())
//! # }
//! ```
//!
//! What it leaves out: 再審査.

mod announcement;
mod csv_writer;
mod intake;
mod kokuhoren;
mod notices;
mod pdf;
mod review;
mod scenario;
mod statement;
mod texts;

pub use announcement::{Announcement, Sheet};
pub use kokuhoren::{CannotCancel, Event, Kokuhoren, LoadError, Reference};
pub use scenario::{Delays, HoldEnd, Mishap, Outcome, Rates, Scenario, Trouble, Verdict};

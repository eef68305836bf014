//! Papers: the receipt of a submission, notices and lists, as PDF; lists also as workbook and CSV.
//!
//! Pure: values in, bytes out, and the same bytes for the same values. The Japanese font is part of the program; a PDF
//! carries the glyphs that it uses and no others. A character that the font lacks is an error that names it, never a blank:
//! these papers are shown to others as proof.

#![expect(clippy::cast_precision_loss, reason = "what is counted here are lines and columns of a page")]

mod canvas;
mod chart;
mod document;
mod error;
mod flow;
mod font;
mod power_of_attorney;
mod receipt;
mod sheet;

pub use chart::ChartBar;
pub use document::{Document, Orientation, Picture, Table, document};
pub use error::PaperError;
pub use power_of_attorney::{Agent, PowerOfAttorney, Principal, powers_of_attorney, unprintable};
pub use receipt::{Receipt, Standing, Step, StepState, receipt};
pub use sheet::{Column, Sheet, Value, csv, workbook};

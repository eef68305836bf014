//! Papers: receipts as PDF.

use std::path::Path;

use paper::PaperError;
use relay_api::Account;

use crate::disk;
use crate::outbox::make_folder_of;
use crate::problem::{Code, Problem};
use crate::views::SavedView;

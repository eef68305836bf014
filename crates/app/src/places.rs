//! Where things lie on this computer unless a person says otherwise.

use std::path::PathBuf;

/// Returns the folder of the database: `%LOCALAPPDATA%\todoke` on Windows, `~/.local/share/todoke` on Linux. Window and
/// terminal use the same one.
pub fn data() -> PathBuf {
    dirs::data_local_dir().unwrap_or_default().join("todoke")
}

/// Returns the folder for receipts and other papers: `とどけ` in the person's documents.
pub fn documents() -> PathBuf {
    dirs::document_dir().or_else(dirs::home_dir).unwrap_or_default().join("とどけ")
}

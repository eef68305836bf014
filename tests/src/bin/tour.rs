//! Walks the main job through the real window and leaves one picture per step.

use std::path::PathBuf;

use anyhow::{Context, Result};
use todoke_tests::clerk::Clerk;

#[tokio::main]
async fn main() -> Result<()> {
    let album = std::env::args_os().nth(1).map(PathBuf::from).context("the folder for the pictures is missing")?;
    let mut clerk = Clerk::arrive().await?.with_album(&album)?;
    eprintln!("1. signing in");
    clerk.log_in().await?;
    eprintln!("2. checking files");
    clerk.check_files().await?;
    clerk.read_findings().await?;
    eprintln!("3. sending");
    clerk.send().await?;
    clerk.send_again().await?;
    eprintln!("4. month end");
    clerk.month_end().await?;
    eprintln!("5. without a line");
    clerk.work_offline().await?;
    clerk.window.close().await
}

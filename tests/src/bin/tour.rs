//! Walks the start and the main job through the real window and leaves one picture per step.
//!
//! `tour FOLDER` leaves them in the folder; `tour FOLDER --guide IMAGES` also makes the pictures of the guide from them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use todoke_tests::album::Album;
use todoke_tests::clerk::Clerk;
use todoke_tests::newcomer::Newcomer;

/// Pictures of the guide, and the stops that they are taken at.
const OF_THE_START: [(&str, &str); 3] =
    [("onboarding", "start-month"), ("onboarding-post", "start-post"), ("help", "help")];
const OF_THE_MONTH: [(&str, &str); 7] = [
    ("home", "home"),
    ("send", "accepted"),
    ("findings", "findings"),
    ("returns", "returns"),
    ("notice", "notice"),
    ("board", "board"),
    ("waterfall", "waterfall"),
];

#[tokio::main]
async fn main() -> Result<()> {
    let mut words = std::env::args_os().skip(1);
    let folder = words.next().map(PathBuf::from).context("the folder for the pictures is missing")?;
    let guide = match words.next() {
        Some(word) if word == "--guide" => Some(words.next().map(PathBuf::from).context("--guide needs a folder")?),
        Some(word) => anyhow::bail!("{} is not known", word.display()),
        None => None,
    };
    eprintln!("0. from nothing to the first test transmission");
    let mut newcomer = Newcomer::arrive(Some(Album::new(&folder.join("start"))?)).await?;
    newcomer.begin().await?;
    newcomer.apply().await?;
    newcomer.seal().await?;
    newcomer.sign_in().await?;
    newcomer.finish().await?;
    newcomer.ask_for_help().await?;
    let start = newcomer.leave().await?.context("the album")?;

    let mut clerk = Clerk::arrive().await?.with_album(&folder.join("month"))?;
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
    clerk.close_the_books().await?;
    eprintln!("5. without a line");
    clerk.work_offline().await?;
    let month = clerk.leave().await?.context("the album")?;
    eprintln!("6. practising");
    todoke_tests::practice::play(Some(&mut Album::new(&folder.join("practice"))?)).await?;
    if let Some(guide) = guide {
        print(&start, &OF_THE_START, &guide)?;
        print(&month, &OF_THE_MONTH, &guide)?;
    }
    Ok(())
}

fn print(album: &Album, pictures: &[(&str, &str)], guide: &Path) -> Result<()> {
    for (name, stop) in pictures {
        album.print(stop, &guide.join(format!("{name}.png")))?;
    }
    Ok(())
}

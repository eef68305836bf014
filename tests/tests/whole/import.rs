//! Taking years of files in from disk: cut off at any point, in any order, as often as one likes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use todoke_tests::history::{self, Size};
use todoke_tests::todoke::Todoke;

const SIZE: Size = Size { offices: 2, months: 6, persons: 12 };

/// What an office learns from its books on a day on which everything is over.
fn books(todoke: &Todoke) -> Result<[Value; 3]> {
    let ask = |word: &str| todoke.run(&[word, "--today", "2025-03-01"])?.exits(0)?.json();
    Ok([ask("returns")?, ask("balance")?, ask("alarms")?])
}

fn computer(folder: &Path, name: &str) -> Result<Todoke> {
    let own = folder.join(name);
    fs::create_dir_all(&own)?;
    Ok(Todoke::new(&own))
}

fn words(files: &[PathBuf]) -> Vec<&std::ffi::OsStr> {
    std::iter::once("import".as_ref()).chain(files.iter().map(|file| file.as_os_str())).collect()
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_was_cut_off() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let files = folder.path().join("files");
    let written = history::write(&files, Size { offices: 12, months: 24, persons: 20 })?;
    let straight = computer(folder.path(), "straight")?;
    let all = straight.run(&["import".as_ref(), files.as_os_str()])?.exits(0)?.json()?;
    ensure!(all["new"] == written.files, "{all:#}, {written:?}");
    let expected = books(&straight)?;
    ensure!(expected[0].as_array().is_some_and(|rows| !rows.is_empty()), "nothing was returned: a poor example");

    let cut = computer(folder.path(), "cut")?;
    let database = cut.data().join("todoke.db");
    let log = cut.data().join("todoke.db-wal");
    let kept = || [&database, &log].map(|file| fs::metadata(file).map_or(0, |facts| facts.len())).iter().sum::<u64>();
    let mut cuts = 0;
    for share in [1, 3, 5, 8, 10, 12] {
        let goal = written.bytes / 16 * share;
        let mut import = cut.start(&["import".as_ref(), files.as_os_str()])?;
        while kept() < goal && import.is_running()? {
            std::thread::yield_now();
        }
        cuts += u32::from(import.is_running()?);
        drop(import);
    }
    ensure!(cuts > 0, "no import was cut off: the files are too few");
    // The paths were remembered before the first file was taken.
    let resumed = cut.run(&["import", "--resume"])?.exits(0)?.json()?;
    let number = |name: &str| resumed[name].as_u64().context("a number");
    ensure!(number("new")? + number("repeated")? == written.files as u64, "{resumed:#}");
    assert_eq!(books(&cut)?, expected);
    let nothing = cut.run(&["import", "--resume"])?.exits(0)?.json()?;
    assert_eq!(nothing["files"], 0, "what has ended is not begun again");
    Ok(())
}

#[test]
fn the_order_of_an_import_changes_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("files");
    history::write(&root, SIZE)?;
    let mut files = under(&root)?;
    files.sort();
    let straight = computer(folder.path(), "straight")?;
    straight.run(&words(&files))?.exits(0)?;
    let expected = books(&straight)?;

    // A permutation that has nothing to do with offices, months or kinds; piece by piece, and all of it twice.
    files.sort_by_key(|file| {
        let name = file.to_string_lossy().into_owned();
        name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())).reverse_bits()
    });
    let shuffled = computer(folder.path(), "shuffled")?;
    for piece in files.chunks(7) {
        shuffled.run(&words(piece))?.exits(0)?;
    }
    let again = shuffled.run(&words(&files))?.exits(0)?.json()?;
    assert_eq!((again["new"].as_u64(), again["repeated"].as_u64()), (Some(0), Some(files.len() as u64)));
    assert_eq!(books(&shuffled)?, expected);
    Ok(())
}

fn under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.append(&mut under(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

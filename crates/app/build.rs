//! Tells the program which rules it was built with: what was settled by other rules is settled anew.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// Everything that decides what the ledger concludes from the files, and which files it is given.
const RULES: [&str; 7] = [
    "src",
    "../calendar/src",
    "../kokuho/build.rs",
    "../kokuho/spec",
    "../kokuho/src",
    "../ledger/src",
    "../store/src",
];

fn main() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    for path in RULES {
        println!("cargo::rerun-if-changed={path}");
        hash(Path::new(path), &mut hasher)?;
    }
    println!("cargo::rustc-env=TODOKE_RULES={:016x}", hasher.finish());
    Ok(())
}

fn hash(path: &Path, hasher: &mut impl Hasher) -> io::Result<()> {
    path.file_name().hash(hasher);
    if path.is_file() {
        fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let mut paths: Vec<PathBuf> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    paths.iter().try_for_each(|path| hash(path, hasher))
}

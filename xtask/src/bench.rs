//! Measures against the bars of the design.

use anyhow::Result;

use crate::setup;
use crate::shell::{cargo, must, npm, succeeds, target};

/// Builds with optimisation, prints the table of ratios, then what the page takes in a real Chromium: the board of 1,000
/// offices painted within 150 ms, the worklist of 100,000 items scrolled without a dropped frame. Returns whether every bar is
/// met; what misses one keeps none of the others from being told.
pub fn bench() -> Result<bool> {
    setup::setup()?;
    must(&mut npm(&["run", "build"]))?;
    must(&mut cargo(&["build", "--release", "--workspace", "--bins", "--examples"]))?;
    let ratios = succeeds(&mut std::process::Command::new(target().join("release/bench")))?;
    let page = succeeds(&mut npm(&["run", "measure"]))?;
    Ok(ratios && page)
}

//! Measures against the bars of the design.

use anyhow::Result;

use crate::setup;
use crate::shell::{cargo, must, npm, succeeds, target};

/// Builds with optimisation and prints the table of ratios; returns whether every bar is met.
pub fn bench() -> Result<bool> {
    setup::setup()?;
    must(&mut npm(&["run", "build"]))?;
    must(&mut cargo(&["build", "--release", "--workspace", "--bins", "--examples"]))?;
    succeeds(&mut std::process::Command::new(target().join("release/bench")))
}

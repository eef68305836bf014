//! The package for Debian and its kin: made by Tauri's bundler, installed and started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::setup;
use crate::shell::{cargo, command, must, npm, output, root, target};

/// Longest start of the window in a debug build on a busy machine.
const START: Duration = Duration::from_mins(2);

/// Builds the programs in release and packs them; returns where the package is.
pub fn package() -> Result<bool> {
    setup::setup()?;
    must(&mut npm(&["run", "build"]))?;
    must(&mut cargo(&["build", "--release", "-p", "todoke-desktop", "-p", "todoke-cli"]))?;
    let made = bundle("release")?;
    eprintln!("\n{:>12}  {}", fs::metadata(&made)?.len(), made.display());
    Ok(true)
}

/// Packs the debug build, installs the package under a folder of its own, and waits for the window to show.
pub fn prove() -> Result<()> {
    let package = bundle("debug")?;
    let root = target().join("deb-root");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    fs::create_dir_all(root.join("var/lib/dpkg"))?;
    let path = |path: &Path| path.to_string_lossy().into_owned();
    // What it needs is looked for on this machine; what it brings goes under the folder.
    for name in depends(&package)? {
        let found = output("dpkg-query", &["--show", "--showformat=${db:Status-Status}", &name]);
        ensure!(found.as_deref() == Some("installed"), "the package needs {name}, which is not installed here");
    }
    for file in ["status", "available"] {
        fs::write(root.join("var/lib/dpkg").join(file), "")?;
    }
    fs::create_dir_all(root.join("var/lib/dpkg/info"))?;
    fs::create_dir_all(root.join("var/lib/dpkg/updates"))?;
    let words =
        [&format!("--root={}", path(&root)), "--force-depends", "--force-not-root", "--force-bad-path", "--install"];
    must(&mut command("dpkg", &[&words[..], &[&path(&package)]].concat()))?;
    let entry = fs::read_to_string(root.join("usr/share/applications/Todoke.desktop")).context("the menu entry")?;
    ensure!(entry.contains("Exec=todoke-desktop"), "the menu entry starts something else: {entry}");
    must(Command::new(root.join("usr/bin/todoke")).arg("--version"))?;
    starts(&root.join("usr/bin/todoke-desktop"))?;
    must(&mut command("dpkg", &[&words[..4], &["--remove", "todoke"]].concat()))?;
    ensure!(!root.join("usr/bin/todoke-desktop").exists(), "the package was removed and its program stayed");
    Ok(())
}

/// Starts the window on a display of its own and waits until it is there.
fn starts(program: &Path) -> Result<()> {
    let data = target().join("deb-data");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    let script = format!(
        "timeout {seconds} dbus-run-session -- \"$PROGRAM\" & \
         for turn in $(seq {seconds}); do xwininfo -root -tree | grep -q '\"とどけ\"' && exit 0; sleep 1; done; exit 1",
        seconds = START.as_secs()
    );
    let status = Command::new("xvfb-run")
        .args(["--auto-servernum", "sh", "-c", &script])
        .env("PROGRAM", program)
        .env("TODOKE_DATA", &data)
        .env("TODOKE_DOCUMENTS", &data)
        .stdin(Stdio::null())
        .status()
        .context("starting the installed window")?;
    ensure!(status.success(), "the installed window did not show");
    Ok(())
}

/// Returns the names of the packages that `package` needs.
fn depends(package: &Path) -> Result<Vec<String>> {
    let text =
        output("dpkg-deb", &["--field", &package.to_string_lossy(), "Depends"]).context("reading the package")?;
    Ok(text.split(',').filter_map(|part| Some(part.split_whitespace().next()?.to_owned())).collect())
}

fn bundle(profile: &str) -> Result<PathBuf> {
    let programs = target().join(profile);
    let todoke = programs.join("todoke").to_string_lossy().into_owned();
    let files = serde_json::json!({
        "bundle": { "linux": { "deb": { "files": { "/usr/bin/todoke": todoke } } } },
        // Built before, and the same page as every other check.
        "build": { "beforeBuildCommand": "" },
    });
    let folder = programs.join("bundle/deb");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut words = vec!["bundle", "--bundles", "deb", "--ci"];
    let files = files.to_string();
    words.extend(["--config", &files]);
    if profile == "debug" {
        words.push("--debug");
    }
    // Started from the root, because it looks for the window's folder below the present one.
    let bundler = root().join("ui/node_modules/.bin/tauri");
    must(&mut command(&bundler.to_string_lossy(), &words))?;
    let made = fs::read_dir(&folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|ending| ending == "deb"));
    match made {
        Some(made) => Ok(made),
        None => bail!("no package in {}", folder.display()),
    }
}

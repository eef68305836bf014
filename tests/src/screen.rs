//! A desktop session of its own: a display, a session bus and an unlocked keychain, all private and gone afterwards.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::program::{Program, command, tool};
use crate::wait;

/// Longest start of a service.
const START: Duration = Duration::from_secs(30);
/// Password of the keychain; it guards nothing but invented values.
const KEYCHAIN_PASSWORD: &str = "kagi";

/// Which keychain a session has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keychain {
    /// gnome-keyring with its collection unlocked, as after signing in to a desktop.
    Unlocked,
    /// gnome-keyring with its collection locked; it can ask for its password on the display.
    Locked,
    /// gnome-keyring with its collection locked and no display to ask on, as over a remote shell.
    LockedUnattended,
    /// A session bus on which no keychain service is and none can be started.
    Absent,
}

/// A desktop session.
#[derive(Debug)]
pub struct Screen {
    /// Keychain, bus and display, in the order in which they must end; held only for that.
    services: Vec<Program>,
    environment: Vec<(String, String)>,
    folder: TempDir,
}

impl Screen {
    /// Starts a session with an unlocked keychain.
    ///
    /// # Errors
    ///
    /// Fails when a service does not start.
    pub async fn start() -> Result<Self> {
        Self::with(Keychain::Unlocked).await
    }

    /// Starts a session.
    ///
    /// # Errors
    ///
    /// Fails when a service does not start.
    pub async fn with(keychain: Keychain) -> Result<Self> {
        // Short, because the paths of sockets may have 107 bytes only.
        let folder = tempfile::Builder::new().prefix("todoke-").tempdir()?;
        let home = folder.path().to_owned();
        let run = home.join("run");
        fs::create_dir(&run)?;
        fs::set_permissions(&run, Permissions::from_mode(0o700))?;

        let mut xvfb = command(&tool("Xvfb")?);
        // One after the other: the server itself finds the first free number.
        xvfb.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-fbdir"]).arg(&home);
        let (display, number) =
            Program::start_until(&mut xvfb, &home.join("display.log"), START, |line| line.trim().parse::<u32>().ok())?;

        let path = |name: &str| home.join(name).to_string_lossy().into_owned();
        let mut environment: Vec<(String, String)> = [
            ("DISPLAY", format!(":{number}")),
            ("HOME", home.to_string_lossy().into_owned()),
            ("XDG_RUNTIME_DIR", run.to_string_lossy().into_owned()),
            ("XDG_DATA_HOME", path("share")),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_CACHE_HOME", path("cache")),
            ("LANG", "C.UTF-8".to_owned()),
            ("GDK_BACKEND", "x11".to_owned()),
            // No screen reader here.
            ("NO_AT_BRIDGE", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();

        let mut bus = command(&tool("dbus-daemon")?);
        bus.args(["--nofork", "--print-address=1"]).env_remove("WAYLAND_DISPLAY").envs(pairs(&environment));
        if keychain == Keychain::LockedUnattended {
            bus.env_remove("DISPLAY");
        }
        if keychain == Keychain::Absent {
            let configuration = home.join("bus.conf");
            fs::write(&configuration, BARE_BUS.replace("FOLDER", &run.to_string_lossy()))?;
            bus.arg("--config-file").arg(configuration);
        } else {
            bus.arg("--session");
        }
        let (bus, address) = Program::start_until(&mut bus, &home.join("bus.log"), START, |line| {
            line.starts_with("unix:").then(|| line.trim().to_owned())
        })?;
        environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address));

        let mut screen = Self { services: vec![bus, display], environment, folder };
        if keychain != Keychain::Absent {
            let keychain = screen.start_keychain().await?;
            screen.services.insert(0, keychain);
        }
        if matches!(keychain, Keychain::Locked | Keychain::LockedUnattended) {
            screen.lock_keychain()?;
        }
        Ok(screen)
    }

    /// Returns the environment variables of the session.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Makes a command that runs in the session.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = command(program);
        command.env_remove("WAYLAND_DISPLAY").envs(pairs(&self.environment));
        command
    }

    /// Returns a folder that ends with the session.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the file into which the display draws: an XWD image whose pixels are always current.
    pub fn pixels(&self) -> PathBuf {
        self.folder.path().join("Xvfb_screen0")
    }

    /// Locks the keychain, as a desktop does when nobody is there.
    ///
    /// # Errors
    ///
    /// Fails when the keychain refuses.
    pub fn lock_keychain(&self) -> Result<()> {
        self.call(&[
            "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            "array:objpath:/org/freedesktop/secrets/collection/login",
        ])?;
        ensure!(self.collection_is("true")?, "the keychain is still open");
        Ok(())
    }

    /// Unlocks the keychain the way signing in to the desktop does: over the daemon's control socket（libpam-gnome-keyring）.
    ///
    /// # Errors
    ///
    /// Fails when the keychain refuses.
    pub fn unlock_keychain(&self) -> Result<()> {
        const UNLOCK: u32 = 1;
        let mut control = UnixStream::connect(self.folder.path().join("run/keyring/control"))?;
        let password = KEYCHAIN_PASSWORD.as_bytes();
        let length = u32::try_from(password.len())?;
        // One byte that carries the credentials of this process, then lengths and values, all in network order.
        let mut message = vec![0];
        for number in [12 + length, UNLOCK, length] {
            message.extend(number.to_be_bytes());
        }
        message.extend(password);
        control.write_all(&message)?;
        let mut answer = [0; 8];
        control.read_exact(&mut answer)?;
        ensure!(answer[4..] == [0; 4], "the keychain answers {answer:?}");
        ensure!(self.collection_is("false")?, "the keychain is still locked");
        Ok(())
    }

    async fn start_keychain(&self) -> Result<Program> {
        let mut daemon = self.command(&tool("gnome-keyring-daemon")?);
        daemon.args(["--foreground", "--unlock", "--components=secrets"]);
        // The daemon reads the password to its end before anything else.
        let password = self.folder.path().join("password");
        fs::write(&password, KEYCHAIN_PASSWORD)?;
        daemon.stdin(fs::File::open(&password)?).stdout(Stdio::null());
        let program = Program::start(&mut daemon, &self.folder.path().join("keychain.log"))?;
        // Asking the bus, not the service: asking the service would start a second one.
        wait::until("the keychain", START, async || {
            let owned = self.call(&[
                "--dest=org.freedesktop.DBus",
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus.NameHasOwner",
                "string:org.freedesktop.secrets",
            ])?;
            Ok(owned.contains("boolean true").then_some(()))
        })
        .await?;
        wait::until("the open collection", START, async || {
            Ok(self.collection_is("false").unwrap_or(false).then_some(()))
        })
        .await?;
        Ok(program)
    }

    fn collection_is(&self, locked: &str) -> Result<bool> {
        let answer = self.call(&[
            "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets/collection/login",
            "org.freedesktop.DBus.Properties.Get",
            "string:org.freedesktop.Secret.Collection",
            "string:Locked",
        ])?;
        Ok(answer.contains(&format!("boolean {locked}")))
    }

    fn call(&self, words: &[&str]) -> Result<String> {
        let mut send = self.command(&tool("dbus-send")?);
        send.args(["--session", "--type=method_call", "--print-reply", "--reply-timeout=5000"]).args(words);
        let output = send.output().context("asking the session bus")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn pairs(environment: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    environment.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

/// A session bus that starts no service by itself.
const BARE_BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=FOLDER</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

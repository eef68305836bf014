//! Where secrets live: the keychain of the operating system, or a key file on machines that have none (DESIGN §8).

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::problem::{Code, Problem};

/// Longest time that a keychain may take before the program goes on without it: long enough for a person to unlock it
/// in its own window, short enough not to look dead.
const PATIENCE: Duration = Duration::from_secs(30);

/// A secret, wiped from memory when dropped.
pub type Secret = Zeroizing<String>;

/// A place for secrets. Calls may block, and a locked keychain may hang: use [`Secrets`].
pub trait SecretStore: Send + Sync {
    /// Returns the secret called `name`, or `None` when there is none.
    fn read(&self, name: &str) -> Result<Option<Secret>, Code>;
    /// Keeps `secret` under `name`, in place of what was there.
    fn write(&self, name: &str, secret: &str) -> Result<(), Code>;
    /// Forgets the secret called `name`; nothing happens when there is none.
    fn forget(&self, name: &str) -> Result<(), Code>;
}

/// A [`SecretStore`] whose calls run off the async threads and end in time.
#[derive(Clone)]
pub struct Secrets(Arc<dyn SecretStore>);

impl Secrets {
    /// Wraps `store`.
    pub fn new(store: impl SecretStore + 'static) -> Self {
        Self(Arc::new(store))
    }

    /// Returns the secret called `name`, or `None` when there is none.
    pub async fn read(&self, name: &str) -> Result<Option<Secret>, Problem> {
        let name = name.to_owned();
        self.run(move |store| store.read(&name)).await
    }

    /// Keeps `secret` under `name`, in place of what was there.
    pub async fn write(&self, name: &str, secret: &str) -> Result<(), Problem> {
        let (name, secret) = (name.to_owned(), Secret::new(secret.to_owned()));
        self.run(move |store| store.write(&name, &secret)).await
    }

    /// Forgets the secret called `name`.
    pub async fn forget(&self, name: &str) -> Result<(), Problem> {
        let name = name.to_owned();
        self.run(move |store| store.forget(&name)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        call: impl FnOnce(&dyn SecretStore) -> Result<T, Code> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = Arc::clone(&self.0);
        // A thread of its own: a runtime that ends waits for its blocking tasks, and a keychain that asks for its
        // password may never answer.
        let (sender, answer) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || drop(sender.send(call(&*store))));
        match tokio::time::timeout(PATIENCE, answer).await {
            Err(_) => Err(Code::KeychainSilent.into()),
            Ok(Err(_)) => Err(Code::KeychainFailed.into()),
            Ok(Ok(result)) => result.map_err(Problem::from),
        }
    }
}

/// The keychain of the operating system: Windows Credential Manager, or the Secret Service on Linux (D5).
#[derive(Debug, Default)]
pub struct Keychain;

impl Keychain {
    /// Name of the service under which all entries stand.
    const SERVICE: &str = "todoke";

    fn entry(name: &str) -> Result<keyring::Entry, Code> {
        keyring::Entry::new(Self::SERVICE, name).map_err(|error| code_of(&error))
    }
}

impl SecretStore for Keychain {
    fn read(&self, name: &str) -> Result<Option<Secret>, Code> {
        match Self::entry(name)?.get_password() {
            Ok(secret) => Ok(Some(Secret::new(secret))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(code_of(&error)),
        }
    }

    fn write(&self, name: &str, secret: &str) -> Result<(), Code> {
        Self::entry(name)?.set_password(secret).map_err(|error| code_of(&error))
    }

    fn forget(&self, name: &str) -> Result<(), Code> {
        match Self::entry(name)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(code_of(&error)),
        }
    }
}

/// Tells "no service" from "locked" from the rest, and logs the cause once.
fn code_of(error: &keyring::Error) -> Code {
    use keyring::Error;
    let code = match error {
        Error::NoDefaultStore => Code::NoKeychain,
        Error::NoStorageAccess(_) => Code::KeychainLocked,
        Error::PlatformFailure(cause) => {
            let text = cause.to_string().to_lowercase();
            if text.contains("locked") || text.contains("prompt") || text.contains("dismissed") {
                Code::KeychainLocked
            } else if text.contains("serviceunknown")
                || text.contains("not provided by any")
                || text.contains("no such file")
            {
                Code::NoKeychain
            } else {
                Code::KeychainFailed
            }
        }
        // NoEntry is no failure and is told apart before; the rest a person cannot tell apart.
        _ => Code::KeychainFailed,
    };
    tracing::warn!(code = code.as_str(), cause = %error, "The keychain refused");
    code
}

/// Secrets in a file that only its owner may read, for unattended machines without a keychain. Chosen by a person with
/// `--key-file`; never a silent fallback.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// Uses the file at `path`; it is made with mode 600 at the first write.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn load(&self) -> Result<std::collections::BTreeMap<String, String>, Code> {
        match fs::read_to_string(&self.path) {
            Ok(text) => serde_json::from_str(&text).map_err(|_| Code::KeychainFailed),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(std::collections::BTreeMap::new()),
            Err(_) => Err(Code::KeychainFailed),
        }
    }

    /// Writes beside the file and renames, so that a crash leaves the old content or the new one.
    fn save(&self, secrets: &std::collections::BTreeMap<String, String>) -> Result<(), Code> {
        let write = || -> std::io::Result<()> {
            let beside = self.path.with_extension("new");
            let mut file = create_private(&beside)?;
            file.write_all(serde_json::to_string_pretty(secrets)?.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)
        };
        write().map_err(|error| {
            tracing::warn!(cause = %error, "The key file cannot be written");
            Code::KeychainFailed
        })
    }
}

#[cfg(unix)]
fn create_private(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> std::io::Result<fs::File> {
    fs::File::create(path)
}

impl SecretStore for KeyFile {
    fn read(&self, name: &str) -> Result<Option<Secret>, Code> {
        Ok(self.load()?.remove(name).map(Secret::new))
    }

    fn write(&self, name: &str, secret: &str) -> Result<(), Code> {
        let mut secrets = self.load()?;
        secrets.insert(name.to_owned(), secret.to_owned());
        self.save(&secrets)
    }

    fn forget(&self, name: &str) -> Result<(), Code> {
        let mut secrets = self.load()?;
        if secrets.remove(name).is_some() { self.save(&secrets) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_file_keeps_replaces_and_forgets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let file = KeyFile::new(&path);
        assert_eq!(file.read("a").unwrap(), None);
        file.write("a", "one").unwrap();
        file.write("b", "two").unwrap();
        file.write("a", "three").unwrap();
        assert_eq!(KeyFile::new(&path).read("a").unwrap().unwrap().as_str(), "three");
        file.forget("a").unwrap();
        file.forget("a").unwrap();
        assert_eq!(file.read("a").unwrap(), None);
        assert_eq!(file.read("b").unwrap().unwrap().as_str(), "two");
    }

    #[cfg(unix)]
    #[test]
    fn key_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        KeyFile::new(&path).write("a", "one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn damaged_key_file_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        fs::write(&path, "{ damaged").unwrap();
        assert_eq!(KeyFile::new(&path).write("a", "one"), Err(Code::KeychainFailed));
        assert_eq!(fs::read_to_string(&path).unwrap(), "{ damaged");
    }
}

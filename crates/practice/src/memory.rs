use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use app::{Code, Secret, SecretStore};

/// Secrets that live as long as the practice. The keychain of the system is never opened by one.
#[derive(Default)]
pub(crate) struct Memory(Mutex<BTreeMap<String, Secret>>);

impl Memory {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Secret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for Memory {
    fn read(&self, name: &str) -> Result<Option<Secret>, Code> {
        Ok(self.kept().get(name).cloned())
    }

    fn write(&self, name: &str, secret: &str) -> Result<(), Code> {
        self.kept().insert(name.to_owned(), Secret::new(secret.to_owned()));
        Ok(())
    }

    fn forget(&self, name: &str) -> Result<(), Code> {
        self.kept().remove(name);
        Ok(())
    }
}

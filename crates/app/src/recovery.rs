//! The recovery key: the key of the database on paper, for the day on which the keychain is lost（D4）.

use store::{Key, Store};

use crate::problem::{Code, Problem};
use crate::{App, Config, blocking, key_name, of_open};

impl App {
    /// Returns the recovery key in groups of eight digits, to be written down and locked away.
    pub async fn recovery_key(&self) -> Result<String, Problem> {
        let name = key_name(&self.0.config.data)?;
        let key = self.0.config.secrets.read(&name).await?.ok_or(Code::KeyMissing)?;
        Ok(key
            .as_bytes()
            .chunks(8)
            .map(|group| String::from_utf8_lossy(group).into_owned())
            .collect::<Vec<_>>()
            .join("-"))
    }
}

/// Puts a recovery key back into the keychain, after it has opened the database in `config.data`.
///
/// # Errors
///
/// [`Code::WrongKey`] when it does not open it; nothing is changed then.
pub async fn restore_key(config: &Config, text: &str) -> Result<(), Problem> {
    let key = Key::parse(text).map_err(|_| Problem::from(Code::WrongKey))?;
    let name = key_name(&config.data)?;
    if !Store::exists(&config.data) {
        return Err(Code::DatabaseDamaged.into());
    }
    let hex = key.to_hex();
    let (data, now) = (config.data.clone(), config.clock.now());
    blocking(move || Store::open(&data, &key, now).map(drop).map_err(of_open)).await?;
    config.secrets.write(&name, &hex).await
}

use serde::Serialize;
use specta::Type;

use crate::problem::{Code, Problem};
use crate::{App, Config, blocking, database_key, disk, of_open};

/// A copy of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CopyView {
    /// File name.
    pub name: String,
    /// Size in bytes.
    #[specta(type = specta_typescript::Number)]
    pub bytes: u64,
}

/// Lists the copies of the database, latest first.
///
/// # Errors
///
/// [`Code::DiskFailed`].
pub fn copies(config: &Config) -> Result<Vec<CopyView>, Problem> {
    let copies = store::copies(&config.data).map_err(disk)?;
    Ok(copies.into_iter().map(|copy| CopyView { name: copy.name, bytes: copy.bytes }).collect())
}

/// Puts a copy in the place of the database, which is kept in `aside/`. No program may have it open.
///
/// # Errors
///
/// [`Code::UnknownCopy`]; keychain and database problems. Nothing is changed by any of them.
pub async fn restore_copy(config: &Config, name: &str) -> Result<(), Problem> {
    let key = database_key(config).await?;
    let (data, now, name) = (config.data.clone(), config.clock.now(), name.to_owned());
    blocking(move || {
        store::restore_copy(&data, &name, &key, now).map_err(|error| match error {
            store::OpenError::Missing { .. } => Code::UnknownCopy.into(),
            error => of_open(error),
        })
    })
    .await
}

impl App {
    /// Copies the database aside, before the program is replaced by a newer one.
    ///
    /// # Errors
    ///
    /// [`Code::UpgradeFailed`] and keychain problems.
    pub(crate) async fn copy_aside(&self) -> Result<(), Problem> {
        let key = database_key(&self.0.config).await?;
        let now = self.0.config.clock.now();
        let inner = std::sync::Arc::clone(&self.0);
        blocking(move || inner.store.copy_aside(&key, now).map(drop).map_err(of_open)).await
    }
}

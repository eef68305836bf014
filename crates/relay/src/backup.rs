//! Backups: a copy taken while the relay serves, and the proof that a copy is whole.

use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use sha2::{Digest, Sha256};

use crate::objects::{Key, Objects};
use crate::storage::{AuditCheck, Kept, Storage};
use crate::{OpenError, Relay, make_folder};

/// Why a backup was not taken or is not whole.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder holds something already.
    #[error("{0} は空ではありません。新しいフォルダーを指定してください")]
    NotEmpty(PathBuf),
    /// The relay keeps its data in PostgreSQL and a bucket.
    #[error(
        "PostgreSQL とバケットを使う中継サーバーの控えは、pg_dump とバケットの複製で取ってください。\
         戻したものは admin backup verify（--from なし）で確かめられます"
    )]
    Shared,
    /// The folder cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] crate::storage::Error),
    /// A content could not be read or written.
    #[error(transparent)]
    Objects(#[from] crate::objects::Error),
    /// The folder could not be listed.
    #[error("{path} を読めません")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database of the copy is damaged.
    #[error("控えのデータベースが壊れています：{0}")]
    Damaged(String),
    /// The audit trail of the copy was changed.
    #[error("控えの保安の記録の{0}件目で、書きかえか抜けが見つかりました")]
    Audit(i64),
    /// A content is missing or is not what it was.
    #[error("控えのファイルがないか、中身が違います：{0}")]
    Content(String),
}

/// What a whole backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// Claim files and notice files.
    pub contents: u64,
    /// Rows of the audit trail.
    pub audit_rows: u64,
}

impl Relay {
    /// Copies everything into the empty folder `to` while the relay serves, and proves the copy.
    ///
    /// The database is copied first: contents only grow, so that everything the copy speaks of is there to be copied.
    pub async fn back_up(&self, to: &Path) -> Result<Backup, BackupError> {
        if self.storage().is_shared() {
            return Err(BackupError::Shared);
        }
        make_folder(to)?;
        let failed = |source| BackupError::Folder { path: to.to_owned(), source };
        if std::fs::read_dir(to).map_err(failed)?.next().is_some() {
            return Err(BackupError::NotEmpty(to.to_owned()));
        }
        self.storage().copy_to(to.join("relay.db")).await?;
        let copy = Storage::open(to)?;
        let objects = Objects::open(&to.join("objects"))?;
        for kept in copy.kept().await? {
            let key = key(&kept);
            objects.put(&key, self.objects().read(&key).await?).await?;
        }
        verify(&copy, &objects).await
    }

    /// Proves that what this relay serves from is whole, as [`verify_backup`] does for a copy: the proof of a restored
    /// PostgreSQL database and its bucket.
    pub async fn verify(&self) -> Result<Backup, BackupError> {
        verify(self.storage(), self.objects()).await
    }
}

/// Proves that the folder `from` holds a whole backup: the database is sound, no row of the audit trail was changed, and
/// every content that it speaks of is there with its SHA-256.
pub async fn verify_backup(from: &Path) -> Result<Backup, BackupError> {
    let path = from.join("relay.db");
    if !path.is_file() {
        return Err(BackupError::Damaged("relay.db がありません".to_owned()));
    }
    verify(&Storage::open(from)?, &Objects::open(&from.join("objects"))?).await
}

async fn verify(storage: &Storage, objects: &Objects) -> Result<Backup, BackupError> {
    if let Some(damage) = storage.damage().await? {
        return Err(BackupError::Damaged(damage));
    }
    let audit_rows = match storage.check_audit(None).await? {
        AuditCheck::Whole { rows, .. } => rows,
        AuditCheck::Broken { row } => return Err(BackupError::Audit(row)),
        AuditCheck::OtherTrail => return Err(BackupError::Audit(0)),
    };
    let mut contents = 0;
    for kept in storage.kept().await? {
        let key = key(&kept);
        let missing = || BackupError::Content(key.to_string());
        let mut stream = objects.stream(&key).await.map_err(|_| missing())?;
        let mut hasher = Sha256::new();
        while let Some(piece) = stream.next().await {
            hasher.update(&piece?);
        }
        if hex::encode(hasher.finalize()) != kept.sha256 {
            return Err(missing());
        }
        contents += 1;
    }
    Ok(Backup { contents, audit_rows })
}

fn key(kept: &Kept) -> Key {
    if kept.is_document {
        Key::document(kept.corporation, &kept.sha256)
    } else {
        Key::submission(kept.corporation, &kept.sha256)
    }
}

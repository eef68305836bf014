//! Where contents lie: claim files and notice files, byte for byte, each under the SHA-256 of its content.
//!
//! A content is either there completely and safe against power loss, or not there: it is written beside its place,
//! flushed, renamed into its place, and the folder is flushed.

use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};

/// Contents up to this size are held in memory and written in one go.
const PART: usize = 4 * 1024 * 1024;

/// Why a content could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error("object store")]
    Store(#[from] object_store::Error),
    /// The folder of the objects failed.
    #[error("objects folder")]
    Folder(#[from] std::io::Error),
}

/// Names a content: kind, corporation and SHA-256, so that no corporation can meet another one's content.
#[derive(Debug, Clone)]
pub struct Key(Path);

impl Key {
    /// Names a claim file. `sha256` is 64 hexadecimal digits.
    pub fn submission(corporation: i64, sha256: &str) -> Self {
        Self::under("submissions", corporation, sha256)
    }

    /// Names a notice file. `sha256` is 64 hexadecimal digits.
    pub fn document(corporation: i64, sha256: &str) -> Self {
        Self::under("documents", corporation, sha256)
    }

    fn under(kind: &str, corporation: i64, sha256: &str) -> Self {
        let fan = sha256.get(..2).unwrap_or_default();
        Self(Path::from_iter([kind, &corporation.to_string(), fan, sha256]))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// All contents.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    folder: PathBuf,
}

impl Objects {
    /// Opens the contents in `folder`, which is made when missing.
    pub fn open(folder: &FilePath) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: folder.to_owned() })
    }

    /// Removes what uploads that were killed left behind. Only while nobody else uploads.
    pub fn sweep(&self) -> Result<(), Error> {
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else if entry.file_name().to_string_lossy().contains('#') {
                    // The store stages at `<place>#<n>`; no key contains the character.
                    std::fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// Keeps `content`; durable when it returns.
    pub async fn put(&self, key: &Key, content: Bytes) -> Result<(), Error> {
        self.store.put(&key.0, content.into()).await?;
        Ok(())
    }

    /// Starts to write a content of unknown size.
    pub fn begin(&self, key: Key) -> Upload {
        Upload { store: Arc::clone(&self.store), key, head: BytesMut::new(), rest: None }
    }

    /// Reads a content as a whole.
    pub async fn read(&self, key: &Key) -> Result<Bytes, Error> {
        Ok(self.store.get(&key.0).await?.bytes().await?)
    }

    /// Reads a content piece by piece.
    pub async fn stream(&self, key: &Key) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        Ok(self.store.get(&key.0).await?.into_stream().map_err(Error::from).boxed())
    }

    /// Forgets a content that nothing refers to.
    pub async fn remove(&self, key: &Key) -> Result<(), Error> {
        match self.store.delete(&key.0).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns whether the folder of the contents can be reached.
    pub async fn is_ready(&self) -> bool {
        tokio::fs::metadata(&self.folder).await.is_ok_and(|metadata| metadata.is_dir())
    }
}

/// A content being written. Nothing of it can be seen before it is in its place; dropping it leaves nothing.
pub struct Upload {
    store: Arc<dyn ObjectStore>,
    key: Key,
    head: BytesMut,
    rest: Option<WriteMultipart>,
}

impl Upload {
    /// Appends `piece`.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), Error> {
        if let Some(rest) = &mut self.rest {
            rest.wait_for_capacity(1).await?;
            rest.put(piece);
        } else if self.head.len() + piece.len() <= PART {
            self.head.extend_from_slice(&piece);
        } else {
            let staged = self.store.put_multipart(&self.key.0).await?;
            let mut rest = WriteMultipart::new_with_chunk_size(staged, PART);
            rest.put(self.head.split().freeze());
            rest.put(piece);
            self.rest = Some(rest);
        }
        Ok(())
    }

    /// Ends the writing.
    pub fn finish(self) -> Written {
        match self.rest {
            Some(rest) => Written::Staged(Staged(rest)),
            None => Written::Small(self.head.freeze()),
        }
    }
}

/// A content written as a whole, not yet in its place.
pub enum Written {
    /// Small enough to be in memory; [`Objects::put`] keeps it.
    Small(Bytes),
    /// Beside its place.
    Staged(Staged),
}

/// A large content beside its place; dropping it leaves nothing.
pub struct Staged(WriteMultipart);

impl Staged {
    /// Puts the content in its place; durable when it returns.
    pub async fn publish(self) -> Result<(), Error> {
        self.0.finish().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &FilePath) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        found
    }

    #[tokio::test]
    async fn small_and_large_contents_come_back_whole() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::open(folder.path()).unwrap();
        for size in [1, PART, PART + 1, 3 * PART + 17] {
            let content: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            let key = Key::submission(1, &format!("{size:064}"));
            let mut upload = objects.begin(key.clone());
            for piece in content.chunks(700_001) {
                upload.write(Bytes::copy_from_slice(piece)).await.unwrap();
            }
            match upload.finish() {
                Written::Small(bytes) => {
                    assert!(size <= PART);
                    objects.put(&key, bytes).await.unwrap();
                }
                Written::Staged(staged) => {
                    assert!(size > PART);
                    assert!(objects.read(&key).await.is_err(), "nothing may be seen before it is published");
                    staged.publish().await.unwrap();
                }
            }
            assert_eq!(objects.read(&key).await.unwrap(), content);
        }
        assert!(files(folder.path()).iter().all(|name| !name.contains('#')));
    }

    #[tokio::test]
    async fn an_upload_that_was_killed_leaves_nothing_after_the_sweep() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::open(folder.path()).unwrap();
        let key = Key::submission(1, &"a".repeat(64));
        let mut upload = objects.begin(key.clone());
        upload.write(vec![0; 2 * PART].into()).await.unwrap();
        assert!(objects.read(&key).await.is_err(), "nothing may be seen before it is published");
        // What a killed process leaves: the staged file, with nobody to remove it.
        std::mem::forget(upload);
        assert_eq!(files(folder.path()).len(), 1);
        Objects::open(folder.path()).unwrap().sweep().unwrap();
        assert_eq!(files(folder.path()), Vec::<String>::new());
    }
}

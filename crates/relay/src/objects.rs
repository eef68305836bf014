//! Where contents lie: claim files and notice files, byte for byte, each under the SHA-256 of its content.
//!
//! A content is either there completely and safe against power loss, or not there. In a folder it is written beside its
//! place, flushed, renamed into its place, and the folder is flushed; in a bucket it can be seen once the service has
//! answered that it keeps it.

use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig, WriteMultipart};

/// Contents up to this size are held in memory and written in one go; larger ones in parts of this size, which is the
/// smallest that S3 takes.
const PART: usize = 5 * 1024 * 1024;

/// How long the service of a bucket may take for one request, repeated or not.
const REQUEST: Duration = Duration::from_secs(30);
/// How long connecting to it may take.
const CONNECT: Duration = Duration::from_secs(5);

/// Why a content could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error("object store")]
    Store(#[from] object_store::Error),
    /// The folder of the objects failed.
    #[error("objects folder")]
    Folder(#[from] std::io::Error),
    /// The address of the bucket is plain HTTP on another machine.
    #[error("refusing plain HTTP to the bucket: claim files would be readable on the network; give an https address")]
    PlainHttp,
}

/// An S3-compatible bucket that holds the contents of one relay, or of relays that share it, and nothing else.
#[derive(Clone)]
pub struct Bucket {
    /// Name.
    pub name: String,
    /// Address of the service, https unless it is on this machine; `None` for Amazon's.
    pub endpoint: Option<String>,
    /// Region.
    pub region: String,
    /// Id of the access key.
    pub key_id: String,
    /// The access key.
    pub key: String,
}

/// Leaves out the key.
impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
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
    /// `None` for a bucket.
    folder: Option<PathBuf>,
}

impl Objects {
    /// Opens the contents in `folder`, which is made when missing.
    pub fn open(folder: &FilePath) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder.to_owned()) })
    }

    /// Opens the contents in a bucket. Nothing is asked of the service yet.
    pub fn connect(bucket: &Bucket) -> Result<Self, Error> {
        // The client takes the provider of the process; that one is there already is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket.name)
            .with_region(&bucket.region)
            .with_access_key_id(&bucket.key_id)
            .with_secret_access_key(&bucket.key)
            .with_conditional_put(S3ConditionalPut::Disabled)
            .with_client_options(ClientOptions::new().with_timeout(REQUEST).with_connect_timeout(CONNECT))
            .with_retry(RetryConfig { max_retries: 3, retry_timeout: REQUEST, backoff: BackoffConfig::default() });
        if let Some(endpoint) = &bucket.endpoint {
            let is_plain = endpoint.starts_with("http://");
            if is_plain && !is_loopback(endpoint) {
                return Err(Error::PlainHttp);
            }
            builder = builder.with_endpoint(endpoint).with_allow_http(is_plain);
        }
        Ok(Self { store: Arc::new(builder.build()?), folder: None })
    }

    /// Removes what uploads that were killed left behind in a folder. Only while nobody else uploads. A bucket does it by
    /// itself, with a rule for incomplete uploads.
    pub fn sweep(&self) -> Result<(), Error> {
        let mut folders: Vec<_> = self.folder.iter().cloned().collect();
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

    /// Returns whether the contents can be reached.
    pub async fn is_ready(&self) -> bool {
        if let Some(folder) = &self.folder {
            return tokio::fs::metadata(folder).await.is_ok_and(|metadata| metadata.is_dir());
        }
        // Nothing lies there; a service that says so answers, and knows the bucket and the key.
        let answer = self.store.head(&Path::from("ready")).await;
        matches!(answer, Ok(_) | Err(object_store::Error::NotFound { .. }))
    }
}

fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint.trim_start_matches("http://").split(['/', '?']).next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
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

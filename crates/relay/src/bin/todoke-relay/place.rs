//! Options that say where the relay keeps everything.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use relay::{Bucket, Database, Place};

/// A folder for a relay that serves alone; a database and a bucket for relays that serve together. Every option of the
/// latter can stand in the environment, where secrets belong.
#[derive(Args)]
pub(crate) struct PlaceOptions {
    /// Folder of the database and all contents.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// PostgreSQL database that several relays share: `postgres://user:password@host/name`.
    #[arg(long, global = true, env = "TODOKE_RELAY_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Certificate of the authority of the database server, PEM; needed unless the server is on this machine.
    #[arg(long, global = true, env = "TODOKE_RELAY_DATABASE_CA")]
    database_ca: Option<PathBuf>,
    /// S3-compatible bucket of the contents.
    #[arg(long, global = true, env = "TODOKE_RELAY_BUCKET")]
    bucket: Option<String>,
    /// Address of the bucket's service; Amazon's without it.
    #[arg(long, global = true, env = "TODOKE_RELAY_BUCKET_ENDPOINT")]
    bucket_endpoint: Option<String>,
    /// Region of the bucket.
    #[arg(long, global = true, env = "TODOKE_RELAY_BUCKET_REGION", default_value = "ap-northeast-1")]
    bucket_region: String,
    /// Id of the access key of the bucket.
    #[arg(long, global = true, env = "TODOKE_RELAY_BUCKET_KEY_ID")]
    bucket_key_id: Option<String>,
    /// Access key of the bucket. Give it in the environment: other users of the machine can read command lines.
    #[arg(long, global = true, env = "TODOKE_RELAY_BUCKET_KEY", hide_env_values = true)]
    bucket_key: Option<String>,
}

impl PlaceOptions {
    /// Returns the place. clap cannot require options that may stand after a command.
    pub(crate) fn place(self) -> anyhow::Result<Place> {
        // A folder that was named rules over an environment that was set up for the other way.
        if let Some(data) = self.data {
            return Ok(Place::Folder(data));
        }
        let url = self.database.context("--data is missing: the folder of the relay")?;
        let bucket = Bucket {
            name: self.bucket.context("--bucket is missing")?,
            endpoint: self.bucket_endpoint,
            region: self.bucket_region,
            key_id: self.bucket_key_id.context("TODOKE_RELAY_BUCKET_KEY_ID is missing")?,
            key: self.bucket_key.context("TODOKE_RELAY_BUCKET_KEY is missing")?,
        };
        Ok(Place::Shared(Database { url, authority: self.database_ca }, bucket))
    }
}

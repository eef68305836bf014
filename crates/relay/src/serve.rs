//! Listening: HTTPS anywhere, plain HTTP only where nobody else can listen.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// How long a client may take for the head of a request, from its first byte, and for the answer to a sign of life.
const HEAD: Duration = Duration::from_secs(30);
/// Silence after which a client of HTTP/2 is asked whether it is still there.
const ALIVE: Duration = Duration::from_mins(1);

/// Files of the relay's certificate, PEM.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Certificate, followed by those between it and the root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// A certificate in use, which can be replaced while the relay serves.
#[derive(Clone)]
pub struct Certificate {
    files: Tls,
    config: RustlsConfig,
}

impl Certificate {
    /// Reads the files and checks that key and certificate belong together.
    pub fn load(files: Tls) -> Result<Self, ServeError> {
        let config = RustlsConfig::from_config(Arc::new(tls_config(&files)?));
        Ok(Self { files, config })
    }

    /// Reads the files anew; connections made from now on see what they hold. On failure the present ones stay in use.
    pub fn reload(&self) -> Result<(), ServeError> {
        self.config.reload_from_config(Arc::new(tls_config(&self.files)?));
        Ok(())
    }

    /// Returns when the files were last written, to tell that they were replaced.
    pub fn written(&self) -> Option<(SystemTime, SystemTime)> {
        let written = |path: &PathBuf| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        Some((written(&self.files.certificate)?, written(&self.files.key)?))
    }
}

/// Why the relay does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Plain HTTP was asked for on an address that others can reach.
    #[error(
        "refusing plain HTTP on {0}: passwords and claim files would be readable on the network; \
         give --tls-cert and --tls-key, or listen on a loopback address such as 127.0.0.1"
    )]
    PlainHttp(SocketAddr),
    /// Certificate or key cannot be used.
    #[error("cannot use the certificate or its key: {0}")]
    Certificate(String),
    /// The system refused.
    #[error("cannot listen")]
    Io(#[from] std::io::Error),
}

/// Serves `router` on `listener` until `handle` shuts it down. With `tls` it speaks HTTPS; without, plain HTTP, which is
/// refused unless the address is a loopback one.
pub async fn serve(
    listener: TcpListener,
    tls: Option<&Certificate>,
    router: Router,
    handle: Handle<SocketAddr>,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    if tls.is_none() && !address.ip().is_loopback() {
        return Err(ServeError::PlainHttp(address));
    }
    listener.set_nonblocking(true)?;
    let service = router.into_make_service();
    if let Some(tls) = tls {
        let mut server = axum_server::from_tcp_rustls(listener, tls.config.clone())?.handle(handle);
        limit(server.http_builder());
        server.serve(service).await?;
    } else {
        let mut server = axum_server::from_tcp(listener)?.handle(handle);
        limit(server.http_builder());
        server.serve(service).await?;
    }
    Ok(())
}

/// Ends connections that hold a place without asking for anything.
fn limit(builder: &mut Builder<TokioExecutor>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(ALIVE).keep_alive_timeout(HEAD);
}

fn tls_config(tls: &Tls) -> Result<ServerConfig, ServeError> {
    let failed = |error: &dyn std::fmt::Display| ServeError::Certificate(error.to_string());
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| failed(&error))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| failed(&error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| failed(&error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

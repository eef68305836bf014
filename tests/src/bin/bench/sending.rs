//! Sending 1,000 files over loopback TLS, against curl making the same requests on one connection.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use relay_api::{ChangePassword, LogIn, NewSubmission, Session};
use todoke_tests::claims::{OFFICE, fixture, sha256};
use todoke_tests::program::{Program, built, command, tool};
use todoke_tests::relay::{Letter, use_ring};
use todoke_tests::todoke::{PASSWORD, Todoke};
use todoke_tests::wait::now;

use crate::Row;
use crate::serving::with_corporation;

const FILES: usize = 1000;
const START: Duration = Duration::from_mins(1);

/// Measures both, each against a new relay.
pub async fn measure() -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let files = claims(folder.path())?;
    let tls = Tls::make(folder.path())?;

    let ours = {
        let relay = TlsRelay::start(&folder.path().join("relay-1"), &tls)?;
        let todoke = Todoke::new(folder.path())
            .with_relay(relay.url.clone())
            .with_variable("SSL_CERT_FILE", &tls.authority.to_string_lossy());
        todoke.log_in(&relay.letter)?;
        let words: Vec<_> = std::iter::once("send".as_ref()).chain(files.iter().map(|file| file.as_os_str())).collect();
        let start = now();
        let sent = todoke.run(&words)?.exits(0)?.json()?;
        let took = start.elapsed();
        ensure!(sent.as_array().map(Vec::len) == Some(FILES), "not all were sent");
        took
    };
    let theirs = {
        let relay = TlsRelay::start(&folder.path().join("relay-2"), &tls)?;
        let token = relay.token(&tls).await?;
        let config = curl_config(folder.path(), &files, &relay.url, &token)?;
        let mut curl = command(&tool("curl")?);
        curl.args(["--silent", "--show-error", "--fail", "--cacert"]).arg(&tls.authority).arg("--config").arg(config);
        // Options end at each `next` of the configuration; the environment holds for all requests.
        curl.env("CURL_CA_BUNDLE", &tls.authority);
        let start = now();
        let output = curl.output()?;
        let took = start.elapsed();
        ensure!(output.status.success(), "curl: {}", String::from_utf8_lossy(&output.stderr));
        took
    };
    Ok(Row {
        what: "checking, keeping and sending 1,000 files over TLS / curl, one connection",
        ours: format!("{} ms", ours.as_millis()),
        yardstick: format!("{} ms", theirs.as_millis()),
        ratio: ours.as_secs_f64() / theirs.as_secs_f64(),
        bar: 1.5,
    })
}

/// Makes files for practice（`*TEST*`）, which may be many for one office and month; each has a person of its own.
fn claims(folder: &Path) -> Result<Vec<PathBuf>> {
    let sample = String::from_utf8(fs::read(fixture("KK260601.CSV"))?)?;
    let sample = sample.replacen(",202606,0\r\n", ",202606,*TEST*\r\n", 1);
    (0..FILES)
        .map(|number| {
            let path = folder.join(format!("KK{number:06}.CSV"));
            fs::write(&path, sample.replace("0000000303", &format!("{:010}", 400 + number)))?;
            Ok(path)
        })
        .collect()
}

/// A certificate authority of one run and a certificate for this computer.
struct Tls {
    authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

impl Tls {
    fn make(folder: &Path) -> Result<Self> {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Under the name that a certificate has by default, curl would take the certificate for its own issuer.
        authority.distinguished_name.push(DnType::CommonName, "Bench Authority");
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &authority)?;
        let write = |name: &str, text: String| {
            let path = folder.join(name);
            fs::write(&path, text).map(|()| path)
        };
        Ok(Self {
            authority: write("authority.pem", authority.pem())?,
            certificate: write("certificate.pem", certificate.pem())?,
            key: write("key.pem", key.serialize_pem())?,
        })
    }
}

/// A relay without a demonstration, over TLS, with one corporation.
struct TlsRelay {
    _program: Program,
    url: String,
    letter: Letter,
}

impl TlsRelay {
    fn start(data: &Path, tls: &Tls) -> Result<Self> {
        let letter = with_corporation(data)?;
        let mut serve = command(&built("todoke-relay")?);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        serve.arg("--tls-cert").arg(&tls.certificate).arg("--tls-key").arg(&tls.key).env("RUST_LOG", "warn");
        let (program, port) = Program::start_until(&mut serve, &data.with_extension("log"), START, |line| {
            line.trim().strip_prefix("listening on https://127.0.0.1:")?.parse::<u16>().ok()
        })?;
        Ok(Self { _program: program, url: format!("https://localhost:{port}"), letter })
    }

    /// Signs in, past the forced change of the password.
    async fn token(&self, tls: &Tls) -> Result<String> {
        use_ring();
        let authority = reqwest::Certificate::from_pem(&fs::read(&tls.authority)?)?;
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build()?;
        let Letter { corporation_number, login_id, password } = self.letter.clone();
        let credentials = LogIn::new(&corporation_number, &login_id, &password);
        let session = http.post(format!("{}/v1/sessions", self.url)).json(&credentials).send().await?;
        let session: Session = session.error_for_status()?.json().await?;
        let change = ChangePassword { current: password, new: PASSWORD.to_owned() };
        let request = http.post(format!("{}/v1/password", self.url)).bearer_auth(&session.access_token).json(&change);
        let session: Session = request.send().await?.error_for_status()?.json().await?;
        Ok(session.access_token)
    }
}

/// Writes down all requests for curl: naming each file, then its bytes.
fn curl_config(folder: &Path, files: &[PathBuf], url: &str, token: &str) -> Result<PathBuf> {
    let mut config = String::new();
    for file in files {
        let id = sha256(file)?;
        let facts = NewSubmission {
            office: OFFICE.to_owned(),
            processing_month: "2026-06".to_owned(),
            data_type: "711".to_owned(),
            service_months: vec!["2026-05".to_owned()],
            file_name: file.file_name().context("a file has a name")?.to_string_lossy().into_owned(),
            size: fs::metadata(file)?.len(),
            round: 1,
        };
        let facts_file = file.with_extension("json");
        fs::write(&facts_file, serde_json::to_vec(&facts)?)?;
        for (path, kind, body) in [
            (format!("submissions/{id}"), "application/json", &facts_file),
            (format!("submissions/{id}/content"), "application/octet-stream", file),
        ] {
            write!(
                config,
                "url = \"{url}/v1/{path}\"\nrequest = PUT\nheader = \"authorization: Bearer {token}\"\n\
                 header = \"content-type: {kind}\"\ndata-binary = \"@{}\"\noutput = /dev/null\nsilent\nfail\nnext\n",
                body.display()
            )?;
        }
    }
    let path = folder.join("curl.conf");
    fs::write(&path, config.trim_end_matches("next\n"))?;
    Ok(path)
}

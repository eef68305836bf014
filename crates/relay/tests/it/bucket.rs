//! A bucket in memory that speaks as much S3 as the relay uses. It believes every signature.

use std::collections::{BTreeMap, HashMap};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum_server::Handle;
use relay::Bucket;

/// A bucket; gone with the value.
pub struct TestBucket {
    contents: Contents,
    address: SocketAddr,
    handle: Handle<SocketAddr>,
}

#[derive(Clone, Default)]
struct Contents(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    objects: BTreeMap<String, Bytes>,
    /// Parts of uploads that are under way, by their ids.
    uploads: HashMap<String, BTreeMap<u32, Bytes>>,
    /// Requests are answered with 503 while this stands.
    is_down: bool,
}

impl Drop for TestBucket {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl TestBucket {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let (contents, handle) = (Contents::default(), Handle::new());
        let router = Router::new()
            .route("/test-bucket/{*key}", any(answer))
            .layer(DefaultBodyLimit::disable())
            .with_state(contents.clone());
        let server = axum_server::from_tcp(listener).unwrap().handle(handle.clone()).serve(router.into_make_service());
        tokio::spawn(async move { server.await.unwrap() });
        Self { contents, address, handle }
    }

    pub fn bucket(&self) -> Bucket {
        Bucket {
            name: "test-bucket".into(),
            endpoint: Some(format!("http://{}", self.address)),
            region: "ap-northeast-1".into(),
            key_id: "test".into(),
            key: "test".into(),
        }
    }

    /// Returns the keys of all contents.
    pub fn keys(&self) -> Vec<String> {
        self.contents.0.lock().unwrap().objects.keys().cloned().collect()
    }

    /// Puts other bytes under a key.
    pub fn overwrite(&self, key: &str, bytes: &'static [u8]) {
        self.contents.0.lock().unwrap().objects.insert(key.to_owned(), Bytes::from_static(bytes));
    }

    pub fn go_down(&self, is_down: bool) {
        self.contents.0.lock().unwrap().is_down = is_down;
    }
}

async fn answer(
    State(contents): State<Contents>,
    method: Method,
    Path(key): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    assert!(headers.contains_key(header::AUTHORIZATION), "requests are signed");
    let mut held = contents.0.lock().unwrap();
    if held.is_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let etag = [(header::ETAG, "\"1\"")];
    match (method.as_str(), query.get("uploadId")) {
        ("POST", None) => {
            let id = format!("upload-{}", held.uploads.len());
            held.uploads.insert(id.clone(), BTreeMap::new());
            let root = "InitiateMultipartUploadResult";
            format!("<{root}><UploadId>{id}</UploadId></{root}>").into_response()
        }
        ("PUT", Some(id)) => {
            let part = query["partNumber"].parse().unwrap();
            held.uploads.get_mut(id).unwrap().insert(part, body);
            etag.into_response()
        }
        ("POST", Some(id)) => {
            let parts: Vec<Bytes> = held.uploads.remove(id).unwrap().into_values().collect();
            let (_last, all_but_last) = parts.split_last().unwrap();
            assert!(all_but_last.iter().all(|part| part.len() >= 5 * 1024 * 1024), "S3 refuses smaller parts");
            held.objects.insert(key, parts.concat().into());
            let root = "CompleteMultipartUploadResult";
            format!("<{root}><ETag>\"1\"</ETag></{root}>").into_response()
        }
        ("DELETE", Some(id)) => {
            held.uploads.remove(id);
            StatusCode::NO_CONTENT.into_response()
        }
        ("PUT", None) => {
            held.objects.insert(key, body);
            etag.into_response()
        }
        ("DELETE", None) => {
            held.objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        ("GET" | "HEAD", _) => match held.objects.get(&key) {
            Some(content) => (etag, content.clone()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

//! One id and one log line for each request, and no panic that reaches a client.

use std::panic::AssertUnwindSafe;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use rand::Rng;
use tracing::Instrument;

use crate::Relay;
use crate::failure::Failure;

tokio::task_local! {
    /// Id of the request being answered, for refusals and logs.
    pub static REQUEST_ID: String;
}

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request its id, logs its outcome, and turns a panic into a refusal. The log names the route, never the
/// path: paths hold content ids.
pub(super) async fn around(State(relay): State<Relay>, request: Request, next: Next) -> Response {
    let id = hex::encode(rand::rng().random::<[u8; 8]>());
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", request.id = id, http.method = %request.method(), http.route = route);
    let header = HeaderValue::from_str(&id).ok();
    let answer = async {
        let mut response = AssertUnwindSafe(next.run(request))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Failure::Internal(anyhow::anyhow!("a handler panicked")).into_response());
        // Tokens and claim files: no proxy and no client keeps a copy of its own.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(header) = header {
            response.headers_mut().insert(HEADER, header);
        }
        relay.count_answer(response.status().as_u16());
        tracing::info!(http.status = response.status().as_u16(), "Answered");
        response
    };
    REQUEST_ID.scope(id, answer.instrument(span)).await
}

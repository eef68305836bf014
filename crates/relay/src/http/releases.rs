//! Newer versions of the program. Open to everybody: whoever cannot sign in may need one most.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use relay_api::Refusal;
use relay_api::releases::Release;

use crate::Relay;
use crate::failure::Failure;

/// Tells whether there is a version newer than `current`.
#[utoipa::path(
    get, path = "/v1/releases/{target}/{arch}/{current}", tag = "releases",
    params(
        ("target" = String, Path, description = "`windows` or `linux`"),
        ("arch" = String, Path, description = "`x86_64`"),
        ("current" = String, Path, description = "the version that asks"),
    ),
    responses(
        (status = 200, body = Release),
        (status = 204, description = "there is none"),
        (status = 404, body = Refusal, description = "`not_found`: not a version"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn newer(
    State(relay): State<Relay>,
    Path((target, arch, current)): Path<(String, String, String)>,
) -> Result<Response, Failure> {
    Ok(match relay.newer_release(&target, &arch, &current)? {
        Some(release) => Json(release).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Hands out an installer.
#[utoipa::path(
    get, path = "/v1/releases/files/{name}", tag = "releases",
    params(("name" = String, Path, description = "last part of `url` of a release")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, body = Refusal, description = "`not_found`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn file(State(relay): State<Relay>, Path(name): Path<String>) -> Result<Response, Failure> {
    let path = relay.release_file(&name)?;
    // At most some tens of megabytes, and read from the system's cache.
    let bytes = tokio::fs::read(&path).await.map_err(|error| Failure::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], Body::from(bytes)).into_response())
}

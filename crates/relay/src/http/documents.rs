//! Notice files.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use relay_api::{DocumentPage, Refusal};
use serde::Deserialize;
use utoipa::IntoParams;

use super::FileBytes;
use super::extract::{Path, Query};
use super::submissions::file;
use crate::Relay;
use crate::failure::Failure;
use crate::session::Scope;

/// Where to go on.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// Cursor of the last page; 0 or left out for the first one.
    #[serde(default)]
    after: u64,
}

/// Lists the notice files after a cursor, oldest first.
#[utoipa::path(
    get, path = "/v1/documents", tag = "documents", security(("access_token" = [])), params(After),
    responses(
        (status = 200, body = DocumentPage),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn list(
    State(relay): State<Relay>,
    scope: Scope,
    Query(After { after }): Query<After>,
) -> Result<Json<DocumentPage>, Failure> {
    relay.documents(scope, after).await.map(Json)
}

/// Gives the bytes of a notice file.
#[utoipa::path(
    get, path = "/v1/documents/{id}/content", tag = "documents", security(("access_token" = [])),
    params(("id" = u64, Path, description = "Position in the corporation's list")),
    responses(
        (status = 200, body = inline(FileBytes), content_type = "application/octet-stream", description = "The file, byte for byte"),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 404, body = Refusal, description = "`not_found`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn content(
    State(relay): State<Relay>,
    scope: Scope,
    Path(id): Path<u64>,
) -> Result<Response, Failure> {
    let (document, content) = relay.document_content(scope, id).await?;
    Ok(file(document.size, content))
}

//! What terminals reach.

use std::convert::Infallible;

use axum::Json;
use axum::body::{Body as Bytestream, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use relay_api::Refusal;
use relay_api::terminals::{
    Delivered, Heartbeat, Noted, TakeWork, TerminalLogIn, TerminalSession, WorkList, WorkResult,
};

use super::FileBytes;
use super::extract::{Body, Path};
use super::submissions::{attentive, file};
use crate::Relay;
use crate::failure::Failure;
use crate::session::TerminalScope;

/// Signs a terminal in with its client credentials.
#[utoipa::path(
    post, path = "/v1/terminal/sessions", tag = "terminals", request_body = TerminalLogIn,
    responses(
        (status = 200, body = TerminalSession),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`wrong_credentials`; the same for unknown and retired terminals"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn sign_in(
    State(relay): State<Relay>,
    Body(log_in): Body<TerminalLogIn>,
) -> Result<Json<TerminalSession>, Failure> {
    relay.sign_in_terminal(log_in).await.map(Json)
}

/// Hands work out under a lease. Asking again gives the same work with a new lease, and more if there is.
#[utoipa::path(
    post, path = "/v1/terminal/work", tag = "terminals", security(("access_token" = [])), request_body = TakeWork,
    responses(
        (status = 200, body = WorkList),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn take(
    State(relay): State<Relay>,
    terminal: TerminalScope,
    Body(wish): Body<TakeWork>,
) -> Result<Json<WorkList>, Failure> {
    relay.hand_out(terminal, wish).await.map(Json)
}

/// Lists what the terminal has begun and 国保連 has not ended.
#[utoipa::path(
    get, path = "/v1/terminal/work", tag = "terminals", security(("access_token" = [])),
    responses(
        (status = 200, body = WorkList),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn begun(State(relay): State<Relay>, terminal: TerminalScope) -> Result<Json<WorkList>, Failure> {
    relay.begun_work(terminal).await.map(Json)
}

/// Gives the bytes of work that the terminal holds.
#[utoipa::path(
    get, path = "/v1/terminal/work/{id}/content", tag = "terminals", security(("access_token" = [])),
    params(("id" = u64, Path, description = "Number of the submission")),
    responses(
        (status = 200, body = inline(FileBytes), content_type = "application/octet-stream", description = "The file, byte for byte"),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 404, body = Refusal, description = "`not_found`: not held by this terminal"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn content(
    State(relay): State<Relay>,
    terminal: TerminalScope,
    Path(id): Path<u64>,
) -> Result<Response, Failure> {
    let content = relay.held_content(terminal, id).await?;
    Ok(file(content.len() as u64, stream::once(async { Ok::<_, Infallible>(content) }).boxed()))
}

/// Begins a piece of work: only after this answer may a byte of it leave for 国保連. Repeating the request changes nothing.
#[utoipa::path(
    post, path = "/v1/terminal/work/{id}/begin", tag = "terminals", security(("access_token" = [])),
    params(("id" = u64, Path, description = "Number of the submission")),
    responses(
        (status = 204),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 404, body = Refusal, description = "`not_found`: not held by this terminal"),
        (status = 409, body = Refusal, description = "`too_late`: the lease ran out or the file was cancelled; nothing may be sent"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn begin(
    State(relay): State<Relay>,
    terminal: TerminalScope,
    Path(id): Path<u64>,
) -> Result<StatusCode, Failure> {
    relay.begin_work(terminal, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes what 国保連 said of begun work. Repeated and late reports change nothing.
#[utoipa::path(
    post, path = "/v1/terminal/work/{id}/results", tag = "terminals", security(("access_token" = [])),
    params(("id" = u64, Path, description = "Number of the submission")),
    request_body = WorkResult,
    responses(
        (status = 200, body = Noted),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 404, body = Refusal, description = "`not_found`: not begun by this terminal"),
        (status = 409, body = Refusal, description = "`too_late`: it contradicts what is known"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn result(
    State(relay): State<Relay>,
    terminal: TerminalScope,
    Path(id): Path<u64>,
    Body(result): Body<WorkResult>,
) -> Result<Json<Noted>, Failure> {
    relay.take_result(terminal, id, result).await.map(Json)
}

/// Takes a notice file, byte for byte. The same content counts once per office.
///
/// An お知らせ to all offices of a prefecture comes with the prefecture's two digits in the place of the office.
#[utoipa::path(
    put, path = "/v1/terminal/documents/{office}/{file_name}", tag = "terminals", security(("access_token" = [])),
    params(
        ("office" = String, Path, description = "事業所番号, or two digits of a prefecture"),
        ("file_name" = String, Path, description = "Name of the file, for example `74100000.CSV`"),
    ),
    request_body(content = inline(FileBytes), content_type = "application/octet-stream", description = "The file, byte for byte"),
    responses(
        (status = 200, body = Delivered),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 404, body = Refusal, description = "`not_found`: the terminal does not transmit for this office"),
        (status = 413, body = Refusal, description = "`too_large`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn deliver(
    State(relay): State<Relay>,
    terminal: TerminalScope,
    Path((office, file_name)): Path<(String, String)>,
    body: Bytestream,
) -> Result<Json<Delivered>, Failure> {
    let most = usize::try_from(relay_api::MAX_CONTENT_BYTES).unwrap_or(usize::MAX);
    // Cut off, too slow or too long: axum does not tell which, and the terminal repeats either way.
    let content = to_bytes(Bytestream::from_stream(attentive(body)), most).await.map_err(|_| Failure::TooLarge)?;
    relay.take_document(terminal, &office, &file_name, content).await.map(Json)
}

/// Notes a sign of life of one of the terminal's jobs.
#[utoipa::path(
    post, path = "/v1/terminal/heartbeats", tag = "terminals", security(("access_token" = [])),
    request_body = Heartbeat,
    responses(
        (status = 204),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn beat(
    State(relay): State<Relay>,
    terminal: TerminalScope,
    Body(beat): Body<Heartbeat>,
) -> Result<StatusCode, Failure> {
    relay.beat(terminal, beat).await?;
    Ok(StatusCode::NO_CONTENT)
}

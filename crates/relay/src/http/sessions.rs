//! Sessions and the account.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use relay_api::{Account, ChangePassword, LogIn, Refresh, Refusal, Session};

use super::extract::Body;
use crate::Relay;
use crate::failure::Failure;
use crate::session::SignedIn;

/// Signs in.
#[utoipa::path(
    post, path = "/v1/sessions", tag = "sessions", request_body = LogIn,
    responses(
        (status = 200, body = Session),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`wrong_credentials`, with `attempts_left`; the same for unknown IDs"),
        (status = 423, body = Refusal, description = "`locked`, with `retry_after`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn sign_in(State(relay): State<Relay>, Body(log_in): Body<LogIn>) -> Result<Json<Session>, Failure> {
    relay.sign_in(log_in).await.map(Json)
}

/// Exchanges a refresh token. Each can be used once; a second use ends the session for everybody who holds it.
#[utoipa::path(
    post, path = "/v1/sessions/refresh", tag = "sessions", request_body = Refresh,
    responses(
        (status = 200, body = Session),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`session_ended`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn refresh(
    State(relay): State<Relay>,
    Body(refresh): Body<Refresh>,
) -> Result<Json<Session>, Failure> {
    relay.refresh(&refresh.refresh_token).await.map(Json)
}

/// Signs out.
#[utoipa::path(
    delete, path = "/v1/sessions/current", tag = "sessions", security(("access_token" = [])),
    responses(
        (status = 204),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn sign_out(State(relay): State<Relay>, who: SignedIn) -> Result<StatusCode, Failure> {
    relay.sign_out(who).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the password. All other sessions of the ID end.
#[utoipa::path(
    post, path = "/v1/password", tag = "sessions", security(("access_token" = [])), request_body = ChangePassword,
    responses(
        (status = 200, body = Session),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`; `wrong_credentials`, with `attempts_left`"),
        (status = 422, body = Refusal, description = "`weak_password`"),
        (status = 423, body = Refusal, description = "`locked`, with `retry_after`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn change_password(
    State(relay): State<Relay>,
    who: SignedIn,
    Body(change): Body<ChangePassword>,
) -> Result<Json<Session>, Failure> {
    relay.change_password(who, change).await.map(Json)
}

/// Tells who is signed in, and for which offices.
#[utoipa::path(
    get, path = "/v1/account", tag = "sessions", security(("access_token" = [])),
    responses(
        (status = 200, body = Account),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn account(State(relay): State<Relay>, who: SignedIn) -> Result<Json<Account>, Failure> {
    relay.account(who).await.map(Json)
}

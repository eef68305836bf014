//! Sessions and the account.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use relay_api::{
    Account, ChangePassword, ConfirmSecondFactor, EndSecondFactor, LogIn, LoginList, RecoveryCodes, Refresh, Refusal,
    ResetCode, ResetPassword, SecondFactorSetup, Session, SetUpSecondFactor,
};

use super::extract::{Body, Path};
use crate::Relay;
use crate::failure::Failure;
use crate::session::{Scope, SignedIn};

/// Signs in.
#[utoipa::path(
    post, path = "/v1/sessions", tag = "sessions", request_body = LogIn,
    responses(
        (status = 200, body = Session),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`wrong_credentials`, with `attempts_left`; the same for unknown IDs. \
            With the right password: `second_factor_required`; `wrong_code`, with `attempts_left`; `session_ended` for a \
            computer that was signed out from elsewhere"),
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

/// Signs the ID out on every computer and starts a new session on this one. The others have to ask for the password anew.
#[utoipa::path(
    delete, path = "/v1/sessions", tag = "sessions", security(("access_token" = [])),
    responses(
        (status = 200, body = Session),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn sign_out_everywhere(State(relay): State<Relay>, who: SignedIn) -> Result<Json<Session>, Failure> {
    relay.sign_out_everywhere(who).await.map(Json)
}

/// Sets a new password with a one-time code. The ID is signed out everywhere, its second factor and its lock-out end.
#[utoipa::path(
    post, path = "/v1/password/reset", tag = "sessions", request_body = ResetPassword,
    responses(
        (status = 200, body = Session),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`wrong_code`: wrong, used, ended, or for another ID"),
        (status = 422, body = Refusal, description = "`weak_password`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn reset_password(
    State(relay): State<Relay>,
    Body(reset): Body<ResetPassword>,
) -> Result<Json<Session>, Failure> {
    relay.reset_password(reset).await.map(Json)
}

/// Prepares a second factor. It is in force once a code of it was confirmed.
#[utoipa::path(
    post, path = "/v1/second-factor", tag = "sessions", security(("access_token" = [])),
    request_body = SetUpSecondFactor,
    responses(
        (status = 200, body = SecondFactorSetup),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`; `wrong_credentials`, with `attempts_left`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 409, body = Refusal, description = "`too_late`: one is in force"),
        (status = 423, body = Refusal, description = "`locked`, with `retry_after`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn set_up_second_factor(
    State(relay): State<Relay>,
    who: SignedIn,
    Body(SetUpSecondFactor { password }): Body<SetUpSecondFactor>,
) -> Result<Json<SecondFactorSetup>, Failure> {
    relay.set_up_second_factor(who, password).await.map(Json)
}

/// Puts the prepared second factor in force.
#[utoipa::path(
    post, path = "/v1/second-factor/confirm", tag = "sessions", security(("access_token" = [])),
    request_body = ConfirmSecondFactor,
    responses(
        (status = 200, body = RecoveryCodes),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`; `wrong_code`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 404, body = Refusal, description = "`not_found`: nothing is prepared"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn confirm_second_factor(
    State(relay): State<Relay>,
    scope: Scope,
    Body(ConfirmSecondFactor { code }): Body<ConfirmSecondFactor>,
) -> Result<Json<RecoveryCodes>, Failure> {
    relay.confirm_second_factor(scope, code).await.map(Json)
}

/// Ends the second factor, with the password and a code of it.
#[utoipa::path(
    post, path = "/v1/second-factor/end", tag = "sessions", security(("access_token" = [])),
    request_body = EndSecondFactor,
    responses(
        (status = 204),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`; `wrong_credentials` and `wrong_code`, with `attempts_left`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 404, body = Refusal, description = "`not_found`: none is in force"),
        (status = 423, body = Refusal, description = "`locked`, with `retry_after`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn end_second_factor(
    State(relay): State<Relay>,
    who: SignedIn,
    Body(end): Body<EndSecondFactor>,
) -> Result<StatusCode, Failure> {
    relay.end_second_factor(who, end).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the IDs of the corporation; for the 法人用ID.
#[utoipa::path(
    get, path = "/v1/logins", tag = "sessions", security(("access_token" = [])),
    responses(
        (status = 200, body = LoginList),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 404, body = Refusal, description = "`not_found`: this is a 事業所用ID"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn logins(State(relay): State<Relay>, scope: Scope) -> Result<Json<LoginList>, Failure> {
    relay.logins(scope).await.map(Json)
}

/// Makes a one-time code for a 事業所用ID; for the 法人用ID. An earlier code of the ID ends.
#[utoipa::path(
    post, path = "/v1/logins/{login_id}/reset-code", tag = "sessions", security(("access_token" = [])),
    params(("login_id" = String, Path, description = "The 事業所用ID")),
    responses(
        (status = 200, body = ResetCode),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 404, body = Refusal, description = "`not_found`: no such 事業所用ID, or this is one itself"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn issue_reset_code(
    State(relay): State<Relay>,
    scope: Scope,
    Path(login_id): Path<String>,
) -> Result<Json<ResetCode>, Failure> {
    relay.issue_reset_code(scope, login_id).await.map(Json)
}

//! Applications and the operator's profile.

use axum::Json;
use axum::extract::State;
use relay_api::Refusal;
use relay_api::applications::{Application, ApplicationList, Letters, NewApplication, OperatorProfile};

use super::extract::{Body, Customer};
use crate::Relay;
use crate::application::ApplicationKey;
use crate::failure::Failure;
use crate::session::Scope;

/// Tells the operator's fees, days, contacts and rules. Needs no session.
#[utoipa::path(
    get, path = "/v1/operator", tag = "applications",
    responses(
        (status = 200, body = OperatorProfile),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn operator(State(relay): State<Relay>) -> Result<Json<OperatorProfile>, Failure> {
    relay.profile().await.map(Json)
}

/// Takes an application. Repeating the request changes nothing and gives the same answer.
///
/// A first application needs no session; all other kinds need that of the 法人用ID.
#[utoipa::path(
    put, path = "/v1/applications/{id}", tag = "applications", security((), ("access_token" = [])),
    params(
        ("id" = String, Path, description = "32 random lower-case hexadecimal digits that the client made up"),
        ("x-application-key" = String, Header, description = "64 random lower-case hexadecimal digits: what opens it"),
    ),
    request_body = NewApplication,
    responses(
        (status = 200, body = Application),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`, `other_office`"),
        (status = 404, body = Refusal, description = "`not_found`: no key, or another one than the application was made with"),
        (status = 409, body = Refusal, description = "`announced_differently`, `office_taken`"),
        (status = 422, body = Refusal, description = "`invalid_application`, `too_early`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn apply(
    State(relay): State<Relay>,
    key: ApplicationKey,
    Customer(customer): Customer,
    Body(applied): Body<NewApplication>,
) -> Result<Json<Application>, Failure> {
    relay.apply(key, customer, applied).await.map(Json)
}

/// Shows an application and what became of it.
#[utoipa::path(
    get, path = "/v1/applications/{id}", tag = "applications",
    params(
        ("id" = String, Path, description = "Id of the application"),
        ("x-application-key" = String, Header, description = "Its key"),
    ),
    responses(
        (status = 200, body = Application),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 404, body = Refusal, description = "`not_found`: unknown id or wrong key"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn show(State(relay): State<Relay>, key: ApplicationKey) -> Result<Json<Application>, Failure> {
    relay.application(key).await.map(Json)
}

/// Takes an application back, as long as the desk has accepted nothing of it. Repeating the request changes nothing.
#[utoipa::path(
    delete, path = "/v1/applications/{id}", tag = "applications",
    params(
        ("id" = String, Path, description = "Id of the application"),
        ("x-application-key" = String, Header, description = "Its key"),
    ),
    responses(
        (status = 200, body = Application),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 404, body = Refusal, description = "`not_found`: unknown id or wrong key"),
        (status = 409, body = Refusal, description = "`too_late`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn withdraw(State(relay): State<Relay>, key: ApplicationKey) -> Result<Json<Application>, Failure> {
    relay.withdraw(key).await.map(Json)
}

/// Gives the letters of an issued application with new temporary passwords; the former ones end. Once one of the IDs was
/// used there are no letters any more.
#[utoipa::path(
    post, path = "/v1/applications/{id}/letters", tag = "applications",
    params(
        ("id" = String, Path, description = "Id of the application"),
        ("x-application-key" = String, Header, description = "Its key"),
    ),
    responses(
        (status = 200, body = Letters),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 404, body = Refusal, description = "`not_found`: unknown id, wrong key, or nothing was issued yet"),
        (status = 409, body = Refusal, description = "`too_late`: one of the IDs was used"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn letters(State(relay): State<Relay>, key: ApplicationKey) -> Result<Json<Letters>, Failure> {
    relay.fetch_letters(key).await.map(Json)
}

/// Lists the applications of the corporation, newest first; none for a 事業所用ID.
#[utoipa::path(
    get, path = "/v1/applications", tag = "applications", security(("access_token" = [])),
    responses(
        (status = 200, body = ApplicationList),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn list(State(relay): State<Relay>, scope: Scope) -> Result<Json<ApplicationList>, Failure> {
    relay.applications(scope).await.map(Json)
}

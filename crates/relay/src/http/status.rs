//! What the relay says of itself.

use axum::Json;
use axum::extract::State;
use relay_api::{AdvanceClock, Refusal, RelayStatus};

use super::extract::Body;
use crate::Relay;
use crate::failure::Failure;

/// Tells the relay's time, the last contact of a terminal with 国保連, and whether it is a demonstration. Needs no
/// session.
#[utoipa::path(
    get, path = "/v1/status", tag = "status",
    responses(
        (status = 200, body = RelayStatus),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn status(State(relay): State<Relay>) -> Result<Json<RelayStatus>, Failure> {
    relay.status().await.map(Json)
}

/// Moves the clock of a demonstration forward. When it answers, everything until then has happened. Needs no session:
/// a demonstration has nothing to protect.
#[utoipa::path(
    post, path = "/v1/demo/clock", tag = "demo", request_body = AdvanceClock,
    responses(
        (status = 200, body = RelayStatus),
        (status = 400, body = Refusal, description = "`malformed`: not a time, before the present one, or over a year ahead"),
        (status = 404, body = Refusal, description = "`not_found`: not a demonstration"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn advance_clock(
    State(relay): State<Relay>,
    Body(advance): Body<AdvanceClock>,
) -> Result<Json<RelayStatus>, Failure> {
    relay.advance_demo(&advance.to).await?;
    relay.status().await.map(Json)
}

/// Answers as long as the process lives.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = String)))]
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Answers whether the relay can work: database and contents can be reached.
#[utoipa::path(
    get, path = "/readyz", tag = "operation",
    responses(
        (status = 200, body = String),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn ready(State(relay): State<Relay>) -> Result<&'static str, Failure> {
    if relay.is_ready().await {
        Ok("ready\n")
    } else {
        Err(Failure::Internal(anyhow::anyhow!("database or contents cannot be reached")))
    }
}

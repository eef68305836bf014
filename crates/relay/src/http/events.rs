//! Server-sent events.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt;
use relay_api::Refusal;

use super::extract::Bearer;
use crate::Relay;
use crate::events::Event;
use crate::failure::Failure;
use crate::session::Scope;

/// Tells, as server-sent events, that something changed for the client: a submission or a document. An event has the name
/// `changed`, no data, and a number; a client that comes back sends it as `Last-Event-ID` and is told at once if something
/// changed meanwhile. A first event comes at once. The stream ends with the access token.
#[utoipa::path(
    get, path = "/v1/events", tag = "events", security(("access_token" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "Number of the last event seen")),
    responses(
        (status = 200, content_type = "text/event-stream", description = "Events without end", body = String),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn events(
    State(relay): State<Relay>,
    scope: Scope,
    Bearer(token): Bearer,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    // A number that is none is like none at all: the client is told at once.
    let seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let events = relay.events_for(scope, &token, seen).await?.map(|event| {
        Ok::<_, std::convert::Infallible>(Bytes::from(match event {
            Event::Changed(revision) => format!("id: {revision}\nevent: changed\ndata:\n\n"),
            Event::Alive => ": alive\n\n".to_owned(),
        }))
    });
    // Proxies that gather answers must not gather this one.
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((headers, axum::body::Body::from_stream(events)).into_response())
}

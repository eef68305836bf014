//! What handlers take from requests.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use relay_api::applications::APPLICATION_KEY;
use serde::de::DeserializeOwned;

use super::MAX_JSON;
use crate::Relay;
use crate::application::ApplicationKey;
use crate::failure::Failure;
use crate::session::{Scope, SignedIn, TerminalScope};

/// How long the body of a JSON request may take. It has at most some kilobytes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A null character as JSON writes it.
const NULL: &[u8] = b"\\u0000";

/// A JSON body of the documented shape.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let bytes = tokio::time::timeout(PATIENCE, to_bytes(body, MAX_JSON)).await;
        let bytes = bytes.map_err(|_| Failure::Malformed("the body comes too slowly".into()))?;
        let Ok(bytes) = bytes else { return malformed("the body is cut off or too long") };
        // No text of ours has one, and PostgreSQL keeps no text with it.
        if bytes.windows(NULL.len()).any(|part| part == NULL) {
            return malformed("the body holds a null character");
        }
        let request = Request::from_parts(parts, bytes.into());
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            // The text of serde names fields, but could quote a value; say the kind only.
            Err(JsonRejection::MissingJsonContentType(_)) => malformed("content-type is not application/json"),
            Err(JsonRejection::BytesRejection(_)) => malformed("the body is cut off or too long"),
            Err(_) => malformed("the body does not have the documented shape"),
        }
    }
}

/// Path parameters.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(path)) => Ok(Self(path)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => malformed("the path has another shape"),
            Err(error) => Err(Failure::Internal(error.into())),
        }
    }
}

/// Query parameters.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(QueryRejection::FailedToDeserializeQueryString(_)) => malformed("the query has another shape"),
            Err(error) => Err(Failure::Internal(error.into())),
        }
    }
}

fn malformed<T>(what: &str) -> Result<T, Failure> {
    Err(Failure::Malformed(what.to_owned()))
}

/// Verifies the access token, for the few routes that a temporary password opens.
impl FromRequestParts<Relay> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, relay: &Relay) -> Result<Self, Failure> {
        relay.authenticate(bearer(parts).ok_or(Failure::TokenExpired)?).await
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The access token as it came, for what has to ask again later whether it still stands.
pub(super) struct Bearer(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Bearer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        bearer(parts).map(|token| Self(token.to_owned())).ok_or(Failure::TokenExpired)
    }
}

/// Verifies the access token of a terminal.
impl FromRequestParts<Relay> for TerminalScope {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, relay: &Relay) -> Result<Self, Failure> {
        relay.authenticate_terminal(bearer(parts).ok_or(Failure::TokenExpired)?).await
    }
}

/// Verifies the access token and that the password is not temporary.
impl FromRequestParts<Relay> for Scope {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, relay: &Relay) -> Result<Self, Failure> {
        SignedIn::from_request_parts(parts, relay).await?.scope()
    }
}

/// The session of a customer, where one is not always needed: `None` without a token, a refusal for a wrong one.
pub(super) struct Customer(pub(super) Option<Scope>);

impl FromRequestParts<Relay> for Customer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, relay: &Relay) -> Result<Self, Failure> {
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(Self(None));
        }
        Scope::from_request_parts(parts, relay).await.map(|scope| Self(Some(scope)))
    }
}

/// Takes the id from the path and the key from its header.
impl<S: Send + Sync> FromRequestParts<S> for ApplicationKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await?;
        Self::new(&id, parts.headers.get(APPLICATION_KEY).and_then(|value| value.to_str().ok()))
    }
}

//! Failures as answers.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use relay_api::RefusalCode;

use super::REQUEST_ID;
use crate::failure::Failure;

fn status(code: RefusalCode) -> StatusCode {
    match code {
        RefusalCode::Malformed => StatusCode::BAD_REQUEST,
        RefusalCode::WrongCredentials
        | RefusalCode::SecondFactorRequired
        | RefusalCode::WrongCode
        | RefusalCode::TokenExpired
        | RefusalCode::SessionEnded => StatusCode::UNAUTHORIZED,
        RefusalCode::PasswordChangeRequired | RefusalCode::OtherOffice | RefusalCode::NotInService => {
            StatusCode::FORBIDDEN
        }
        RefusalCode::NotFound => StatusCode::NOT_FOUND,
        RefusalCode::AnnouncedDifferently
        | RefusalCode::AlreadyClaimed
        | RefusalCode::OfficeTaken
        | RefusalCode::TooLate => StatusCode::CONFLICT,
        RefusalCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        RefusalCode::ContentMismatch
        | RefusalCode::InvalidFile
        | RefusalCode::InvalidApplication
        | RefusalCode::TooEarly
        | RefusalCode::TermsChanged
        | RefusalCode::WeakPassword => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalCode::Locked => StatusCode::LOCKED,
        RefusalCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        RefusalCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut refusal = self.refusal();
        if let Self::Internal(fault) = &self {
            tracing::error!(fault = format!("{fault:#}"), "Request failed");
            // The one thing a client can tell the operator.
            if let Ok(id) = REQUEST_ID.try_with(Clone::clone) {
                refusal.detail = format!("{}; request id {id}", refusal.detail);
            }
        } else {
            tracing::info!(refusal = ?refusal.code, "Refused");
        }
        let mut response = (status(refusal.code), Json(&refusal)).into_response();
        if let Some(seconds) = refusal.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

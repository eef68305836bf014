//! Routes, and what goes around them: request ids, logs, refusals, OpenAPI.

mod applications;
mod documents;
mod events;
mod extract;
mod metrics;
mod refusal;
mod releases;
mod sessions;
mod status;
mod submissions;
mod terminals;
mod trace;

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, RefOr};
use utoipa::{Modify, OpenApi, PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Relay;
use crate::failure::Failure;

pub use metrics::router as metrics_router;
pub use trace::REQUEST_ID;

/// Longest JSON request, in bytes. Contents are streamed and have their own limit.
const MAX_JSON: usize = 64 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "とどけ relay",
        description = "Takes claim files of care offices (介護事業所) for 国保連, and hands out states and notice files. \
            Every failure has the body `Refusal`. Times are RFC 3339 in Japan time (+09:00)."
    ),
    modifiers(&Bearer)
)]
struct Api;

struct Bearer;

/// A file, byte for byte, as the document describes it.
enum FileBytes {}

impl PartialSchema for FileBytes {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

impl ToSchema for FileBytes {}

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("access_token", scheme);
    }
}

/// Returns the routes of `relay`.
pub fn router(relay: Relay) -> Router {
    let (router, document) = parts();
    router
        .route("/v1/openapi.json", get(async || Json(document)))
        .fallback(async || Failure::NotFound)
        .method_not_allowed_fallback(async || Failure::NotFound)
        .layer(DefaultBodyLimit::max(MAX_JSON))
        .layer(axum::middleware::from_fn_with_state(relay.clone(), trace::around))
        .with_state(relay)
}

/// Returns the OpenAPI document.
pub fn openapi() -> Document {
    parts().1
}

fn parts() -> (Router<Relay>, Document) {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(sessions::sign_in, sessions::sign_out_everywhere))
        .routes(routes!(sessions::refresh))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(sessions::change_password))
        .routes(routes!(sessions::reset_password))
        .routes(routes!(sessions::set_up_second_factor))
        .routes(routes!(sessions::confirm_second_factor))
        .routes(routes!(sessions::end_second_factor))
        .routes(routes!(sessions::logins))
        .routes(routes!(sessions::issue_reset_code))
        .routes(routes!(sessions::account))
        .routes(routes!(submissions::list))
        .routes(routes!(submissions::announce, submissions::show))
        .routes(routes!(submissions::receive, submissions::content))
        .routes(routes!(submissions::cancel))
        .routes(routes!(submissions::hide))
        .routes(routes!(submissions::restore))
        .routes(routes!(documents::list))
        .routes(routes!(documents::content))
        .routes(routes!(events::events))
        .routes(routes!(applications::operator))
        .routes(routes!(applications::list))
        .routes(routes!(applications::apply, applications::show, applications::withdraw))
        .routes(routes!(applications::letters))
        .routes(routes!(terminals::sign_in))
        .routes(routes!(terminals::take, terminals::begun))
        .routes(routes!(terminals::content))
        .routes(routes!(terminals::begin))
        .routes(routes!(terminals::result))
        .routes(routes!(terminals::deliver))
        .routes(routes!(terminals::beat))
        .routes(routes!(releases::newer))
        .routes(routes!(releases::file))
        .routes(routes!(status::status))
        .routes(routes!(status::advance_clock))
        .routes(routes!(status::alive))
        .routes(routes!(status::ready))
        .split_for_parts()
}

//! Claim files.

use std::io;
use std::time::Duration;

use axum::Json;
use axum::body::Body as Bytestream;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, stream};
use relay_api::{MAX_CONTENT_BYTES, NewSubmission, Refusal, Submission, SubmissionList};
use serde::Deserialize;
use utoipa::IntoParams;

use super::FileBytes;
use super::extract::{Body, Path, Query};
use crate::Relay;
use crate::failure::Failure;
use crate::session::Scope;

/// How often it is looked whether an upload goes on.
const MINUTE: Duration = Duration::from_mins(1);
/// Bytes that an upload brings from one look to the next, at least, unless it ends: a line of 32 kbit/s. Who falls silent,
/// or sends byte by byte, must not hold a connection for days.
const LEAST: u64 = 60 * 4 * 1024;

/// The round that is meant.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfRound {
    /// Round of the content as it was announced; left out for the newest one that was accepted.
    round: Option<u32>,
}

/// The round whose bytes come.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AnnouncedRound {
    /// Round of the content as it was announced; left out for the first.
    #[serde(default = "first")]
    round: u32,
}

fn first() -> u32 {
    1
}

/// Announces a claim file. Repeating the request changes nothing and gives the same answer.
///
/// A file that differs only in its name is the same submission; the first name stays. The same bytes go again as the next
/// `round`, once the one before has ended in `external_error` or `cancelled`; whoever announces a round that is known gets
/// its answer, and nothing is sent by that.
#[utoipa::path(
    put, path = "/v1/submissions/{sha256}", tag = "submissions", security(("access_token" = [])),
    params(("sha256" = String, Path, description = "SHA-256 of the content, 64 lower-case hexadecimal digits")),
    request_body = NewSubmission,
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`, `other_office`"),
        (status = 404, body = Refusal, description = "`not_found`: there is no round before this one"),
        (status = 409, body = Refusal, description = "`announced_differently`, `already_claimed`: another file, or the round before, may be at 国保連"),
        (status = 413, body = Refusal, description = "`too_large`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn announce(
    State(relay): State<Relay>,
    scope: Scope,
    Path(sha256): Path<String>,
    Body(announced): Body<NewSubmission>,
) -> Result<Json<Submission>, Failure> {
    relay.announce(scope, &sha256, announced).await.map(Json)
}

/// Wishes to cancel a submission. Repeating the request changes nothing; the history tells how it ended.
#[utoipa::path(
    post, path = "/v1/submissions/{sha256}/cancel", tag = "submissions", security(("access_token" = [])),
    params(
        ("sha256" = String, Path, description = "SHA-256 of the content, 64 lower-case hexadecimal digits"),
        OfRound,
    ),
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 404, body = Refusal, description = "`not_found`"),
        (status = 409, body = Refusal, description = "`too_late`: its state or the day forbids it"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn cancel(
    State(relay): State<Relay>,
    scope: Scope,
    Path(sha256): Path<String>,
    Query(OfRound { round }): Query<OfRound>,
) -> Result<Json<Submission>, Failure> {
    relay.cancel(scope, &sha256, round).await.map(Json)
}

/// Takes the bytes of an announced claim file. Repeating the request changes nothing and gives the same answer.
#[utoipa::path(
    put, path = "/v1/submissions/{sha256}/content", tag = "submissions", security(("access_token" = [])),
    params(
        ("sha256" = String, Path, description = "SHA-256 of the content, 64 lower-case hexadecimal digits"),
        AnnouncedRound,
    ),
    request_body(content = inline(FileBytes), content_type = "application/octet-stream", description = "The file, byte for byte"),
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 404, body = Refusal, description = "`not_found`: announce it first"),
        (status = 409, body = Refusal, description = "`already_claimed`, `too_late`: the window of its month is over"),
        (status = 413, body = Refusal, description = "`too_large`"),
        (status = 422, body = Refusal, description = "`content_mismatch`, `invalid_file`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn receive(
    State(relay): State<Relay>,
    scope: Result<Scope, Failure>,
    path: Result<Path<String>, Failure>,
    round: Result<Query<AnnouncedRound>, Failure>,
    headers: HeaderMap,
    body: Bytestream,
) -> Result<Json<Submission>, Failure> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = attentive(body);
    let answer = match (scope, path, round) {
        (Ok(scope), Ok(Path(sha256)), Ok(Query(AnnouncedRound { round }))) => {
            relay.receive(scope, &sha256, round, length, &mut body).await
        }
        (Err(failure), ..) | (_, Err(failure), _) | (.., Err(failure)) => Err(failure),
    };
    if answer.is_err() {
        discard(&mut body).await;
    }
    answer.map(Json)
}

/// Lists the claim files of all offices that the ID may act for, newest first.
#[utoipa::path(
    get, path = "/v1/submissions", tag = "submissions", security(("access_token" = [])),
    responses(
        (status = 200, body = SubmissionList),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn list(State(relay): State<Relay>, scope: Scope) -> Result<Json<SubmissionList>, Failure> {
    relay.submissions(scope).await.map(Json)
}

/// Shows one claim file and what became of it.
#[utoipa::path(
    get, path = "/v1/submissions/{sha256}", tag = "submissions", security(("access_token" = [])),
    params(
        ("sha256" = String, Path, description = "SHA-256 of the content, 64 lower-case hexadecimal digits"),
        OfRound,
    ),
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 404, body = Refusal, description = "`not_found`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn show(
    State(relay): State<Relay>,
    scope: Scope,
    Path(sha256): Path<String>,
    Query(OfRound { round }): Query<OfRound>,
) -> Result<Json<Submission>, Failure> {
    relay.submission(scope, &sha256, round).await.map(Json)
}

/// Gives back the bytes of a claim file.
#[utoipa::path(
    get, path = "/v1/submissions/{sha256}/content", tag = "submissions", security(("access_token" = [])),
    params(("sha256" = String, Path, description = "SHA-256 of the content, 64 lower-case hexadecimal digits")),
    responses(
        (status = 200, body = inline(FileBytes), content_type = "application/octet-stream", description = "The file, byte for byte"),
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
    Path(sha256): Path<String>,
) -> Result<Response, Failure> {
    let (size, content) = relay.submission_content(scope, &sha256).await?;
    Ok(file(size, content))
}

/// Answers with a file. It is never shown by a browser, whatever it contains.
pub(super) fn file<E: std::error::Error + Send + Sync + 'static>(
    size: u64,
    content: BoxStream<'static, Result<Bytes, E>>,
) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, size.to_string()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, Bytestream::from_stream(content)).into_response()
}

/// Reads a body that counts as cut off when it falls silent or comes too slowly.
pub(super) fn attentive(body: Bytestream) -> BoxStream<'static, io::Result<Bytes>> {
    let mut minutes = tokio::time::interval(MINUTE);
    minutes.reset();
    let minutes = stream::unfold(minutes, async |mut minutes| {
        minutes.tick().await;
        Some(((), minutes))
    });
    paced(body.into_data_stream(), minutes.boxed())
}

/// Reads a body that brings [`LEAST`] bytes from one of the `turns` to the next, or ends.
fn paced<E>(
    body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    turns: impl Stream<Item = ()> + Send + Unpin + 'static,
) -> BoxStream<'static, io::Result<Bytes>>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    stream::try_unfold((body, turns, 0_u64), async |(mut body, mut turns, mut brought)| {
        loop {
            tokio::select! {
                biased;
                piece = body.next() => return match piece {
                    Some(Ok(piece)) => {
                        brought += piece.len() as u64;
                        Ok(Some((piece, (body, turns, brought))))
                    }
                    Some(Err(error)) => Err(io::Error::other(error)),
                    None => Ok(None),
                },
                Some(()) = turns.next() => {
                    if brought < LEAST {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    brought = 0;
                }
            }
        }
    })
    .boxed()
}

/// Reads what is left of a refused body. A connection closed under a client that is still sending looks like a broken
/// line, and the client would never see the refusal but try again.
async fn discard(body: &mut BoxStream<'static, io::Result<Bytes>>) {
    let mut left = 2 * MAX_CONTENT_BYTES;
    while let Some(Ok(piece)) = body.next().await {
        match left.checked_sub(piece.len() as u64) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// Takes a submission that has ended off the list. It is kept, and can be brought back.
#[utoipa::path(
    post, path = "/v1/submissions/{sha256}/hide", tag = "submissions", security(("access_token" = [])),
    params(("sha256" = String, Path, description = "SHA-256 of the file, 64 lower-case hexadecimal digits")),
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 404, body = Refusal, description = "`not_found`"),
        (status = 409, body = Refusal, description = "`too_late`: it is under way"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn hide(
    State(relay): State<Relay>,
    scope: Scope,
    Path(sha256): Path<String>,
) -> Result<Json<Submission>, Failure> {
    relay.hide(scope, &sha256, true).await.map(Json)
}

/// Brings a submission back to the list.
#[utoipa::path(
    post, path = "/v1/submissions/{sha256}/restore", tag = "submissions", security(("access_token" = [])),
    params(("sha256" = String, Path, description = "SHA-256 of the file, 64 lower-case hexadecimal digits")),
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Refusal, description = "`malformed`"),
        (status = 401, body = Refusal, description = "`token_expired`"),
        (status = 403, body = Refusal, description = "`password_change_required`"),
        (status = 404, body = Refusal, description = "`not_found`"),
        (status = 429, body = Refusal, description = "`too_many_requests`, with `retry_after`"),
        (status = 500, body = Refusal, description = "`internal`"),
    )
)]
pub(super) async fn restore(
    State(relay): State<Relay>,
    scope: Scope,
    Path(sha256): Path<String>,
) -> Result<Json<Submission>, Failure> {
    relay.hide(scope, &sha256, false).await.map(Json)
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    type Line = mpsc::UnboundedSender<io::Result<Bytes>>;

    fn received<T: Send + 'static>(receiver: mpsc::UnboundedReceiver<T>) -> BoxStream<'static, T> {
        stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver))).boxed()
    }

    /// A body with the hand of its client, and the hand of the clock.
    fn upload() -> (Line, mpsc::UnboundedSender<()>, BoxStream<'static, io::Result<Bytes>>) {
        let ((line, body), (clock, turns)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        (line, clock, paced(received(body), received(turns)))
    }

    #[tokio::test]
    async fn an_upload_byte_by_byte_is_cut_off() {
        let (line, clock, mut body) = upload();
        for _ in 0..100 {
            line.send(Ok(Bytes::from_static(b"x"))).unwrap();
            assert_eq!(body.next().await.unwrap().unwrap(), "x");
        }
        clock.send(()).unwrap();
        assert_eq!(body.next().await.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(body.next().await.is_none(), "and nothing more is waited for");
    }

    #[tokio::test]
    async fn an_upload_over_a_slow_line_takes_its_time() {
        let (line, clock, mut body) = upload();
        for _ in 0..5 {
            line.send(Ok(vec![b'x'; LEAST as usize].into())).unwrap();
            assert_eq!(body.next().await.unwrap().unwrap().len() as u64, LEAST);
            clock.send(()).unwrap();
        }
        drop(line);
        assert!(body.next().await.is_none(), "it ends as the client ended it");
    }
}

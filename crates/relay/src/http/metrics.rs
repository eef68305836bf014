//! Figures for monitoring, in the text format of Prometheus. Served on an address of their own, loopback only.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use chrono::{DateTime, NaiveDate};

use crate::Relay;
use crate::failure::Failure;
use crate::storage::Figures;

/// Returns the route of the figures.
pub fn router(relay: Relay) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(relay)
}

async fn metrics(State(relay): State<Relay>) -> Result<impl IntoResponse, Failure> {
    let figures = relay.storage().figures().await?;
    let now = relay.clock().business();
    let age = |at: &str| DateTime::parse_from_rfc3339(at).map_or(0, |at| (now - at).num_seconds().max(0));
    let days = |last: &str| last.parse().map_or(0, |last: NaiveDate| (last - now.date_naive()).num_days());
    let text = text(&figures, relay.served(), relay.streams(), age, days);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

fn text(
    figures: &Figures,
    served: Vec<(u16, u64)>,
    streams: usize,
    age: impl Fn(&str) -> i64,
    days: impl Fn(&str) -> i64,
) -> String {
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, samples: Vec<(String, i64)>| {
        // Writing to a text does not fail.
        let _ = writeln!(text, "# HELP todoke_{name} {help}\n# TYPE todoke_{name} {kind}");
        for (labels, value) in samples {
            let _ = writeln!(text, "todoke_{name}{labels} {value}");
        }
    };
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let served = served.into_iter().map(|(status, count)| (format!("{{status=\"{status}\"}}"), number(count)));
    family("requests_total", "counter", "Requests answered since the start, by status.", served.collect());
    family("event_streams", "gauge", "Clients that listen for changes.", vec![(String::new(), number(streams as u64))]);
    let states = figures.submissions.iter().map(|(state, count)| (format!("{{state=\"{state}\"}}"), number(*count)));
    family("submissions", "gauge", "Submissions by state.", states.collect());
    let waiting = figures.waiting_since.iter().map(|at| (String::new(), age(at)));
    family("waiting_seconds", "gauge", "Age of the oldest file that waits for a terminal.", waiting.collect());
    family("documents", "gauge", "Notice files.", vec![(String::new(), number(figures.documents))]);
    let open = vec![(String::new(), number(figures.open_applications))];
    family("open_applications", "gauge", "Applications that are open.", open);
    let beats = figures.heartbeats.iter();
    let beats = beats.map(|(id, job, at)| (format!("{{terminal=\"{id}\",job=\"{job}\"}}"), age(at)));
    family("terminal_silence_seconds", "gauge", "Since the last sign of life of a terminal's job.", beats.collect());
    let contact = figures.last_contact.iter().map(|at| (String::new(), age(at)));
    family("contact_seconds", "gauge", "Since the last contact with 国保連.", contact.collect());
    let certificates = figures.certificates.iter();
    let certificates = certificates.map(|(name, last)| (format!("{{certificate=\"{}\"}}", escape(name)), days(last)));
    family("certificate_days", "gauge", "Days until a certificate ends.", certificates.collect());
    text
}

/// Escapes a label value. Names of certificates are the operator's free text.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

//! The plan for a calendar program（RFC 5545）.

use std::fmt::Write as _;

use chrono::{Days, NaiveDateTime, TimeDelta};

use crate::plan::{Firmness, Plan};
use crate::steps::Actor;

/// Writes the plan as an iCalendar file: one entry of a whole day per date, with a reminder the day before. The same plan
/// gives the same entries, so that importing it anew moves them instead of doubling them. `made_at` is Japan time.
pub fn ics(plan: &Plan, made_at: NaiveDateTime) -> String {
    let mut out = String::new();
    let mut line = |text: &str| fold(&mut out, text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Todoke//Onboarding//JA");
    line("CALSCALE:GREGORIAN");
    line("METHOD:PUBLISH");
    line("X-WR-CALNAME:とどけ 利用開始の予定");
    let stamp = (made_at - TimeDelta::hours(9)).format("%Y%m%dT%H%M%SZ").to_string();
    let mut places = std::collections::BTreeMap::new();
    for item in &plan.items {
        // Several dates of one step are told apart by their order.
        let place = places.entry(item.step).and_modify(|count| *count += 1).or_insert(1);
        let step = serde_name(item.step);
        line("BEGIN:VEVENT");
        line(&format!("UID:{step}-{place}@todoke.onboarding"));
        line(&format!("DTSTAMP:{stamp}"));
        line(&format!("DTSTART;VALUE=DATE:{}", item.date.format("%Y%m%d")));
        line(&format!("DTEND;VALUE=DATE:{}", (item.date + Days::new(1)).format("%Y%m%d")));
        let firmness = match item.firmness {
            Firmness::Rule => "【締切】",
            Firmness::Advice => "【めやす】",
        };
        line(&format!("SUMMARY:{}", escape(&format!("{firmness}{}", item.title))));
        let who = match item.who {
            Actor::You => "すること",
            Actor::Kokuhoren => "国保連から",
            Actor::Operator => "運営者から",
        };
        let provisional =
            if item.certain { "" } else { "祝日がまだ決まっていないため、仮の日付です。" };
        line(&format!("DESCRIPTION:{}", escape(&format!("{who}。{}{provisional}", item.note))));
        line("TRANSP:TRANSPARENT");
        if item.who == Actor::You {
            line("BEGIN:VALARM");
            line("ACTION:DISPLAY");
            line(&format!("DESCRIPTION:{}", escape(&item.title)));
            line("TRIGGER:-PT15H");
            line("END:VALARM");
        }
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    out
}

fn serde_name(step: crate::StepId) -> String {
    let mut name = String::new();
    for c in format!("{step:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// Lines are at most 75 bytes long; what goes on begins with a blank. No character is cut.
fn fold(out: &mut String, text: &str) {
    let mut used = 0;
    for c in text.chars() {
        if used + c.len_utf8() > 75 {
            let _ = out.write_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    let _ = out.write_str("\r\n");
}

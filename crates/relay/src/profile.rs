//! What the operator says of itself: fees, days, contacts, and to whom the power of attorney is given.

use std::collections::BTreeSet;

use calendar::{Month, OperatorCalendar};
use chrono::NaiveDate;
use relay_api::applications::{
    Agent, Contact, Fees, OperatorDays, OperatorProfile, PostalAddress, PrefectureRule, Terms,
};

use crate::Relay;
use crate::admin::AdminError;
use crate::failure::Failure;

/// Offices of one application, at most that a profile may allow.
const MOST_OFFICES: u32 = 1_000;

impl Relay {
    /// Returns the operator's profile: the one that was set, or an example that says so of itself.
    pub async fn profile(&self) -> Result<OperatorProfile, Failure> {
        match self.storage().profile().await? {
            None => Ok(example()),
            Some(text) => serde_json::from_str(&text).map_err(|error| Failure::Internal(error.into())),
        }
    }

    /// Sets the operator's profile, given as JSON.
    ///
    /// # Errors
    ///
    /// Returns [`AdminError::Profile`] with the field that makes no sense.
    pub async fn set_profile(&self, json: &str) -> Result<(), AdminError> {
        let profile: OperatorProfile =
            serde_json::from_str(json).map_err(|error| AdminError::Profile(error.to_string()))?;
        check(&profile).map_err(|what| AdminError::Profile(what.to_owned()))?;
        let text = serde_json::to_string(&profile).map_err(|error| AdminError::Profile(error.to_string()))?;
        Ok(self.storage().set_profile(text, self.now()).await?)
    }

    /// Returns the calendar of the operator's profile.
    pub(crate) async fn operator_calendar(&self) -> Result<OperatorCalendar, Failure> {
        Ok(calendar_of(&self.profile().await?))
    }
}

/// Returns the calendar that the profile describes.
pub(crate) fn calendar_of(profile: &OperatorProfile) -> OperatorCalendar {
    let OperatorDays { application_day, debit_day, closed_days } = &profile.calendar;
    // A profile is checked when it is set.
    let closed_days = closed_days.iter().filter_map(|day| day.parse().ok()).collect();
    OperatorCalendar { application_day: *application_day, debit_day: *debit_day, closed_days }
}

fn check(profile: &OperatorProfile) -> Result<(), &'static str> {
    let OperatorProfile { agent, fees, calendar, poa_return, prefectures, terms, privacy, .. } = profile;
    let yen = [
        fees.monthly,
        fees.registration,
        fees.option_monthly,
        fees.option_registration,
        fees.password_by_hand,
        fees.recovery,
    ];
    let texts =
        [&profile.service_name, &agent.corporation_name, &agent.title, &agent.representative, &poa_return.addressee];
    if texts.iter().any(|text| text.trim().is_empty()) {
        return Err("a name is empty");
    }
    if ![&agent.address, poa_return].iter().all(|place| is_postal_code(&place.postal_code)) {
        return Err("postal_code: seven digits");
    }
    for (terms, what) in [(terms, "terms: version or text is empty"), (privacy, "privacy: version or text is empty")] {
        if terms.as_ref().is_some_and(|terms| terms.version.trim().is_empty() || terms.text.trim().is_empty()) {
            return Err(what);
        }
    }
    if yen.iter().any(|yen| *yen < 0) {
        return Err("fees: a fee is negative");
    }
    if !(1..=31).contains(&calendar.application_day) || !(1..=31).contains(&calendar.debit_day) {
        return Err("calendar: a day is not 1 to 31");
    }
    if !(1..=MOST_OFFICES).contains(&profile.offices_per_application) {
        return Err("offices_per_application: 1 to 1000");
    }
    let days: Vec<NaiveDate> = calendar
        .closed_days
        .iter()
        .map(|day| day.parse().map_err(|_| "calendar.closed_days: not YYYY-MM-DD"))
        .collect::<Result<_, _>>()?;
    let calendar = OperatorCalendar {
        application_day: calendar.application_day,
        debit_day: calendar.debit_day,
        closed_days: days.iter().copied().collect::<BTreeSet<_>>(),
    };
    // An operator that never works would have no deadline at all.
    for day in &days {
        let month = Month::of(*day).map_err(|_| "calendar.closed_days: a year out of range")?;
        if calendar.application_deadline(month).is_none() || calendar.debit(month).is_none() {
            return Err("calendar.closed_days: no business day is left");
        }
    }
    prefectures.iter().try_for_each(check_prefecture)
}

fn check_prefecture(rule: &PrefectureRule) -> Result<(), &'static str> {
    if rule.code.len() != 2 || !rule.code.bytes().all(|b| b.is_ascii_digit()) {
        return Err("prefectures.code: two digits");
    }
    if rule.agent_cut_off_day.is_some_and(|day| !(1..=31).contains(&day)) {
        return Err("prefectures.agent_cut_off_day: 1 to 31");
    }
    if rule.source.trim().is_empty() {
        return Err("prefectures.source is empty: say where the rule is known from, and as of when");
    }
    let Some(hours) = &rule.hours else { return Ok(()) };
    let minutes = [&hours.opens, &hours.cancel_until, &hours.closes].map(|text| minute_of_day(text));
    match minutes {
        [Some(opens), Some(cancel), Some(closes)] if opens < cancel && cancel <= closes => Ok(()),
        _ => Err("prefectures.hours: opens before cancel_until, cancel_until not after closes, each HH:MM to 24:00"),
    }
}

/// Reads `HH:MM` up to `24:00` as minutes of the day.
pub(crate) fn minute_of_day(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
}

pub(crate) fn is_postal_code(text: &str) -> bool {
    text.len() == 7 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The profile before an operator set one: invented names, fees and days as they are usual in the field.
fn example() -> OperatorProfile {
    let address = |addressee: &str| PostalAddress {
        postal_code: "9999999".into(),
        address: "見本県みほん市とどけ町1丁目1番1号".into(),
        addressee: addressee.into(),
    };
    OperatorProfile {
        service_name: "とどけ代理請求サービス（見本）".into(),
        agent: Agent {
            corporation_name: "とどけ運営株式会社（見本）".into(),
            title: "代表取締役".into(),
            representative: "見本　太郎".into(),
            address: address("とどけ運営株式会社（見本）"),
        },
        poa_return: address("とどけ運営株式会社（見本）委任状係"),
        fees: Fees {
            monthly: 1_100,
            registration: 3_300,
            option_monthly: 550,
            option_registration: 1_100,
            password_by_hand: 5_500,
            recovery: 11_000,
        },
        calendar: OperatorDays { application_day: 26, debit_day: 26, closed_days: Vec::new() },
        offices_per_application: 30,
        contacts: vec![Contact {
            purpose: "契約・お手続き".into(),
            phone: Some("00-0000-0000".into()),
            email: None,
            hours: "10:00から12:00、13:00から17:00（土日祝・休業日を除く）".into(),
        }],
        prefectures: Vec::new(),
        sample: true,
        terms: Some(Terms { version: "見本-1".into(), text: include_str!("profile/terms.txt").into() }),
        privacy: Some(Terms { version: "見本-1".into(), text: include_str!("profile/privacy.txt").into() }),
    }
}

#[cfg(test)]
mod tests {
    use relay_api::applications::SendingHours;

    use super::*;

    #[track_caller]
    fn refuses(change: impl FnOnce(&mut OperatorProfile), expected: &str) {
        let mut profile = example();
        change(&mut profile);
        let refused = check(&profile).unwrap_err();
        assert!(refused.contains(expected), "{refused}");
    }

    fn rule(opens: &str, cancel_until: &str, closes: &str) -> PrefectureRule {
        let hours = SendingHours { opens: opens.into(), closes: closes.into(), cancel_until: cancel_until.into() };
        PrefectureRule {
            code: "99".into(),
            poa_addressee: None,
            agent_cut_off_day: Some(10),
            hours: Some(hours),
            source: "見本、2026年1月".into(),
        }
    }

    #[test]
    fn the_example_passes_its_own_check() {
        check(&example()).unwrap();
        assert!(example().sample);
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        refuses(|p| p.fees.monthly = -1, "negative");
        refuses(|p| p.calendar.application_day = 0, "1 to 31");
        refuses(|p| p.calendar.closed_days = vec!["2026/12/29".into()], "YYYY-MM-DD");
        refuses(|p| p.offices_per_application = 0, "1 to 1000");
        refuses(|p| p.agent.representative = " ".into(), "empty");
        refuses(|p| p.terms = Some(Terms { version: "1".into(), text: " ".into() }), "terms");
        refuses(|p| p.privacy = Some(Terms { version: String::new(), text: "本文".into() }), "privacy");
        refuses(|p| p.poa_return.postal_code = "123-4567".into(), "seven digits");
        refuses(|p| p.prefectures = vec![rule("08:45", "24:01", "24:00")], "hours");
        refuses(|p| p.prefectures = vec![rule("24:00", "08:45", "24:00")], "hours");
        refuses(
            |p| p.prefectures = vec![PrefectureRule { source: String::new(), ..rule("08:45", "23:30", "24:00") }],
            "source",
        );
    }

    #[test]
    fn refuses_a_year_without_a_business_day() {
        let first: NaiveDate = "2026-01-01".parse().unwrap();
        let every_day = first.iter_days().take(365).map(|day| day.to_string()).collect();
        refuses(|p| p.calendar.closed_days = every_day, "no business day");
    }

    #[test]
    fn takes_hours_up_to_the_end_of_the_day() {
        let mut profile = example();
        profile.prefectures = vec![rule("08:45", "23:30", "24:00")];
        check(&profile).unwrap();
        assert_eq!(minute_of_day("24:00"), Some(1440));
        assert_eq!(minute_of_day("8:45"), None);
    }
}

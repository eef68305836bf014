//! Applications as their applicant sees them: made, read, taken back; letters fetched.

use std::collections::BTreeSet;

use calendar::{Month, OperatorCalendar};
use chrono::NaiveDate;
use kokuho::OfficeNumber;
use relay_api::applications::{
    Applicant, Application, ApplicationList, AppliedOffice, Consented, Corporation, Credentials, CredentialsState,
    Letter, Letters, NewApplication, OfficeProgress, OperatorProfile, Request,
};

use crate::Relay;
use crate::clock::wire;
use crate::failure::Failure;
use crate::password::{self, token_hash};
use crate::profile::{calendar_of, is_postal_code};
use crate::session::{self, Scope};
use crate::storage::{ApplicationRow, Applied, Applying, DeskRefusal, LetterRow, OfficeRow, Opening, number_of};

/// Characters of a name or an address, at most.
const MAX_TEXT: usize = 120;

/// What the key of an application opens: that one application.
///
/// Made from what the client sent, and worth nothing unless both parts belong together.
#[derive(Debug, Clone)]
pub struct ApplicationKey(Opening);

impl ApplicationKey {
    /// Takes the id of the path and the key of the header.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::Malformed`] for an id that a client cannot have made up at random, and [`Failure::NotFound`] for
    /// a missing or misshapen key: the same as for a wrong one.
    pub fn new(id: &str, key: Option<&str>) -> Result<Self, Failure> {
        let is_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if id.len() != 32 || !is_hex(id) {
            return Err(Failure::Malformed("the id is not 32 lower-case hexadecimal digits".into()));
        }
        let key = key.filter(|key| key.len() == 64 && is_hex(key)).ok_or(Failure::NotFound)?;
        Ok(Self(Opening { id: id.to_owned(), key: token_hash(key) }))
    }
}

impl Relay {
    /// Takes an application. Repeating it changes nothing and gives the same answer.
    pub async fn apply(
        &self,
        opening: ApplicationKey,
        customer: Option<Scope>,
        applied: NewApplication,
    ) -> Result<Application, Failure> {
        self.limits().application()?;
        let profile = self.profile().await?;
        let calendar = calendar_of(&profile);
        // A repetition must not fail because the deadline passed in between.
        let is_known = self.storage().opened(opening.0.clone()).await?.is_some();
        let customer = match (&applied.request, customer) {
            (Request::New { .. }, _) => None,
            // 事業所用ID: contracts are the business of the corporation.
            (_, Some(scope)) if scope.office().is_some() => return Err(self.refuse_other_office(scope).await),
            (_, Some(scope)) => Some(scope),
            (_, None) => return Err(Failure::TokenExpired),
        };
        check(&applied, profile.offices_per_application)?;
        let at = self.clock().business();
        if !is_known {
            check_month(&applied.request, &calendar, at.date_naive())?;
            check_consent(&applied, &profile)?;
        }
        let (begins, own) = offices(&applied.request);
        let needs_poa = !begins.is_empty();
        let joins = match &applied.request {
            Request::New { joins, .. } => joins.clone(),
            _ => None,
        };
        let new = Applying { opening: opening.0, customer, joins, applied, begins, own, needs_poa, at: wire(at) };
        match self.storage().apply(new, self.now()).await? {
            Applied::Kept { row, repeated } => Ok(Application { repeated, ..application(*row, &calendar) }),
            Applied::Differently => Err(Failure::AnnouncedDifferently),
            Applied::OtherKey => Err(Failure::NotFound),
            Applied::NothingToJoin => Err(Failure::InvalidApplication("joins".into())),
            Applied::Taken(number) => Err(Failure::OfficeTaken(number)),
            Applied::OtherOffice => match customer {
                Some(scope) => Err(self.refuse_other_office(scope).await),
                None => Err(Failure::NotFound),
            },
        }
    }

    /// Finds an application by its key.
    pub async fn application(&self, opening: ApplicationKey) -> Result<Application, Failure> {
        let row = self.storage().opened(opening.0).await?.ok_or(Failure::NotFound)?;
        Ok(application(row, &self.operator_calendar().await?))
    }

    /// Lists the applications of a customer, newest first.
    pub async fn applications(&self, scope: Scope) -> Result<ApplicationList, Failure> {
        let calendar = self.operator_calendar().await?;
        let rows = self.storage().applications(scope).await?;
        Ok(ApplicationList { applications: rows.into_iter().map(|row| application(row, &calendar)).collect() })
    }

    /// Takes an application back. Repeating it changes nothing.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::TooLate`] once the desk accepted something of it: from then on taking it back may cost（features
    /// C13), and a person must speak with the operator.
    pub async fn withdraw(&self, opening: ApplicationKey) -> Result<Application, Failure> {
        let moment = (wire(self.clock().business()), self.now());
        match self.storage().withdraw(opening.0, moment).await {
            Ok(row) => Ok(application(row, &self.operator_calendar().await?)),
            Err(DeskRefusal::Storage(error)) => Err(error.into()),
            Err(DeskRefusal::NotFound) => Err(Failure::NotFound),
            Err(_) => Err(Failure::TooLate("the desk has accepted something of it")),
        }
    }

    /// Writes the letters of an issued application with new temporary passwords. The former ones end.
    pub async fn fetch_letters(&self, opening: ApplicationKey) -> Result<Letters, Failure> {
        let row = self.storage().opened(opening.0).await?.ok_or(Failure::NotFound)?;
        self.limits().sign_in(&session::credential("application", &row.id))?;
        self.write_letters(&row).await.map_err(|refused| match refused {
            LettersRefused::Failure(failure) => failure,
            LettersRefused::Desk(DeskRefusal::Storage(error)) => error.into(),
            LettersRefused::Desk(DeskRefusal::NotFound) => Failure::NotFound,
            LettersRefused::Desk(_) => Failure::TooLate("one of the IDs was used"),
        })
    }

    /// Makes temporary passwords up and keeps their hashes.
    pub(crate) async fn write_letters(&self, row: &ApplicationRow) -> Result<Letters, LettersRefused> {
        let ids = self.storage().letter_rows(row.row).await?;
        let corporation = row.corporation.ok_or(DeskRefusal::NotFound)?;
        let (corporation_number, corporation_name) =
            self.storage().corporation_by_row(corporation).await.map_err(DeskRefusal::from)?;
        let mut letters = Vec::new();
        let mut hashes = Vec::new();
        for LetterRow { login, office, login_id } in ids {
            let password = password::temporary();
            hashes.push((login, self.hasher().hash(password.clone()).await?));
            letters.push(Letter { office, login_id, password });
        }
        self.storage().keep_letters(row.row, hashes, self.now()).await?;
        let usable_from = start_month(&row.applied.request).map(|month| month.first_day().to_string());
        Ok(Letters { corporation_number, corporation_name, usable_from: usable_from.unwrap_or_default(), letters })
    }
}

/// Why letters were not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LettersRefused {
    #[error(transparent)]
    Desk(#[from] DeskRefusal),
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Makes the wire's view of a row.
pub(crate) fn application(row: ApplicationRow, calendar: &OperatorCalendar) -> Application {
    let start = start_month(&row.applied.request);
    let brings_ids = brings_ids(&row.applied.request);
    let state = match (&row.issued_at, row.used) {
        (None, _) => CredentialsState::Pending,
        (Some(_), false) => CredentialsState::Issued,
        (Some(_), true) => CredentialsState::Used,
    };
    let credentials = start.filter(|_| brings_ids).map(|start| Credentials {
        state,
        expected_on: letter_day(start, calendar).to_string(),
        issued_at: row.issued_at.clone(),
    });
    let first_debit = start.and_then(|start| calendar.debit(start)).map(|due| due.date.to_string());
    let progress = |office: OfficeRow| OfficeProgress {
        office: office.number,
        poa: office.poa,
        agent_registered_on: office.agent_registered_on,
    };
    Application {
        id: row.id,
        number: number_of(row.row),
        applied: row.applied,
        received_at: row.received_at,
        state: row.state,
        offices: row.offices.into_iter().map(progress).collect(),
        credentials,
        first_debit,
        events: row.events,
        repeated: false,
    }
}

/// Returns the day on which the credentials of a start are due: the last business day before it（features O22）.
pub(crate) fn letter_day(start: Month, calendar: &OperatorCalendar) -> NaiveDate {
    let eve = start.plus(-1).last_day();
    calendar.business_day_at_or_before(eve).unwrap_or(eve)
}

/// Returns the first month of what is asked for, for the kinds that cost something.
pub(crate) fn start_month(request: &Request) -> Option<Month> {
    match request {
        Request::New { start_month, .. }
        | Request::AddOffices { start_month, .. }
        | Request::Option { start_month, .. }
        | Request::ChangedNumber { start_month, .. } => start_month.parse().ok(),
        Request::Change { .. } | Request::Stop { .. } => None,
    }
}

/// Returns whether a kind ends with new IDs.
pub(crate) fn brings_ids(request: &Request) -> bool {
    matches!(request, Request::New { .. } | Request::AddOffices { .. } | Request::ChangedNumber { .. })
}

/// Returns the offices that begin with the request, and those that must be the customer's already.
fn offices(request: &Request) -> (Vec<String>, Vec<String>) {
    let numbers = |offices: &[AppliedOffice]| offices.iter().map(|office| office.number.clone()).collect();
    match request {
        Request::New { offices, .. } | Request::AddOffices { offices, .. } => (numbers(offices), Vec::new()),
        Request::Change { offices, .. } => (Vec::new(), numbers(offices)),
        Request::Stop { offices, .. } | Request::Option { offices, .. } => (Vec::new(), offices.clone()),
        Request::ChangedNumber { former, office, .. } => (vec![office.number.clone()], vec![former.clone()]),
    }
}

/// Checks that the month can still be reached by an application of `today`.
fn check_month(request: &Request, calendar: &OperatorCalendar, today: NaiveDate) -> Result<(), Failure> {
    let (asked, earliest) = match request {
        Request::Stop { last_month, .. } => {
            (last_month, calendar.stop_when_applied(today).and_then(|plan| Month::of(plan.end).ok()))
        }
        Request::New { start_month, .. }
        | Request::AddOffices { start_month, .. }
        | Request::Option { start_month, .. }
        | Request::ChangedNumber { start_month, .. }
        | Request::Change { from_month: start_month, .. } => {
            (start_month, calendar.start_when_applied(today).map(|plan| plan.first_window.processing_month))
        }
    };
    // Checked before: it is a month.
    match (asked.parse::<Month>().ok(), earliest) {
        (Some(asked), Some(earliest)) if asked >= earliest => Ok(()),
        (_, Some(earliest)) => Err(Failure::TooEarly(earliest.to_string())),
        (_, None) => Err(Failure::Internal(anyhow::anyhow!("the operator's calendar has no business day"))),
    }
}

/// Checks that the wording which was agreed to is the one of today. What is asked for under a running contract stands on
/// the terms of that contract.
fn check_consent(applied: &NewApplication, profile: &OperatorProfile) -> Result<(), Failure> {
    let of_today = profile.consented();
    let agreed = applied.consented.clone().unwrap_or(Consented { terms: None, privacy: None });
    let is_new = matches!(applied.request, Request::New { .. });
    if is_new && agreed != of_today { Err(Failure::TermsChanged) } else { Ok(()) }
}

/// Checks everything that the content alone can tell. The text of a refusal names the field, never what stands there.
fn check(applied: &NewApplication, most_offices: u32) -> Result<(), Failure> {
    let NewApplication { applicant, request, consent, consented: _ } = applied;
    if !consent {
        return invalid("consent");
    }
    check_applicant(applicant)?;
    let (month, field) = match request {
        Request::New { start_month, corporation, offices, .. } => {
            check_corporation(corporation)?;
            check_offices(offices, most_offices)?;
            (start_month, "start_month")
        }
        Request::AddOffices { start_month, offices, .. } => {
            check_offices(offices, most_offices)?;
            (start_month, "start_month")
        }
        Request::Change { from_month, corporation, offices } => {
            if corporation.is_none() && offices.is_empty() {
                return invalid("offices: nothing changes");
            }
            corporation.as_ref().map_or(Ok(()), check_corporation)?;
            if !offices.is_empty() {
                check_offices(offices, most_offices)?;
            }
            (from_month, "from_month")
        }
        Request::Stop { last_month, offices } => {
            check_numbers(offices, most_offices)?;
            (last_month, "last_month")
        }
        Request::Option { start_month, offices } => {
            check_numbers(offices, most_offices)?;
            (start_month, "start_month")
        }
        Request::ChangedNumber { start_month, former, office } => {
            check_number(former, "former")?;
            check_offices(std::slice::from_ref(office), most_offices)?;
            if *former == office.number {
                return invalid("former: the number does not change");
            }
            (start_month, "start_month")
        }
    };
    if month.parse::<Month>().is_ok_and(|parsed| parsed.to_string() == *month) { Ok(()) } else { invalid(field) }
}

fn check_applicant(applicant: &Applicant) -> Result<(), Failure> {
    check_text(&applicant.name, "applicant.name")?;
    check_phone(&applicant.phone, "applicant.phone")?;
    // Only what would never arrive; the rest is proved by the first mail.
    let email = &applicant.email;
    let is_address = email.len() <= 254
        && email.bytes().all(|b| b.is_ascii_graphic())
        && email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !host.contains('@')
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
        });
    if is_address { Ok(()) } else { invalid("applicant.email") }
}

fn check_corporation(corporation: &Corporation) -> Result<(), Failure> {
    let Corporation { name, postal_code, address, title, representative, phone } = corporation;
    check_text(name, "corporation.name")?;
    check_postal_code(postal_code, "corporation.postal_code")?;
    check_text(address, "corporation.address")?;
    check_text(title, "corporation.title")?;
    check_text(representative, "corporation.representative")?;
    check_phone(phone, "corporation.phone")
}

fn check_offices(offices: &[AppliedOffice], most: u32) -> Result<(), Failure> {
    check_numbers(&offices.iter().map(|office| office.number.clone()).collect::<Vec<_>>(), most)?;
    for AppliedOffice { number, name, user_id, postal_code, address, phone } in offices {
        check_text(name, "offices.name")?;
        // `KJ`, prefecture, 事業所番号（features O05）: a slip would make every transmission of the office fail.
        let prefecture = number.get(..2).unwrap_or_default();
        if *user_id != format!("KJ{prefecture}{number}") {
            return invalid("offices.user_id");
        }
        check_postal_code(postal_code, "offices.postal_code")?;
        check_text(address, "offices.address")?;
        check_phone(phone, "offices.phone")?;
    }
    Ok(())
}

fn check_numbers(numbers: &[String], most: u32) -> Result<(), Failure> {
    if numbers.is_empty() || numbers.len() > most as usize {
        return invalid("offices: none or too many");
    }
    if numbers.iter().collect::<BTreeSet<_>>().len() != numbers.len() {
        return invalid("offices: one stands there twice");
    }
    numbers.iter().try_for_each(|number| check_number(number, "offices.number"))
}

fn check_number(number: &str, field: &str) -> Result<(), Failure> {
    if OfficeNumber::parse(number).is_ok_and(|parsed| parsed.as_str() == number) { Ok(()) } else { invalid(field) }
}

fn check_text(text: &str, field: &str) -> Result<(), Failure> {
    let is_line = !text.trim().is_empty() && !text.chars().any(char::is_control);
    if is_line && text.chars().count() <= MAX_TEXT { Ok(()) } else { invalid(field) }
}

fn check_phone(text: &str, field: &str) -> Result<(), Failure> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_phone = (10..=11).contains(&digits) && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if is_phone { Ok(()) } else { invalid(field) }
}

fn check_postal_code(text: &str, field: &str) -> Result<(), Failure> {
    if is_postal_code(text) { Ok(()) } else { invalid(field) }
}

fn invalid(field: &str) -> Result<(), Failure> {
    Err(Failure::InvalidApplication(field.to_owned()))
}

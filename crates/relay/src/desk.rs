//! The operator's desk: applications, powers of attorney, certificates, letters, fees.

use calendar::Month;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use rand::Rng;
use relay_api::applications::{Application, AppliedOffice, Letters, Request};

use crate::Relay;
use crate::admin::AdminError;
use crate::application::{LettersRefused, application, letter_day, start_month};
use crate::clock::wire;
use crate::failure::Failure;
use crate::password;
use crate::storage::{
    ApplicationRow, AuditCheck, AuditRow, Certificate, Debit, DeskRefusal, ExtraItem, FeeLine, FeeRefusal, Moment,
    NewId, PoaNews, Start, number_of,
};

/// Days before its end from which a certificate is spoken of.
pub const CERTIFICATE_WARNINGS: [i64; 3] = [90, 60, 30];

/// What the desk knows of an application beyond what its applicant sees.
#[derive(Debug, Clone)]
pub struct DeskView {
    /// As the applicant sees it.
    pub application: Application,
    /// Certificate of each office, in the same order.
    pub certificates: Vec<Option<String>>,
    /// 受付番号 of the first application of the same corporation, when this is a later one: they become one customer.
    pub joined: Option<String>,
}

/// A fee run.
#[derive(Debug, Clone)]
pub struct FeeRun {
    /// Day on which the bank debits, `YYYY-MM-DD`.
    pub debit_on: String,
    /// The lines, by 法人番号 and 事業所番号.
    pub lines: Vec<FeeLine>,
}

/// What the bank is asked to debit for a month.
pub struct DebitList {
    /// Day of the debit, `YYYY-MM-DD`.
    pub debit_on: String,
    /// One line per corporation, by 法人番号.
    pub debits: Vec<Debit>,
}

impl Relay {
    /// Lists applications, oldest first.
    pub async fn desk_applications(&self, only_open: bool) -> Result<Vec<DeskView>, AdminError> {
        let calendar = self.operator_calendar().await?;
        let rows = self.storage().all_applications(only_open).await?;
        Ok(rows.into_iter().map(|row| view(row, &calendar)).collect())
    }

    /// Finds the application with this 受付番号, for example `M00000012`.
    pub async fn desk_application(&self, number: &str) -> Result<DeskView, AdminError> {
        let row = self.storage().application_row(row_of(number)?).await?;
        Ok(view(row, &self.operator_calendar().await?))
    }

    /// Notes what became of a power of attorney: of one office, or of all that wait for the same.
    pub async fn note_poa(&self, number: &str, office: Option<&str>, news: PoaNews) -> Result<DeskView, AdminError> {
        if matches!(&news, PoaNews::Defective(reason) if reason.trim().is_empty()) {
            return Err(AdminError::Reason);
        }
        let moment = self.moment(self.clock().business());
        let row = self.storage().note_poa(row_of(number)?, office.map(str::to_owned), news, moment).await?;
        Ok(view(row, &self.operator_calendar().await?))
    }

    /// Adds a certificate of the operator, good until `expires_on`.
    pub async fn add_certificate(&self, name: &str, expires_on: NaiveDate) -> Result<(), AdminError> {
        let name = crate::admin::checked_name(name)?;
        Ok(self.storage().add_certificate(name, expires_on.to_string(), self.now()).await?)
    }

    /// Lists the certificates.
    pub async fn certificates(&self) -> Result<Vec<Certificate>, AdminError> {
        Ok(self.storage().certificates().await?)
    }

    /// Returns the days until a certificate ends once that is at most 90; 0 on its last day, negative after it.
    pub fn certificate_warning(&self, certificate: &Certificate) -> Option<i64> {
        let last: NaiveDate = certificate.expires_on.parse().ok()?;
        let left = last.signed_duration_since(self.clock().business().date_naive()).num_days();
        (left <= CERTIFICATE_WARNINGS[0]).then_some(left)
    }

    /// Assigns offices whose power of attorney is in order to certificates, at most 100 offices on each.
    pub async fn assign_agent(
        &self,
        number: &str,
        office: Option<&str>,
        certificate: Option<&str>,
    ) -> Result<DeskView, AdminError> {
        let today = self.clock().business().date_naive().to_string();
        let (office, certificate) = (office.map(str::to_owned), certificate.map(str::to_owned));
        let row = self.storage().assign(row_of(number)?, office, certificate, today, self.now()).await?;
        Ok(view(row, &self.operator_calendar().await?))
    }

    /// Notes that 国保連 registered the operator as the agent of offices.
    pub async fn register_agent(
        &self,
        number: &str,
        office: Option<&str>,
        on: NaiveDate,
    ) -> Result<DeskView, AdminError> {
        let moment = self.moment(self.clock().business());
        let office = office.map(str::to_owned);
        let row = self.storage().register_agent(row_of(number)?, office, on.to_string(), moment).await?;
        Ok(view(row, &self.operator_calendar().await?))
    }

    /// Issues the credentials of an application that brings IDs. Nobody knows the passwords until a letter is written.
    pub async fn issue_credentials(
        &self,
        number: &str,
        corporation_number: Option<&str>,
    ) -> Result<DeskView, AdminError> {
        if let Some(number) = corporation_number {
            crate::admin::check_corporation_number(number)?;
        }
        let row = self.storage().application_row(row_of(number)?).await?;
        let row = self.issue(&row, corporation_number, self.clock().business()).await?;
        Ok(view(row, &self.operator_calendar().await?))
    }

    /// Writes the letters of an issued application with new temporary passwords.
    pub async fn desk_letters(&self, number: &str) -> Result<(DeskView, Letters), AdminError> {
        let row = self.storage().application_row(row_of(number)?).await?;
        let letters = self.write_letters(&row).await.map_err(|refused| match refused {
            LettersRefused::Desk(refused) => AdminError::from(refused),
            LettersRefused::Failure(failure) => failure.into(),
        })?;
        Ok((view(row, &self.operator_calendar().await?), letters))
    }

    /// Completes an application that brings no IDs: the change, the end or the option takes effect.
    pub async fn complete_application(&self, number: &str) -> Result<DeskView, AdminError> {
        let row = self.storage().application_row(row_of(number)?).await?;
        let row = self.complete(&row, self.clock().business()).await?;
        Ok(view(row, &self.operator_calendar().await?))
    }

    /// Declines an application.
    pub async fn decline_application(&self, number: &str, reason: &str) -> Result<DeskView, AdminError> {
        if reason.trim().is_empty() {
            return Err(AdminError::Reason);
        }
        let moment = self.moment(self.clock().business());
        let row = self.storage().decline(row_of(number)?, reason.trim().to_owned(), moment).await?;
        Ok(view(row, &self.operator_calendar().await?))
    }

    /// Notes work by hand that costs; it is charged with the run of the present month.
    pub async fn note_extra_fee(&self, office: &str, item: ExtraItem) -> Result<(), AdminError> {
        let month = Month::of(self.clock().business().date_naive()).map_err(|_| AdminError::Month)?;
        Ok(self.storage().note_extra_fee(office.to_owned(), item, month, self.now()).await?)
    }

    /// Charges `month`, and what was due before and not charged yet. Run again, it gives the same lines.
    ///
    /// # Errors
    ///
    /// Returns [`AdminError::Month`] for a month that has not begun.
    pub async fn run_fees(&self, month: Month) -> Result<FeeRun, AdminError> {
        let now = self.clock().business();
        if month.first_day() > now.date_naive() {
            return Err(AdminError::Month);
        }
        let profile = self.profile().await?;
        let due = crate::profile::calendar_of(&profile).debit(month).ok_or(AdminError::Month)?;
        let debit_on = match self.storage().charged_on(month).await? {
            Some(debit_on) => debit_on,
            None => due.date.to_string(),
        };
        let lines = self.storage().charge(month, debit_on.clone(), profile.fees, wire(now), self.now()).await?;
        Ok(FeeRun { debit_on, lines })
    }

    /// Returns what the bank is asked to debit for a month that was charged, one line per corporation.
    ///
    /// # Errors
    ///
    /// Returns [`AdminError::NotCharged`] before [`Relay::run_fees`].
    pub async fn debits(&self, month: Month) -> Result<DebitList, AdminError> {
        let charged = self.storage().debits(month).await?;
        let (debit_on, debits) = charged.ok_or_else(|| AdminError::NotCharged(month.to_string()))?;
        Ok(DebitList { debit_on, debits })
    }

    /// Checks the audit trail. `noted` is a newest link that an earlier check printed.
    pub async fn check_audit(&self, noted: Option<String>) -> Result<AuditCheck, AdminError> {
        Ok(self.storage().check_audit(noted).await?)
    }

    /// Returns the newest rows of the audit trail, oldest first.
    pub async fn audit_rows(&self, count: u32) -> Result<Vec<AuditRow>, AdminError> {
        Ok(self.storage().audit_rows(count).await?)
    }

    pub(crate) fn moment(&self, at: DateTime<FixedOffset>) -> Moment {
        (wire(at), self.now())
    }

    /// Issues the credentials of `row` at the business time `at`.
    pub(crate) async fn issue(
        &self,
        row: &ApplicationRow,
        corporation_number: Option<&str>,
        at: DateTime<FixedOffset>,
    ) -> Result<ApplicationRow, AdminError> {
        let start = start(&row.applied.request, corporation_number).ok_or(AdminError::NotNow)?;
        Ok(self.storage().issue(row.row, start, self.moment(at)).await?)
    }

    /// Completes `row` at the business time `at`.
    pub(crate) async fn complete(
        &self,
        row: &ApplicationRow,
        at: DateTime<FixedOffset>,
    ) -> Result<ApplicationRow, AdminError> {
        let moment = self.moment(at);
        let completed = match &row.applied.request {
            Request::Change { corporation, offices, .. } => {
                let name = corporation.as_ref().map(|corporation| corporation.name.clone());
                let offices = offices.iter().map(|office| (office.number.clone(), office.name.clone())).collect();
                self.storage().complete_change(row.row, name, offices, moment).await
            }
            Request::Stop { last_month, offices } => {
                self.storage().complete_stop(row.row, offices.clone(), last_month.clone(), moment).await
            }
            Request::Option { start_month, offices } => {
                self.storage().complete_option(row.row, offices.clone(), start_month.clone(), moment).await
            }
            Request::New { .. } | Request::AddOffices { .. } | Request::ChangedNumber { .. } => {
                return Err(AdminError::NotNow);
            }
        };
        Ok(completed?)
    }
}

fn view(row: ApplicationRow, calendar: &calendar::OperatorCalendar) -> DeskView {
    let certificates = row.offices.iter().map(|office| office.certificate.clone()).collect();
    let joined = row.joined.map(number_of);
    DeskView { application: application(row, calendar), certificates, joined }
}

/// Reads a 受付番号 as it is spoken on the telephone: without the `M` and its zeros too.
fn row_of(number: &str) -> Result<i64, AdminError> {
    number.trim_start_matches(['M', 'm']).parse().map_err(|_| AdminError::ApplicationNumber)
}

/// Returns what begins with a request that brings IDs.
fn start(request: &Request, corporation_number: Option<&str>) -> Option<Start> {
    let (month, offices, option) = match request {
        Request::New { start_month, offices, option, .. } | Request::AddOffices { start_month, offices, option } => {
            (start_month, offices.clone(), *option)
        }
        Request::ChangedNumber { start_month, office, .. } => (start_month, vec![office.clone()], false),
        Request::Change { .. } | Request::Stop { .. } | Request::Option { .. } => return None,
    };
    let corporation = match request {
        Request::New { corporation, .. } => Some(corporation.clone()),
        _ => None,
    };
    let former = match request {
        Request::ChangedNumber { former, start_month, .. } => {
            Some((former.clone(), start_month.parse::<Month>().ok()?.plus(-1).to_string()))
        }
        _ => None,
    };
    let mut ids = Vec::new();
    if corporation.is_some() {
        ids.push(NewId { office: None, login_id: new_login_id("honbu") });
    }
    let id_of =
        |office: &AppliedOffice| NewId { office: Some(office.number.clone()), login_id: new_login_id("jigyosho") };
    ids.extend(offices.iter().map(id_of));
    Some(Start {
        corporation_number: corporation_number.map(str::to_owned),
        corporation,
        month: month.clone(),
        offices,
        option,
        former,
        ids,
        no_password: password::NOBODY,
    })
}

/// Makes an ID up. It is typed from paper, so that no character looks like another one.
fn new_login_id(kind: &str) -> String {
    const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    let tail: String = (0..6).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])).collect();
    format!("{kind}-{tail}")
}

/// What the desk of a demonstration does next with an application, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeskTurn {
    ReceivePoa,
    AcceptPoa,
    RegisterAgent,
    Issue,
    Complete,
}

impl DeskTurn {
    /// Returns what a person sees of it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::ReceivePoa => "委任状が運営者に届きます",
            Self::AcceptPoa => "委任状の確認が終わります",
            Self::RegisterAgent => "国保連への代理人の登録が終わります",
            Self::Issue => "IDとパスワードのお知らせが届きます",
            Self::Complete => "お申込みの手続きが終わります",
        }
    }
}

/// Returns what is due next for `row` at a desk that works through everything in the usual time. `None` when nothing is
/// left to do.
pub(crate) fn next_turn(
    row: &ApplicationRow,
    calendar: &calendar::OperatorCalendar,
) -> Option<(DateTime<FixedOffset>, DeskTurn)> {
    use relay_api::applications::{ApplicationState, PoaState};
    if row.state != ApplicationState::Open {
        return None;
    }
    let after = |since: &str, days: u64, hour: u32| {
        let since = DateTime::parse_from_rfc3339(since).ok()?.date_naive();
        let mut day = since;
        for _ in 0..days {
            day = calendar.business_day_at_or_after(day.succ_opt()?)?;
        }
        Some(crate::clock::in_japan(day.and_hms_opt(hour, 0, 0)?))
    };
    let beginning = || row.offices.iter().filter(|office| office.begins);
    let Some(first) = beginning().next() else {
        return Some((after(&row.received_at, 1, 10)?, DeskTurn::Complete));
    };
    // The desk treats all offices of an application alike, so that the least advanced one tells the turn.
    let in_state = |state| beginning().find(|office| office.poa.state == state);
    if let Some(office) = in_state(PoaState::Waiting).or_else(|| in_state(PoaState::Defective)) {
        return Some((after(&office.poa.since, 3, 10)?, DeskTurn::ReceivePoa));
    }
    if let Some(office) = in_state(PoaState::Received) {
        return Some((after(&office.poa.since, 1, 15)?, DeskTurn::AcceptPoa));
    }
    if let Some(office) = beginning().find(|office| office.agent_registered_on.is_none()) {
        return Some((after(&office.poa.since, 5, 15)?, DeskTurn::RegisterAgent));
    }
    let start = start_month(&row.applied.request)?;
    let due = crate::clock::in_japan(letter_day(start, calendar).and_hms_opt(10, 0, 0)?);
    let registered: NaiveDate = first.agent_registered_on.as_deref()?.parse().ok()?;
    let ready = crate::clock::in_japan(registered.and_hms_opt(16, 0, 0)?);
    Some((due.max(ready), DeskTurn::Issue))
}

impl Relay {
    /// Does what the desk of a demonstration has to do up to `now`, in order. Returns whether a customer came to be.
    pub(crate) async fn work_at_demo_desk(&self, now: DateTime<FixedOffset>) -> Result<bool, Failure> {
        let calendar = self.operator_calendar().await?;
        let mut issued = false;
        for mut row in self.storage().all_applications(true).await? {
            while let Some((at, turn)) = next_turn(&row, &calendar).filter(|(at, _)| *at <= now) {
                issued |= turn == DeskTurn::Issue;
                row = self.take_turn(&row, turn, at).await.map_err(|error| Failure::Internal(error.into()))?;
            }
        }
        Ok(issued)
    }

    async fn take_turn(
        &self,
        row: &ApplicationRow,
        turn: DeskTurn,
        at: DateTime<FixedOffset>,
    ) -> Result<ApplicationRow, AdminError> {
        let moment = self.moment(at);
        match turn {
            DeskTurn::ReceivePoa => Ok(self.storage().note_poa(row.row, None, PoaNews::Received, moment).await?),
            DeskTurn::AcceptPoa => Ok(self.storage().note_poa(row.row, None, PoaNews::Accepted, moment).await?),
            DeskTurn::RegisterAgent => {
                let today = at.date_naive();
                loop {
                    match self.storage().assign(row.row, None, None, today.to_string(), self.now()).await {
                        Ok(_) => break,
                        // As an operator does when all are full: it takes out another one.
                        Err(DeskRefusal::NoRoom) => {
                            let name = format!("A-{:02}", self.storage().certificates().await?.len() + 1);
                            let expires_on = today.with_year(today.year() + 3).unwrap_or(today);
                            self.storage().add_certificate(name, expires_on.to_string(), self.now()).await?;
                        }
                        Err(refused) => return Err(refused.into()),
                    }
                }
                Ok(self.storage().register_agent(row.row, None, today.to_string(), moment).await?)
            }
            DeskTurn::Issue => self.issue(row, None, at).await,
            DeskTurn::Complete => self.complete(row, at).await,
        }
    }
}

impl From<DeskRefusal> for AdminError {
    fn from(refused: DeskRefusal) -> Self {
        match refused {
            DeskRefusal::NotFound => Self::NotFound,
            DeskRefusal::Exists => Self::Exists,
            DeskRefusal::Closed => Self::Closed,
            DeskRefusal::NotNow => Self::NotNow,
            DeskRefusal::OfficeNotReady(number) => Self::OfficeNotReady(number),
            DeskRefusal::NoRoom => Self::NoRoom,
            DeskRefusal::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<FeeRefusal> for AdminError {
    fn from(refused: FeeRefusal) -> Self {
        match refused {
            FeeRefusal::NotFound => Self::NotFound,
            FeeRefusal::LaterRun(month) => Self::LaterRun(month),
            FeeRefusal::Storage(error) => Self::Storage(error),
        }
    }
}

//! Applications（お申込み）: the operator's profile, what an office asks for, and what became of it.
//!
//! | Method and path | Takes | Gives |
//! |---|---|---|
//! | `GET /v1/operator` | – | [`OperatorProfile`] |
//! | `PUT /v1/applications/{id}` | [`NewApplication`] | [`Application`] |
//! | `GET /v1/applications/{id}` | – | [`Application`] |
//! | `DELETE /v1/applications/{id}` | – | [`Application`], withdrawn |
//! | `POST /v1/applications/{id}/letters` | – | [`Letters`] |
//! | `GET /v1/applications` | – | [`ApplicationList`] |
//!
//! The first application is made before anybody has an account. The client therefore makes up two random texts and keeps
//! them before it sends anything: the **id** (32 lower-case hexadecimal digits), which names the application, and the
//! **key** (64 of them), which opens it and travels in the header [`APPLICATION_KEY`]. The relay keeps a hash of the key.
//! A wrong key and an unknown id have the same answer. Repeating any request at any point gives the same answer and never
//! a second application, so that a client that lost its line simply asks again.
//!
//! What an existing customer asks for (every kind but [`Request::New`]) also needs the session of its 法人用ID, and is
//! listed for that session on every computer. The operator's profile needs neither.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Header that carries the key of an application.
pub const APPLICATION_KEY: &str = "x-application-key";

/// What the operator says of itself and of its rules. Data, never code: fees and days may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorProfile {
    /// Name of the service, for example `とどけ代理請求サービス`.
    pub service_name: String,
    /// Who is given the power of attorney（委任先）.
    pub agent: Agent,
    /// Where signed powers of attorney are posted to.
    pub poa_return: PostalAddress,
    /// Fees in yen, tax included.
    pub fees: Fees,
    /// Days on which applications are taken and fees debited.
    pub calendar: OperatorDays,
    /// Offices that one application may hold（features O14）; a larger corporation applies several times.
    pub offices_per_application: u32,
    /// Who to call for what.
    pub contacts: Vec<Contact>,
    /// Rules of single prefectures; one that is not listed has none of its own.
    pub prefectures: Vec<PrefectureRule>,
    /// The profile is an example: nobody signed a contract on it.
    pub sample: bool,
    /// 利用規約（features C24）; `None` while the operator hands them out on paper alone.
    #[serde(default)]
    pub terms: Option<Terms>,
    /// How personal data is used（個人情報の取り扱い, features C24）.
    #[serde(default)]
    pub privacy: Option<Terms>,
}

/// A text that an applicant agrees to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Terms {
    /// Names this wording, for example `2026-04-01`; a new wording has a new one.
    pub version: String,
    /// The text in Japanese; an empty line parts paragraphs.
    pub text: String,
}

/// The wordings that an applicant agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Consented {
    /// [`Terms::version`] of [`OperatorProfile::terms`].
    pub terms: Option<String>,
    /// [`Terms::version`] of [`OperatorProfile::privacy`].
    pub privacy: Option<String>,
}

impl OperatorProfile {
    /// Returns the wordings that an applicant has to agree to today.
    pub fn consented(&self) -> Consented {
        let version = |terms: &Option<Terms>| terms.as_ref().map(|terms| terms.version.clone());
        Consented { terms: version(&self.terms), privacy: version(&self.privacy) }
    }
}

/// The agent of a power of attorney（委任先, features O16）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// 法人名.
    pub corporation_name: String,
    /// 役職・部署.
    pub title: String,
    /// 氏名または代表者名.
    pub representative: String,
    /// Seat of the corporation.
    pub address: PostalAddress,
}

/// A place that mail reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PostalAddress {
    /// Seven digits, without a hyphen.
    pub postal_code: String,
    /// 都道府県 to building.
    pub address: String,
    /// Name on the envelope.
    pub addressee: String,
}

/// Fees of the operator（features C08–C12）, in yen with tax; the monthly ones per 事業所番号.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fees {
    /// 月額利用料, from the declared start month, used or not.
    pub monthly: i64,
    /// 初回登録料, debited once with the first monthly fee.
    pub registration: i64,
    /// 月額利用料 of the return option.
    pub option_monthly: i64,
    /// 初回登録料 of the return option.
    pub option_registration: i64,
    /// パスワード再発行手数料 per ID, only when the operator did it by hand.
    pub password_by_hand: i64,
    /// 削除情報復旧手数料 per file.
    pub recovery: i64,
}

/// Days of the operator（features C01–C07）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorDays {
    /// Day of the month until which applications count for the month after next; moved back to a business day.
    pub application_day: u32,
    /// Day of the following month on which fees are debited; moved forward to a business day.
    pub debit_day: u32,
    /// Closed days beside weekends and national holidays, `YYYY-MM-DD`, ascending.
    pub closed_days: Vec<String>,
}

/// Who to call（features U01）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// For what, in Japanese, for example `契約・お手続き`.
    pub purpose: String,
    /// Telephone number.
    pub phone: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Hours in words.
    pub hours: String,
}

/// Rules of one prefecture. Each is the operator's knowledge of a day and says where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrefectureRule {
    /// First two digits of the 事業所番号.
    pub code: String,
    /// Who a power of attorney is addressed to, for example `東京都国民健康保険団体連合会理事長`.
    pub poa_addressee: Option<String>,
    /// Day of the month until which 国保連 registers an agent for the next month（features M07）.
    pub agent_cut_off_day: Option<u32>,
    /// Hours of sending on the 1st to the 10th（features T06）; the whole day when missing.
    pub hours: Option<SendingHours>,
    /// Where this is known from, and as of when.
    pub source: String,
}

/// Hours of one day, local time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SendingHours {
    /// First minute, `HH:MM`.
    pub opens: String,
    /// First minute after the end, `HH:MM`, up to `24:00`.
    pub closes: String,
    /// First minute after the end of cancelling, `HH:MM`, up to `24:00`.
    pub cancel_until: String,
}

/// An application as the client sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewApplication {
    /// Who fills it in and is written to（お申込に関する情報）.
    pub applicant: Applicant,
    /// What is asked for.
    pub request: Request,
    /// The terms of the operator were read and agreed to.
    pub consent: bool,
    /// Which wording of them. A wording that is no longer shown is refused with [`crate::RefusalCode::TermsChanged`].
    #[serde(default)]
    pub consented: Option<Consented>,
}

/// Who fills an application in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Applicant {
    /// Name of the person.
    pub name: String,
    /// Telephone number, digits and hyphens.
    pub phone: String,
    /// Mail address, ASCII.
    pub email: String,
}

/// What an application asks for（features C03–C06, O20）.
///
/// Months are `YYYY-MM`. None may be earlier than the operator's calendar allows on the day of the application
/// ([`crate::RefusalCode::TooEarly`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// 新規: a corporation that is no customer yet.
    New {
        /// First month of use: claims can be sent from its 1st.
        start_month: String,
        /// The corporation.
        corporation: Corporation,
        /// Its offices, 1 to [`OperatorProfile::offices_per_application`].
        offices: Vec<AppliedOffice>,
        /// The return option（返戻）is wanted for all of them.
        option: bool,
        /// Id of the first application of the same corporation, which has more offices than one application may hold
        /// （features O14）. Both are opened by the same key, which proves that they have one sender; all of them become
        /// one customer with one 法人用ID.
        #[serde(default)]
        joins: Option<String>,
    },
    /// 追加: more offices of a customer.
    AddOffices {
        /// First month of use.
        start_month: String,
        /// The new offices.
        offices: Vec<AppliedOffice>,
        /// The return option is wanted for all of them.
        option: bool,
    },
    /// 変更: other data of the corporation or of offices. The numbers stay.
    Change {
        /// First month with the new data.
        from_month: String,
        /// New data of the corporation, if it changes.
        corporation: Option<Corporation>,
        /// New data of offices, named by their number.
        offices: Vec<AppliedOffice>,
    },
    /// 解約: the end for some offices or all of them.
    Stop {
        /// Last month of use; the monthly fee is due for it.
        last_month: String,
        /// 事業所番号.
        offices: Vec<String>,
    },
    /// オプション追加: the return option for offices that are customers already. Needs no power of attorney（features O20）.
    Option {
        /// First month with the option.
        start_month: String,
        /// 事業所番号.
        offices: Vec<String>,
    },
    /// 事業所番号の変更: a start for the new number and a stop for the old one（features C06）.
    ChangedNumber {
        /// First month of the new number; the old one ends with the month before.
        start_month: String,
        /// Former 事業所番号.
        former: String,
        /// The office under its new number.
        office: AppliedOffice,
    },
}

/// The corporation as it stands on the power of attorney（事業者）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Corporation {
    /// 法人名.
    pub name: String,
    /// Seven digits, without a hyphen.
    pub postal_code: String,
    /// 住所.
    pub address: String,
    /// 役職 of the representative.
    pub title: String,
    /// 代表者名.
    pub representative: String,
    /// Telephone number, digits and hyphens.
    pub phone: String,
}

/// An office of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppliedOffice {
    /// 事業所番号.
    pub number: String,
    /// 事業所名.
    pub name: String,
    /// 国保連's user ID of the office: `KJ`, prefecture, 事業所番号（features O05）.
    pub user_id: String,
    /// Seven digits, without a hyphen.
    pub postal_code: String,
    /// 所在地.
    pub address: String,
    /// Telephone number, digits and hyphens.
    pub phone: String,
}

/// An application and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Application {
    /// The client's id.
    pub id: String,
    /// 受付番号 of the application, to be named on the telephone: `M` and eight digits.
    pub number: String,
    /// What was applied for.
    #[serde(flatten)]
    pub applied: NewApplication,
    /// When the relay received it.
    pub received_at: String,
    /// Where it stands.
    pub state: ApplicationState,
    /// What becomes of each office, in the order of the application.
    pub offices: Vec<OfficeProgress>,
    /// IDs and passwords; `None` for kinds that bring none.
    pub credentials: Option<Credentials>,
    /// First debit: of the first monthly fee, with the registration fee. `YYYY-MM-DD`; `None` for kinds that cost nothing.
    pub first_debit: Option<String>,
    /// Everything that happened, oldest first.
    pub events: Vec<ApplicationEvent>,
    /// This answer is about an application that was already there.
    pub repeated: bool,
}

/// Where an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationState {
    /// 手続き中: something is still awaited; the offices tell what.
    Open,
    /// 完了: nothing is left to do by anybody.
    Completed,
    /// お断り: the operator could not accept it; the last event says why.
    Declined,
    /// 取下げ: the applicant took it back.
    Withdrawn,
}

/// What becomes of one office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfficeProgress {
    /// 事業所番号.
    pub office: String,
    /// Its power of attorney.
    pub poa: Poa,
    /// When the operator had itself registered as the office's agent at 国保連, `YYYY-MM-DD`.
    pub agent_registered_on: Option<String>,
}

/// A power of attorney（委任状）at the operator's desk（features M08）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Poa {
    /// Where it stands.
    pub state: PoaState,
    /// Since when.
    pub since: String,
    /// What is wrong with it, in Japanese, for [`PoaState::Defective`].
    pub reason: Option<String>,
}

/// Where a power of attorney stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PoaState {
    /// This kind of application needs none.
    NotNeeded,
    /// 到着待ち: not arrived yet.
    Waiting,
    /// 到着: arrived, being checked.
    Received,
    /// 不備: cannot be used; a corrected one is needed.
    Defective,
    /// 受理: in order.
    Accepted,
}

/// IDs and passwords of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Credentials {
    /// Where they stand.
    pub state: CredentialsState,
    /// By when they are to be expected, `YYYY-MM-DD`: the last business day before the start month（features O22）.
    pub expected_on: String,
    /// When they were issued.
    pub issued_at: Option<String>,
}

/// Where the credentials stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialsState {
    /// Not issued yet.
    Pending,
    /// Issued: the letters can be fetched with the key of the application.
    Issued,
    /// One of the IDs was used: the letters can be fetched no more.
    Used,
}

/// Something that happened to an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationEvent {
    /// When.
    pub at: String,
    /// What.
    pub what: ApplicationStep,
    /// 事業所番号, when it is about one office.
    pub office: Option<String>,
    /// Reason in Japanese, for [`ApplicationStep::PoaDefective`] and [`ApplicationStep::Declined`].
    pub reason: Option<String>,
}

/// Kinds of [`ApplicationEvent`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationStep {
    /// 受付.
    Received,
    /// 委任状の到着.
    PoaReceived,
    /// 委任状の不備.
    PoaDefective,
    /// 委任状の受理.
    PoaAccepted,
    /// 代理人の登録 at 国保連.
    AgentRegistered,
    /// ID・パスワードの発行.
    CredentialsIssued,
    /// 完了.
    Completed,
    /// お断り.
    Declined,
    /// 取下げ.
    Withdrawn,
}

/// The applications of a corporation, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationList {
    /// The applications.
    pub applications: Vec<Application>,
}

/// The letters of an application: one for each ID.
///
/// The relay makes the temporary passwords up at this moment and keeps only their hashes. A repetition makes new ones and
/// ends the former; once one of the IDs was used there is none.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Letters {
    /// 法人番号 of the relay's contract.
    pub corporation_number: String,
    /// 法人名.
    pub corporation_name: String,
    /// First day of use, `YYYY-MM-DD`.
    pub usable_from: String,
    /// The letters: first the 法人用ID, if it is new, then the 事業所用ID by 事業所番号.
    pub letters: Vec<Letter>,
}

/// What a letter tells.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Letter {
    /// 事業所番号 of a 事業所用ID; `None` for the 法人用ID.
    pub office: Option<String>,
    /// The ID.
    pub login_id: String,
    /// Temporary password.
    pub password: String,
}

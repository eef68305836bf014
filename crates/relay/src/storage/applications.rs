//! Applications, the power of attorney desk, certificates and the operator's profile.

use relay_api::applications::{
    ApplicationEvent, ApplicationState, ApplicationStep, AppliedOffice, Corporation, NewApplication, Poa, PoaState,
    Request,
};

use super::accounts::{corporation, exists};
use super::audit::{About, AuditEvent, audit};
use super::sql::{Row, Tx, values};
use super::{AddError, Error, Result, Scoped, Storage};
use crate::password::TokenHash;
use crate::session::Scope;

/// The id and the hashed key that open one application, and nothing else.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The client's id of the application.
    pub id: String,
    /// SHA-256 of its key.
    pub key: TokenHash,
}

/// A new application.
#[derive(Debug, Clone)]
pub struct Applying {
    /// What opens it from now on.
    pub opening: Opening,
    /// The customer, for every kind but a first application.
    pub customer: Option<Scope>,
    /// Id of the first application of the same corporation.
    pub joins: Option<String>,
    /// As the client sent it.
    pub applied: NewApplication,
    /// Offices that begin with it.
    pub begins: Vec<String>,
    /// Offices that must be the customer's already.
    pub own: Vec<String>,
    /// A power of attorney is needed for each office that begins.
    pub needs_poa: bool,
    /// Business time, as on the wire.
    pub at: String,
}

/// What became of an application on its arrival.
#[derive(Debug, Clone)]
pub enum Applied {
    /// Kept, or known with the same content (`repeated`).
    Kept {
        /// The application.
        row: Box<ApplicationRow>,
        /// It was there before.
        repeated: bool,
    },
    /// The id is known with another content.
    Differently,
    /// The id is known with another key.
    OtherKey,
    /// The application that it joins is unknown, has another key or was not made for a new customer.
    NothingToJoin,
    /// This office is a customer already, or applied for elsewhere.
    Taken(String),
    /// This office is none of the customer's.
    OtherOffice,
}

/// An application as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationRow {
    /// Row: what its 受付番号 is made of.
    pub row: i64,
    /// The client's id.
    pub id: String,
    /// Row of the first application of the same corporation, when this is a later one.
    pub joined: Option<i64>,
    /// Row of the customer, if there is one yet.
    pub corporation: Option<i64>,
    /// What was applied for.
    pub applied: NewApplication,
    /// When, as on the wire.
    pub received_at: String,
    /// Where it stands.
    pub state: ApplicationState,
    /// When its credentials were issued.
    pub issued_at: Option<String>,
    /// One of its IDs was used.
    pub used: bool,
    /// Its offices, in the order of the application.
    pub offices: Vec<OfficeRow>,
    /// What happened, oldest first.
    pub events: Vec<ApplicationEvent>,
}

impl ApplicationRow {
    fn is_for_a_new_customer(&self) -> bool {
        matches!(self.applied.request, Request::New { .. })
    }
}

/// An office of an application as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeRow {
    /// 事業所番号.
    pub number: String,
    /// It begins with this application.
    pub begins: bool,
    /// Its power of attorney.
    pub poa: Poa,
    /// Name of the certificate that it is assigned to.
    pub certificate: Option<String>,
    /// When the operator was registered as its agent.
    pub agent_registered_on: Option<String>,
}

/// A certificate of the operator and how full it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Name that the operator gave it.
    pub name: String,
    /// Last day, `YYYY-MM-DD`.
    pub expires_on: String,
    /// Offices that it acts for.
    pub offices: u32,
}

impl Certificate {
    fn has_room(&self, today: &str) -> bool {
        self.offices < OFFICES_PER_CERTIFICATE && self.expires_on.as_str() >= today
    }
}

/// Offices that one certificate may act for（features C18, M06）.
pub(crate) const OFFICES_PER_CERTIFICATE: u32 = 100;

/// A new state of a power of attorney.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PoaNews {
    /// It arrived.
    Received,
    /// It cannot be used, because of this.
    Defective(String),
    /// It is in order.
    Accepted,
}

/// Offices that begin to be used.
#[derive(Debug, Clone)]
pub struct Start {
    /// 法人番号 of a new customer; `None` gives the next free one.
    pub corporation_number: Option<String>,
    /// The corporation of a new customer.
    pub corporation: Option<Corporation>,
    /// First month.
    pub month: String,
    /// Offices.
    pub offices: Vec<AppliedOffice>,
    /// With the return option.
    pub option: bool,
    /// Former number, which ends with the month before, and that month.
    pub former: Option<(String, String)>,
    /// IDs for it. Their passwords are not known to anybody until a letter is written.
    pub ids: Vec<NewId>,
    /// The password hash that nothing matches.
    pub no_password: &'static str,
}

/// A new ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewId {
    /// 事業所番号, for a 事業所用ID.
    pub office: Option<String>,
    /// The ID.
    pub login_id: String,
}

/// An ID whose letter is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterRow {
    /// Row of the ID.
    pub login: i64,
    /// 事業所番号, for a 事業所用ID.
    pub office: Option<String>,
    /// The ID.
    pub login_id: String,
}

/// Why the desk could not do it. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DeskRefusal {
    /// No such application, office or certificate.
    #[error("not found")]
    NotFound,
    /// It is there already.
    #[error("already there")]
    Exists,
    /// The application is completed, declined or withdrawn.
    #[error("the application is closed")]
    Closed,
    /// It is not this kind's way, or not its turn.
    #[error("not now")]
    NotNow,
    /// An office still lacks its power of attorney or its registration.
    #[error("office {0} is not ready")]
    OfficeNotReady(String),
    /// No certificate has room, or the named one is full or expired.
    #[error("no room on a certificate")]
    NoRoom,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] Error),
}

impl From<AddError> for DeskRefusal {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Exists => Self::Exists,
            AddError::NotFound => Self::NotFound,
            AddError::Storage(error) => Self::Storage(error),
        }
    }
}

type Desk<T> = std::result::Result<T, DeskRefusal>;

/// Moment of a step at the desk: business time as on the wire, and real time in Unix seconds for the audit trail.
pub(crate) type Moment = (String, i64);

impl Storage {
    /// Returns the operator's profile as JSON, if one was set.
    pub async fn profile(&self) -> Result<Option<String>> {
        self.read(|tx| tx.row("SELECT profile FROM operator_profile", values![], |row| row.get(0))).await
    }

    /// Sets the operator's profile.
    pub async fn set_profile(&self, profile: String, now: i64) -> Result<()> {
        self.write(move |tx| {
            tx.execute(
                "INSERT INTO operator_profile (id, profile) VALUES (1, ?1)
                 ON CONFLICT (id) DO UPDATE SET profile = excluded.profile",
                values![profile],
            )?;
            audit(tx, now, AuditEvent::ProfileSet, About::default())
        })
        .await
    }

    /// Keeps a new application.
    pub async fn apply(&self, new: Applying, now: i64) -> Result<Applied> {
        self.write(move |tx| {
            if let Some((row, key)) = by_public_id(tx, &new.opening.id)? {
                return Ok(if key != new.opening.key {
                    Applied::OtherKey
                } else if row.applied == new.applied {
                    Applied::Kept { row: Box::new(row), repeated: true }
                } else {
                    Applied::Differently
                });
            }
            for number in &new.begins {
                if is_taken(tx, number)? {
                    return Ok(Applied::Taken(number.clone()));
                }
            }
            if let Some(scope) = new.customer {
                let scoped = Scoped::new(tx, scope);
                for number in &new.own {
                    if scoped.office(number)?.is_none() {
                        return Ok(Applied::OtherOffice);
                    }
                }
            }
            let joined = match &new.joins {
                None => None,
                Some(id) => match by_public_id(tx, id)? {
                    Some((first, key)) if key == new.opening.key && first.is_for_a_new_customer() => {
                        Some(first.joined.unwrap_or(first.row))
                    }
                    _ => return Ok(Applied::NothingToJoin),
                },
            };
            let applied = serde_json::to_string(&new.applied).map_err(|_| Error::Corrupt("application"))?;
            let application = tx.only(
                "INSERT INTO application (public_id, key_hash, corporation, applied, received_at, state, joined)
                 VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6) RETURNING id",
                values![
                    new.opening.id,
                    new.opening.key,
                    new.customer.map(|c| c.corporation()),
                    applied,
                    new.at,
                    joined
                ],
                |row| row.get(0),
            )?;
            let offices = new.begins.iter().map(|n| (n, true)).chain(new.own.iter().map(|n| (n, false)));
            for (position, (number, begins)) in (0_i64..).zip(offices) {
                let poa = if begins && new.needs_poa { PoaState::Waiting } else { PoaState::NotNeeded };
                tx.execute(
                    "INSERT INTO application_office (application, position, office_number, begins, poa, poa_since)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    values![application, position, number, begins, wire_name(&poa)?, new.at],
                )?;
            }
            add_event(tx, application, ApplicationStep::Received, None, None, &new.at)?;
            let number = number_of(application);
            let corporation = new.customer.map(|c| c.corporation());
            let about = About { corporation, detail: Some(&number), ..About::default() };
            audit(tx, now, AuditEvent::ApplicationReceived, about)?;
            Ok(Applied::Kept { row: Box::new(read_application(tx, application)?), repeated: false })
        })
        .await
    }

    /// Finds the application that `opening` opens.
    pub async fn opened(&self, opening: Opening) -> Result<Option<ApplicationRow>> {
        self.read(move |tx| opened(tx, &opening)).await
    }

    /// Lists the applications of a corporation, newest first; none for a 事業所用ID.
    pub async fn applications(&self, scope: Scope) -> Result<Vec<ApplicationRow>> {
        self.read(move |tx| {
            let rows =
                Scoped::new(tx, scope).rows("SELECT id FROM my_application ORDER BY id DESC", &[], |row| row.get(0))?;
            rows.into_iter().map(|row| read_application(tx, row)).collect()
        })
        .await
    }

    /// Takes an application back, unless the desk has accepted something of it. Repeating it changes nothing.
    pub async fn withdraw(&self, opening: Opening, moment: Moment) -> Desk<ApplicationRow> {
        self.write(move |tx| {
            let row = opened(tx, &opening)?.ok_or(DeskRefusal::NotFound)?;
            if row.state == ApplicationState::Withdrawn {
                return Ok(row);
            }
            let is_worked_on = row.offices.iter().any(|office| {
                office.poa.state == PoaState::Accepted
                    || office.certificate.is_some()
                    || office.agent_registered_on.is_some()
            });
            if row.state != ApplicationState::Open || is_worked_on {
                return Err(DeskRefusal::NotNow);
            }
            close(tx, &row, ApplicationState::Withdrawn, None, &moment)?;
            Ok(read_application(tx, row.row)?)
        })
        .await
    }

    /// Lists all applications for the operator, oldest first; only open ones if asked to.
    pub async fn all_applications(&self, only_open: bool) -> Result<Vec<ApplicationRow>> {
        self.read(move |tx| {
            let sql = "SELECT id FROM application WHERE state = 'open' OR NOT ?1 ORDER BY id";
            let rows: Vec<i64> = tx.rows(sql, values![only_open], |row| row.get(0))?;
            rows.into_iter().map(|row| read_application(tx, row)).collect()
        })
        .await
    }

    /// Finds an application for the operator.
    pub async fn application_row(&self, application: i64) -> Desk<ApplicationRow> {
        self.read(move |tx| Ok(find(tx, application))).await?
    }

    /// Notes what became of the power of attorney of one office, or of all that wait for the same when `office` is missing.
    pub async fn note_poa(
        &self,
        application: i64,
        office: Option<String>,
        news: PoaNews,
        moment: Moment,
    ) -> Desk<ApplicationRow> {
        self.write(move |tx| {
            let row = open_row(tx, application)?;
            let (state, step, event, reason) = match &news {
                PoaNews::Received => (PoaState::Received, ApplicationStep::PoaReceived, AuditEvent::PoaReceived, None),
                PoaNews::Defective(reason) => {
                    let reason = Some(reason.as_str());
                    (PoaState::Defective, ApplicationStep::PoaDefective, AuditEvent::PoaDefective, reason)
                }
                PoaNews::Accepted => (PoaState::Accepted, ApplicationStep::PoaAccepted, AuditEvent::PoaAccepted, None),
            };
            let can_follow = |present| match state {
                // A corrected one arrives after a defective one.
                PoaState::Received => matches!(present, PoaState::Waiting | PoaState::Defective),
                PoaState::Defective | PoaState::Accepted => present == PoaState::Received,
                PoaState::NotNeeded | PoaState::Waiting => false,
            };
            let chosen = choose(&row, office.as_deref(), |office| can_follow(office.poa.state))?;
            for number in &chosen {
                tx.execute(
                    "UPDATE application_office SET poa = ?3, poa_since = ?4, poa_reason = ?5
                     WHERE application = ?1 AND office_number = ?2",
                    values![application, number, wire_name(&state)?, moment.0, reason],
                )?;
                add_event(tx, application, step, Some(number), reason, &moment.0)?;
                let detail = format!("{} {number}", number_of(application));
                audit(tx, moment.1, event, About::detail(&detail))?;
            }
            Ok(read_application(tx, application)?)
        })
        .await
    }

    /// Adds a certificate.
    pub async fn add_certificate(&self, name: String, expires_on: String, now: i64) -> Desk<()> {
        self.write(move |tx| {
            tx.execute("INSERT INTO certificate (name, expires_on) VALUES (?1, ?2)", values![&name, &expires_on])
                .map_err(exists)?;
            Ok(audit(tx, now, AuditEvent::CertificateAdded, About::detail(&name))?)
        })
        .await
    }

    /// Lists the certificates in the order of their names, with the number of offices on each.
    pub async fn certificates(&self) -> Result<Vec<Certificate>> {
        self.read(certificates).await
    }

    /// Assigns offices with an accepted power of attorney to certificates: to the named one, or each to the first that has
    /// room and lives on `today`.
    pub async fn assign(
        &self,
        application: i64,
        office: Option<String>,
        certificate: Option<String>,
        today: String,
        now: i64,
    ) -> Desk<ApplicationRow> {
        self.write(move |tx| {
            let row = open_row(tx, application)?;
            let is_due =
                |office: &OfficeRow| office.poa.state == PoaState::Accepted && office.agent_registered_on.is_none();
            for number in choose(&row, office.as_deref(), |office| is_due(office) && office.certificate.is_none())? {
                let chosen = if let Some(name) = &certificate {
                    name.clone()
                } else {
                    let all = certificates(tx)?;
                    all.into_iter().find(|c| c.has_room(&today)).ok_or(DeskRefusal::NoRoom)?.name
                };
                let row = certificate_with_room(tx, &chosen, &today)?;
                tx.execute(
                    "UPDATE application_office SET certificate = ?3 WHERE application = ?1 AND office_number = ?2",
                    values![application, number, row],
                )?;
                let detail = format!("{} {number} {chosen}", number_of(application));
                audit(tx, now, AuditEvent::AgentAssigned, About::detail(&detail))?;
            }
            Ok(read_application(tx, application)?)
        })
        .await
    }

    /// Notes that 国保連 registered the operator as the agent of offices, on the day `on`.
    pub async fn register_agent(
        &self,
        application: i64,
        office: Option<String>,
        on: String,
        moment: Moment,
    ) -> Desk<ApplicationRow> {
        self.write(move |tx| {
            let row = open_row(tx, application)?;
            let is_due = |office: &OfficeRow| office.certificate.is_some() && office.agent_registered_on.is_none();
            for number in choose(&row, office.as_deref(), is_due)? {
                tx.execute(
                    "UPDATE application_office SET agent_registered_on = ?3 WHERE application = ?1 AND office_number = ?2",
                    values![application, number, on],
                )?;
                add_event(tx, application, ApplicationStep::AgentRegistered, Some(&number), None, &moment.0)?;
                let detail = format!("{} {number} {on}", number_of(application));
                audit(tx, moment.1, AuditEvent::AgentRegistered, About::detail(&detail))?;
            }
            Ok(read_application(tx, application)?)
        })
        .await
    }

    /// Issues the credentials of an application: makes the customer, its offices, their contracts and their IDs. Every
    /// office that begins must have its power of attorney and its registration. Of several applications of one corporation
    /// the one that is issued first makes the customer and its 法人用ID; the others join it.
    pub async fn issue(&self, application: i64, start: Start, moment: Moment) -> Desk<ApplicationRow> {
        self.write(move |tx| {
            let row = open_row(tx, application)?;
            let mut beginning = row.offices.iter().filter(|office| office.begins);
            if let Some(late) = beginning.find(|o| o.poa.state != PoaState::Accepted || o.agent_registered_on.is_none())
            {
                return Err(DeskRefusal::OfficeNotReady(late.number.clone()));
            }
            let known = match row.corporation {
                Some(corporation) => Some(corporation),
                None => customer_of_set(tx, &row)?,
            };
            let corporation = match (known, &start.corporation) {
                (Some(corporation), _) => {
                    // A number that was given is that of the customer, or a slip.
                    if let Some(number) = &start.corporation_number
                        && !has_number(tx, corporation, number)?
                    {
                        return Err(DeskRefusal::Exists);
                    }
                    corporation
                }
                (None, Some(new)) => add_customer(tx, start.corporation_number.as_deref(), new, moment.1)?,
                (None, None) => return Err(DeskRefusal::NotNow),
            };
            // A customer has one 法人用ID.
            let ids = start.ids.iter().filter(|id| id.office.is_some() || known.is_none());
            for office in &start.offices {
                begin_office(tx, application, corporation, office, &start, moment.1)?;
            }
            if let Some((former, last_month)) = &start.former {
                end_office(tx, corporation, former, last_month)?;
            }
            for id in ids {
                let login = tx.only(
                    "INSERT INTO login (corporation, login_id, office, password_hash, temporary, application)
                     VALUES (?1, ?2, (SELECT id FROM office WHERE number = ?3), ?4, TRUE, ?5) RETURNING id",
                    values![corporation, id.login_id, id.office, start.no_password, application],
                    |row| row.get(0),
                );
                let login = Some(login.map_err(exists)?);
                audit(tx, moment.1, AuditEvent::LoginAdded, About { login, ..About::corporation(corporation) })?;
            }
            tx.execute(
                "UPDATE application SET corporation = ?2, issued_at = ?3 WHERE id = ?1",
                values![application, corporation, moment.0],
            )?;
            add_event(tx, application, ApplicationStep::CredentialsIssued, None, None, &moment.0)?;
            let number = number_of(application);
            let about = About { detail: Some(&number), ..About::corporation(corporation) };
            audit(tx, moment.1, AuditEvent::CredentialsIssued, about)?;
            close(tx, &row, ApplicationState::Completed, None, &moment)?;
            Ok(read_application(tx, application)?)
        })
        .await
    }

    /// Changes the names of a customer and of its offices, and completes the application.
    pub async fn complete_change(
        &self,
        application: i64,
        corporation_name: Option<String>,
        offices: Vec<(String, String)>,
        moment: Moment,
    ) -> Desk<ApplicationRow> {
        self.complete(application, moment, move |tx, corporation| {
            if let Some(name) = &corporation_name {
                tx.execute("UPDATE corporation SET name = ?2 WHERE id = ?1", values![corporation, name])?;
            }
            for (number, name) in &offices {
                tx.execute(
                    "UPDATE office SET name = ?3 WHERE corporation = ?1 AND number = ?2",
                    values![corporation, number, name],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// Ends the contracts of offices with `last_month`, and completes the application.
    pub async fn complete_stop(
        &self,
        application: i64,
        offices: Vec<String>,
        last_month: String,
        moment: Moment,
    ) -> Desk<ApplicationRow> {
        self.complete(application, moment, move |tx, corporation| {
            offices.iter().try_for_each(|number| end_office(tx, corporation, number, &last_month))
        })
        .await
    }

    /// Begins the return option of offices with `start_month`, and completes the application.
    pub async fn complete_option(
        &self,
        application: i64,
        offices: Vec<String>,
        start_month: String,
        moment: Moment,
    ) -> Desk<ApplicationRow> {
        self.complete(application, moment, move |tx, corporation| {
            for number in &offices {
                let changed = tx.execute(
                    "UPDATE contract SET option_from = ?3
                     WHERE office = (SELECT id FROM office WHERE corporation = ?1 AND number = ?2)
                         AND option_from IS NULL AND (last_month IS NULL OR last_month >= ?3)",
                    values![corporation, number, start_month],
                )?;
                if changed == 0 {
                    return Err(DeskRefusal::OfficeNotReady(number.clone()));
                }
            }
            Ok(())
        })
        .await
    }

    /// Declines an application.
    pub async fn decline(&self, application: i64, reason: String, moment: Moment) -> Desk<ApplicationRow> {
        self.write(move |tx| {
            let row = open_row(tx, application)?;
            close(tx, &row, ApplicationState::Declined, Some(&reason), &moment)?;
            Ok(read_application(tx, application)?)
        })
        .await
    }

    /// Returns the IDs of an application while none of them was used: the 法人用ID first.
    pub async fn letter_rows(&self, application: i64) -> Desk<Vec<LetterRow>> {
        self.read(move |tx| Ok(letter_rows(tx, application))).await?
    }

    /// Keeps the hashes of the passwords of letters, in the order of [`Storage::letter_rows`]. Nobody may have used one of
    /// the IDs by now.
    pub async fn keep_letters(&self, application: i64, hashes: Vec<(i64, String)>, now: i64) -> Desk<()> {
        self.write(move |tx| {
            letter_rows(tx, application)?;
            for (login, hash) in &hashes {
                tx.execute("UPDATE login SET password_hash = ?2 WHERE id = ?1", values![login, hash])?;
            }
            let number = number_of(application);
            Ok(audit(tx, now, AuditEvent::LettersWritten, About::detail(&number))?)
        })
        .await
    }

    /// Finds the number and the name of a corporation by its row.
    pub async fn corporation_by_row(&self, corporation: i64) -> Result<(String, String)> {
        self.read(move |tx| {
            let sql = "SELECT number, name FROM corporation WHERE id = ?1";
            tx.only(sql, values![corporation], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .await
    }

    async fn complete(
        &self,
        application: i64,
        moment: Moment,
        operation: impl FnOnce(&Tx<'_>, i64) -> Desk<()> + Send + 'static,
    ) -> Desk<ApplicationRow> {
        self.write(move |tx| {
            let row = open_row(tx, application)?;
            operation(tx, row.corporation.ok_or(DeskRefusal::NotNow)?)?;
            close(tx, &row, ApplicationState::Completed, None, &moment)?;
            Ok(read_application(tx, application)?)
        })
        .await
    }
}

/// Returns the 受付番号 of an application.
pub(crate) fn number_of(application: i64) -> String {
    format!("M{application:08}")
}

fn by_public_id(tx: &Tx<'_>, id: &str) -> Result<Option<(ApplicationRow, TokenHash)>> {
    let found: Option<(i64, TokenHash)> =
        tx.row("SELECT id, key_hash FROM application WHERE public_id = ?1", values![id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    found.map(|(row, key)| Ok((read_application(tx, row)?, key))).transpose()
}

fn opened(tx: &Tx<'_>, opening: &Opening) -> Result<Option<ApplicationRow>> {
    Ok(by_public_id(tx, &opening.id)?.filter(|(_, key)| *key == opening.key).map(|(row, _)| row))
}

/// An office that is or was a customer's belongs to it; one that is applied for waits for the outcome.
fn is_taken(tx: &Tx<'_>, number: &str) -> Result<bool> {
    let taken = tx.only(
        "SELECT EXISTS (SELECT 1 FROM office WHERE number = ?1)
             OR EXISTS (SELECT 1 FROM application_office JOIN application ON application.id = application
                 WHERE office_number = ?1 AND begins AND state = 'open')",
        values![number],
        |row| row.get(0),
    )?;
    Ok(taken)
}

fn find(tx: &Tx<'_>, application: i64) -> Desk<ApplicationRow> {
    let known: bool =
        tx.only("SELECT EXISTS (SELECT 1 FROM application WHERE id = ?1)", values![application], |row| row.get(0))?;
    if known { Ok(read_application(tx, application)?) } else { Err(DeskRefusal::NotFound) }
}

fn open_row(tx: &Tx<'_>, application: i64) -> Desk<ApplicationRow> {
    let row = find(tx, application)?;
    if row.state == ApplicationState::Open { Ok(row) } else { Err(DeskRefusal::Closed) }
}

/// Returns the named office, or all for which `is_due` holds. At least one must be due.
fn choose(row: &ApplicationRow, office: Option<&str>, is_due: impl Fn(&OfficeRow) -> bool) -> Desk<Vec<String>> {
    if let Some(number) = office
        && !row.offices.iter().any(|office| office.number == number)
    {
        return Err(DeskRefusal::NotFound);
    }
    let due = row.offices.iter().filter(|candidate| office.is_none_or(|number| candidate.number == number));
    let chosen: Vec<String> = due.filter(|office| is_due(office)).map(|office| office.number.clone()).collect();
    if chosen.is_empty() { Err(DeskRefusal::NotNow) } else { Ok(chosen) }
}

/// Finds a certificate by its name, for one more office on `today`; returns its row.
pub(super) fn certificate_with_room(tx: &Tx<'_>, name: &str, today: &str) -> Desk<i64> {
    let named = certificates(tx)?.into_iter().find(|c| c.name == name).ok_or(DeskRefusal::NotFound)?;
    if !named.has_room(today) {
        return Err(DeskRefusal::NoRoom);
    }
    Ok(tx.only("SELECT id FROM certificate WHERE name = ?1", values![name], |row| row.get(0))?)
}

fn certificates(tx: &Tx<'_>) -> Result<Vec<Certificate>> {
    // An office counts once, whether its application is under way or its contract runs.
    let sql = "SELECT name, expires_on,
             (SELECT count(*) FROM (
                 SELECT office_number AS number FROM application_office
                     JOIN application ON application.id = application_office.application
                     WHERE application_office.certificate = certificate.id AND state = 'open'
                 UNION
                 SELECT office.number FROM contract JOIN office ON office.id = contract.office
                     WHERE contract.certificate = certificate.id AND contract.last_month IS NULL) AS counted)
         FROM certificate ORDER BY name";
    tx.rows(sql, &[], |row| Ok(Certificate { name: row.get(0)?, expires_on: row.get(1)?, offices: row.get(2)? }))
}

/// Finds the customer that another application of the same corporation has become.
fn customer_of_set(tx: &Tx<'_>, row: &ApplicationRow) -> Result<Option<i64>> {
    let first = row.joined.unwrap_or(row.row);
    let sql = "SELECT corporation FROM application WHERE (id = ?1 OR joined = ?1) AND corporation IS NOT NULL LIMIT 1";
    tx.row(sql, values![first], |row| row.get(0))
}

fn has_number(tx: &Tx<'_>, corporation: i64, number: &str) -> Result<bool> {
    let sql = "SELECT number = ?2 FROM corporation WHERE id = ?1";
    tx.only(sql, values![corporation, number], |row| row.get(0))
}

fn add_customer(tx: &Tx<'_>, number: Option<&str>, new: &Corporation, now: i64) -> Desk<i64> {
    let number = if let Some(number) = number {
        number.to_owned()
    } else {
        // Ten digits, so that a contract's number is never taken for the thirteen of the tax office.
        let sql = "SELECT max(number) FROM corporation WHERE length(number) = 10";
        let last: Option<String> = tx.only(sql, &[], |row| row.get(0))?;
        let last = last.map_or(Ok(1_000_000_000), |last| last.parse::<u64>());
        format!("{:010}", last.map_err(|_| Error::Corrupt("number of a corporation"))? + 1)
    };
    tx.execute("INSERT INTO corporation (number, name) VALUES (?1, ?2)", values![&number, &new.name])
        .map_err(exists)?;
    let row = corporation(tx, &number)?;
    audit(tx, now, AuditEvent::CorporationAdded, About::corporation(row))?;
    Ok(row)
}

fn begin_office(
    tx: &Tx<'_>,
    application: i64,
    corporation: i64,
    office: &AppliedOffice,
    start: &Start,
    now: i64,
) -> Desk<()> {
    let row: i64 = tx
        .only(
            "INSERT INTO office (corporation, number, name) VALUES (?1, ?2, ?3) RETURNING id",
            values![corporation, office.number, office.name],
            |row| row.get(0),
        )
        .map_err(exists)?;
    tx.execute(
        "INSERT INTO contract (office, start_month, option_from, certificate)
         SELECT ?1, ?2, ?3, certificate FROM application_office WHERE application = ?4 AND office_number = ?5",
        values![row, start.month, start.option.then_some(&start.month), application, office.number],
    )?;
    let about = About { detail: Some(&office.number), ..About::corporation(corporation) };
    Ok(audit(tx, now, AuditEvent::OfficeAdded, about)?)
}

fn end_office(tx: &Tx<'_>, corporation: i64, number: &str, last_month: &str) -> Desk<()> {
    let changed = tx.execute(
        "UPDATE contract SET last_month = ?3
         WHERE office = (SELECT id FROM office WHERE corporation = ?1 AND number = ?2) AND last_month IS NULL",
        values![corporation, number, last_month],
    )?;
    if changed == 0 { Err(DeskRefusal::OfficeNotReady(number.to_owned())) } else { Ok(()) }
}

fn letter_rows(tx: &Tx<'_>, application: i64) -> Desk<Vec<LetterRow>> {
    let row = find(tx, application)?;
    if row.issued_at.is_none() {
        return Err(DeskRefusal::NotFound);
    }
    if row.used {
        return Err(DeskRefusal::NotNow);
    }
    let sql = "SELECT login.id, number, login_id FROM login LEFT JOIN office ON office.id = login.office
               WHERE login.application = ?1 ORDER BY number IS NOT NULL, number";
    let rows = tx.rows(sql, values![application], |row| {
        Ok(LetterRow { login: row.get(0)?, office: row.get(1)?, login_id: row.get(2)? })
    })?;
    Ok(rows)
}

fn close(
    tx: &Tx<'_>,
    row: &ApplicationRow,
    state: ApplicationState,
    reason: Option<&str>,
    moment: &Moment,
) -> Result<()> {
    let (step, event) = match state {
        ApplicationState::Declined => (ApplicationStep::Declined, AuditEvent::ApplicationDeclined),
        ApplicationState::Withdrawn => (ApplicationStep::Withdrawn, AuditEvent::ApplicationWithdrawn),
        ApplicationState::Completed | ApplicationState::Open => {
            (ApplicationStep::Completed, AuditEvent::ApplicationCompleted)
        }
    };
    tx.execute("UPDATE application SET state = ?2 WHERE id = ?1", values![row.row, wire_name(&state)?])?;
    add_event(tx, row.row, step, None, reason, &moment.0)?;
    audit(tx, moment.1, event, About::detail(&number_of(row.row)))
}

fn add_event(
    tx: &Tx<'_>,
    application: i64,
    what: ApplicationStep,
    office: Option<&str>,
    reason: Option<&str>,
    at: &str,
) -> Result<()> {
    tx.execute(
        "INSERT INTO application_event (application, step, at, what, office, reason)
         SELECT ?1, count(*) + 1, ?2, ?3, ?4, ?5 FROM application_event WHERE application = ?1",
        values![application, at, wire_name(&what)?, office, reason],
    )?;
    Ok(())
}

fn read_application(tx: &Tx<'_>, application: i64) -> Result<ApplicationRow> {
    let offices = "SELECT office_number, begins, poa, poa_since, poa_reason, name, agent_registered_on
         FROM application_office LEFT JOIN certificate ON certificate.id = certificate
         WHERE application = ?1 ORDER BY position";
    let events = "SELECT at, what, office, reason FROM application_event WHERE application = ?1 ORDER BY step";
    let sql = "SELECT public_id, corporation, applied, received_at, state, issued_at,
             EXISTS (SELECT 1 FROM login WHERE login.application = application.id AND used), joined
         FROM application WHERE id = ?1";
    tx.only(sql, values![application], |row| {
        let applied: String = row.get(2)?;
        Ok(ApplicationRow {
            row: application,
            id: row.get(0)?,
            corporation: row.get(1)?,
            applied: serde_json::from_str(&applied).map_err(|_| Error::Corrupt("application"))?,
            received_at: row.get(3)?,
            state: of_wire(&row.get::<String>(4)?)?,
            issued_at: row.get(5)?,
            used: row.get(6)?,
            joined: row.get(7)?,
            offices: tx.rows(offices, values![application], read_office)?,
            events: tx.rows(events, values![application], read_event)?,
        })
    })
}

fn read_office(row: &Row) -> Result<OfficeRow> {
    Ok(OfficeRow {
        number: row.get(0)?,
        begins: row.get(1)?,
        poa: Poa { state: of_wire(&row.get::<String>(2)?)?, since: row.get(3)?, reason: row.get(4)? },
        certificate: row.get(5)?,
        agent_registered_on: row.get(6)?,
    })
}

fn read_event(row: &Row) -> Result<ApplicationEvent> {
    Ok(ApplicationEvent {
        at: row.get(0)?,
        what: of_wire(&row.get::<String>(1)?)?,
        office: row.get(2)?,
        reason: row.get(3)?,
    })
}

/// Reads a name that is stored as it stands on the wire.
fn of_wire<T: serde::de::DeserializeOwned>(name: &str) -> Result<T> {
    serde_json::from_value(name.into()).map_err(|_| Error::Corrupt("name"))
}

fn wire_name<T: serde::Serialize>(value: &T) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        _ => Err(Error::Corrupt("name")),
    }
}

//! Papers and files of the onboarding: the 委任状, the list for the envelope, the plan on one page and as calendar file,
//! and the sheet that says that all is done.

use std::path::{Path, PathBuf};

use calendar::{Month, OperatorCalendar, wareki_date, wareki_month};
use chrono::{NaiveDate, NaiveDateTime};
use onboarding::{Actor, Draft, Facts, Fees, Firmness, OperatorRules, Plan, Prefecture, Task, postal_code};
use paper::{Agent, Document, Orientation, PowerOfAttorney, Principal, Table};
use relay_api::applications::{AppliedOffice, Corporation, OperatorProfile, Request};
use serde::Serialize;

use super::Standing;
use super::applying::{applied_office, corporation};
use super::views::{PlanView, plan_view};
use crate::papers::{of_paper, print, save};
use crate::problem::{Code, Problem};
use crate::views::SavedView;
use crate::{App, blocking, yen_text};

impl App {
    /// Writes the 委任状: one PDF per office, all of them in one, and the list in the order of the envelope. Returns the one
    /// with all of them first, then the list, then the single ones.
    ///
    /// # Errors
    ///
    /// [`Code::NoOperator`] before the relay has told whom the authority is given to; [`Code::MissingGlyph`] names the
    /// character that cannot be printed, and nothing is written then.
    pub async fn power_of_attorney_papers(&self, out: Option<PathBuf>) -> Result<Vec<SavedView>, Problem> {
        let standing = self.standing().await?;
        let operator = standing.operator.as_ref().ok_or(Code::NoOperator)?;
        let at_hand = corporation(&standing.draft).ok();
        let mut applications = Vec::new();
        for (sent, answer) in standing.applied.under_way() {
            let date = crate::tick::moment(&answer.received_at).map_or(standing.today, |at| at.date());
            let (corporation, offices, from) = match &sent.new.request {
                Request::New { corporation, offices, start_month, .. } => {
                    (Some(corporation), &offices[..], start_month)
                }
                Request::AddOffices { offices, start_month, .. } => (at_hand.as_ref(), &offices[..], start_month),
                Request::ChangedNumber { office, start_month, .. } => {
                    (at_hand.as_ref(), std::slice::from_ref(office), start_month)
                }
                Request::Change { .. } | Request::Stop { .. } | Request::Option { .. } => continue,
            };
            let corporation = corporation.ok_or_else(|| Problem::with(Code::DraftIncomplete, "法人の欄"))?;
            applications.push(Authorised { corporation, offices, from, date });
        }
        let papers = papers_of(&applications, operator, standing.practice)?;
        let list = cover_list(&papers, operator, self.now(), standing.practice);
        let folder = out.unwrap_or_else(|| self.documents().join("委任状"));
        let now = self.now();
        blocking(move || write_papers(&papers, &list, &folder, now)).await
    }

    /// Writes the plan on one page.
    pub async fn plan_paper(&self, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let standing = self.standing().await?;
        let plan = known_plan(&standing)?;
        let sheet = plan_sheet(&plan, &standing.draft, self.now(), standing.practice);
        let path = out.unwrap_or_else(|| self.documents().join(format!("利用開始の予定_{}.pdf", plan.first_claim)));
        blocking(move || print(&path, &sheet)).await
    }

    /// Writes the plan as a file for calendar programs.
    pub async fn plan_calendar(&self, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let standing = self.standing().await?;
        let plan = known_plan(&standing)?;
        let text = onboarding::ics(&plan, self.now());
        let path = out.unwrap_or_else(|| self.documents().join(format!("利用開始の予定_{}.ics", plan.first_claim)));
        blocking(move || save(&path, text.as_bytes())).await
    }

    /// Writes the sheet that says what was done when.
    ///
    /// # Errors
    ///
    /// [`Code::NotDoneYet`] before the test transmission was accepted.
    pub async fn done_paper(&self, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let standing = self.standing().await?;
        let account = self.account().await?.ok_or(Code::NotSignedIn)?;
        if !standing.facts.tested {
            return Err(Code::NotDoneYet.into());
        }
        let sheet = done_sheet(&standing, &account.corporation_name, self.now());
        let path = out.unwrap_or_else(|| self.documents().join("利用開始の控え.pdf"));
        blocking(move || print(&path, &sheet)).await
    }
}

fn known_plan(standing: &Standing) -> Result<Plan, Problem> {
    let forbidden = |forbidden: onboarding::Forbidden| Problem::with(Code::ForbiddenMonth, forbidden.text());
    standing.plan().map_err(forbidden)?.ok_or_else(|| Code::NotDoneYet.into())
}

/// Dates and costs of a start, for scripts（DESIGN §8）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StartPlanView {
    /// The plan.
    #[serde(flatten)]
    pub plan: PlanView,
    /// Service month of the first claim.
    pub service_month: String,
    /// Per office: once.
    pub registration: i64,
    /// Per office: each month.
    pub monthly: i64,
    /// Return option, per office: once.
    pub option_registration: i64,
    /// Return option, per office: each month.
    pub option_monthly: i64,
    /// Why the month cannot be reached any more on the day given; `null` while it can.
    pub problem: Option<String>,
}

/// Works the plan out without a data folder: of an application on `apply`, or of the first claim in `first_claim`.
/// `out` is given the plan as iCalendar text. Days and fees are the usual ones of DESIGN §4.6.
///
/// # Errors
///
/// [`Code::ForbiddenMonth`] when `first_claim` is no month; [`Code::Internal`] for months out of reach of the calendar; problems of the disk.
pub fn plan_of(
    apply: Option<NaiveDate>,
    first_claim: Option<&str>,
    now: NaiveDateTime,
    out: Option<&Path>,
) -> Result<StartPlanView, Problem> {
    let (operator, fees) = (OperatorCalendar::default(), Fees::default());
    let (draft, facts, today) = (Draft::default(), Facts::default(), now.date());
    let first_claim: Option<Month> = first_claim
        .map(str::parse)
        .transpose()
        .map_err(|_| Problem::with(Code::ForbiddenMonth, "月は2026-12のように入れてください。"))?;
    let start = match (apply, first_claim) {
        (_, Some(month)) => operator.start_for_first_claim(month),
        (applied, None) => operator.start_when_applied(applied.unwrap_or(today)),
    };
    let start = start.ok_or(Code::Internal)?;
    let month = start.first_window.processing_month;
    let forbidden = |forbidden: onboarding::Forbidden| Problem::with(Code::ForbiddenMonth, forbidden.text());
    let rules = OperatorRules { calendar: operator, ..OperatorRules::default() };
    let problem = onboarding::plan(month, &draft, &facts, apply.unwrap_or(today), &rules).err();
    // When it is over, the dates are those that would have been in time; that it is over is said beside them.
    let seen_from = if today > start.apply_by.date { month.plus(-6).first_day() } else { today };
    let plan = onboarding::plan(month, &draft, &facts, seen_from, &rules).map_err(forbidden)?;
    if let Some(path) = out {
        save(path, onboarding::ics(&plan, now).as_bytes())?;
    }
    Ok(StartPlanView {
        service_month: month.plus(-1).to_string(),
        plan: plan_view(&plan),
        registration: fees.registration.0,
        monthly: fees.monthly.0,
        option_registration: fees.option_registration.0,
        option_monthly: fees.option_monthly.0,
        problem: problem.map(|forbidden| forbidden.text()),
    })
}

/// The part of a file for `todoke poa` that is not the draft.
#[derive(Debug, serde::Deserialize)]
struct OperatorOfFile {
    operator: OperatorProfile,
}

/// Writes the papers of an application that stands in a JSON file, without a data folder.
///
/// # Errors
///
/// [`Code::NotAnApplication`] when the file is none; else as [`App::power_of_attorney_papers`].
pub fn powers_of_attorney(json: &[u8], folder: &Path, now: NaiveDateTime) -> Result<Vec<SavedView>, Problem> {
    let not = |error: serde_json::Error| Problem::with(Code::NotAnApplication, format!("（{}行目）", error.line()));
    let draft = super::reading::draft(json).map_err(not)?;
    let OperatorOfFile { operator } = serde_json::from_slice(json).map_err(not)?;
    let corporation = corporation(&draft)?;
    let offices: Vec<AppliedOffice> =
        draft.offices.iter().map(|office| applied_office(office, &draft)).collect::<Result<_, _>>()?;
    let from = draft.first_claim.as_str();
    let application = Authorised { corporation: &corporation, offices: &offices, from, date: now.date() };
    let papers = papers_of(&[application], &operator, operator.sample)?;
    let list = cover_list(&papers, &operator, now, operator.sample);
    write_papers(&papers, &list, folder, now)
}

fn write_papers(
    papers: &[PowerOfAttorney],
    list: &Document,
    folder: &Path,
    now: NaiveDateTime,
) -> Result<Vec<SavedView>, Problem> {
    // All are made before the first is written: a character that cannot be printed leaves nothing behind.
    let all = paper::powers_of_attorney(papers, now).map_err(of_paper)?;
    let list = paper::document(list).map_err(of_paper)?;
    let mut saved =
        vec![save(&folder.join("委任状_すべて.pdf"), &all)?, save(&folder.join("委任状_送付一覧.pdf"), &list)?];
    for (index, one) in papers.iter().enumerate() {
        let pdf = paper::powers_of_attorney(std::slice::from_ref(one), now).map_err(of_paper)?;
        saved.push(save(&folder.join(format!("委任状_{:02}_{}.pdf", index + 1, one.office_number)), &pdf)?);
    }
    Ok(saved)
}

/// An application whose offices need a 委任状.
struct Authorised<'a> {
    corporation: &'a Corporation,
    offices: &'a [AppliedOffice],
    /// First month, `YYYY-MM`.
    from: &'a str,
    /// When it was made.
    date: NaiveDate,
}

/// Makes the papers, numbered through; every field is one of the application.
fn papers_of(
    applications: &[Authorised<'_>],
    operator: &OperatorProfile,
    practice: bool,
) -> Result<Vec<PowerOfAttorney>, Problem> {
    let incomplete = || Problem::with(Code::DraftIncomplete, "1か所");
    let count: usize = applications.iter().map(|application| application.offices.len()).sum();
    let offices =
        applications.iter().flat_map(|application| application.offices.iter().map(move |office| (application, office)));
    let papers: Vec<PowerOfAttorney> = offices
        .enumerate()
        .map(|(index, (application, office))| {
            let code = office.number.get(..2).ok_or_else(incomplete)?;
            let prefecture = Prefecture::find(code).ok_or_else(incomplete)?;
            let told = operator.prefectures.iter().find(|rule| rule.code == code);
            let corporation = application.corporation;
            Ok(PowerOfAttorney {
                date: application.date,
                addressee: told
                    .and_then(|rule| rule.poa_addressee.clone())
                    .unwrap_or_else(|| format!("{}理事長", prefecture.kokuhoren())),
                principal: Principal {
                    postal_code: postal_code(&corporation.postal_code).ok_or_else(incomplete)?,
                    address: corporation.address.clone(),
                    name: corporation.name.clone(),
                    title: corporation.title.clone(),
                    representative: corporation.representative.clone(),
                },
                office_name: office.name.clone(),
                office_number: office.number.clone(),
                from: application.from.parse().map_err(|_| incomplete())?,
                agent: Agent {
                    name: operator.agent.corporation_name.clone(),
                    title: operator.agent.title.clone(),
                    representative: operator.agent.representative.clone(),
                },
                code: format!("{} / {count}", index + 1),
                practice,
            })
        })
        .collect::<Result<_, Problem>>()?;
    if papers.is_empty() { Err(Code::NothingApplied.into()) } else { Ok(papers) }
}

/// The list that goes into the envelope with the papers, in their order.
fn cover_list(papers: &[PowerOfAttorney], operator: &OperatorProfile, now: NaiveDateTime, practice: bool) -> Document {
    let to = &operator.poa_return;
    let postal_code = postal_code(&to.postal_code).unwrap_or_else(|| to.postal_code.clone());
    let sender = papers.first().map_or("", |paper| paper.principal.name.as_str());
    Document {
        title: "委任状の送付一覧".to_owned(),
        orientation: Orientation::Portrait,
        head: vec![
            ("送り先".to_owned(), format!("〒{postal_code}\n{}\n{}", to.address, to.addressee)),
            ("差出人".to_owned(), sender.to_owned()),
            ("枚数".to_owned(), format!("委任状 {}枚", papers.len())),
            (
                "封をする前に".to_owned(),
                "この一覧の順に重ね、1枚ずつ「印」と「封入」の□に印を付けてください。印は、国保連への届出書と同じものです。"
                    .to_owned(),
            ),
        ],
        tables: vec![Table {
            title: String::new(),
            columns: ["符号", "事業所番号", "事業所名", "宛先", "印", "封入"].map(str::to_owned).to_vec(),
            numeric: vec![false; 6],
            rows: papers
                .iter()
                .map(|paper| {
                    vec![
                        paper.code.clone(),
                        paper.office_number.clone(),
                        paper.office_name.clone(),
                        paper.addressee.clone(),
                        "□".to_owned(),
                        "□".to_owned(),
                    ]
                })
                .collect(),
            ..Table::default()
        }],
        footer: "とどけ　委任状の送付一覧".to_owned(),
        issued_at: now,
        practice,
        ..Document::default()
    }
}

fn plan_sheet(plan: &Plan, draft: &Draft, now: NaiveDateTime, practice: bool) -> Document {
    let mut head = vec![("はじめて請求する月".to_owned(), wareki_month(plan.first_claim))];
    if !draft.corporation.name.trim().is_empty() {
        head.insert(0, ("法人名".to_owned(), draft.corporation.name.trim().to_owned()));
    }
    if let Some(start) = &plan.start {
        head.push((
            "最初に請求するサービス".to_owned(),
            format!("{}に提供した分", wareki_month(start.first_service_month)),
        ));
    }
    if !plan.gap.is_empty() {
        let months: Vec<String> = plan.gap.iter().map(|month| wareki_month(*month)).collect();
        head.push((
            "CD-Rで請求する月".to_owned(),
            format!("{}の請求は、CD-Rなどで国保連に出します。", months.join("、")),
        ));
    }
    if plan.items.iter().any(|item| !item.certain) {
        head.push(("仮の日付".to_owned(), "（仮）の日は、祝日が正式に決まると動くことがあります。".to_owned()));
    }
    Document {
        title: "利用開始の予定".to_owned(),
        orientation: Orientation::Portrait,
        head,
        tables: vec![Table {
            title: String::new(),
            columns: ["済", "日付", "", "だれが", "すること"].map(str::to_owned).to_vec(),
            numeric: vec![false; 5],
            rows: plan
                .items
                .iter()
                .map(|item| {
                    let firmness = if item.firmness == Firmness::Rule { "締切" } else { "めやす" };
                    let provisional = if item.certain { "" } else { "（仮）" };
                    let who = match item.who {
                        Actor::You => "事業所",
                        Actor::Kokuhoren => "国保連",
                        Actor::Operator => "運営者",
                    };
                    let note = if item.note.is_empty() { String::new() } else { format!("\n{}", item.note) };
                    vec![
                        "□".to_owned(),
                        format!("{}{provisional}", wareki_date(item.date)),
                        firmness.to_owned(),
                        who.to_owned(),
                        format!("{}{note}", item.title),
                    ]
                })
                .collect(),
            ..Table::default()
        }],
        footer: "とどけ　利用開始の予定".to_owned(),
        issued_at: now,
        practice,
        ..Document::default()
    }
}

fn done_sheet(standing: &Standing, corporation: &str, now: NaiveDateTime) -> Document {
    let draft = &standing.draft;
    let day = |text: Option<&String>| {
        text.and_then(|text| calendar::parse_date(text).ok()).map_or_else(|| "―".to_owned(), wareki_date)
    };
    let mut rows: Vec<[String; 3]> = Vec::new();
    let mut row = |what: String, when: String, note: String| rows.push([what, when, note]);
    for prefecture in onboarding::prefectures(draft) {
        let name = prefecture.kokuhoren();
        if let Some(call) = draft.calls.get(prefecture.code).filter(|call| !call.on.is_empty()) {
            row(format!("{name}に電話"), day(Some(&call.on)), format!("{} 様", call.person.trim()));
        }
        if let Some(filed) = draft.filed.get(prefecture.code) {
            row(format!("{name}に届け出"), day(Some(filed)), String::new());
        }
    }
    for (_, answer) in standing.applied.starting() {
        let received =
            crate::tick::moment(&answer.received_at).map_or_else(|| "―".to_owned(), |at| wareki_date(at.date()));
        row("利用の申し込み".to_owned(), received, format!("受付番号 {}", answer.number));
    }
    for (task, what) in [(Task::Sealed, "委任状に印"), (Task::Posted, "委任状の郵送")] {
        if let Some(when) = draft.ticked.get(&task) {
            row(what.to_owned(), day(Some(when)), String::new());
        }
    }
    if let Some((id, state, _)) = &standing.test {
        row(
            "テスト送信".to_owned(),
            wareki_date(standing.today),
            format!("{state}（{}）", id.get(..8).unwrap_or_default()),
        );
    }
    let next = calendar::ClaimWindow::current_or_next(standing.today);
    Document {
        title: "利用開始の控え".to_owned(),
        orientation: Orientation::Portrait,
        head: vec![
            ("法人名".to_owned(), corporation.to_owned()),
            ("事業所".to_owned(), format!("{}事業所", standing.offices.len())),
            (
                "次の受付期間".to_owned(),
                format!("{} から {} まで", wareki_date(next.opens()), wareki_date(next.closes())),
            ),
            ("毎月の利用料".to_owned(), format!("{}円（1事業所）", yen_text(standing.fees().monthly.0))),
            (
                "しまっておくもの".to_owned(),
                "国保連の「電子請求登録結果に関するお知らせ」（ユーザーIDと仮パスワード）は捨てないでください。ほかの届け出でも使います。"
                    .to_owned(),
            ),
        ],
        tables: vec![
            Table {
                title: "終わったこと".to_owned(),
                columns: ["したこと", "日付", "控え"].map(str::to_owned).to_vec(),
                numeric: vec![false; 3],
                rows: rows.into_iter().map(Vec::from).collect(),
                ..Table::default()
            },
            Table {
                title: "使える事業所".to_owned(),
                columns: ["事業所番号", "事業所名"].map(str::to_owned).to_vec(),
                numeric: vec![false; 2],
                rows: standing.offices.iter().map(|(number, name)| vec![number.clone(), name.clone()]).collect(),
                ..Table::default()
            },
        ],
        footer: "とどけ　利用開始の控え".to_owned(),
        issued_at: now,
        practice: standing.practice,
        ..Document::default()
    }
}

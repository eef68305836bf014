//! The wizard as a whole, on a computer with and without a line.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::{Path as Place, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post, put};
use calendar::Month;
use onboarding::{Call, Change, Corporation, Draft, Office, Present, Route, StepId, StepState, Task};
use relay_api::applications::{
    APPLICATION_KEY, Agent, Application, ApplicationState, Credentials, CredentialsState, Fees, NewApplication,
    OfficeProgress, OperatorDays, OperatorProfile, Poa, PoaState, PostalAddress, Request, Terms,
};
use relay_api::{Account, Office as AccountOffice, Role, Session};

use crate::tests::printed_densely;
use crate::{App, Clock, Code, Config, Enquiry, KeyFile, Problem, Secrets};

const NOW: &str = "2026-06-05T12:00:00";

async fn open(folder: &Path, relay: &str) -> App {
    let now = NOW.parse().unwrap();
    App::open(Config {
        data: folder.join("data"),
        documents: folder.join("documents"),
        relay: Some(relay.to_owned()),
        clock: Clock::standing(now),
        secrets: Secrets::new(KeyFile::new(folder.join("keys"))),
    })
    .await
    .unwrap()
}

const NOBODY: &str = "http://127.0.0.1:9";

fn number(index: usize) -> String {
    let body = format!("99700{index:04}");
    format!("{body}{}", kokuho::check_digit::digit(&body).unwrap())
}

/// A form with nothing wrong, of so many offices of the invented prefecture.
fn whole(offices: usize) -> Draft {
    Draft {
        route: Some(Route::Proxy),
        present: Some(Present::New),
        prefectures: vec!["99".into()],
        calls: [("99".into(), Call::default())].into(),
        filed: [("99".into(), "2026/6/1".into())].into(),
        corporation: Corporation {
            name: "社会福祉法人さくら会".into(),
            postal_code: "999-0001".into(),
            address: "架空県架空市中央1-2".into(),
            title: "理事長".into(),
            representative: "髙﨑 花子".into(),
            contact: "見本 太郎".into(),
            phone: "０９９－０００－００００".into(),
            email: "jimu＠sakura.example".into(),
            email_again: "jimu@sakura.example".into(),
        },
        offices: (1..=offices)
            .map(|index| Office {
                number: number(index),
                name: format!("とどけ{index}番館"),
                postal_code: "9990002".into(),
                address: format!("架空県架空市{index}"),
                user_id: format!("KJ99{}", number(index)),
                user_id_again: format!("kj99{}", number(index)),
            })
            .collect(),
        first_claim: "2026-08".into(),
        agreed_terms: true,
        terms_version: "2026-04".into(),
        agreed_privacy: true,
        ..Draft::default()
    }
}

fn profile() -> OperatorProfile {
    let address = PostalAddress {
        postal_code: "9990000".into(),
        address: "架空県架空市中央1-1".into(),
        addressee: "委任状受付係".into(),
    };
    OperatorProfile {
        service_name: "見本サービス".into(),
        agent: Agent {
            corporation_name: "とどけ架空運営株式会社".into(),
            title: "代表取締役".into(),
            representative: "運営 次郎".into(),
            address: address.clone(),
        },
        poa_return: address,
        fees: Fees {
            monthly: 1_100,
            registration: 3_300,
            option_monthly: 550,
            option_registration: 1_100,
            password_by_hand: 5_500,
            recovery: 11_000,
        },
        calendar: OperatorDays { application_day: 26, debit_day: 26, closed_days: vec!["2026-06-26".into()] },
        offices_per_application: 30,
        contacts: Vec::new(),
        prefectures: Vec::new(),
        sample: true,
        terms: Some(Terms { version: "2026-04".into(), text: "第1条".into() }),
        privacy: None,
    }
}

/// A relay that knows applications alone.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<DeskState>>);

#[derive(Default)]
struct DeskState {
    /// Requests that are cut before they are answered.
    cuts: usize,
    /// From so many applications on it fails.
    refuse_offices_from: Option<usize>,
    /// Applications by id with their key, in the order of their arrival.
    kept: Vec<(String, String, Application)>,
}

impl Desk {
    async fn open(self) -> String {
        let state = self;
        let app = axum::Router::new()
            .route(
                "/v1/status",
                get(|| async {
                    Json(serde_json::json!({
                        "now": "2026-06-05T12:00:00+09:00", "last_contact": null, "demo": { "milestones": [] }
                    }))
                }),
            )
            .route("/v1/operator", get(|| async { Json(profile()) }))
            .route("/v1/sessions", post(|| async { Json(session()) }))
            .route("/v1/applications/{id}", put(Self::put).get(Self::get).delete(Self::delete))
            .with_state(state);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }

    #[expect(clippy::unused_async, reason = "a handler is asynchronous")]
    async fn put(
        State(desk): State<Self>,
        Place(id): Place<String>,
        headers: HeaderMap,
        Json(new): Json<NewApplication>,
    ) -> Result<Json<Application>, StatusCode> {
        let key = headers[APPLICATION_KEY].to_str().unwrap().to_owned();
        let mut state = desk.0.lock().unwrap();
        if let Some((_, kept, answer)) = state.kept.iter().find(|(kept, ..)| *kept == id) {
            assert_eq!(*kept, key, "the key of an application never changes");
            return Ok(Json(Application { repeated: true, ..answer.clone() }));
        }
        let (Request::New { offices, .. } | Request::AddOffices { offices, .. }) = &new.request else {
            return Err(StatusCode::NOT_FOUND);
        };
        if state.refuse_offices_from.is_some_and(|most| state.kept.len() >= most) {
            return Err(StatusCode::BAD_GATEWAY);
        }
        let answer = Application {
            id: id.clone(),
            number: format!("M{:08}", state.kept.len() + 1),
            received_at: "2026-06-05T12:00:00+09:00".into(),
            state: ApplicationState::Open,
            offices: offices
                .iter()
                .map(|office| OfficeProgress {
                    office: office.number.clone(),
                    poa: Poa { state: PoaState::Waiting, since: "2026-06-05".into(), reason: None },
                    agent_registered_on: None,
                })
                .collect(),
            credentials: Some(Credentials {
                state: CredentialsState::Pending,
                expected_on: "2026-07-31".into(),
                issued_at: None,
            }),
            first_debit: Some("2026-09-28".into()),
            events: Vec::new(),
            repeated: false,
            applied: new,
        };
        state.kept.push((id, key, answer.clone()));
        if state.cuts > 0 {
            state.cuts -= 1;
            // It was kept, but the client never hears of it.
            return Err(StatusCode::BAD_GATEWAY);
        }
        Ok(Json(answer))
    }

    #[expect(clippy::unused_async, reason = "a handler is asynchronous")]
    async fn get(State(desk): State<Self>, Place(id): Place<String>) -> Result<Json<Application>, StatusCode> {
        let state = desk.0.lock().unwrap();
        let found = state.kept.iter().find(|(kept, ..)| *kept == id);
        found.map(|(.., answer)| Json(answer.clone())).ok_or(StatusCode::NOT_FOUND)
    }

    async fn delete(State(desk): State<Self>, Place(id): Place<String>) -> Result<Json<Application>, StatusCode> {
        desk.change(|answer| answer.state = ApplicationState::Withdrawn);
        Self::get(State(desk), Place(id)).await
    }

    fn change(&self, change: impl Fn(&mut Application)) {
        self.0.lock().unwrap().kept.iter_mut().for_each(|(.., answer)| change(answer));
    }

    fn poa(&self, state: PoaState, reason: Option<&str>) {
        self.change(|answer| {
            for office in &mut answer.offices {
                office.poa = Poa { state, since: "2026-06-10".into(), reason: reason.map(Into::into) };
            }
        });
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().kept.len()
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Problem>, code: Code) {
    assert_eq!(result.map_err(|problem| problem.code).unwrap_err(), code);
}

fn state(view: &super::OnboardingView, id: StepId) -> StepState {
    view.steps.iter().find(|step| step.id == id).unwrap().state
}

#[tokio::test]
async fn what_was_typed_is_there_when_the_program_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let half = Draft { route: Some(Route::Proxy), released: "令和8".into(), ..Draft::default() };
    let app = open(folder.path(), NOBODY).await;
    assert!(!app.onboarding().await.unwrap().started);
    app.save_onboarding(half.clone()).await.unwrap();
    // No farewell: as after a crash.
    drop(app);
    let app = open(folder.path(), NOBODY).await;
    let view = app.onboarding().await.unwrap();
    assert!(view.started && app.frame().await.unwrap().onboarding_under_way);
    assert_eq!((view.draft, view.open), (half, StepId::Route));
}

#[tokio::test]
async fn a_hundred_offices_are_pasted_at_once_and_each_fault_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), NOBODY).await;
    app.save_onboarding(Draft { route: Some(Route::Proxy), ..Draft::default() }).await.unwrap();
    let rows: Vec<String> = (1..=100)
        .map(|index| {
            let number = if index == 50 { number(7) } else { number(index) };
            format!("{number}\tとどけ{index}\tKJ99{number}\n")
        })
        .collect();
    let text = rows.concat();
    let answer = app.paste_offices(&text).await.unwrap();
    assert_eq!((answer.pasted.added, answer.pasted.filled), (99, 1), "the fiftieth repeats the seventh");
    assert_eq!(answer.onboarding.draft.offices.len(), 99);
    let mut draft = answer.onboarding.draft;
    draft.offices[3].name = "🌸の家".into();
    draft.offices[4].number = draft.offices[5].number.clone();
    let view = app.save_onboarding(draft).await.unwrap();
    let text =
        |field: &str| view.remarks.iter().find(|remark| remark.field == field).map(|remark| remark.text.as_str());
    assert!(text("offices.3.name").unwrap().contains("「🌸」は印刷できない文字"));
    assert!(text("offices.5.number").unwrap().contains("5番目の事業所と同じ"));
    // Without a demonstration nobody's number begins with 99.
    assert!(text("offices.0.number").unwrap().contains("練習用"));
}

#[tokio::test]
async fn without_a_line_everything_up_to_the_application_works() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), NOBODY).await;
    let mut draft = whole(1);
    let number = "1370000000".to_owned();
    assert!(kokuho::check_digit::is_valid(&number));
    draft.prefectures = vec!["13".into()];
    draft.filed = [("13".into(), "2026/6/1".into())].into();
    draft.offices[0] = Office {
        user_id: format!("KJ13{number}"),
        user_id_again: format!("KJ13{number}"),
        number,
        ..draft.offices[0].clone()
    };
    let view = app.save_onboarding(draft).await.unwrap();
    let blocking: Vec<_> = view.remarks.iter().filter(|remark| remark.blocks).collect();
    assert!(blocking.is_empty(), "{blocking:?}");
    assert_eq!(view.open, StepId::Apply);
    assert!(app.plan_paper(None).await.unwrap().path.ends_with("利用開始の予定_2026-08.pdf"));
    let calendar = app.plan_calendar(None).await.unwrap();
    assert!(std::fs::read_to_string(calendar.path).unwrap().contains("DTSTART;VALUE=DATE:20260626"));
    refused(app.apply().await, Code::Unreachable);
    refused(app.power_of_attorney_papers(None).await, Code::NoOperator);
}

#[tokio::test]
async fn an_incomplete_form_and_a_forbidden_month_are_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::default();
    let app = open(folder.path(), &desk.clone().open().await).await;
    app.ask_status().await;
    let mut draft = whole(1);
    draft.corporation.email_again.clear();
    app.save_onboarding(draft).await.unwrap();
    refused(app.apply().await, Code::DraftIncomplete);
    let late = Draft { first_claim: "2026-07".into(), ..whole(1) };
    let view = app.save_onboarding(late).await.unwrap();
    assert!(view.plan_problem.unwrap().contains("令和8年8月の請求"));
    refused(app.apply().await, Code::ForbiddenMonth);
    assert_eq!(desk.count(), 0);
}

#[tokio::test]
async fn an_application_whose_answer_is_lost_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::default();
    desk.0.lock().unwrap().cuts = 1;
    let relay = desk.clone().open().await;
    let app = open(folder.path(), &relay).await;
    app.ask_status().await;
    app.save_onboarding(whole(1)).await.unwrap();
    refused(app.apply().await, Code::RelayFault);
    assert_eq!(state(&app.onboarding().await.unwrap(), StepId::Apply), StepState::Current);
    // The program ends and opens again; the clerk presses the button once more.
    drop(app);
    let app = open(folder.path(), &relay).await;
    app.ask_status().await;
    let view = app.apply().await.unwrap();
    assert_eq!((desk.count(), view.applications.len()), (1, 1));
    assert_eq!(view.applications[0].number, "M00000001");
    assert_eq!(view.open, StepId::PowerOfAttorney);
    app.apply().await.unwrap();
    assert_eq!(desk.count(), 1, "applying again applies for nothing");
}

#[tokio::test]
async fn thirty_one_offices_make_two_applications_thirty_one_papers_and_one_list() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::default();
    let app = open(folder.path(), &desk.clone().open().await).await;
    app.ask_status().await;
    app.save_onboarding(whole(31)).await.unwrap();
    let view = app.apply().await.unwrap();
    let sizes: Vec<usize> = view.applications.iter().map(|application| application.offices.len()).collect();
    assert_eq!(sizes, [30, 1]);
    app.fetch_operator().await.unwrap();
    let papers = app.power_of_attorney_papers(None).await.unwrap();
    assert_eq!(papers.len(), 33);
    assert_eq!(papers[0].file, "委任状_すべて.pdf");
    assert_eq!(papers[1].file, "委任状_送付一覧.pdf");
    assert_eq!(papers[32].file, format!("委任状_31_{}.pdf", number(31)));
    // What the relay was told is what a form of the office says, cleaned.
    let kept = desk.0.lock().unwrap().kept.clone();
    let Request::New { start_month, corporation, offices, .. } = &kept[1].2.applied.request else { panic!() };
    assert_eq!((start_month.as_str(), corporation.postal_code.as_str()), ("2026-08", "9990001"));
    assert_eq!(
        (offices[0].number.as_str(), offices[0].user_id.clone()),
        (number(31).as_str(), format!("KJ99{}", number(31)))
    );
    // The second one joins the first and is opened by its key, so that the relay makes one customer of both.
    let joins = |index: usize| match &kept[index].2.applied.request {
        Request::New { joins, .. } => joins.clone(),
        _ => None,
    };
    assert_eq!((joins(0), joins(1), &kept[1].1), (None, Some(kept[0].0.clone()), &kept[0].1));
    let consented = kept[0].2.applied.consented.clone().unwrap();
    assert_eq!((consented.terms.as_deref(), consented.privacy), (Some("2026-04"), None));
    let applicant = &kept[1].2.applied.applicant;
    assert_eq!((applicant.email.as_str(), applicant.phone.as_str()), ("jimu@sakura.example", "099-000-0000"));
}

#[tokio::test]
async fn the_desk_moves_the_map_and_a_defect_leads_back() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::default();
    let app = open(folder.path(), &desk.clone().open().await).await;
    app.ask_status().await;
    let mut draft = whole(1);
    app.save_onboarding(draft.clone()).await.unwrap();
    app.apply().await.unwrap();
    draft.ticked.insert(Task::Sealed, "2026-06-06".into());
    draft.ticked.insert(Task::Posted, "2026-06-07".into());
    let view = app.save_onboarding(draft).await.unwrap();
    assert_eq!((view.open, state(&view, StepId::Post)), (StepId::Post, StepState::Waiting));
    desk.poa(PoaState::Defective, Some("印が届けと違います"));
    app.follow_onboarding().await.unwrap();
    let view = app.onboarding().await.unwrap();
    assert_eq!(view.open, StepId::PowerOfAttorney);
    assert_eq!(view.applications[0].offices[0].reason.as_deref(), Some("印が届けと違います"));
    desk.poa(PoaState::Accepted, None);
    app.follow_onboarding().await.unwrap();
    let view = app.onboarding().await.unwrap();
    assert_eq!((view.open, state(&view, StepId::Credentials)), (StepId::Credentials, StepState::Waiting));
    refused(app.fetch_letters().await.map(drop), Code::NoLetters);
    desk.change(|answer| answer.credentials.as_mut().unwrap().state = CredentialsState::Issued);
    app.follow_onboarding().await.unwrap();
    assert!(app.onboarding().await.unwrap().letters_ready);
}

#[tokio::test]
async fn a_withdrawn_application_can_be_mended_and_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::default();
    let app = open(folder.path(), &desk.clone().open().await).await;
    app.ask_status().await;
    app.save_onboarding(whole(1)).await.unwrap();
    app.apply().await.unwrap();
    let view = app.withdraw_application().await.unwrap();
    assert_eq!((view.open, view.applications[0].state.as_str()), (StepId::Apply, "withdrawn"));
    let mut draft = view.draft;
    draft.offices[0].name = "直した名前".into();
    app.save_onboarding(draft).await.unwrap();
    let view = app.apply().await.unwrap();
    assert_eq!((view.applications.len(), view.applications[1].offices[0].name.as_str()), (2, "直した名前"));
    assert_ne!(view.applications[0].id, view.applications[1].id);
}

#[tokio::test]
async fn the_operators_closed_days_move_the_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), &Desk::default().open().await).await;
    let apply_by = |view: &super::OnboardingView| view.plan.as_ref().unwrap().apply_by.clone().unwrap();
    app.save_onboarding(Draft { first_claim: "2026-08".into(), ..whole(1) }).await.unwrap();
    assert_eq!(apply_by(&app.onboarding().await.unwrap()), "2026-06-26");
    assert_eq!(apply_by(&app.fetch_operator().await.unwrap()), "2026-06-25");
}

#[test]
fn a_plan_for_scripts_has_deadlines_start_debit_and_fees() {
    let plan = |apply: Option<&str>, first_claim: Option<&str>| {
        let apply = apply.map(|day| day.parse().unwrap());
        super::plan_of(apply, first_claim, NOW.parse().unwrap(), None).unwrap()
    };
    let applied = plan(Some("2026-12-26"), None);
    assert_eq!((applied.plan.first_claim.as_str(), applied.plan.apply_by.as_deref()), ("2027-03", Some("2027-01-26")));
    let december = plan(None, Some("2026-12"));
    assert_eq!(
        (december.plan.apply_by.as_deref(), december.plan.start.as_deref(), december.plan.first_debit.as_deref()),
        (Some("2026-10-26"), Some("2026-12-01"), Some("2027-01-26"))
    );
    assert_eq!((december.service_month.as_str(), december.registration, december.monthly), ("2026-11", 3_300, 1_100));
    assert_eq!((december.problem, plan(None, Some("2026-07")).problem.is_some()), (None, true));
    let refusal = super::plan_of(None, Some("7月"), NOW.parse().unwrap(), None);
    refused(refusal, Code::ForbiddenMonth);
    assert_eq!("2026-07".parse::<Month>().unwrap().plus(-2).to_string(), "2026-05");
}

#[test]
fn papers_of_a_file_equal_it_field_by_field() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = serde_json::to_value(whole(2)).unwrap();
    file["operator"] = serde_json::to_value(profile()).unwrap();
    let saved = super::powers_of_attorney(file.to_string().as_bytes(), folder.path(), NOW.parse().unwrap()).unwrap();
    let names: Vec<&str> = saved.iter().map(|paper| paper.file.as_str()).collect();
    let of = |index: usize| format!("委任状_{index:02}_{}.pdf", number(index));
    assert_eq!(names, ["委任状_すべて.pdf", "委任状_送付一覧.pdf", &of(1), &of(2)]);
    let (both, agent) = (whole(2), profile().agent);
    for (index, office) in both.offices.iter().enumerate() {
        let text = printed_densely(Path::new(&saved[index + 2].path));
        let written = |field: &str| text.contains(&field.chars().filter(|c| !c.is_whitespace()).collect::<String>());
        for field in [
            &both.corporation.name,
            &both.corporation.address,
            &both.corporation.title,
            &both.corporation.representative,
            &office.number,
            &office.name,
            &agent.corporation_name,
            &agent.title,
            &agent.representative,
        ] {
            assert!(written(field), "{field} is not in {text}");
        }
        let other = &both.offices[1 - index];
        assert!(!written(&other.number) && !written(&other.name), "{text}");
    }
    file["corporation"]["representative"] = "髙﨑😀".into();
    let out = folder.path().join("second");
    let refusal = super::powers_of_attorney(file.to_string().as_bytes(), &out, NOW.parse().unwrap());
    refused(refusal, Code::MissingGlyph);
    assert!(!out.exists(), "nothing is written when one cannot be printed");
    refused(super::powers_of_attorney(b"{", &out, NOW.parse().unwrap()), Code::NotAnApplication);
}

fn account(login_id: &str, role: Role, offices: &[&str]) -> Account {
    Account {
        corporation_number: "9900000001".into(),
        corporation_name: "さくら会".into(),
        login_id: login_id.into(),
        role,
        must_change_password: false,
        second_factor: false,
        offices: offices.iter().map(|number| AccountOffice { number: (*number).into(), name: "館".into() }).collect(),
    }
}

#[tokio::test]
async fn several_ids_share_one_computer() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), NOBODY).await;
    let (one, two) = (number(1), number(2));
    for account in [
        account("honbu", Role::Corporation, &[&one, &two]),
        account("sakura", Role::Office, std::slice::from_ref(&one.as_str())),
    ] {
        let name = format!("password:{NOBODY}:{}:{}", account.corporation_number, account.login_id);
        app.0.config.secrets.write(&name, "Sakura-no-ki-2026").await.unwrap();
        app.remember_account(&account).await.unwrap();
    }
    let ids = |frame: &crate::views::FrameView| frame.accounts.iter().map(|a| a.login_id.clone()).collect::<Vec<_>>();
    let frame = app.frame().await.unwrap();
    assert_eq!(
        (frame.account.as_ref().unwrap().login_id.as_str(), ids(&frame)),
        ("sakura", vec!["honbu".into(), "sakura".into()])
    );
    let frame = app.switch_account("9900000001", "honbu").await.unwrap();
    assert_eq!(frame.account.unwrap().offices.len(), 2);
    refused(app.switch_account("9900000001", "nobody").await, Code::UnknownAccount);
    // Signing out forgets this one and leaves the other.
    let frame = app.log_out().await.unwrap();
    assert_eq!((frame.account.is_none(), ids(&frame)), (true, vec!["sakura".to_owned()]));
    assert!(app.switch_account("9900000001", "sakura").await.is_ok());
    refused(app.switch_account("9900000001", "honbu").await, Code::UnknownAccount);
}

#[tokio::test]
async fn a_new_wording_of_the_terms_is_agreed_to_anew() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::default();
    let app = open(folder.path(), &desk.clone().open().await).await;
    app.ask_status().await;
    app.save_onboarding(Draft { terms_version: "2025-04".into(), ..whole(1) }).await.unwrap();
    let view = app.fetch_operator().await.unwrap();
    assert_eq!(view.operator.unwrap().terms.unwrap().text, "第1条");
    let remark = view.remarks.iter().find(|remark| remark.field == "agreed_terms").unwrap();
    assert!(remark.blocks && remark.text.contains("新しくなりました"), "{remark:?}");
    refused(app.apply().await, Code::DraftIncomplete);
    app.save_onboarding(whole(1)).await.unwrap();
    app.apply().await.unwrap();
    assert_eq!(desk.count(), 1);
}

/// A photo of a sheet, as a camera writes it.
fn photo(folder: &Path, name: &str, width: u32) -> std::path::PathBuf {
    let path = folder.join(name);
    image::RgbImage::from_pixel(width, width, image::Rgb([250, 250, 245])).save(&path).unwrap();
    path
}

#[tokio::test]
async fn a_photo_of_the_sealed_paper_is_kept_shown_and_printed() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::default();
    let app = open(folder.path(), &desk.clone().open().await).await;
    app.ask_status().await;
    app.save_onboarding(whole(2)).await.unwrap();
    let picture = photo(folder.path(), "IMG_0001.jpg", 1_200);
    refused(app.keep_sealed_photo(&number(1), &picture).await, Code::UnknownPaper);
    app.apply().await.unwrap();
    refused(app.sealed_photo(&number(1)).await.map(drop), Code::NoPicture);
    refused(app.sealed_photos_paper(None).await, Code::NoPicture);
    refused(app.keep_sealed_photo("9970001013", &picture).await, Code::UnknownPaper);
    refused(app.keep_sealed_photo(&number(1), &folder.path().join("none.jpg")).await, Code::Unreadable);
    let text = folder.path().join("letter.jpg");
    std::fs::write(&text, "手紙").unwrap();
    refused(app.keep_sealed_photo(&number(1), &text).await, Code::NotAPicture);

    let view = app.keep_sealed_photo(&number(1), &picture).await.unwrap();
    let photos = |view: &super::OnboardingView| {
        view.applications[0].offices.iter().map(|office| office.photo.clone()).collect::<Vec<_>>()
    };
    assert_eq!(photos(&view), [Some("2026-06-05".to_owned()), None]);
    let shown = app.sealed_photo(&number(1)).await.unwrap();
    assert!(shown.data.starts_with("data:image/jpeg;base64,/9j/"), "{}", &shown.data[..40]);
    let paper = app.sealed_photos_paper(None).await.unwrap();
    assert!(std::fs::read(&paper.path).unwrap().starts_with(b"%PDF"));
    // Another photo takes its place, and it is there when the program opens again.
    app.keep_sealed_photo(&number(1), &photo(folder.path(), "IMG_0002.png", 900)).await.unwrap();
    drop(app);
    let app = open(folder.path(), NOBODY).await;
    assert_eq!(photos(&app.onboarding().await.unwrap()), [Some("2026-06-05".to_owned()), None]);
    assert_ne!(app.sealed_photo(&number(1)).await.unwrap().data, shown.data);
    for entry in std::fs::read_dir(folder.path().join("data")).unwrap() {
        let Ok(bytes) = std::fs::read(entry.unwrap().path()) else { continue };
        assert!(!bytes.windows(4).any(|part| part == [0xff, 0xd8, 0xff, 0xe0]), "a photo lies on the disk unencrypted");
    }
}

/// The 法人用ID of a corporation with one office.
fn session() -> Session {
    Session {
        access_token: "access".into(),
        expires_in: 900,
        refresh_token: "refresh".into(),
        device: None,
        account: account("honbu", Role::Corporation, &[&number(7)]),
    }
}

#[tokio::test]
async fn more_offices_are_pasted_named_and_sent_thirty_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::default();
    let relay = desk.clone().open().await;
    let app = open(folder.path(), &relay).await;
    app.ask_status().await;
    app.fetch_operator().await.unwrap();
    let known = session().account;
    app.0.config.secrets.write(&format!("password:{relay}:9900000001:honbu"), "Sakura-no-ki-2026").await.unwrap();
    app.remember_account(&known).await.unwrap();
    let corporation = whole(1).corporation;
    let empty =
        super::ChangeRequest { change: Some(Change::AddOffices), corporation, ..super::ChangeRequest::default() };
    app.save_change(empty).await.unwrap();
    let rows: Vec<String> = (1..=100)
        .map(|index| format!("{0}\tとどけ{index}\tKJ99{0}\tKJ99{0}\t999-0002\t架空県架空市{index}\n", number(index)))
        .collect();
    let answer = app.paste_change_offices(&rows.concat()).await.unwrap();
    assert_eq!((answer.pasted.added, answer.onboarding.change.offices.len()), (100, 100));
    let blocking = |view: &super::OnboardingView| {
        let blocks = view.change_remarks.iter().filter(|remark| remark.blocks);
        blocks.map(|remark| (remark.field.clone(), remark.text.clone())).collect::<Vec<_>>()
    };
    let found = blocking(&answer.onboarding);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0 == "offices.6.number" && found[0].1.contains("もう申し込んであります"), "{found:?}");

    // Bad rows are named where they stand.
    let mut request = answer.onboarding.change.clone();
    request.offices.remove(6);
    request.offices[40].postal_code = "999-000A".into();
    request.offices[50].name = "にこにこ😀".into();
    request.offices[60].number = request.offices[59].number.clone();
    let view = app.save_change(request.clone()).await.unwrap();
    let fields: Vec<String> = blocking(&view).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["offices.60.number", "offices.60.user_id", "offices.40.postal_code", "offices.50.name"]);
    refused(app.request_change(request).await, Code::ChangeIncomplete);
    assert_eq!(desk.count(), 0);

    // What was typed is there after a crash.
    drop(app);
    let app = open(folder.path(), &relay).await;
    app.ask_status().await;
    let mut request = app.onboarding().await.unwrap().change;
    assert_eq!(request.offices.len(), 99);
    request.offices[40].postal_code = "9990002".into();
    request.offices[50].name = "にこにこ".into();
    request.offices[60].number = number(62);
    // The first refusal of the line comes after two of four; the rest goes on from there.
    desk.0.lock().unwrap().refuse_offices_from = Some(2);
    let token = app.request_change(request).await;
    assert!(token.is_err());
    let sizes = || desk.0.lock().unwrap().kept.iter().map(|(.., kept)| kept.offices.len()).collect::<Vec<_>>();
    assert_eq!(sizes(), [30, 30]);
    let rest = app.onboarding().await.unwrap().change;
    assert_eq!(rest.offices.len(), 39);
    desk.0.lock().unwrap().refuse_offices_from = None;
    let view = app.request_change(rest).await.unwrap();
    assert_eq!(sizes(), [30, 30, 30, 9]);
    assert_eq!((view.change.offices.len(), view.change.change), (0, None));
}

#[tokio::test]
async fn an_enquiry_sheet_names_numbers_and_no_person() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::default();
    let app = open(folder.path(), &desk.clone().open().await).await;
    app.ask_status().await;
    app.save_onboarding(whole(1)).await.unwrap();
    app.apply().await.unwrap();
    let out = folder.path().join("enquiry.pdf");
    let written = Enquiry { problem: "１３０１".into(), what: "送信を押した".into(), ..Enquiry::default() };
    app.enquiry_paper(&written, Some(out.clone())).await.unwrap();
    let text = printed_densely(&out);
    for words in [
        "問い合わせ票",
        "E-1301",
        "中継サーバーにつながりません",
        "送信を押した",
        env!("CARGO_PKG_VERSION"),
        "M00000001",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    for person in ["髙﨑", "見本太郎", "jimu@", "099-000", "架空県架空市"] {
        assert!(!text.contains(person), "{person} is in {text}");
    }
}

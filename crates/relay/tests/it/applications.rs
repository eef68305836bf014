//! Applications: from the first word to the first sign-in, and everything a customer asks for later.

use calendar::Month;
use chrono::TimeDelta;
use relay::admin::AdminError;
use relay::storage::{AccountKind, AuditCheck, Debit, DebitAccount, ExtraItem, NewContract, PoaNews};
use relay_api::applications::{
    APPLICATION_KEY, Applicant, Application, ApplicationList, ApplicationState, ApplicationStep, AppliedOffice,
    Consented, Corporation, CredentialsState, Letters, NewApplication, OperatorProfile, PoaState, Request, Terms,
};
use relay_api::{RefusalCode, RelayStatus, Session, Submission};
use reqwest::{Method, Response};
use serde_json::json;

use crate::support::{CORPORATION, Claim, OFFICE, OTHER_OFFICE, PASSWORD, SECOND_OFFICE, TestRelay, ok, refused};

/// An applicant's id and key.
#[derive(Clone)]
struct Applying {
    id: String,
    key: String,
}

impl Applying {
    fn new(number: u32) -> Self {
        Self { id: format!("{number:032x}"), key: format!("{number:064x}") }
    }

    fn path(&self) -> String {
        format!("/v1/applications/{}", self.id)
    }

    async fn put(&self, relay: &TestRelay, applied: &NewApplication, token: Option<&str>) -> Response {
        let request = relay.http.put(relay.url(&self.path())).header(APPLICATION_KEY, &self.key).json(applied);
        let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
        request.send().await.unwrap()
    }

    async fn ask(&self, relay: &TestRelay, method: Method, tail: &str) -> Response {
        let url = relay.url(&format!("{}{tail}", self.path()));
        relay.http.request(method, url).header(APPLICATION_KEY, &self.key).send().await.unwrap()
    }

    async fn show(&self, relay: &TestRelay) -> Application {
        ok(self.ask(relay, Method::GET, "").await).await
    }
}

/// A valid 事業所番号 of prefecture 99.
fn office_number(serial: u32) -> String {
    let body = format!("9971{serial:05}");
    format!("{body}{}", kokuho::check_digit::digit(&body).unwrap())
}

fn office(number: &str) -> AppliedOffice {
    AppliedOffice {
        number: number.into(),
        name: format!("やまぶき{number}"),
        user_id: format!("KJ{}{number}", &number[..2]),
        postal_code: "9990001".into(),
        address: "見本県みほん市1-1".into(),
        phone: "00-1111-2222".into(),
    }
}

fn corporation() -> Corporation {
    Corporation {
        name: "医療法人やまぶき会".into(),
        postal_code: "9990001".into(),
        address: "見本県みほん市1-1".into(),
        title: "理事長".into(),
        representative: "山吹　花子".into(),
        phone: "00-1111-2222".into(),
    }
}

fn asked(request: Request) -> NewApplication {
    let applicant =
        Applicant { name: "山吹　次郎".into(), phone: "00-1111-2222".into(), email: "jiro@example.jp".into() };
    let agreed = Some("見本-1".to_owned());
    let consented = Some(Consented { terms: agreed.clone(), privacy: agreed });
    NewApplication { applicant, request, consent: true, consented }
}

fn new(numbers: &[String], start_month: &str) -> NewApplication {
    asked(Request::New {
        start_month: start_month.into(),
        corporation: corporation(),
        offices: numbers.iter().map(|number| office(number)).collect(),
        option: false,
        joins: None,
    })
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// Walks an application through the whole desk up to the issue of its IDs.
async fn through_the_desk(relay: &TestRelay, number: &str) {
    let desk = &relay.relay;
    desk.note_poa(number, None, PoaNews::Received).await.unwrap();
    desk.note_poa(number, None, PoaNews::Accepted).await.unwrap();
    if desk.certificates().await.unwrap().is_empty() {
        desk.add_certificate("A-01", "2028-03-31".parse().unwrap()).await.unwrap();
    }
    desk.assign_agent(number, None, None).await.unwrap();
    desk.register_agent(number, None, "2026-07-10".parse().unwrap()).await.unwrap();
    desk.issue_credentials(number, None).await.unwrap();
}

/// Makes a customer of one office, which comes to the certificate `A-01`. Returns the office's number.
pub async fn customer(relay: &TestRelay, start_month: &str) -> String {
    issued(relay, start_month).await.1
}

/// Makes a customer and signs its 法人用ID in. Returns the token and the office's number.
pub async fn customer_session(relay: &TestRelay, start_month: &str) -> (String, String) {
    let (applying, number) = issued(relay, start_month).await;
    let letters: Letters = ok(applying.ask(relay, Method::POST, "/letters").await).await;
    let letter = &letters.letters[0];
    let first: Session = ok(relay.sign_in(&letters.corporation_number, &letter.login_id, &letter.password).await).await;
    let session: Session = ok(relay.change_password(&first.access_token, &letter.password, PASSWORD).await).await;
    (session.access_token, number)
}

async fn issued(relay: &TestRelay, start_month: &str) -> (Applying, String) {
    let (applying, number) = (Applying::new(1), office_number(1));
    let made: Application = ok(applying.put(relay, &new(std::slice::from_ref(&number), start_month), None).await).await;
    through_the_desk(relay, &made.number).await;
    (applying, number)
}

fn steps(application: &Application) -> Vec<ApplicationStep> {
    application.events.iter().map(|event| event.what).collect()
}

#[tokio::test]
async fn an_application_goes_from_the_first_word_to_the_first_sign_in() {
    let relay = TestRelay::start().await;
    let applying = Applying::new(1);
    let numbers = [office_number(1), office_number(2)];
    let applied = new(&numbers, "2026-08");
    let first: Application = ok(applying.put(&relay, &applied, None).await).await;
    assert_eq!((first.state, first.repeated), (ApplicationState::Open, false));
    let credentials = first.credentials.clone().unwrap();
    // July ends on a Friday; 26 September is a Saturday.
    assert_eq!((credentials.state, credentials.expected_on.as_str()), (CredentialsState::Pending, "2026-07-31"));
    assert_eq!(first.first_debit.as_deref(), Some("2026-09-28"));
    assert!(first.offices.iter().all(|office| office.poa.state == PoaState::Waiting));

    let again: Application = ok(applying.put(&relay, &applied, None).await).await;
    assert!(again.repeated);
    assert_eq!(Application { repeated: false, ..again }, first);
    refused(applying.ask(&relay, Method::POST, "/letters").await, 404, RefusalCode::NotFound).await;

    let desk = &relay.relay;
    let number = &first.number;
    desk.note_poa(number, Some(&numbers[0]), PoaNews::Received).await.unwrap();
    desk.note_poa(number, Some(&numbers[0]), PoaNews::Defective("印影が届出と違います".into())).await.unwrap();
    let shown = applying.show(&relay).await;
    assert_eq!(shown.offices[0].poa.state, PoaState::Defective);
    assert_eq!(shown.offices[0].poa.reason.as_deref(), Some("印影が届出と違います"));
    assert_eq!(shown.offices[1].poa.state, PoaState::Waiting, "the other office has its own paper");
    assert!(desk.issue_credentials(number, None).await.is_err(), "nothing is issued before all is in order");
    through_the_desk(&relay, number).await;

    let shown = applying.show(&relay).await;
    assert_eq!(shown.state, ApplicationState::Completed);
    assert_eq!(shown.offices[0].poa.reason, None);
    assert_eq!(shown.credentials.clone().unwrap().state, CredentialsState::Issued);
    assert_eq!(steps(&shown).last(), Some(&ApplicationStep::Completed));

    let letters: Letters = ok(applying.ask(&relay, Method::POST, "/letters").await).await;
    assert_eq!(letters.usable_from, "2026-08-01");
    let offices: Vec<_> = letters.letters.iter().map(|letter| letter.office.as_deref()).collect();
    assert_eq!(offices, [None, Some(numbers[0].as_str()), Some(numbers[1].as_str())]);
    // An answer that got lost is asked for again; what got lost opens nothing.
    let second: Letters = ok(applying.ask(&relay, Method::POST, "/letters").await).await;
    let sign_in = |letters: &Letters| {
        let letter = &letters.letters[0];
        (letters.corporation_number.clone(), letter.login_id.clone(), letter.password.clone())
    };
    let (corporation, id, lost) = sign_in(&letters);
    refused(relay.sign_in(&corporation, &id, &lost).await, 401, RefusalCode::WrongCredentials).await;
    let (corporation, id, password) = sign_in(&second);
    let session: Session = ok(relay.sign_in(&corporation, &id, &password).await).await;
    assert!(session.account.must_change_password);
    assert_eq!(session.account.offices.len(), 2);
    assert_eq!(applying.show(&relay).await.credentials.unwrap().state, CredentialsState::Used);
    refused(applying.ask(&relay, Method::POST, "/letters").await, 409, RefusalCode::TooLate).await;
    assert!(desk.desk_letters(number).await.is_err(), "the desk cannot take an ID in use away either");
}

#[tokio::test]
async fn only_its_key_opens_an_application() {
    let relay = TestRelay::start().await;
    let applying = Applying::new(1);
    let applied = new(&[office_number(1)], "2026-08");
    let _: Application = ok(applying.put(&relay, &applied, None).await).await;
    let stranger = Applying { key: "f".repeat(64), ..applying.clone() };
    let unknown = Applying::new(2);
    for (who, applying) in [("stranger", &stranger), ("unknown", &unknown)] {
        for (method, tail) in [(Method::GET, ""), (Method::DELETE, ""), (Method::POST, "/letters")] {
            let refusal = refused(applying.ask(&relay, method, tail).await, 404, RefusalCode::NotFound).await;
            assert_eq!(refusal.detail, "not found", "{who}");
        }
    }
    refused(stranger.put(&relay, &applied, None).await, 404, RefusalCode::NotFound).await;
    let without = relay.http.get(relay.url(&applying.path())).send().await.unwrap();
    refused(without, 404, RefusalCode::NotFound).await;
    let misshapen = Applying { id: "..%2f".into(), ..applying.clone() };
    refused(misshapen.ask(&relay, Method::GET, "").await, 400, RefusalCode::Malformed).await;
    let other = new(&[office_number(2)], "2026-08");
    refused(applying.put(&relay, &other, None).await, 409, RefusalCode::AnnouncedDifferently).await;

    let database = relay.everything_stored().await;
    assert!(!database.windows(64).any(|window| window == applying.key.as_bytes()), "the key itself is not kept");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_its_field() {
    let relay = TestRelay::start().await;
    let good = office(&office_number(1));
    let with = |change: &dyn Fn(&mut AppliedOffice)| {
        let mut office = good.clone();
        change(&mut office);
        asked(Request::New {
            start_month: "2026-08".into(),
            corporation: corporation(),
            offices: vec![office],
            option: false,
            joins: None,
        })
    };
    // One digit of the number is wrong.
    let slip = good.number.replacen("9971", "9972", 1);
    let mut without_consent = with(&|_| {});
    without_consent.consent = false;
    let mut full_width_mail = with(&|_| {});
    full_width_mail.applicant.email = "jiro＠example.jp".into();
    let many: Vec<String> = (1..=31).map(office_number).collect();
    let cases = [
        (without_consent, "consent"),
        (full_width_mail, "applicant.email"),
        (with(&|office| office.number = slip.clone()), "offices.number"),
        (with(&|office| office.user_id = "J99710000012".into()), "offices.user_id"),
        (with(&|office| office.user_id.replace_range(13.., "X")), "offices.user_id"),
        (with(&|office| office.postal_code = "999-0001".into()), "offices.postal_code"),
        (with(&|office| office.name = "一\n二".into()), "offices.name"),
        (with(&|office| office.phone = "１１１１".into()), "offices.phone"),
        (new(&many, "2026-08"), "offices: none or too many"),
        (new(&[], "2026-08"), "offices: none or too many"),
        (new(&[office_number(1), office_number(1)], "2026-08"), "offices: one stands there twice"),
        (new(&[office_number(1)], "2026-8"), "start_month"),
    ];
    for (number, (applied, field)) in (10..).zip(cases) {
        let response = Applying::new(number).put(&relay, &applied, None).await;
        let refusal = refused(response, 422, RefusalCode::InvalidApplication).await;
        assert_eq!(refusal.detail, format!("invalid application: {field}"));
    }
}

#[tokio::test]
async fn no_month_is_promised_that_the_deadline_forbids() {
    let relay = TestRelay::start().await;
    let applied = |start: &str| new(&[office_number(1)], start);
    // 5 June: the deadline is the 26th, for August.
    refused(Applying::new(1).put(&relay, &applied("2026-07"), None).await, 422, RefusalCode::TooEarly).await;
    let applying = Applying::new(2);
    let first: Application = ok(applying.put(&relay, &applied("2026-08"), None).await).await;
    relay.wait(TimeDelta::days(22));
    // 27 June: the deadline has passed; what was taken stays, and repeating it still works.
    let refusal = refused(
        Applying::new(3).put(&relay, &new(&[office_number(2)], "2026-08"), None).await,
        422,
        RefusalCode::TooEarly,
    )
    .await;
    assert!(refusal.detail.contains("2026-09"), "{}", refusal.detail);
    let again: Application = ok(applying.put(&relay, &applied("2026-08"), None).await).await;
    assert_eq!((again.repeated, again.number), (true, first.number));
}

#[tokio::test]
async fn an_office_is_applied_for_once() {
    let relay = TestRelay::start().await;
    let theirs = new(&[OFFICE.to_owned()], "2026-08");
    refused(Applying::new(1).put(&relay, &theirs, None).await, 409, RefusalCode::OfficeTaken).await;
    let applying = Applying::new(2);
    let _: Application = ok(applying.put(&relay, &new(&[office_number(1)], "2026-08"), None).await).await;
    let rival = new(&[office_number(2), office_number(1)], "2026-09");
    refused(Applying::new(3).put(&relay, &rival, None).await, 409, RefusalCode::OfficeTaken).await;
    // Taken back, it is free again.
    let withdrawn: Application = ok(applying.ask(&relay, Method::DELETE, "").await).await;
    assert_eq!(withdrawn.state, ApplicationState::Withdrawn);
    let repeated: Application = ok(applying.ask(&relay, Method::DELETE, "").await).await;
    assert_eq!(repeated, withdrawn);
    let _: Application = ok(Applying::new(4).put(&relay, &rival, None).await).await;
}

#[tokio::test]
async fn taking_back_ends_where_the_desk_has_accepted() {
    let relay = TestRelay::start().await;
    let applying = Applying::new(1);
    let first: Application = ok(applying.put(&relay, &new(&[office_number(1)], "2026-08"), None).await).await;
    relay.relay.note_poa(&first.number, None, PoaNews::Received).await.unwrap();
    relay.relay.note_poa(&first.number, None, PoaNews::Accepted).await.unwrap();
    refused(applying.ask(&relay, Method::DELETE, "").await, 409, RefusalCode::TooLate).await;
    assert_eq!(applying.show(&relay).await.state, ApplicationState::Open);
    relay.relay.decline_application(&first.number, "事業所番号が国保連の登録にありません").await.unwrap();
    let declined = applying.show(&relay).await;
    assert_eq!(declined.state, ApplicationState::Declined);
    assert_eq!(declined.events.last().unwrap().reason.as_deref(), Some("事業所番号が国保連の登録にありません"));
}

#[tokio::test]
async fn what_a_customer_asks_for_needs_the_corporation_s_session() {
    let relay = TestRelay::start().await;
    let head = relay.token().await;
    let office_id = relay.session(CORPORATION, "tanpopo-day", Some(OFFICE)).await.access_token;
    let stop = |number: &str| asked(Request::Stop { last_month: "2026-07".into(), offices: vec![number.into()] });
    refused(Applying::new(1).put(&relay, &stop(OFFICE), None).await, 401, RefusalCode::TokenExpired).await;
    refused(Applying::new(1).put(&relay, &stop(OFFICE), Some("x")).await, 401, RefusalCode::TokenExpired).await;
    refused(Applying::new(1).put(&relay, &stop(OFFICE), Some(&office_id)).await, 403, RefusalCode::OtherOffice).await;
    refused(Applying::new(1).put(&relay, &stop(OTHER_OFFICE), Some(&head)).await, 403, RefusalCode::OtherOffice).await;
    let early = asked(Request::Stop { last_month: "2026-06".into(), offices: vec![OFFICE.into()] });
    refused(Applying::new(1).put(&relay, &early, Some(&head)).await, 422, RefusalCode::TooEarly).await;
    let taken: Application = ok(Applying::new(1).put(&relay, &stop(OFFICE), Some(&head)).await).await;
    assert_eq!(taken.offices[0].poa.state, PoaState::NotNeeded);
    assert_eq!((taken.credentials, taken.first_debit), (None, None));

    let list: ApplicationList = ok(relay.get("/v1/applications", &head).await).await;
    assert_eq!(list.applications.len(), 1);
    let list: ApplicationList = ok(relay.get("/v1/applications", &office_id).await).await;
    assert_eq!(list.applications, []);
    let sumire = relay.session("9900000202", "sumire-honbu", None).await.access_token;
    let list: ApplicationList = ok(relay.get("/v1/applications", &sumire).await).await;
    assert_eq!(list.applications, []);
}

#[tokio::test]
async fn fees_follow_the_contracts_and_are_charged_once() {
    let relay = TestRelay::start().await;
    let desk = &relay.relay;
    let numbers = [office_number(1), office_number(2)];
    let applying = Applying::new(1);
    let first: Application = ok(applying.put(&relay, &new(&numbers, "2026-08"), None).await).await;
    through_the_desk(&relay, &first.number).await;
    let letters: Letters = ok(applying.ask(&relay, Method::POST, "/letters").await).await;
    let letter = &letters.letters[0];
    let session: Session =
        ok(relay.sign_in(&letters.corporation_number, &letter.login_id, &letter.password).await).await;
    let changed: Session = ok(relay.change_password(&session.access_token, &letter.password, PASSWORD).await).await;

    assert!(desk.run_fees(month("2026-08")).await.is_err(), "a month that has not begun");
    let before = desk.run_fees(month("2026-06")).await.unwrap().lines;
    assert!(!before.iter().any(|line| numbers.contains(&line.office)), "{before:?}");
    // In September the run of August was forgotten: the run of September catches up.
    relay.wait(TimeDelta::days(89));
    let session: Session = ok(relay.refresh(&changed.refresh_token).await).await;
    let token = Some(session.access_token.as_str());
    let option = asked(Request::Option { start_month: "2026-11".into(), offices: vec![numbers[0].clone()] });
    let option: Application = ok(Applying::new(2).put(&relay, &option, token).await).await;
    desk.complete_application(&option.number).await.unwrap();
    let stop = asked(Request::Stop { last_month: "2026-10".into(), offices: vec![numbers[1].clone()] });
    let stop: Application = ok(Applying::new(3).put(&relay, &stop, token).await).await;
    desk.complete_application(&stop.number).await.unwrap();
    desk.note_extra_fee(&numbers[0], ExtraItem::PasswordByHand).await.unwrap();
    desk.note_extra_fee(&numbers[0], ExtraItem::PasswordByHand).await.unwrap();

    let items = async |text: &str| {
        let run = desk.run_fees(month(text)).await.unwrap();
        let line = |l: &relay::storage::FeeLine| format!("{} {} {} {}", &l.office[4..9], l.item, l.month, l.yen);
        let lines = run.lines.iter().filter(|line| numbers.contains(&line.office));
        (run.debit_on.clone(), lines.map(line).collect::<Vec<_>>())
    };
    let (debit_on, september) = items("2026-09").await;
    // 26 October 2026 is a Monday.
    assert_eq!(debit_on, "2026-10-26");
    assert_eq!(
        september,
        [
            "00001 registration 2026-08 3300",
            "00001 monthly 2026-08 1100",
            "00001 monthly 2026-09 1100",
            "00001 password_by_hand 2026-09 5500",
            "00001 password_by_hand 2026-09 5500",
            "00002 registration 2026-08 3300",
            "00002 monthly 2026-08 1100",
            "00002 monthly 2026-09 1100",
        ]
    );
    assert_eq!(items("2026-09").await.1, september, "run again, it is the same list");
    relay.wait(TimeDelta::days(70));
    assert_eq!(items("2026-10").await.1, ["00001 monthly 2026-10 1100", "00002 monthly 2026-10 1100"]);
    // 26 December 2026 is a Saturday: debited on the 28th.
    let (debit_on, november) = items("2026-11").await;
    assert_eq!(debit_on, "2026-12-28");
    assert_eq!(
        november,
        ["00001 monthly 2026-11 1100", "00001 option_registration 2026-11 1100", "00001 option_monthly 2026-11 550"]
    );
    assert!(desk.run_fees(month("2026-07")).await.is_err(), "a month before one that was charged");
}

#[tokio::test]
async fn an_office_added_by_hand_is_charged_and_limited_like_the_others() {
    let relay = TestRelay::start().await;
    let desk = &relay.relay;
    desk.add_certificate("A-01", "2028-03-31".parse().unwrap()).await.unwrap();
    let contract = |start: &str| NewContract { start: month(start), option: true, certificate: Some("A-01".into()) };
    for serial in 1..=100 {
        let number = office_number(serial);
        let start = if serial == 1 { "2026-05" } else { "2026-09" };
        desk.add_office(CORPORATION, &number, "やまぶき", contract(start)).await.unwrap();
    }
    assert_eq!(desk.certificates().await.unwrap()[0].offices, 100);
    let refusal = desk.add_office(CORPORATION, &office_number(101), "やまぶき", contract("2026-09")).await.unwrap_err();
    assert!(matches!(refusal, AdminError::NoRoom), "{refusal}");
    let refusal = desk
        .add_office(
            CORPORATION,
            &office_number(101),
            "やまぶき",
            NewContract { certificate: Some("B".into()), ..contract("2026-09") },
        )
        .await
        .unwrap_err();
    assert!(matches!(refusal, AdminError::NotFound), "{refusal}");

    let june = desk.run_fees(month("2026-06")).await.unwrap().lines;
    let first: Vec<_> =
        june.iter().filter(|line| line.office == office_number(1)).map(|l| format!("{} {}", l.item, l.month)).collect();
    assert_eq!(
        first,
        [
            "registration 2026-05",
            "monthly 2026-05",
            "monthly 2026-06",
            "option_registration 2026-05",
            "option_monthly 2026-05",
            "option_monthly 2026-06"
        ]
    );
    assert!(!june.iter().any(|line| line.office == office_number(2)), "its contract has not begun");
    let token = relay.token().await;
    let claim = Claim::new(&office_number(2), "0000000101");
    let _: Submission = ok(relay.announce(&token, &claim).await).await;
    refused(relay.upload(&token, &claim).await, 403, RefusalCode::NotInService).await;
}

/// What the letters of an application say: 法人番号, and the office of each ID.
async fn letters(relay: &TestRelay, applying: &Applying) -> (String, Vec<Option<String>>) {
    let letters: Letters = ok(applying.ask(relay, Method::POST, "/letters").await).await;
    (letters.corporation_number, letters.letters.into_iter().map(|letter| letter.office).collect())
}

#[tokio::test]
async fn several_applications_of_one_corporation_become_one_customer() {
    let relay = TestRelay::start().await;
    let desk = &relay.relay;
    desk.add_certificate("A-00", "2028-03-31".parse().unwrap()).await.unwrap();
    let numbers: Vec<String> = (1..=31).map(office_number).collect();
    let first = Applying::new(1);
    let second = Applying { id: format!("{:032x}", 2), ..first.clone() };
    let stranger = Applying::new(3);
    let joining = |numbers: &[String], id: &str| {
        let mut applied = new(numbers, "2026-08");
        if let Request::New { joins, .. } = &mut applied.request {
            *joins = Some(id.to_owned());
        }
        applied
    };
    let one: Application = ok(first.put(&relay, &new(&numbers[..30], "2026-08"), None).await).await;
    let rest = joining(&numbers[30..], &first.id);
    for (who, applied) in [(&stranger, &rest), (&second, &joining(&numbers[30..], &stranger.id))] {
        let refusal = refused(who.put(&relay, applied, None).await, 422, RefusalCode::InvalidApplication).await;
        assert_eq!(refusal.detail, "invalid application: joins");
    }
    let two: Application = ok(second.put(&relay, &rest, None).await).await;
    let again: Application = ok(second.put(&relay, &rest, None).await).await;
    assert_eq!((again.repeated, &again.number), (true, &two.number));
    assert_eq!(desk.desk_application(&two.number).await.unwrap().joined, Some(one.number.clone()));

    // The later one is ready first: it makes the customer, and the first one joins it.
    through_the_desk(&relay, &two.number).await;
    through_the_desk(&relay, &one.number).await;
    let (corporation, ids) = letters(&relay, &second).await;
    assert_eq!(ids, [None, Some(numbers[30].clone())]);
    let (same, ids) = letters(&relay, &first).await;
    assert_eq!((same, ids.len()), (corporation.clone(), 30), "one 法人番号 and one 法人用ID");
    assert!(ids.iter().all(Option::is_some));

    relay.wait(TimeDelta::days(70));
    let lines = desk.run_fees(month("2026-08")).await.unwrap().lines;
    let count =
        |item: &str| lines.iter().filter(|line| line.corporation_number == corporation && line.item == item).count();
    assert_eq!((count("registration"), count("monthly")), (31, 31));
    relay.wait(TimeDelta::days(31));
    let lines = desk.run_fees(month("2026-09")).await.unwrap().lines;
    assert!(!lines.iter().any(|line| numbers.contains(&line.office) && line.item == "registration"), "once");

    // One debit for all of them, from the one account of the corporation.
    let debit = |debits: Vec<Debit>| debits.into_iter().find(|debit| debit.corporation_number == corporation).unwrap();
    let without = debit(desk.debits(month("2026-08")).await.unwrap().debits);
    assert_eq!((without.yen, without.account.is_none()), (31 * (3_300 + 1_100), true));
    let account = |number: &str| DebitAccount {
        bank: "0001".into(),
        branch: "002".into(),
        kind: AccountKind::Ordinary,
        number: number.into(),
        holder: "イ）ヤマブキカイ".into(),
    };
    assert!(desk.set_debit_account(&corporation, account("123456")).await.is_err(), "seven digits");
    desk.set_debit_account(&corporation, account("0123456")).await.unwrap();
    desk.set_debit_account(&corporation, account("7654321")).await.unwrap();
    let list = desk.debits(month("2026-08")).await.unwrap();
    let csv = String::from_utf8(relay::papers::debits_csv(&list).unwrap()).unwrap();
    let line = format!("2026-09-28,{corporation},医療法人やまぶき会,0001,002,普通,7654321,イ）ヤマブキカイ,136400\r\n");
    assert!(csv.contains(&line), "{csv}");
    assert!(desk.debits(month("2026-10")).await.is_err(), "not charged yet");
    for row in desk.audit_rows(1_000).await.unwrap() {
        assert!(!row.detail.unwrap_or_default().contains("7654321"), "an account number is in the audit trail");
    }
}

#[tokio::test]
async fn an_application_agrees_to_the_terms_of_today() {
    let relay = TestRelay::start().await;
    let applied = new(&[office_number(1)], "2026-08");
    let agreed_to = |version: Option<&str>| {
        let terms = version.map(str::to_owned);
        NewApplication { consented: Some(Consented { terms, privacy: Some("見本-1".into()) }), ..applied.clone() }
    };
    for wrong in [agreed_to(None), agreed_to(Some("見本-0")), NewApplication { consented: None, ..applied.clone() }] {
        refused(Applying::new(1).put(&relay, &wrong, None).await, 422, RefusalCode::TermsChanged).await;
    }
    let applying = Applying::new(2);
    let first: Application = ok(applying.put(&relay, &applied, None).await).await;
    assert_eq!(first.applied.consented, applied.consented, "the wording is kept with the application");
    // The operator has a new wording: what was agreed to before stands, and repeating it still works.
    let mut profile = relay.relay.profile().await.unwrap();
    profile.terms = Some(Terms { version: "2026-06".into(), text: "新しい規約".into() });
    relay.relay.set_profile(&serde_json::to_string(&profile).unwrap()).await.unwrap();
    let again: Application = ok(applying.put(&relay, &applied, None).await).await;
    assert!(again.repeated);
    let other = new(&[office_number(2)], "2026-08");
    refused(Applying::new(3).put(&relay, &other, None).await, 422, RefusalCode::TermsChanged).await;
}

#[tokio::test]
async fn a_changed_number_begins_anew_and_ends_the_former() {
    let relay = TestRelay::start().await;
    let desk = &relay.relay;
    let applying = Applying::new(1);
    let first: Application = ok(applying.put(&relay, &new(&[office_number(1)], "2026-08"), None).await).await;
    through_the_desk(&relay, &first.number).await;
    let letters: Letters = ok(applying.ask(&relay, Method::POST, "/letters").await).await;
    let letter = &letters.letters[0];
    let session: Session =
        ok(relay.sign_in(&letters.corporation_number, &letter.login_id, &letter.password).await).await;
    let session: Session = ok(relay.change_password(&session.access_token, &letter.password, PASSWORD).await).await;

    relay.wait(TimeDelta::days(89));
    let changed = asked(Request::ChangedNumber {
        start_month: "2026-11".into(),
        former: office_number(1),
        office: office(&office_number(2)),
    });
    let session: Session = ok(relay.refresh(&session.refresh_token).await).await;
    let second = Applying::new(2);
    let taken: Application = ok(second.put(&relay, &changed, Some(&session.access_token)).await).await;
    let poa: Vec<_> = taken.offices.iter().map(|office| office.poa.state).collect();
    assert_eq!(poa, [PoaState::Waiting, PoaState::NotNeeded], "only the new number needs a power of attorney");
    through_the_desk(&relay, &taken.number).await;
    let letters: Letters = ok(second.ask(&relay, Method::POST, "/letters").await).await;
    assert_eq!(letters.letters.len(), 1, "the corporation keeps its ID");
    relay.wait(TimeDelta::days(70));
    desk.run_fees(month("2026-10")).await.unwrap();
    let november = desk.run_fees(month("2026-11")).await.unwrap().lines;
    let of_it = november.iter().filter(|line| line.office.starts_with("9971"));
    let lines: Vec<_> = of_it.map(|line| (line.office.as_str(), line.item.as_str())).collect();
    assert_eq!(lines, [(office_number(2).as_str(), "registration"), (office_number(2).as_str(), "monthly")]);
}

#[tokio::test]
async fn other_names_take_effect_when_the_desk_completes_them() {
    let relay = TestRelay::start().await;
    let head = relay.token().await;
    let renamed = AppliedOffice { name: "たんぽぽ通所介護".into(), ..office(SECOND_OFFICE) };
    let change = asked(Request::Change {
        from_month: "2026-08".into(),
        corporation: Some(corporation()),
        offices: vec![renamed],
    });
    let taken: Application = ok(Applying::new(1).put(&relay, &change, Some(&head)).await).await;
    let account: relay_api::Account = ok(relay.get("/v1/account", &head).await).await;
    assert_eq!(account.corporation_name, "社会福祉法人たんぽぽ会");
    relay.relay.complete_application(&taken.number).await.unwrap();
    let account: relay_api::Account = ok(relay.get("/v1/account", &head).await).await;
    assert_eq!(account.corporation_name, "医療法人やまぶき会");
    assert!(account.offices.iter().any(|office| office.name == "たんぽぽ通所介護"), "{account:?}");
    assert!(relay.relay.complete_application(&taken.number).await.is_err(), "once");
}

#[tokio::test]
async fn a_certificate_acts_for_a_hundred_offices() {
    let relay = TestRelay::start().await;
    let desk = &relay.relay;
    desk.add_certificate("A-01", "2026-08-31".parse().unwrap()).await.unwrap();
    desk.add_certificate("A-00", "2026-06-04".parse().unwrap()).await.unwrap();
    assert!(desk.add_certificate("A-01", "2029-01-01".parse().unwrap()).await.is_err(), "a name is given once");
    let mut numbers = Vec::new();
    for n in 0..4 {
        let offices: Vec<String> = (0..30).map(|k| office_number(n * 30 + k + 1)).collect();
        let taken: Application = ok(Applying::new(n + 1).put(&relay, &new(&offices, "2026-08"), None).await).await;
        desk.note_poa(&taken.number, None, PoaNews::Received).await.unwrap();
        desk.note_poa(&taken.number, None, PoaNews::Accepted).await.unwrap();
        numbers.push(taken.number);
    }
    for number in &numbers[..3] {
        desk.assign_agent(number, None, None).await.unwrap();
    }
    // Ten places are left for thirty offices, and the other certificate has expired: nothing is assigned.
    assert!(desk.assign_agent(&numbers[3], None, None).await.is_err());
    assert!(desk.assign_agent(&numbers[3], None, Some("A-00")).await.is_err());
    let left = desk.certificates().await.unwrap();
    assert_eq!(left.iter().map(|c| (c.name.as_str(), c.offices)).collect::<Vec<_>>(), [("A-00", 0), ("A-01", 90)]);
    desk.add_certificate("A-02", "2029-03-31".parse().unwrap()).await.unwrap();
    desk.assign_agent(&numbers[3], None, None).await.unwrap();
    let full = desk.certificates().await.unwrap();
    assert_eq!(full.iter().map(|c| c.offices).collect::<Vec<_>>(), [0, 100, 20]);
    let warnings: Vec<_> = full.iter().map(|certificate| desk.certificate_warning(certificate)).collect();
    assert_eq!(warnings, [Some(-1), Some(87), None]);
}

#[tokio::test]
async fn the_operator_s_profile_rules_deadlines_and_is_open_to_everybody() {
    let relay = TestRelay::start().await;
    let example: OperatorProfile = ok(relay.http.get(relay.url("/v1/operator")).send().await.unwrap()).await;
    assert!(example.sample, "an example says so");
    let mut profile = example;
    profile.sample = false;
    profile.calendar.application_day = 4;
    profile.calendar.closed_days = vec!["2026-07-03".into()];
    profile.offices_per_application = 1;
    relay.relay.set_profile(&serde_json::to_string(&profile).unwrap()).await.unwrap();
    let shown: OperatorProfile = ok(relay.http.get(relay.url("/v1/operator")).send().await.unwrap()).await;
    assert_eq!(shown, profile);
    // 4 June has passed; 4 July is a Saturday and the 3rd closed: by 2 July for September.
    let applied = new(&[office_number(1)], "2026-08");
    let refusal = refused(Applying::new(1).put(&relay, &applied, None).await, 422, RefusalCode::TooEarly).await;
    assert!(refusal.detail.contains("2026-09"), "{}", refusal.detail);
    let two = new(&[office_number(1), office_number(2)], "2026-09");
    refused(Applying::new(1).put(&relay, &two, None).await, 422, RefusalCode::InvalidApplication).await;
    assert!(relay.relay.set_profile("{}").await.is_err());
    let wrong = json!({ "application_day": 32 });
    assert!(relay.relay.set_profile(&wrong.to_string()).await.is_err());
}

#[tokio::test]
async fn the_audit_trail_shows_what_was_changed_or_cut() {
    let relay = TestRelay::start().await;
    let _: Application = ok(Applying::new(1).put(&relay, &new(&[office_number(1)], "2026-08"), None).await).await;
    let AuditCheck::Whole { rows, newest } = relay.relay.check_audit(None).await.unwrap() else { panic!("broken") };
    assert_eq!(rows, 6, "five of the set-up, and the application");
    relay.token().await;
    assert!(matches!(relay.relay.check_audit(newest.clone()).await.unwrap(), AuditCheck::Whole { .. }));

    assert!(relay.sql("UPDATE audit SET event = 'x' WHERE id = 3").await.is_err(), "append-only");
    assert!(relay.sql("DELETE FROM audit WHERE id = 3").await.is_err(), "append-only");
    // Somebody with the database in hand can drop the triggers; then the chain tells.
    let of = if relay.shared.is_some() { " ON audit" } else { "" };
    for trigger in ["audit_is_never_changed", "audit_is_never_removed"] {
        relay.sql(&format!("DROP TRIGGER {trigger}{of}")).await.unwrap();
    }
    relay.sql("DELETE FROM audit WHERE id > 5").await.unwrap();
    assert_eq!(relay.relay.check_audit(newest).await.unwrap(), AuditCheck::OtherTrail);
    relay.sql("UPDATE audit SET detail = '9970000099' WHERE id = 3").await.unwrap();
    assert_eq!(relay.relay.check_audit(None).await.unwrap(), AuditCheck::Broken { row: 3 });
    relay.sql("DELETE FROM audit WHERE id = 2").await.unwrap();
    assert_eq!(relay.relay.check_audit(None).await.unwrap(), AuditCheck::Broken { row: 3 });
}

#[tokio::test]
async fn the_door_for_strangers_opens_a_little_at_a_time() {
    let relay = TestRelay::start().await;
    let applied = new(&[office_number(1)], "2026-08");
    let applying = Applying::new(1);
    for _ in 0..60 {
        let _: Application = ok(applying.put(&relay, &applied, None).await).await;
    }
    let refusal = refused(applying.put(&relay, &applied, None).await, 429, RefusalCode::TooManyRequests).await;
    relay.wait(TimeDelta::seconds(refusal.retry_after.unwrap().into()));
    let _: Application = ok(applying.put(&relay, &applied, None).await).await;
}

#[tokio::test]
async fn in_a_demonstration_the_desk_works_by_itself() {
    let relay = crate::demo::start().await;
    let applying = Applying::new(1);
    let number = office_number(1);
    let _: Application = ok(applying.put(&relay, &new(std::slice::from_ref(&number), "2026-08"), None).await).await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        let status: RelayStatus = ok(relay.http.get(relay.url("/v1/status")).send().await.unwrap()).await;
        let milestones = status.demo.unwrap().milestones;
        let Some(next) = milestones
            .iter()
            .find(|m| m.label.contains("委任状") || m.label.contains("代理人") || m.label.contains("ID"))
        else {
            break;
        };
        seen.push(next.label.clone());
        let moved = relay.http.post(relay.url("/v1/demo/clock")).json(&json!({ "to": next.at }));
        let _: RelayStatus = ok(moved.send().await.unwrap()).await;
    }
    assert_eq!(
        seen,
        [
            "委任状が運営者に届きます",
            "委任状の確認が終わります",
            "国保連への代理人の登録が終わります",
            "IDとパスワードのお知らせが届きます",
        ]
    );
    let shown = applying.show(&relay).await;
    assert_eq!(shown.state, ApplicationState::Completed);
    assert!(shown.events.is_sorted_by_key(|event| event.at.clone()), "{:?}", shown.events);
    assert_eq!(shown.credentials.unwrap().issued_at.as_deref(), Some("2026-07-31T10:00:00+09:00"));
    let letters: Letters = ok(applying.ask(&relay, Method::POST, "/letters").await).await;
    let letter = letters.letters.iter().find(|letter| letter.office.as_deref() == Some(number.as_str())).unwrap();
    let session: Session =
        ok(relay.sign_in(&letters.corporation_number, &letter.login_id, &letter.password).await).await;
    assert_eq!(session.account.offices[0].number, number);
}

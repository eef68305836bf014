//! From an empty computer to the first accepted test transmission, through the real window and the real relay.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use todoke_tests::clerk::pdf_text;
use todoke_tests::relay::Relay;
use todoke_tests::screen::Screen;
use todoke_tests::todoke::{PASSWORD, Todoke};
use todoke_tests::wait;
use todoke_tests::window::{Computer, Window, by_id};

/// An office that the demonstration's customer does not have.
const OFFICE: &str = "9970009990";
const USER_ID: &str = "KJ999970009990";

/// Leaves a field, so that the page says what it makes of it.
async fn typed(window: &Window, field: &str, text: &str) -> Result<()> {
    window.fill(field, text).await?;
    window.press("step-title").await
}

async fn at(window: &Window, title: &str) -> Result<()> {
    window.reads(&by_id("step-title"), &[title]).await.map(drop)
}

/// Where pictures of the way go, when asked for.
async fn picture(window: &Window, name: &str) -> Result<()> {
    let Some(folder) = std::env::var_os("TODOKE_KEEP_PICTURES") else { return Ok(()) };
    window.picture(&PathBuf::from(folder).join(format!("{name}.png"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_comes_from_nothing_to_its_first_test_transmission() -> Result<()> {
    let folder = tempfile::Builder::new().prefix("todoke-start-").tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let screen = Screen::start().await?;
    let computer = Computer::new(folder.path(), relay.url())?;
    let window = Window::open(&screen, &computer).await?;

    window.press("start").await?;
    at(&window, "請求のしかたを選ぶ").await?;
    window.press("route-proxy").await?;
    window.press("present-new").await?;
    window.press("step-next").await?;
    at(&window, "国保連に電話する").await?;
    window.press_css(&format!("{} option[value=\"99\"]", by_id("prefecture"))).await?;
    window.press("step-next").await?;
    at(&window, "国保連に届け出る").await?;
    typed(&window, "filed.99", "令和8年2月30日").await?;
    window.reads("[data-step]", &["その日は暦にありません"]).await?;
    typed(&window, "filed.99", "令和8年6月1日").await?;

    // The power goes; the clerk comes back to where she was, and nothing is lost.
    window.press("step-user_ids").await?;
    window.press("add-office").await?;
    typed(&window, "offices.0.number", OFFICE).await?;
    typed(&window, "offices.0.user_id", "ＫＪ９９９９７OOO９９９０").await?;
    window.reads("[data-step]", &[&format!("{USER_ID} と読みました")]).await?;
    window.kill()?;
    let window = Window::open(&screen, &computer).await?;
    at(&window, "ユーザーIDを写す").await?;
    window.attribute(&by_id("step-filing"), "data-state", |state| state == "done").await?;
    typed(&window, "offices.0.user_id_again", USER_ID).await?;
    window.press("step-next").await?;

    at(&window, "法人と事業所を入れる").await?;
    for (field, text) in [
        ("corporation.name", "社会福祉法人はじめの会"),
        ("corporation.postal_code", "999-0001"),
        ("corporation.address", "架空県架空市中央1-2"),
        ("corporation.title", "理事長"),
        ("corporation.representative", "髙﨑 花子"),
        ("corporation.contact", "見本 太郎"),
        ("corporation.phone", "099-000-0000"),
        ("corporation.email", "jimu@hajime.example"),
        ("corporation.email_again", "jimu@hajime.example"),
        ("offices.0.name", "はじめデイサービス"),
        ("offices.0.postal_code", "999-0002"),
        ("offices.0.address", "架空県架空市西3"),
    ] {
        window.fill(field, text).await?;
    }
    picture(&window, "corporation").await?;
    window.press("step-next").await?;
    at(&window, "はじめて請求する月を選ぶ").await?;
    window.press("month-2026-08").await?;
    window.reads("[data-step]", &["利用を申し込む", "令和8年6月26日"]).await?;
    picture(&window, "onboarding").await?;
    window.press("step-next").await?;
    at(&window, "確かめて申し込む").await?;
    window.press("agreed_terms").await?;
    window.press("agreed_privacy").await?;
    window.press("apply").await?;

    at(&window, "委任状に印を押す").await?;
    window.press("poa-print").await?;
    window.reads(&by_id("saved"), &["委任状_送付一覧.pdf"]).await?;
    let paper = pdf_text(&computer.documents.join("委任状").join(format!("委任状_01_{OFFICE}.pdf")))?;
    let paper: String = paper.chars().filter(|c| !c.is_whitespace()).collect();
    for words in ["社会福祉法人はじめの会", "髙﨑花子", "はじめデイサービス", OFFICE, "令和8年8月から", "復代理人"]
    {
        assert!(paper.contains(words), "{words} is not on the paper:\n{paper}");
    }
    window.press("tick-sealed").await?;
    at(&window, "委任状を郵送する").await?;
    window.press("tick-posted").await?;
    window.reads(&by_id("waits"), &["届くのを待っています"]).await?;

    // The desk of the demonstration works on its clock.
    for _ in 0..16 {
        if window.shows(&by_id("letters-fetch")).await? {
            break;
        }
        window.press("demo-milestone").await?;
        let issued = wait::until("the IDs", Duration::from_secs(8), async || {
            Ok(window.shows(&by_id("letters-fetch")).await?.then_some(()))
        });
        if issued.await.is_ok() {
            break;
        }
    }
    window.press("letters-fetch").await?;
    window.reads(&by_id("letter"), &["法人用ID", "仮のパスワード"]).await?;
    picture(&window, "letters").await?;
    window.press("letter-login").await?;
    window.fill("new-password", PASSWORD).await?;
    window.fill("new-password-repeat", PASSWORD).await?;
    window.press("new-password-submit").await?;

    at(&window, "地域区分を決める").await?;
    window.reads(&by_id("without-region"), &["1件"]).await?;
    window.press("area-edit").await?;
    window.press_css(&format!("{} option:nth-of-type(2)", by_id("area-choice"))).await?;
    window.press("area-save").await?;
    at(&window, "テスト送信をする").await?;
    window.press("send-test").await?;
    for _ in 0..8 {
        let accepted = wait::until("the test to be accepted", Duration::from_secs(8), async || {
            Ok(window.shows(&by_id("all-done")).await?.then_some(()))
        });
        if accepted.await.is_ok() {
            break;
        }
        window.press("demo-milestone").await?;
    }
    window.reads(&by_id("all-done"), &["すべて終わりました"]).await?;
    picture(&window, "done").await?;
    window.press("done-print").await?;
    window.reads(&by_id("saved"), &["利用開始の控え"]).await?;
    let sheet = pdf_text(&computer.documents.join("利用開始の控え.pdf"))?;
    assert!(sheet.contains("はじめデイサービス") && sheet.contains("テスト送信"), "{sheet}");
    window.close().await
}

#[test]
fn terminal_plans_a_start_and_prints_the_papers_of_a_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let todoke = Todoke::new(folder.path());
    let plan = |words: &[&str]| todoke.run(&[&["plan"], words].concat());

    let december = plan(&["--first-claim", "2026-12", "--today", "2026-10-01"])?.exits(0)?.json()?;
    let facts = ["apply_by", "start", "first_debit", "registration", "monthly", "problem"].map(|name| &december[name]);
    assert_eq!(
        facts.map(ToString::to_string),
        ["\"2026-10-26\"", "\"2026-12-01\"", "\"2027-01-26\"", "3300", "1100", "null"]
    );
    let late = plan(&["--apply", "2026-12-26"])?.exits(0)?.json()?;
    assert_eq!((late["apply_by"].as_str(), late["first_claim"].as_str()), (Some("2027-01-26"), Some("2027-03")));
    let calendar = folder.path().join("plan.ics");
    plan(&["--first-claim", "2027-02", "--today", "2026-10-01", "--ics", &calendar.to_string_lossy()])?.exits(0)?;
    assert!(std::fs::read_to_string(&calendar)?.contains("DTSTART;VALUE=DATE:20261225"));

    let office = |number: &str, name: &str| {
        serde_json::json!({
            "number": number, "name": name, "postal_code": "999-0002", "address": "架空県架空市2",
            "user_id": format!("KJ99{number}"),
        })
    };
    let address = serde_json::json!({ "postal_code": "9990000", "address": "架空県架空市1", "addressee": "受付係" });
    let application = serde_json::json!({
        "first_claim": "2026-12",
        "corporation": {
            "name": "社会福祉法人はじめの会", "postal_code": "999-0001", "address": "架空県架空市1-2", "title": "理事長",
            "representative": "髙﨑 花子", "contact": "見本 太郎", "phone": "099-000-0000", "email": "a@b.example",
        },
        "offices": [office("9970000015", "さくらデイサービス"), office(OFFICE, "はじめデイサービス")],
        "operator": {
            "service_name": "見本", "poa_return": address, "offices_per_application": 30, "contacts": [], "sample": true,
            "agent": {
                "corporation_name": "とどけ架空運営株式会社", "title": "代表取締役", "representative": "運営 次郎",
                "address": address,
            },
            "fees": {
                "monthly": 1100, "registration": 3300, "option_monthly": 550, "option_registration": 1100,
                "password_by_hand": 5500, "recovery": 11000,
            },
            "calendar": { "application_day": 26, "debit_day": 26, "closed_days": [] },
            "prefectures": [],
        },
    });
    let file = folder.path().join("application.json");
    std::fs::write(&file, application.to_string())?;
    let out = folder.path().join("papers");
    let (file, out_text) = (file.to_string_lossy().into_owned(), out.to_string_lossy().into_owned());
    let saved = todoke.run(&["poa", "--application", &file, "--out", &out_text])?.exits(0)?.json()?;
    let names: Vec<&str> = saved.as_array().into_iter().flatten().filter_map(|paper| paper["file"].as_str()).collect();
    let last = format!("委任状_02_{OFFICE}.pdf");
    assert_eq!(names, ["委任状_すべて.pdf", "委任状_送付一覧.pdf", "委任状_01_9970000015.pdf", &last]);
    let cover = pdf_text(&out.join("委任状_送付一覧.pdf"))?;
    assert!(cover.find("9970000015") < cover.find(OFFICE), "the list is in the order of the application:\n{cover}");
    std::fs::write(folder.path().join("application.json"), "{")?;
    let refused = todoke.run(&["poa", "--application", &file, "--out", &out_text])?.exits(1)?;
    assert!(refused.names("E-1819"), "{refused:?}");
    Ok(())
}

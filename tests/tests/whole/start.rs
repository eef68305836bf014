//! From an empty computer to the first accepted test transmission, through the real window and the real relay.

use std::ops::Add as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use todoke_tests::clerk::pdf_text;
use todoke_tests::line::{Fate, Line, Passing, Point};
use todoke_tests::newcomer::{Newcomer, OFFICE};
use todoke_tests::paper::look;
use todoke_tests::relay::Relay;
use todoke_tests::todoke::Todoke;
use todoke_tests::wait;
use todoke_tests::window::PATIENCE;

#[tokio::test(flavor = "multi_thread")]
async fn an_office_comes_from_nothing_to_its_first_test_transmission() -> Result<()> {
    let mut newcomer = Newcomer::arrive(None).await?;
    newcomer.begin().await?;
    // The power goes; the clerk comes back to where she was, and nothing is lost.
    let mut newcomer = newcomer.lose_power().await?;
    newcomer.apply().await?;
    newcomer.seal().await?;
    newcomer.sign_in().await?;
    newcomer.finish().await?;
    newcomer.ask_for_help().await?;
    newcomer.leave().await.map(drop)
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

/// A form with nothing wrong, of so many offices, as `todoke start --draft` reads it.
fn draft(offices: usize) -> serde_json::Value {
    let number = |index: usize| {
        let body = format!("99700{:04}", 500 + index);
        let digit = kokuho::check_digit::digit(&body).unwrap_or_default();
        format!("{body}{digit}")
    };
    let offices: Vec<_> = (0..offices)
        .map(|index| {
            let number = number(index);
            let user_id = format!("KJ99{number}");
            serde_json::json!({
                "number": number, "name": format!("はじめ{index}番館"), "postal_code": "999-0002",
                "address": "架空県架空市2", "user_id": user_id, "user_id_again": user_id,
            })
        })
        .collect();
    serde_json::json!({
        "route": "proxy", "present": "new", "prefectures": ["99"], "filed": { "99": "2026/6/1" },
        "first_claim": "2026-08", "agreed_terms": true, "terms_version": "見本-1",
        "agreed_privacy": true, "privacy_version": "見本-1",
        "corporation": {
            "name": "社会福祉法人はじめの会", "postal_code": "999-0001", "address": "架空県架空市1-2", "title": "理事長",
            "representative": "髙﨑 花子", "contact": "見本 太郎", "phone": "099-000-0000",
            "email": "jimu@hajime.example", "email_again": "jimu@hajime.example",
        },
        "offices": offices,
    })
}

/// kill -9 at every point of an application of 31 offices: the relay has each office once, in two applications that belong
/// together, and the computer knows both.
#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_is_killed_at_any_point_is_made_once() -> Result<()> {
    const PATIENCE: Duration = Duration::from_mins(1);
    let is_application = |passing: &Passing| passing.method == "PUT" && passing.path.starts_with("/v1/applications/");
    // The first and the second application.
    let deaths = [1, 2].into_iter().flat_map(|which| Point::ALL.map(|point| (which, point)));
    for (which, point) in deaths {
        let folder = tempfile::tempdir()?;
        let relay = Relay::start(&folder.path().join("relay"))?;
        let mut line = Line::open(relay.address()).await?;
        let todoke = Todoke::new(folder.path()).with_relay(line.url());
        let file = folder.path().join("draft.json");
        std::fs::write(&file, draft(31).to_string())?;
        let file = file.to_string_lossy().into_owned();
        todoke.run(&["start", "--draft", &file])?.exits(0)?;
        let mut count = 0;
        line.rule(move |passing| {
            count += u32::from(is_application(passing));
            if is_application(passing) && count == which { Fate::Hold(point) } else { Fate::Pass }
        });
        let mut victim = todoke.start(&["start", "--apply"])?;
        line.held(PATIENCE).await?;
        victim.kill()?;
        line.release();
        line.rule(|_| Fate::Pass);

        let applied = todoke.run(&["start", "--apply"])?.exits(0)?.json()?;
        let list = applied["applications"].as_array().context("applications")?;
        let sizes: Vec<usize> = list.iter().map(|one| one["offices"].as_array().map_or(0, Vec::len)).collect();
        ensure!(sizes == [30, 1], "{which} {point:?}: {sizes:?}");
        ensure!(list.iter().all(|one| one["state"] == "open"), "{which} {point:?}: {list:?}");
        let at_relay = relay.admin(&["application", "list"])?;
        ensure!(at_relay.lines().count() == 2, "{which} {point:?}:\n{at_relay}");
        let second = list[1]["number"].as_str().context("number")?;
        let shown = relay.admin(&["application", "show", second])?;
        let first = list[0]["number"].as_str().context("number")?;
        ensure!(shown.contains(&format!("同じ法人の申込み\t{first}")), "{shown}");
        ensure!(shown.contains("同意\t利用規約 見本-1\t個人情報 見本-1"), "{shown}");
    }
    Ok(())
}

#[test]
fn the_terminal_follows_a_start_keeps_photos_and_makes_the_enquiry_sheet() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let todoke = Todoke::new(folder.path()).with_relay(relay.url());
    let empty = todoke.run(&["start"])?.exits(0)?.json()?;
    assert_eq!((empty["started"].as_bool(), empty["open"].as_str()), (Some(false), Some("route")));
    let file = folder.path().join("draft.json");
    let named = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(&file, draft(2).to_string())?;
    let typed = todoke.run(&["start", "--draft", &named("draft.json")])?.exits(0)?.json()?;
    assert_eq!(typed["open"], "apply");
    let plan = named("plan.ics");
    todoke.run(&["start", "--ics", &plan])?.exits(0)?;
    assert!(std::fs::read_to_string(&plan)?.contains("DTSTART;VALUE=DATE:20260626"));
    todoke.run(&["start", "--apply"])?.exits(0)?;
    let papers = named("papers");
    let applied = todoke.run(&["start", "--poa", &papers])?.exits(0)?.json()?;
    assert_eq!(applied["open"], "power_of_attorney");
    let office = applied["applications"][0]["offices"][0]["number"].as_str().context("an office")?.to_owned();
    let cover = pdf_text(&folder.path().join("papers/委任状_送付一覧.pdf"))?;
    assert!(cover.contains(&office) && cover.contains("委任状 2枚"), "{cover}");

    image::RgbImage::from_pixel(900, 1_200, image::Rgb([250, 250, 245])).save(named("sheet.jpg"))?;
    std::fs::write(named("letter.jpg"), "手紙")?;
    let refused = todoke.run(&["start", "--photo", &office, &named("letter.jpg")])?.exits(1)?;
    assert!(refused.names("E-1822"), "{refused:?}");
    let copy = named("photos.pdf");
    let kept = todoke.run(&["start", "--photo", &office, &named("sheet.jpg"), "--photos", &copy])?.exits(0)?.json()?;
    assert_eq!(kept["applications"][0]["offices"][0]["photo"], "2026-06-05");
    assert!(pdf_text(copy.as_ref())?.contains(&office));

    let sheet = named("enquiry.pdf");
    todoke.run(&["enquiry", "--problem", "E-1822", "--what", "写真を選んだ", "--out", &sheet])?.exits(0)?;
    let sheet = pdf_text(sheet.as_ref())?;
    for words in ["E-1822", "写真を選んだ", "M00000001"] {
        assert!(sheet.contains(words), "{words} is not in {sheet}");
    }
    assert!(!sheet.contains("髙﨑") && !sheet.contains("見本 太郎"), "{sheet}");
    Ok(())
}

/// Every paper of 利用開始, made by the real programs with names as long as they may be, looked at page by page.
#[tokio::test(flavor = "multi_thread")]
async fn every_paper_of_the_start_is_whole() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let named = |name: &str| folder.path().join(name);
    let holds = |name: &str, pages: usize, words: &[&str]| -> Result<()> {
        let paper = look(&named(name))?;
        ensure!(paper.pages == pages, "{name} has {} pages", paper.pages);
        for word in words {
            ensure!(paper.text.contains(word), "{word} is not on {name}:\n{}", paper.text);
        }
        Ok(())
    };

    // Somebody new, with 31 offices.
    let newcomer = Todoke::new(&named("newcomer")).with_relay(relay.url());
    let mut form = draft(31);
    form["corporation"]["name"] = "社会福祉法人".to_owned().add("とても長い名前の").repeat(4).into();
    form["corporation"]["address"] = "架空県架空市中央一丁目二番地三号とても長い名前の建物".repeat(3).into();
    form["offices"][30]["name"] = "地域密着型通所介護・介護予防認知症対応型通所介護さくら".repeat(2).into();
    std::fs::write(named("draft.json"), form.to_string())?;
    image::RgbImage::from_pixel(900, 1_200, image::Rgb([120, 130, 140])).save(named("sheet.jpg"))?;
    let path = |name: &str| named(name).to_string_lossy().into_owned();
    newcomer.run(&["start", "--draft", &path("draft.json"), "--plan", &path("plan.pdf")])?.exits(0)?;
    let applied = newcomer.run(&["start", "--apply", "--poa", &path("papers")])?.exits(0)?.json()?;
    let offices: Vec<String> = applied["applications"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|one| one["offices"].as_array().into_iter().flatten())
        .filter_map(|office| Some(office["number"].as_str()?.to_owned()))
        .collect();
    ensure!(offices.len() == 31, "{applied}");
    for office in &offices[..2] {
        newcomer.run(&["start", "--photo", office, &path("sheet.jpg")])?.exits(0)?;
    }
    newcomer.run(&["start", "--photos", &path("photos.pdf")])?.exits(0)?;
    newcomer.run(&["enquiry", "--what", &"送信を押した。".repeat(60), "--out", &path("enquiry.pdf")])?.exits(0)?;
    holds("plan.pdf", 1, &["利用開始の予定", "令和8年6月26日", "□"])?;
    let all: Vec<&str> = offices.iter().map(String::as_str).collect();
    holds("papers/委任状_すべて.pdf", 31, &[&all[..], &["復代理人", "符号31/31", "髙﨑花子"]].concat())?;
    holds("papers/委任状_送付一覧.pdf", 2, &[&all[..], &["委任状31枚", "31/31"]].concat())?;
    holds(&format!("papers/委任状_01_{}.pdf", offices[0]), 1, &["符号1/31", "同じ印"])?;
    holds("photos.pdf", 2, &["31枚のうち、写真のあるもの2枚", all[0], all[1]])?;
    holds("enquiry.pdf", 1, &["問い合わせ票", "M00000001", "M00000002", "送信を押した"])?;

    // The operator's letters for it.
    for number in ["1", "2"] {
        for step in [["poa", "received"], ["poa", "accepted"]] {
            relay.admin(&[step[0], step[1], number])?;
        }
    }
    relay.admin(&["certificate", "add", "--name", "A-01", "--expires", "2099-12-31"])?;
    for number in ["1", "2"] {
        relay.admin(&["agent", "assign", number])?;
        relay.admin(&["agent", "registered", number, "--on", "2026-07-10"])?;
        relay.admin(&["application", "issue", number])?;
    }
    let written = relay.admin(&["application", "letters", "1", "--out", &path("letters")])?;
    let letters: Vec<&str> = written.lines().filter(|line| line.contains(".pdf")).collect();
    ensure!(letters.len() == 31, "the 法人用ID and thirty offices:\n{written}");
    for letter in [letters[0], letters[30]] {
        let paper = look(letter.as_ref())?;
        ensure!(paper.pages == 1 && paper.text.contains("仮パスワード"), "{paper:?}");
    }

    // Somebody who is done.
    let done = Todoke::signed_in(&named("done"), &relay)?;
    let account = done.run(&["whoami"])?.exits(0)?.json()?;
    let own = account["account"]["offices"].as_array().context("offices")?;
    for office in own.iter().filter_map(|office| office["number"].as_str()) {
        done.run(&["region", office, "--set", "5級地"])?.exits(0)?;
    }
    let office = own[0]["number"].as_str().context("an office")?;
    done.run(&["start", "--done", &path("done.pdf")])?.exits(1)?;
    done.run(&["start", "--test", office])?.exits(0)?;
    wait::until("the accepted test", PATIENCE, async || {
        let tested = done.run(&["start"])?.exits(0)?.json()?;
        // Refused while the file is on its way to the simulated 国保連, which takes a moment.
        let _ = done.run(&["advance"])?;
        Ok((tested["done"] == true).then_some(()))
    })
    .await?;
    done.run(&["start", "--done", &path("done.pdf")])?.exits(0)?;
    holds("done.pdf", 1, &["利用開始の控え", "テスト送信", office])
}

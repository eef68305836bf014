//! The main job with `todoke`, and the JSON of DESIGN §8.

use anyhow::Context;
use serde_json::{Value, json};
use todoke_tests::claims::{OFFICE, fixture, sha256};
use todoke_tests::clerk::pdf_text;
use todoke_tests::relay::Relay;
use todoke_tests::todoke::{PASSWORD, Todoke};

/// Picks `names` out of an object, so that a failure shows them side by side.
fn pick(value: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| ((*name).to_owned(), value.get(name).cloned().unwrap_or(json!("missing")))).collect()
}

fn row<'a>(rows: &'a Value, name: &str, value: &str) -> anyhow::Result<&'a Value> {
    let found = rows.as_array().and_then(|rows| rows.iter().find(|row| row[name] == value));
    found.with_context(|| format!("no row with {name} = {value} in {rows:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn terminal_does_the_main_job() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let todoke = Todoke::signed_in(folder.path(), &relay)?;
    let witness = relay.witness(&relay.letter()?, PASSWORD).await?;
    let claim = fixture("KK260601.CSV");
    let claim = claim.as_os_str();
    let id = sha256(claim.as_ref())?;

    let checked = todoke.run(&["check".as_ref(), claim])?.exits(0)?.json()?;
    assert_eq!(
        pick(
            &checked[0],
            &["file", "kind", "office", "processing_month", "service_months", "claims", "yen", "findings"]
        ),
        json!({
            "file": "KK260601.CSV", "kind": "claim", "office": OFFICE, "processing_month": "2026-06",
            "service_months": ["2026-05"], "claims": 3, "yen": 214_488, "findings": [],
        })
    );

    let sent = todoke.run(&["send".as_ref(), claim])?.exits(0)?.json()?;
    assert_eq!(
        pick(&sent[0], &["id", "office", "processing_month", "sha256", "yen", "repeated"]),
        json!({
            "id": id, "office": OFFICE, "processing_month": "2026-06", "sha256": id, "yen": 214_488, "repeated": false,
        })
    );
    let again = todoke.run(&["send".as_ref(), claim])?.exits(0)?.json()?;
    assert_eq!(pick(&again[0], &["id", "repeated"]), json!({ "id": id, "repeated": true }));
    assert_eq!(witness.submissions().await?.len(), 1);

    todoke.run(&["send".as_ref(), claim, "--until-accepted".as_ref()])?.exits(0)?;
    let status = todoke.run(&["status"])?.exits(0)?.json()?;
    let accepted = row(&status, "id", &id)?;
    assert_eq!(
        pick(accepted, &["state_word", "basic_code"]),
        json!({ "state_word": "受付完了", "basic_code": "5C05" })
    );
    let accept_code = accepted["accept_code"].as_str().expect("the relay gave a 受付番号").to_owned();

    let paper = folder.path().join("receipt.pdf");
    todoke.run(&["receipt".as_ref(), id.as_ref(), "--out".as_ref(), paper.as_os_str()])?.exits(0)?;
    let printed: String = pdf_text(&paper)?.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(printed.contains(&id) && printed.contains(&accept_code), "{printed}");

    month_passes(&todoke)?;
    let again = todoke.run(&["sync"])?.exits(0)?.json()?;
    assert_eq!(again["new"], 0, "a second sync finds nothing new: {again}");

    let returns = todoke.run(&["returns"])?.exits(0)?.json()?;
    let names = ["office", "insurer", "service_month", "exchange_id", "kind", "codes", "yen", "estimated", "state"];
    assert_eq!(
        pick(row(&returns, "insured", "0000000101")?, &names),
        json!({
            "office": OFFICE, "insurer": "990010", "service_month": "2026-05", "exchange_id": "7131",
            "kind": "returned", "codes": ["12PA"], "yen": 57_351, "estimated": false, "state": "open",
        })
    );
    assert_eq!(
        pick(row(&returns, "insured", "0000000202")?, &names),
        json!({
            "office": OFFICE, "insurer": "990010", "service_month": "2026-05", "exchange_id": "7131",
            "kind": "held", "codes": ["保留"], "yen": 63_903, "estimated": false, "state": "held",
        })
    );

    let balance = todoke.run(&["balance", "--office", OFFICE, "--month", "2026-06"])?.exits(0)?.json()?;
    assert_eq!(pick(&balance[0], BALANCE), expected_balance());
    Ok(())
}

const BALANCE: &[&str] = &[
    "office",
    "processing_month",
    "claimed",
    "returned",
    "held",
    "assessed",
    "released",
    "unexplained",
    "decided",
    "kago",
    "payable",
    "paid",
];

fn expected_balance() -> Value {
    json!({
        "office": OFFICE, "processing_month": "2026-06", "claimed": 214_488, "returned": 57_351, "held": 63_903,
        "assessed": 0, "released": 0, "unexplained": 0, "decided": 93_234, "kago": 0, "payable": 93_234, "paid": 93_234,
    })
}

/// Moves the demonstration's clock from milestone to milestone until the month is paid; each one brings new notices.
fn month_passes(todoke: &Todoke) -> anyhow::Result<()> {
    for _ in 0..4 {
        todoke.run(&["advance"])?.exits(0)?;
        let synced = todoke.run(&["sync"])?.exits(0)?.json()?;
        assert_eq!(synced["refused"], json!([]), "{synced}");
        let notices = todoke.run(&["notices"])?.exits(0)?.json()?;
        let notices = notices.as_array().context("notices are a list")?;
        let has = |exchange: &str| {
            let is = |notice: &&Value| notice["exchange_id"] == exchange && notice["processing_month"] == "2026-06";
            notices.iter().any(|notice| is(&notice) && notice["office"] == OFFICE)
        };
        if has("7513") {
            for exchange in ["7411", "7211", "7521"] {
                assert!(has(exchange), "paid without {exchange}: {notices:#?}");
            }
            return Ok(());
        }
    }
    anyhow::bail!("June was never paid")
}

#[test]
fn terminal_finds_every_planted_error_and_sends_nothing() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let todoke = Todoke::new(folder.path());
    let bad = fixture("KKBAD001.CSV");
    let checked = todoke.run(&["check".as_ref(), bad.as_os_str()])?.exits(1)?.json()?;
    let findings = checked[0]["findings"].as_array().expect("findings are a list");
    for insured in ["0000000101", "0000000202", "0000000303"] {
        assert!(
            findings.iter().any(|finding| finding["insured"] == insured && finding["severity"] == "error"),
            "nothing about {insured} in {findings:#?}"
        );
    }
    for finding in findings {
        for name in ["message", "hint"] {
            let text = finding[name].as_str().unwrap_or_default();
            assert!(text.chars().any(|c| ('ぁ'..='ん').contains(&c)), "{name} is no Japanese sentence: {finding:#}");
        }
    }
    assert!(!todoke.data().exists(), "checking needs no data folder");
    Ok(())
}

#[test]
fn terminal_imports_from_disk_in_any_order_and_twice() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let todoke = Todoke::new(folder.path());
    let files = ["75100000.CSV", "74100000.CSV", "KK260601.CSV", "72100000.CSV", "75200000.CSV"].map(fixture);
    for file in &files {
        let imported = todoke.run(&["import".as_ref(), file.as_os_str()])?.exits(0)?.json()?;
        assert_eq!(pick(&imported, &["files", "new", "repeated"]), json!({ "files": 1, "new": 1, "repeated": 0 }));
    }
    let all: Vec<_> = std::iter::once("import".as_ref()).chain(files.iter().map(|file| file.as_os_str())).collect();
    let again = todoke.run(&all)?.exits(0)?.json()?;
    assert_eq!(pick(&again, &["files", "new", "repeated"]), json!({ "files": 5, "new": 0, "repeated": 5 }));

    let balance = todoke.run(&["balance", "--today", "2026-08-01"])?.exits(0)?.json()?;
    assert_eq!(pick(&balance[0], BALANCE), expected_balance());
    let returns = todoke.run(&["returns", "--today", "2026-08-01"])?.exits(0)?.json()?;
    assert_eq!(row(&returns, "insured", "0000000101")?["yen"], 57_351);
    assert_eq!(row(&returns, "insured", "0000000202")?["kind"], "held");
    assert_eq!(returns.as_array().map(Vec::len), Some(2), "{returns:#}");

    let key = row(&returns, "insured", "0000000101")?["key"].as_str().context("a row has a key")?;
    let state = || -> anyhow::Result<String> {
        let all = todoke.run(&["returns", "--today", "2026-08-01"])?.exits(0)?.json()?;
        Ok(row(&all, "insured", "0000000101")?["state"].as_str().unwrap_or_default().to_owned())
    };
    todoke.run(&["close", key, "--reason", "請求しない", "--today", "2026-08-01"])?.exits(0)?;
    assert_eq!(state()?, "open", "giving money up takes a second look");
    let once = todoke.run(&["close", key, "--reason", "請求しない"])?.exits(1)?;
    assert!(once.names("E-1712"), "{once:#?}");
    todoke.run(&["close", key, "--reason", "請求しない", "--give-up", "--today", "2026-08-01"])?.exits(0)?;
    assert_eq!(state()?, "closed");
    let nothing = todoke.run(&["close", key, "--reason", " "])?.exits(1)?;
    assert!(nothing.names("E-1704"), "{nothing:#?}");
    todoke.run(&["reopen", key, "--today", "2026-08-02"])?.exits(0)?;
    assert_eq!(state()?, "open");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn papers_of_a_demonstration_say_so_without_a_line() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut relay = Relay::start(&folder.path().join("relay"))?;
    let todoke = Todoke::signed_in(folder.path(), &relay)?;
    let claim = fixture("KK260601.CSV");
    todoke.send(&claim, 30)?.exits(0)?;
    relay.kill()?;

    let paper = folder.path().join("receipt.pdf");
    let id = sha256(&claim)?;
    todoke.run(&["receipt".as_ref(), id.as_ref(), "--out".as_ref(), paper.as_os_str()])?.exits(0)?;
    let printed: String = pdf_text(&paper)?.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(printed.contains("これは練習です"), "{printed}");
    let frame = todoke.run(&["whoami", "--today", "2026-08-01"])?.exits(0)?.json()?;
    assert_eq!((&frame["demo"]["milestones"], &frame["today"]), (&json!([]), &json!("2026-08-01")), "{frame:#}");
    let stuck = todoke.run(&["advance"])?.exits(2)?;
    assert!(stuck.names("E-1301"), "{stuck:#?}");
    Ok(())
}

//! お知らせ to every office of a prefecture: from the simulated 国保連 to the papers of an office.

use anyhow::Context;
use serde_json::{Value, json};
use todoke_tests::clerk::pdf_text;
use todoke_tests::relay::Relay;
use todoke_tests::todoke::{PASSWORD, Todoke};

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_is_read_and_what_is_attached_is_kept_as_it_came() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let todoke = Todoke::signed_in(folder.path(), &relay)?;
    let witness = relay.witness(&relay.letter()?, PASSWORD).await?;
    witness.advance("2026-07-22T10:00:00+09:00").await?;
    todoke.run(&["sync"])?.exits(0)?;

    let notices = todoke.run(&["notices"])?.exits(0)?.json()?;
    let notices = notices.as_array().context("notices are a list")?;
    assert_eq!(notices.len(), 2, "once, although three offices got it: {notices:#?}");
    let named = |name: &str| -> anyhow::Result<&Value> {
        notices.iter().find(|notice| notice["file"] == name).with_context(|| format!("{name} in {notices:#?}"))
    };
    let (word, attached) = (named("お知らせ_20260721.txt")?, named("別紙_20260721.pdf")?);
    for notice in [word, attached] {
        let facts = (&notice["title"], &notice["office_name"], &notice["unread"]);
        assert_eq!(facts, (&json!("国保連からのお知らせ"), &json!("県内のすべての事業所"), &json!(true)));
    }
    let id = |notice: &Value| notice["id"].as_str().unwrap_or_default().to_owned();
    let read = todoke.run(&["notice", &id(word)])?.exits(0)?.json()?;
    let text = read["head"][0]["value"].as_str().context("the word is text")?;
    assert!(text.contains("８月１日から８月１０日まで"), "{text}");
    let read = todoke.run(&["notice", &id(attached)])?.exits(0)?.json()?;
    assert!(read["head"][0]["value"].as_str().is_some_and(|text| text.contains("もとのファイルを保存")), "{read:#}");

    // A file comes out under any name: only what this program prints has to be told by its ending.
    let kept = folder.path().join("別紙");
    let id = id(attached);
    todoke.run(&["original".as_ref(), id.as_ref(), "--out".as_ref(), kept.as_os_str()])?.exits(0)?;
    let printed: String = pdf_text(&kept)?.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(printed.contains("受付時間の一覧"), "{printed}");
    // It is nobody's money.
    let board = todoke.run(&["board"])?.exits(0)?.output;
    assert!(!board.contains("99********"), "{board}");
    Ok(())
}

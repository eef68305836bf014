//! A file with errors in the real window: the form with its marked field, and the paper that is printed from it.

use thirtyfour::Key;
use todoke_tests::claims::{crowd, fixture};
use todoke_tests::clerk::{Clerk, pdf_text};
use todoke_tests::todoke::Todoke;
use todoke_tests::window::by_id;

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_field_is_marked_on_the_form_and_the_findings_are_printed() -> anyhow::Result<()> {
    let mut clerk = Clerk::arrive().await?;
    clerk.log_in().await?;
    clerk.check_files().await?;
    clerk.read_findings().await?;
    let printed: String = pdf_text(&clerk.print_findings().await?)?.chars().filter(|c| !c.is_whitespace()).collect();
    for words in ["3人中3人に直すところがあります", "KKBAD001.CSV", "0000000101", "生年月日", "すること"]
    {
        assert!(printed.contains(words), "no {words} on the paper:\n{printed}");
    }
    assert_eq!(clerk.witness().await?.submissions().await?, [], "looking and printing send nothing");
    clerk.window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_walked_with_mouse_and_keyboard() -> anyhow::Result<()> {
    const PERSONS: usize = 2000;
    let mut clerk = Clerk::arrive().await?;
    clerk.log_in().await?;
    let file = clerk.computer.documents.join("KKMANY.CSV");
    std::fs::write(&file, crowd(PERSONS, true)?)?;
    clerk.window.press("nav-send").await?;
    clerk.window.drop_files(&[&file]).await?;
    clerk.window.press("findings-button").await?;
    let list = by_id("finding-list");
    // A person and what was found, 2,000 times; and the file as a whole.
    clerk.window.attribute(&list, "data-rows", |rows| rows == (2 * PERSONS + 1).to_string()).await?;

    // Far down by the wheel, then a click on a person.
    let far = format!("document.querySelector('{list}').scrollTop = 1e9; return true");
    anyhow::ensure!(clerk.window.script::<bool>(&far).await?);
    let person = |insured: usize| format!("{list} [data-insured=\"{insured:010}\"]");
    clerk.window.press_css(&person(PERSONS - 3)).await?;
    let sheet = by_id("claim-sheet");
    clerk.window.reads(&sheet, &[&format!("{:010}", PERSONS - 3), "どうするか"]).await?;
    // What was found at the first one, by the keyboard; and back to the last.
    clerk.window.keys(&list, Key::Home + "").await?;
    clerk.window.keys(&list, Key::Down + "").await?;
    clerk.window.reads(&sheet, &["0000000001", "どうするか"]).await?;
    // The last row is the file as a whole.
    clerk.window.keys(&list, Key::End + "").await?;
    clerk.window.keys(&list, Key::Up + "").await?;
    clerk.window.reads(&sheet, &[&format!("{PERSONS:010}"), "どうするか"]).await?;
    clerk.window.close().await
}

#[test]
fn terminal_takes_files_apart_and_compares_them_without_keeping_anything() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let todoke = Todoke::new(folder.path());
    let (clean, bad) = (fixture("KK260601.CSV"), fixture("KKBAD001.CSV"));
    let told = todoke.run(&["inspect".as_ref(), clean.as_os_str(), bad.as_os_str()])?.exits(0)?.json()?;
    assert_eq!(told.as_array().map(Vec::len), Some(2));
    let birth = &told[0]["rows"][2]["items"][12];
    assert_eq!((&birth["no"], &birth["name"], &birth["value"]), (&13.into(), &"生年月日".into(), &"19400105".into()));
    assert_eq!(told[1]["rows"][2]["items"][12]["value"], "");

    let same = todoke.run(&["compare".as_ref(), clean.as_os_str(), clean.as_os_str()])?.exits(0)?.json()?;
    assert_eq!((&same["unchanged"], &same["yen_after"]), (&3.into(), &214_488.into()));
    let different = todoke.run(&["compare".as_ref(), clean.as_os_str(), bad.as_os_str()])?.exits(1)?.json()?;
    assert!(different["changed"].as_array().is_some_and(|changed| !changed.is_empty()), "{different:#}");
    assert!(!todoke.data().exists(), "nothing is kept");
    Ok(())
}

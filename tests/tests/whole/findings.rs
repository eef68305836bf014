//! A file with errors in the real window: the form with its marked field, and the paper that is printed from it.

use todoke_tests::claims::fixture;
use todoke_tests::clerk::{Clerk, pdf_text};
use todoke_tests::todoke::Todoke;

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
